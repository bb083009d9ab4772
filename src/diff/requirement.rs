//! What must hold before a step may be applied, as it was found.

use serde::{Deserialize, Serialize};

use crate::plan::Step;

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
    /// What to do where it does not hold: the step that waits for the same, where one does.
    #[must_use]
    pub fn remedy(&self, of: &Step, steps: &[Step]) -> String {
        let waits = |other: &&Step| {
            other.path != of.path && other.gates.iter().any(|gate| gate.to_string() == self.gate)
        };
        steps.iter().find(waits).map_or_else(
            || "see to it first; it is asked again with each look".to_owned(),
            |other| format!("do {} first, which waits for it", other.path),
        )
    }

    /// That it does not hold, and what comes of it.
    #[must_use]
    pub fn told_open(&self) -> String {
        format!("{}: not yet, {}; asked again before anything is written", self.gate, self.says)
    }
}
