//! What others have made because of a step, and what a rollback does with it.

use serde::{Deserialize, Serialize};

/// What a rollback does with what others have made because of the step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Leftovers {
    /// It stays, and is named.
    #[default]
    Stay,
    /// It is shown as rows of its own, and deleted last.
    Go,
}

impl Leftovers {
    /// Is it as in a plain rollback?
    #[must_use]
    pub fn stay(&self) -> bool {
        *self == Self::Stay
    }
}
