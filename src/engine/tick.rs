//! Ticking a checklist item, or a gate that does not hold.

use super::{Attempt, End, Event, GateState, Phase, Refusal, Run};
use crate::{
    diff::{Kind, Leftovers},
    plan::{Action, Evidence, StepPath},
};

impl Run {
    /// At once where it has no gates; else its gates are asked, and it is ticked once all hold.
    pub(super) fn tick(&self, path: StepPath, note: String) -> Result<Vec<Event>, Refusal> {
        let step = self.require_step(&path)?;
        let Action::Manual(manual) = &step.action else {
            return self.take_by_hand(path, note);
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

    /// The gates that kept a step from being done are asked once more, and what does not hold is taken on
    /// the operator's word.
    fn take_by_hand(&self, path: StepPath, note: String) -> Result<Vec<Event>, Refusal> {
        let Some(attempt) = self.stopped_at_gates(&path) else {
            return Err(Refusal::NotManual(path));
        };
        if note.trim().is_empty() {
            return Err(Refusal::NoteRequired(path));
        }
        if let Some(active) = self.active() {
            return Err(Self::occupied(active));
        }
        Ok(vec![Event::TakenByHand { attempt: attempt.number, note }])
    }

    /// The latest attempt at a step that has written everything and seen it ready, and of whose gates some
    /// did not hold.
    #[must_use]
    pub fn stopped_at_gates(&self, path: &StepPath) -> Option<&Attempt> {
        self.latest(path).filter(|attempt| {
            matches!(attempt.phase, Phase::Ended(End::Failed | End::Cancelled))
                && attempt.kind == Kind::Apply
                && !attempt.undone
                && attempt.gates.contains(&GateState::Open)
        })
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
