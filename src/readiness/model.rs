//! The answer.

use serde::{Deserialize, Serialize};

/// Where an object stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Readiness {
    /// It does what it is there for.
    Ready,
    /// Ready as far as can be told, with something a person should know (a LoadBalancer without an
    /// address on bare metal).
    ReadyWithWarning {
        /// What.
        warning: String,
    },
    /// On its way.
    Progressing {
        /// Why it is not ready yet, worst first.
        reason: String,
    },
    /// It will not become ready by waiting.
    Failed {
        /// Why.
        reason: String,
    },
    /// Not there, or being deleted.
    Gone,
}
