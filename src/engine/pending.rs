//! Which effects the state wants: a function of the state alone.

use super::{Attempt, Effect, GateState, Phase, RowState, Run};
use crate::diff::Kind;

impl Run {
    /// The effects that should be running now. After an interruption these are reads only.
    #[must_use]
    pub fn pending(&self) -> Vec<Effect> {
        self.attempts
            .iter()
            .filter(|attempt| !self.waits_to_prepare(attempt))
            .flat_map(Attempt::wants)
            .collect()
    }

    /// What an apply finds depends on what the steps before it will have made: they are compared first.
    fn waits_to_prepare(&self, attempt: &Attempt) -> bool {
        let is_before =
            |other: &&Attempt| attempt.after.contains(&other.step) && other.number < attempt.number;
        attempt.phase == Phase::Preparing
            && attempt.kind == Kind::Apply
            && self.attempts.iter().filter(is_before).any(|other| other.phase == Phase::Preparing)
    }
}

impl Attempt {
    fn wants(&self) -> Vec<Effect> {
        let (step, number) = (self.step.clone(), self.number);
        match self.phase {
            Phase::Preparing => vec![Effect::Prepare {
                step,
                attempt: number,
                kind: self.kind,
                undoes: self.undoes.clone(),
                after: self.after.clone(),
            }],
            Phase::Reviewing => vec![Effect::Review { step, attempt: number }],
            Phase::Preserving => vec![Effect::Preserve { step, attempt: number }],
            Phase::Executing => self
                .in_flight()
                .map(|row| Effect::Execute { step: step.clone(), attempt: number, row })
                .collect(),
            Phase::Settling => {
                self.wave.map(|wave| Effect::Settle { step, attempt: number, wave }).into_iter().collect()
            }
            Phase::Waiting => vec![Effect::Wait { step, attempt: number }],
            Phase::Gating => self
                .gates
                .iter()
                .enumerate()
                .filter(|(_, state)| **state == GateState::Open)
                .map(|(gate, _)| Effect::Gate { step: step.clone(), attempt: number, gate })
                .collect(),
            Phase::Closing => vec![Effect::Close { step, attempt: number }],
            Phase::Interrupted if !self.inspected => vec![Effect::Inspect { step, attempt: number }],
            Phase::AwaitingConfirmation | Phase::Queued | Phase::Interrupted | Phase::Ended(_) => Vec::new(),
        }
    }

    /// Rows of the current wave that have been started and whose outcome is not known yet.
    pub fn in_flight(&self) -> impl Iterator<Item = usize> {
        let rows: Vec<usize> = self.wave.map(|wave| self.rows_of(wave).collect()).unwrap_or_default();
        rows.into_iter()
            .take(self.started)
            .filter(|row| matches!(self.rows.get(*row), Some((_, RowState::Planned))))
    }
}
