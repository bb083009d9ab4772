//! What can be asked of a run.

use thiserror::Error;

use super::{AttemptNumber, Outcome, Survey};
use crate::{
    diff::{ClusterIdentity, Kind, Leftovers},
    object::Digest,
    plan::StepPath,
};

/// A request by the operator, or news from an effect.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// A process takes the run up.
    StartSession {
        /// Version of migrate-tui.
        program: String,
        /// SHA-256 of the plan's text.
        plan_digest: String,
    },
    /// The cluster was reached.
    MeetCluster(ClusterIdentity),
    /// Records and inventories in the cluster were read.
    Recover(Survey),
    /// Show what these steps would change. Steps of a rollback are given in the order of undoing.
    Request {
        /// One step, or a stage's.
        steps: Vec<StepPath>,
        /// Apply, prune or roll back.
        kind: Kind,
        /// Rollback: does what the steps leave behind go as well?
        leftovers: Leftovers,
    },
    /// Go ahead with what was shown.
    Confirm(Vec<Approval>),
    /// Close what was shown, or stop between objects.
    Cancel {
        /// The step.
        step: StepPath,
    },
    /// Go on with an interrupted, failed or cancelled attempt.
    Resume {
        /// The step.
        step: StepPath,
    },
    /// Give an interrupted attempt up; what it wrote stays.
    Abandon {
        /// The step.
        step: StepPath,
    },
    /// A checklist item is done. One with gates is ticked once they hold, and not when they do not. A step
    /// that was applied and whose gates do not hold is done on the operator's word.
    Tick {
        /// The step.
        step: StepPath,
        /// The evidence; not empty for a gate's.
        note: String,
    },
    /// The step will not be done.
    Skip {
        /// The step.
        step: StepPath,
        /// Why; not empty.
        reason: String,
    },
    /// The step will be done later.
    Defer {
        /// The step.
        step: StepPath,
        /// Why; not empty.
        reason: String,
    },
    /// Open a ticked, skipped or deferred step again.
    Reopen {
        /// The step.
        step: StepPath,
    },
    /// Write a note.
    Note {
        /// The step.
        step: StepPath,
        /// The text; not empty.
        text: String,
    },
    /// An effect has news.
    Report {
        /// The attempt that it was for.
        attempt: AttemptNumber,
        /// What it did or found.
        outcome: Outcome,
    },
}

/// One confirmed proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The attempt.
    pub attempt: AttemptNumber,
    /// The digest of what was shown.
    pub digest: Digest,
}

/// Why a command was not taken. Each says what to do instead.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// No such step in this environment.
    #[error("there is no step {0} in this environment; `migrate-tui status` lists them")]
    UnknownStep(StepPath),
    /// The step is a checklist item, or is not one.
    #[error("{0} is a checklist item: tick it (with a note), skip it or defer it")]
    Manual(StepPath),
    /// Only checklist items can be ticked, and gates that did not hold.
    #[error("{0} is not a checklist item: apply it; it can be ticked when only a gate of it does not hold")]
    NotManual(StepPath),
    /// Another attempt is under way.
    #[error("{step} is at work ({phase}); wait for it, or cancel it first")]
    Busy {
        /// The step at work.
        step: StepPath,
        /// What it is doing.
        phase: String,
    },
    /// An interrupted attempt must be dealt with first.
    #[error("{0} was interrupted; resume it, roll it back or abandon it first")]
    Interrupted(StepPath),
    /// What helm has left halfway is not gone on with blindly.
    #[error(
        "{0} is not gone on with blindly: helm has not brought its release to an end; look at its changes, which tell \
         what helm would clear away and do now, and apply those, or roll it back"
    )]
    LookAnew(StepPath),
    /// Nothing is shown that could be confirmed.
    #[error("nothing of {0} waits for a confirmation; look at its changes first")]
    NothingToConfirm(String),
    /// The digest is another one.
    #[error(
        "what is to be confirmed has changed: {given} was approved, {current} is what stands now; look again"
    )]
    OtherDigest {
        /// What the approval named.
        given: String,
        /// What stands now.
        current: String,
    },
    /// It has problems.
    #[error("{step} cannot be confirmed: {problem}")]
    HasProblems {
        /// The step.
        step: StepPath,
        /// The first of them.
        problem: String,
    },
    /// Nothing was written by the step.
    #[error("{0} has changed nothing that could be rolled back")]
    NothingToUndo(StepPath),
    /// It holds objects of which no record tells.
    #[error(
        "{step} holds {objects} of the objects in the cluster's inventory, but no before-images of them can be \
         read ({reason}); go on where the run was made or with an identity that may read its Secrets, or undo it by hand"
    )]
    NoRecord {
        /// The step.
        step: StepPath,
        /// How many.
        objects: usize,
        /// Why there is no record.
        reason: String,
    },
    /// Neither the journal nor, for want of rights, the cluster tells what the step has changed.
    #[error(
        "it is not known what {step} has changed: {reason}; ask for the right to read it, or use an identity that has it"
    )]
    NotKnown {
        /// The step.
        step: StepPath,
        /// What cannot be read.
        reason: String,
    },
    /// A later step holds the same objects.
    #[error("{later} changed {object} after {step} did; roll {later} back first")]
    LaterStep {
        /// The step asked for.
        step: StepPath,
        /// The step in the way.
        later: StepPath,
        /// What both hold.
        object: String,
    },
    /// The state does not allow it.
    #[error("{step} is {standing}; {hint}")]
    NotNow {
        /// The step.
        step: StepPath,
        /// What it is.
        standing: String,
        /// What can be done.
        hint: String,
    },
    /// A reason or note is required.
    #[error("say why: a note is required for {0}")]
    NoteRequired(StepPath),
    /// The cluster is not the pinned one.
    #[error(
        "this is another cluster: the run is pinned to {pinned}, this one is {met}; nothing was read or written"
    )]
    OtherCluster {
        /// The pinned one.
        pinned: String,
        /// The one met.
        met: String,
    },
}
