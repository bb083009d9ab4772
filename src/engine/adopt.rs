//! From a recovered attempt to the next state: total, as all folding.

use super::{Attempt, AttemptNumber, End, Origin, Phase, Recorded, RowIntent, RowState, Run};
use crate::diff::Change;

impl Run {
    /// Takes a recovered attempt over; it stands where its number puts it.
    pub(super) fn adopt(&mut self, number: AttemptNumber, from: &Recorded) {
        let later = |own: &&Attempt| own.number > number && own.may_have_written();
        let is_superseded = self.attempts_of(&from.step).any(|own| later(&own));
        let mut attempt = Attempt::recovered(number, from);
        attempt.undoes = self
            .attempts_of(&from.step)
            .rev()
            .filter(|own| from.undoes.contains(&own.recorded_as()))
            .map(|own| own.number)
            .collect();
        if is_superseded && !from.is_closed {
            attempt.phase = Phase::Ended(End::Abandoned);
        }
        for own in self.attempts.iter_mut().filter(|own| own.step == from.step && own.number < number) {
            // Whoever went on with the step has dealt with it.
            if own.phase == Phase::Interrupted {
                own.phase = Phase::Ended(End::Abandoned);
            }
            own.undone |= from.is_closed && attempt.undoes.contains(&own.number);
        }
        self.states.entry(from.step.clone()).or_default().mark = None;
        let place = self.attempts.partition_point(|own| own.number < number);
        match self.attempts.get_mut(place).filter(|own| own.number == number) {
            Some(own) => *own = attempt,
            None => self.attempts.insert(place, attempt),
        }
    }
}

impl Attempt {
    fn recovered(number: AttemptNumber, from: &Recorded) -> Self {
        let mut attempt = Self::new(number, from.step.clone(), from.kind, from.at.unwrap_or_default());
        let state = |row: usize, intent: &RowIntent| {
            if !from.is_closed || intent.change == Change::Same {
                return RowState::Planned;
            }
            let uid = from.uids.get(row).cloned().flatten();
            let created = matches!(intent.change, Change::Create | Change::Replace | Change::Recreate);
            RowState::Done { uid, created, warnings: Vec::new() }
        };
        attempt.rows =
            from.rows.iter().enumerate().map(|(row, intent)| (intent.clone(), state(row, intent))).collect();
        // How far it came is not known: no row can be taken for one that was never begun.
        attempt.wave = attempt.waves().last().copied();
        attempt.record = Some(from.record.clone());
        attempt.origin = Some(Origin {
            number: from.number,
            author: from.author.clone(),
            at: from.at,
            is_closed: from.is_closed,
        });
        attempt.phase = if from.is_closed { Phase::Ended(End::Done) } else { Phase::Interrupted };
        attempt
    }
}
