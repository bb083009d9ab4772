//! What a rollback takes back: the last change, and with it what is one with it.

use super::{Attempt, AttemptNumber, Phase, RowIntent, Run};
use crate::{
    diff::{Change, Kind, Wave},
    engine::RowState,
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

    /// The step's interrupted or failed apply whose release helm has not brought to its end. It is not gone on
    /// with as it was confirmed: what helm is to do about what there is now is prepared, shown and confirmed anew.
    #[must_use]
    pub fn halfway_release(&self, step: &StepPath) -> Option<&Attempt> {
        let attempt = self.attempts_of(step).rev().find(|attempt| attempt.may_have_written())?;
        let is_over = match attempt.phase {
            Phase::Interrupted => attempt.inspected,
            phase => matches!(phase, Phase::Ended(_)),
        };
        let is_open = attempt.kind == Kind::Apply && is_over && !attempt.undone && attempt.has_open_release();
        is_open.then_some(attempt)
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

    /// Is there nothing else to take back? Where there is, a rollback with leftovers takes that back as well:
    /// it is never less than a plain one.
    pub(super) fn has_only_leftovers(&self, step: &StepPath) -> bool {
        self.undo_set(step).is_empty() && self.left_behind(step) > 0
    }
}

impl Attempt {
    /// Was everything as it should be already?
    #[must_use]
    pub fn is_without_changes(&self) -> bool {
        !self.rows.is_empty() && self.rows.iter().all(|(row, _)| row.change == Change::Same)
    }

    /// Has it a release to write that is not known to be written?
    fn has_open_release(&self) -> bool {
        let is_open = |(row, state): &(RowIntent, RowState)| {
            row.wave == Wave::Release && row.is_executed() && !matches!(state, RowState::Done { .. })
        };
        self.rows.iter().any(is_open)
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
