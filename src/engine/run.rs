//! The state of a run: a fold over its journal.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::{Attempt, AttemptNumber, Author, End, Gaps, Phase, Refusal, Standing};
use crate::{
    diff::{ClusterIdentity, Kind},
    object::Digest,
    plan::{Action, Step, StepPath},
};

/// A run of a plan in one environment.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The environment's steps, in the plan's order.
    pub(super) steps: Vec<Step>,
    /// By step; also holds steps that a former version of the plan had.
    pub(super) states: BTreeMap<StepPath, StepState>,
    /// In order of their numbers, which may have gaps.
    pub(super) attempts: Vec<Attempt>,
    /// What the cluster's inventories say beyond that.
    pub(super) gaps: Gaps,
    /// The cluster that the run is pinned to.
    pub(super) cluster: Option<ClusterIdentity>,
    /// Sequence number of the last entry.
    pub(super) sequence: u64,
    /// When the last entry was written.
    pub(super) last_entry_at: Option<Timestamp>,
    /// Who wrote it.
    pub(super) last_author: Option<Author>,
}

/// What is known of a step besides its attempts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StepState {
    /// Ticked, skipped or deferred.
    pub(super) mark: Option<Mark>,
    /// In the order written.
    pub(super) notes: Vec<Note>,
}

/// What a person has said of a step.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mark {
    pub(super) standing: Standing,
    /// The note or reason.
    pub(super) text: String,
    pub(super) at: Timestamp,
}

/// A note on a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub author: Author,
    /// The text.
    pub text: String,
}

impl Run {
    /// A run before its first entry.
    #[must_use]
    pub fn new(steps: Vec<Step>) -> Self {
        Self {
            steps,
            states: BTreeMap::new(),
            attempts: Vec::new(),
            gaps: Gaps::default(),
            cluster: None,
            sequence: 0,
            last_entry_at: None,
            last_author: None,
        }
    }

    /// The environment's steps, in the plan's order.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The step of that path.
    #[must_use]
    pub fn step(&self, path: &StepPath) -> Option<&Step> {
        self.steps.iter().find(|step| &step.path == path)
    }

    /// The attempt of that number.
    #[must_use]
    pub fn attempt(&self, number: AttemptNumber) -> Option<&Attempt> {
        let place = self.attempts.binary_search_by_key(&number, |attempt| attempt.number).ok()?;
        self.attempts.get(place)
    }

