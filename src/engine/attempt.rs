//! One attempt at a step: its rows, its wave, its gates.

use std::{fmt, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{End, Origin, RowIntent};
use crate::{
    diff::{Change, Kind, Leftovers, Problem, Wave},
    object::{Digest, Key},
    plan::StepPath,
};

/// How long what a wave stands on may take: a namespace to be Active, a CRD to be Established.
const FOUNDATIONS_LIMIT: Duration = Duration::from_mins(1);

/// How long a verification waits for what is in progress: it asks how things stand, not how they will.
const VERIFY_LIMIT: Duration = Duration::from_secs(5);

/// Numbers the attempts of a run from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AttemptNumber(pub u32);

impl AttemptNumber {
    pub(super) fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for AttemptNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where an attempt is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Being rendered and compared.
    Preparing,
    /// Shown.
    AwaitingConfirmation,
    /// Confirmed, behind another one.
    Queued,
    /// Compared again, now that the steps before it are done.
    Reviewing,
    /// Before-images and inventory are being written.
    Preserving,
    /// Rows of the current wave are being written.
    Executing,
    /// The current wave is written; the next one needs something of it first.
    Settling,
    /// Waiting for the objects to be ready.
    Waiting,
    /// Gates are being asked.
    Gating,
    /// The inventory is being brought up to date.
    Closing,
    /// The process that drove it is gone; what it wrote is being compared, or waits for a decision.
    Interrupted,
    /// Over.
    Ended(End),
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Preparing => "rendering and comparing",
            Self::AwaitingConfirmation => "awaiting confirmation",
            Self::Queued => "confirmed, waiting its turn",
            Self::Reviewing => "comparing again",
            Self::Preserving => "saving before-images",
            Self::Executing => "applying",
            Self::Settling => "waiting for the wave",
            Self::Waiting => "waiting for readiness",
            Self::Gating => "asking the gates",
            Self::Closing => "closing",
            Self::Interrupted => "interrupted",
            Self::Ended(End::Done) => "done",
            Self::Ended(End::Failed) => "failed",
            Self::Ended(End::Cancelled) => "cancelled",
            Self::Ended(End::Withdrawn) => "withdrawn",
            Self::Ended(End::Abandoned) => "abandoned",
        })
    }
}

/// One attempt at a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// Its number.
    pub number: AttemptNumber,
    /// The step.
    pub step: StepPath,
    /// Apply, prune or roll back.
    pub kind: Kind,
    /// Where it is.
    pub phase: Phase,
    /// When it came there.
    pub since: Timestamp,
    /// Rollback: the attempts that it undoes, newest first.
    pub undoes: Vec<AttemptNumber>,
    /// Steps of the same request that are applied, or undone, before this one.
    pub after: Vec<StepPath>,
    /// What a confirmation must name, once prepared.
    pub digest: Option<Digest>,
    /// In the order of the proposal.
    pub rows: Vec<(RowIntent, RowState)>,
    /// The wave at work, or last at work.
    pub wave: Option<Wave>,
    /// How many rows of that wave, in order, have been started.
    pub started: usize,
    /// What stands in the way, or went wrong.
    pub problems: Vec<Problem>,
    /// Shown anew after it was confirmed: what of it was not, in sentences.
    pub unlike: Vec<String>,
    /// One per gate of the step, once asked.
    pub gates: Vec<GateState>,
    /// Stop between objects.
    pub cancel_requested: bool,
    /// Set once before-images are safe: from here on something may have been written.
    pub record: Option<String>,
    /// What cannot be restored.
    pub cannot_undo: Vec<Key>,
    /// Was it gone on with?
    pub tries: Tries,
    /// A later rollback has undone it.
    pub undone: bool,
    /// Interrupted: the cluster has been looked at.
    pub inspected: bool,
    /// Program and version that rendered it.
    pub renderer: Option<String>,
    /// Recovered from the cluster: where it comes from.
    pub origin: Option<Origin>,
    /// The note that a checklist item is ticked with once its gates hold.
    pub tick: Option<String>,
    /// The note with which gates that do not hold are taken by hand.
    pub by_hand: Option<String>,
    /// Rollback: does what the step leaves behind go as well?
    pub leftovers: Leftovers,
    /// Rollback: how much of it stays.
    pub leaves: usize,
    /// Rollback: what that is, as far as it is known.
    pub left: Vec<Key>,
}

/// Has a row been under way before?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tries {
    /// No: whatever it finds that it did not expect is someone else's.
    First,
    /// It may have: the attempt was resumed, and an answer may have been lost.
    Again,
}

/// What is known of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowState {
    /// Not written yet, as far as is known.
    Planned,
    /// Written.
    Done {
        /// UID afterwards.
        uid: Option<String>,
        /// The API server created it.
        created: bool,
        /// The API server's warnings.
        warnings: Vec<String>,
    },
    /// Refused.
    Failed(Problem),
}

