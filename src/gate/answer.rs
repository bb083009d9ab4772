//! What a gate says.

use crate::diff::Problem;

/// What a gate says when it is asked once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GateAnswer {
    /// It holds.
    Passed {
        /// What was seen.
        detail: String,
        /// By simulated pods.
        simulated: bool,
    },
    /// Not yet; ask again.
    NotYet {
        /// Why.
        reason: String,
    },
    /// It will not hold by waiting.
    Failed {
        /// Why, and what to do.
        problem: Problem,
    },
}

impl GateAnswer {
    pub(super) fn not_yet(reason: impl Into<String>) -> Self {
        Self::NotYet { reason: reason.into() }
    }

    /// Of what is outside: it is not part of a rehearsal.
    pub(super) fn outside_rehearsal() -> Self {
        let detail = "not asked: this is a rehearsal, and nobody outside takes part".to_owned();
        Self::Passed { detail, simulated: true }
    }
}