    /// All attempts, oldest first.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// A step's attempts, oldest first.
    #[must_use]
    pub fn attempts_of<'a, 'b>(
        &'a self,
        step: &'b StepPath,
    ) -> impl DoubleEndedIterator<Item = &'a Attempt> + use<'a, 'b> {
        self.attempts.iter().filter(move |attempt| &attempt.step == step)
    }

    /// A step's latest attempt that was not withdrawn.
    #[must_use]
    pub fn latest(&self, step: &StepPath) -> Option<&Attempt> {
        self.attempts_of(step).rev().find(|attempt| attempt.phase != Phase::Ended(End::Withdrawn))
    }

    /// The one attempt that is writing, waiting or gating, else one that is interrupted; queued ones come
    /// after it.
    #[must_use]
    pub fn active(&self) -> Option<&Attempt> {
        self.at_work().min_by_key(|attempt| attempt.phase == Phase::Interrupted)
    }

    /// Those that are writing, waiting, gating or interrupted.
    pub(super) fn at_work(&self) -> impl Iterator<Item = &Attempt> {
        self.attempts.iter().filter(|attempt| attempt.is_active() && attempt.phase != Phase::Queued)
    }

    /// A step's attempt that is interrupted. A rollback of it may be shown all the same: until that is
    /// confirmed, the step can be resumed.
    #[must_use]
    pub fn interrupted(&self, step: &StepPath) -> Option<&Attempt> {
        self.attempts_of(step).rev().find(|attempt| attempt.phase == Phase::Interrupted)
    }

    /// A step's attempt that a resumption would go on with, if it can be resumed at all.
    #[must_use]
    pub fn to_resume(&self, step: &StepPath) -> Option<&Attempt> {
        self.interrupted(step).or_else(|| self.latest(step))
    }

    /// A step's attempt that is shown and awaits a confirmation.
    #[must_use]
    pub fn shown(&self, step: &StepPath) -> Option<&Attempt> {
        self.awaiting().find(|attempt| &attempt.step == step)
    }

    /// Attempts that are shown and await a confirmation, in the order that they would run.
    pub fn awaiting(&self) -> impl Iterator<Item = &Attempt> {
        self.attempts.iter().filter(|attempt| attempt.phase == Phase::AwaitingConfirmation)
    }

    /// Is anything being rendered and compared?
    #[must_use]
    pub fn is_preparing(&self) -> bool {
        self.attempts.iter().any(|attempt| attempt.phase == Phase::Preparing)
    }

    /// Is nothing executing, queued or preparing?
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        !self.attempts.iter().any(|attempt| {
            attempt.phase == Phase::Preparing || (attempt.is_active() && attempt.phase != Phase::Interrupted)
        })
    }

    /// The pinned cluster.
    #[must_use]
    pub fn cluster(&self) -> Option<&ClusterIdentity> {
        self.cluster.as_ref()
    }

    /// Sequence number of the last entry; 0 before the first.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// When the last entry was written.
    #[must_use]
    pub fn last_entry_at(&self) -> Option<Timestamp> {
        self.last_entry_at
    }

    /// Who wrote the last entry.
    #[must_use]
    pub fn last_author(&self) -> Option<&Author> {
        self.last_author.as_ref()
    }

    /// A step's notes, oldest first.
    #[must_use]
    pub fn notes(&self, step: &StepPath) -> &[Note] {
        self.states.get(step).map_or(&[], |state| &state.notes)
    }

    /// The note or reason that a step was ticked, skipped or deferred with.
    #[must_use]
    pub fn mark_text(&self, step: &StepPath) -> Option<&str> {
        self.states.get(step)?.mark.as_ref().map(|mark| mark.text.as_str())
    }

    /// Why a ticked item may not hold any more: the step before it in its stage that has been taken back since,
    /// and when.
    #[must_use]
    pub fn doubt(&self, path: &StepPath) -> Option<(&Step, Timestamp)> {
        let mark = self.states.get(path)?.mark.as_ref().filter(|mark| mark.standing == Standing::Done)?;
        let before = self.steps.iter().take_while(|step| &step.path != path);
        let undone = before.filter(|step| step.path.stage == path.stage).filter_map(|step| {
            let back = self.attempts_of(&step.path).rev().find(|attempt| attempt.kind == Kind::Rollback)?;
            let at = back.ended_at().filter(|at| back.may_have_written() && *at > mark.at)?;
            Some((step, at))
        });
        undone.max_by_key(|(_, at)| *at)
    }

    /// Where a step stands.
    #[must_use]
    pub fn standing(&self, step: &StepPath) -> Standing {
        let marked = self.states.get(step).and_then(|state| state.mark.as_ref());
        if let Some(mark) = marked {
            return mark.standing;
        }
        if self.interrupted(step).is_some() {
            return Standing::Interrupted;
        }
        let Some(attempt) = self.latest(step) else {
            return Standing::Open;
        };
        match attempt.phase {
            // A new look at a step that came to an end before does not change where it stands, nor does
            // what that look shows: only a confirmation does.
            Phase::Preparing | Phase::AwaitingConfirmation if self.has_ended(step) => {
                self.settled_standing(step)
            }
            Phase::Ended(_) => self.settled_standing(step),
            Phase::AwaitingConfirmation => Standing::Asking,
            Phase::Interrupted => Standing::Interrupted,
            _ => Standing::Working,
        }
    }

    fn has_ended(&self, step: &StepPath) -> bool {
        self.attempts_of(step)
            .any(|attempt| matches!(attempt.phase, Phase::Ended(end) if end != End::Withdrawn))
    }

    /// The standing that the last attempt which came to an end has left.
    pub(super) fn settled_standing(&self, step: &StepPath) -> Standing {
        let ended = |attempt: &'_ &Attempt| {
            matches!(attempt.phase, Phase::Ended(end) if end != End::Withdrawn)
                && attempt.kind != Kind::Verify
        };
        // What stopped before anything was written has left the step as it was.
        let has_left_it = |attempt: &'_ &Attempt| {
            let has_stopped = matches!(attempt.phase, Phase::Ended(End::Failed | End::Cancelled));
            has_stopped && !attempt.may_have_written()
        };
        let all = || self.attempts_of(step).rev().filter(ended);
        let told = all().find(|attempt| !has_left_it(attempt)).or_else(|| all().next());
        let ended = told.and_then(|attempt| match attempt.phase {
            Phase::Ended(end) => Some((attempt, end)),
            _ => None,
        });
        match ended {
            None | Some((_, End::Withdrawn)) => Standing::Open,
            Some((attempt, End::Done)) if attempt.kind == Kind::Rollback => {
                self.standing_after_rollback(attempt)
            }
            Some((_, End::Done)) => Standing::Done,
            Some((attempt, End::Failed)) if attempt.undone => Standing::RolledBack,
            Some((_, End::Failed)) => Standing::Failed,
            Some((_, End::Cancelled | End::Abandoned)) => Standing::Cancelled,
        }
    }

    fn standing_after_rollback(&self, rollback: &Attempt) -> Standing {
        let conflicts = rollback.rows.iter().any(|(intent, _)| intent.conflicts > 0);
        let still_applied = self.attempts_of(&rollback.step).any(|attempt| {
            attempt.kind == Kind::Apply && !attempt.undone && attempt.phase == Phase::Ended(End::Done)
        });
        match (conflicts, still_applied) {
            (true, _) => Standing::RolledBackWithConflicts,
            (false, true) => Standing::Done,
            (false, false) => Standing::RolledBack,
        }
    }

    pub(super) fn require_step(&self, path: &StepPath) -> Result<&Step, Refusal> {
        self.step(path).ok_or_else(|| Refusal::UnknownStep(path.clone()))
    }

    pub(super) fn is_manual(step: &Step) -> bool {
        matches!(step.action, Action::Manual(_))
    }
}

/// What a confirmation of several proposals at once names: one digest over theirs, in order.
#[must_use]
pub fn combined_digest(digests: &[&Digest]) -> Digest {
    if let [only] = digests {
        return (*only).clone();
    }
    let mut hash = Sha256::new();
    for digest in digests {
        hash.update(digest.0.as_bytes());
    }
    Digest(hex::encode(hash.finalize()))
}