/// What is known of one gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GateState {
    /// Not asked, or not answered yet.
    Open,
    /// It holds.
    Passed {
        /// What was seen.
        detail: String,
        /// By simulated pods.
        simulated: bool,
    },
}

impl Attempt {
    /// May it have written anything that a rollback must look at?
    #[must_use]
    pub fn may_have_written(&self) -> bool {
        self.record.is_some()
    }

    /// Is it neither over nor merely shown?
    #[must_use]
    pub fn is_active(&self) -> bool {
        !matches!(self.phase, Phase::AwaitingConfirmation | Phase::Preparing | Phase::Ended(_))
    }

    /// How long its phase may take in a step of that deadline, where something is waited for in it.
    #[must_use]
    pub fn limit(&self, deadline: Duration) -> Option<Duration> {
        match (self.phase, self.kind) {
            (Phase::Settling, Kind::Apply | Kind::Verify) => Some(FOUNDATIONS_LIMIT),
            (Phase::Waiting | Phase::Gating, Kind::Verify) if self.tick.is_none() => {
                Some(deadline.min(VERIFY_LIMIT))
            }
            (Phase::Settling | Phase::Waiting | Phase::Gating, _) => Some(deadline),
            _ => None,
        }
    }

    /// Has everything that it set out to do come to pass?
    #[must_use]
    pub fn has_finished(&self) -> bool {
        self.phase == Phase::Ended(End::Done)
    }

    /// When it was over.
    #[must_use]
    pub fn ended_at(&self) -> Option<Timestamp> {
        matches!(self.phase, Phase::Ended(_)).then_some(self.since)
    }

    /// How many objects differ from what it shows for them, or were added to by others.
    #[must_use]
    pub fn differing(&self) -> usize {
        let differs = |intent: &RowIntent| intent.change != Change::Same || intent.added > 0;
        self.rows.iter().filter(|(intent, _)| differs(intent)).count()
    }

    /// Indices of a wave's rows that write something.
    pub fn rows_of(&self, wave: Wave) -> impl Iterator<Item = usize> {
        self.rows
            .iter()
            .enumerate()
            .filter(move |(_, (intent, _))| intent.wave == wave && intent.is_executed())
            .map(|(index, _)| index)
    }

    /// Indices of the rows that a release carries, once it is written.
    pub(super) fn carried_along(&self) -> Vec<usize> {
        let is_open = |(intent, state): &&(RowIntent, RowState)| {
            intent.wave == Wave::Release && intent.is_executed() && !matches!(state, RowState::Done { .. })
        };
        if self.rows.iter().any(|row| is_open(&row)) {
            return Vec::new();
        }
        let rows = self.rows.iter().enumerate().filter(|(_, (intent, _))| intent.carried);
        rows.map(|(index, _)| index).collect()
    }

    /// The waves that have something to write, in order.
    #[must_use]
    pub fn waves(&self) -> Vec<Wave> {
        let mut waves: Vec<Wave> = self
            .rows
            .iter()
            .filter(|(intent, _)| intent.is_executed())
            .map(|(intent, _)| intent.wave)
            .collect();
        waves.sort_unstable();
        waves.dedup();
        waves
    }

    /// The revision that helm has come to with it; `None` when it is no release's, or is not known.
    #[must_use]
    pub fn revision(&self) -> Option<u32> {
        let is_release = |(row, _): &&(RowIntent, RowState)| row.key.is("helm.sh", "Release");
        match self.rows.iter().find(is_release)? {
            (_, RowState::Done { uid: Some(revision), .. }) => revision.parse().ok(),
            _ => None,
        }
    }

    /// Has any row been refused?
    #[must_use]
    pub fn has_failed_row(&self) -> bool {
        self.rows.iter().any(|(_, state)| matches!(state, RowState::Failed(_)))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Attempt, AttemptNumber, Phase};
    use crate::{
        diff::Kind,
        plan::{StageId, StepPath},
    };

    #[test]
    fn a_verification_asks_for_seconds_and_a_tick_for_as_long_as_the_step_may_take() {
        let path = StepPath { stage: StageId("s".into()), step: "one".into() };
        let mut attempt = Attempt::new(AttemptNumber(1), path, Kind::Verify, jiff::Timestamp::UNIX_EPOCH);
        let deadline = Duration::from_mins(5);
        for phase in [Phase::Waiting, Phase::Gating] {
            attempt.phase = phase;
            attempt.tick = None;
            assert_eq!(attempt.limit(deadline), Some(Duration::from_secs(5)));
            assert_eq!(attempt.limit(Duration::from_secs(2)), Some(Duration::from_secs(2)));
            attempt.tick = Some("done".into());
            assert_eq!(attempt.limit(deadline), Some(deadline));
        }
    }
}
