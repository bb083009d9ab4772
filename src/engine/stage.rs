//! What of a stage one request applies.

use super::{Run, Standing};
use crate::plan::{StageId, Step, StepPath};

/// What of a stage a request to apply it is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StageReach {
    /// In the plan's order.
    pub steps: Vec<StepPath>,
    /// The open checklist item that what follows in the stage comes after.
    pub stops_before: Option<StepPath>,
}

impl Run {
    /// The steps of a stage that are applied at one go: those that are open, up to the first checklist item
    /// that is open as well and has such a step behind it; once none is open, all of them, to be looked at.
    /// What was skipped or deferred, with a reason, stays out and holds nothing up.
    #[must_use]
    pub fn reach(&self, stage: &StageId) -> StageReach {
        let is_passed = |step: &&Step| {
            matches!(self.standing(&step.path), Standing::Done | Standing::Skipped | Standing::Deferred)
        };
        let steps: Vec<&Step> = self.steps.iter().filter(|step| &step.path.stage == stage).collect();
        let open: Vec<&Step> = steps.iter().copied().filter(|step| !is_passed(step)).collect();
        let Some(last) = open.iter().rposition(|step| !Self::is_manual(step)) else {
            let is_applied =
                |step: &&Step| !Self::is_manual(step) && self.standing(&step.path) == Standing::Done;
            let steps = steps.into_iter().filter(is_applied).map(|step| step.path.clone()).collect();
            return StageReach { steps, stops_before: None };
        };
        let open = || open.iter().take(last + 1);
        StageReach {
            steps: open().take_while(|step| !Self::is_manual(step)).map(|step| step.path.clone()).collect(),
            stops_before: open().find(|step| Self::is_manual(step)).map(|step| step.path.clone()),
        }
    }
}
