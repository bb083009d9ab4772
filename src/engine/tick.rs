//! Ticking a checklist item.

use super::{Attempt, Event, Phase, Refusal, Run};
use crate::{
    diff::{Kind, Leftovers},
    plan::{Action, Evidence, StepPath},
};

impl Run {
    /// At once where it has no gates; else its gates are asked, and it is ticked once all hold.
    pub(super) fn tick(&self, path: StepPath, note: String) -> Result<Vec<Event>, Refusal> {
        let step = self.require_step(&path)?;
        let Action::Manual(manual) = &step.action else {
            return Err(Refusal::NotManual(path));
        };
        if manual.evidence == Evidence::Required && note.trim().is_empty() {
            return Err(Refusal::NoteRequired(path));
        }
        if step.gates.is_empty() {
            return Ok(vec![Event::Ticked { step: path, note }]);
        }
        // What a gate says counts now: it is asked each time, and ticks the item only when all hold.
        if let Some(active) = self.active() {
            return Err(Self::occupied(active));
        }
        Ok(vec![Event::Requested {
            step: path,
            attempt: self.highest().next(),
            kind: Kind::Verify,
            undoes: Vec::new(),
            after: Vec::new(),
            leftovers: Leftovers::Stay,
            tick: Some(note),
        }])
    }

    /// Why nothing else can begin now.
    pub(super) fn occupied(active: &Attempt) -> Refusal {
        if active.phase == Phase::Interrupted {
            Refusal::Interrupted(active.step.clone())
        } else {
            Refusal::Busy { step: active.step.clone(), phase: active.phase.to_string() }
        }
    }
}
