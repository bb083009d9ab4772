//! The answer.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How the reason of what is deleted and still there begins; what holds it follows.
pub const NOT_GONE: &str = "deleted, but not gone yet";

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

impl Readiness {
    /// Is there nothing left to wait for?
    #[must_use]
    pub fn is_ready(&self) -> bool {
        matches!(self, Self::Ready | Self::ReadyWithWarning { .. })
    }

    /// The words that go with it; `None` when it is simply ready.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Ready => None,
            Self::ReadyWithWarning { warning: text }
            | Self::Progressing { reason: text }
            | Self::Failed { reason: text } => Some(text),
            Self::Gone => Some("it is not there, or is being deleted"),
        }
    }

    pub(super) fn warning(text: impl Into<String>) -> Self {
        Self::ReadyWithWarning { warning: text.into() }
    }

    pub(super) fn progressing(text: impl Into<String>) -> Self {
        Self::Progressing { reason: text.into() }
    }

    pub(super) fn failed(text: impl Into<String>) -> Self {
        Self::Failed { reason: text.into() }
    }
}

/// As in `progressing: 1 of 3 updated`.
impl fmt::Display for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Self::Ready | Self::ReadyWithWarning { .. } => "ready",
            Self::Progressing { .. } => "progressing",
            Self::Failed { .. } => "failed",
            Self::Gone => "gone",
        };
        match self.reason() {
            Some(reason) => write!(f, "{word}: {reason}"),
            None => f.write_str(word),
        }
    }
}
