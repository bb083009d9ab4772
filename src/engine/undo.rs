//! What a rollback takes back: the last change, and with it what is one with it.

use super::{Attempt, AttemptNumber, Run};
use crate::{diff::Kind, plan::StepPath};

impl Run {
    /// The attempts that a rollback of the step would undo now, newest first: those that did not finish
    /// since the latest finished change, or else that change, with the unfinished ones before it. A prune
    /// goes with the apply that dropped what it deleted.
    #[must_use]
    pub fn undo_set(&self, step: &StepPath) -> Vec<AttemptNumber> {
        let mut set: Vec<&Attempt> = Vec::new();
        for attempt in self.attempts_of(step).rev() {
            if attempt.kind == Kind::Rollback || attempt.undone || !attempt.may_have_written() {
                continue;
            }
            if attempt.has_finished() && !set.is_empty() && !belongs_to(&set, attempt) {
                break;
            }
            set.push(attempt);
        }
        set.iter().map(|attempt| attempt.number).collect()
    }
}

/// Has nothing but finished prunes followed the change, and had it dropped what they deleted?
fn belongs_to(prunes: &[&Attempt], change: &Attempt) -> bool {
    prunes.iter().all(|prune| {
        prune.kind == Kind::Prune
            && prune.has_finished()
            && !prune.rows.iter().any(|(pruned, _)| change.rows.iter().any(|(row, _)| row.key == pruned.key))
    })
}
