//! What a rollback takes back: the last change, and with it what is one with it.

use super::{Attempt, AttemptNumber, Run};
use crate::{
    diff::{Change, Kind},
    plan::StepPath,
    rollback::may_leave,
};

impl Run {
    /// The attempts that a rollback of the step would undo now, newest first: those that did not finish
    /// since the latest finished change, or else that change, with the unfinished ones before it. A prune
    /// goes with the apply that dropped what it deleted.
    #[must_use]
    pub fn undo_set(&self, step: &StepPath) -> Vec<AttemptNumber> {
        let mut set: Vec<&Attempt> = Vec::new();
        for attempt in self.attempts_of(step).rev() {
            let is_a_change = attempt.may_have_written() && !attempt.is_without_changes();
            if attempt.kind == Kind::Rollback || attempt.undone || !is_a_change {
                continue;
            }
            if attempt.has_finished() && !set.is_empty() && !belongs_to(&set, attempt) {
                break;
            }
            set.push(attempt);
        }
        set.iter().map(|attempt| attempt.number).collect()
    }

    /// How much of what others have made because of the step its rollbacks have left, as far as they know.
    #[must_use]
    pub fn left_behind(&self, step: &StepPath) -> usize {
        for attempt in self.attempts_of(step).rev().filter(|attempt| attempt.remembers()) {
            let left = attempt.leaves + attempt.leftovers_to_go();
            if left > 0 || attempt.has_finished() {
                return left;
            }
        }
        0
    }

    /// The rollbacks whose records tell what was left.
    pub fn remembering(&self) -> impl Iterator<Item = &Attempt> {
        let leaves =
            |attempt: &&Attempt| attempt.leaves > 0 || attempt.deletes_leftovers() || !attempt.has_finished();
        self.attempts.iter().filter(|attempt| attempt.remembers()).filter(leaves)
    }

    /// May a rollback of the step with its leftovers come to more than a plain one?
    #[must_use]
    pub fn may_have_leftovers(&self, step: &StepPath) -> bool {
        let undone = self.undo_set(step);
        let mut attempts = undone.iter().filter_map(|number| self.attempt(*number));
        self.left_behind(step) > 0
            || attempts.any(|attempt| attempt.rows.iter().any(|(row, _)| may_leave(&row.key)))
    }

    /// Was a rollback that has left something the last that was done to the step? Then that is what goes next.
    pub(super) fn has_leftovers_first(&self, step: &StepPath) -> bool {
        let last = self.attempts_of(step).rev().find(|attempt| attempt.may_have_written());
        let is_all = self.undo_set(step).is_empty() && self.left_behind(step) > 0;
        is_all || last.is_some_and(|last| last.remembers() && last.has_finished() && last.leaves > 0)
    }
}

impl Attempt {
    /// Was everything as it should be already?
    #[must_use]
    pub fn is_without_changes(&self) -> bool {
        !self.rows.is_empty() && self.rows.iter().all(|(row, _)| row.change == Change::Same)
    }

    /// Does its record tell what a rollback has left?
    #[must_use]
    pub fn remembers(&self) -> bool {
        self.kind == Kind::Rollback && self.may_have_written()
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
