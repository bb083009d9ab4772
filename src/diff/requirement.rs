//! What must hold before a step may be applied, as it was found.

use serde::{Deserialize, Serialize};

/// One of a step's requirements, asked once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Requirement {
    /// As the plan's gate reads.
    pub gate: String,
    /// Did it hold?
    pub holds: bool,
    /// What was seen.
    pub says: String,
    /// Met by simulated pods, or not asked in a rehearsal: it proves nothing about the real ones.
    pub simulated: bool,
}

impl Requirement {
    /// That it does not hold, and what comes of it.
    #[must_use]
    pub fn told_open(&self) -> String {
        format!("{}: not yet, {}; asked again before anything is written", self.gate, self.says)
    }
}
