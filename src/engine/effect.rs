//! What the outside is asked to do, and what it answers.

use serde::{Deserialize, Serialize};

use super::AttemptNumber;
use crate::{
    diff::{Kind, Problem, Proposal, Wave},
    object::Key,
    plan::StepPath,
};

/// Work that the state wants done. Two equal effects are the same work.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Preflight, render and compare. Reads and dry runs only.
    Prepare {
        /// The step.
        step: StepPath,
        /// The attempt.
        attempt: AttemptNumber,
        /// What for.
        kind: Kind,
        /// Rollback: the attempts to undo, newest first.
        undoes: Vec<AttemptNumber>,
        /// Steps of the same request that will have been applied, or undone, before.
        after: Vec<StepPath>,
    },
    /// Prepare it again, now that the steps before it are done, and compare with what was confirmed.
    Review {
        /// The step.
        step: StepPath,
        /// The attempt.
        attempt: AttemptNumber,
    },
    /// Check that nothing moved since it was shown, then write before-images and inventory.
    Preserve {
        /// The step.
        step: StepPath,
        /// The attempt.
        attempt: AttemptNumber,
    },
    /// Write one row.
    Execute {
        /// The step.
        step: StepPath,
        /// The attempt.
        attempt: AttemptNumber,
        /// Index into the rows.
        row: usize,
    },
    /// Wait for what the next wave needs from this one.
    Settle {
        /// The step.
        step: StepPath,
        /// The attempt.
        attempt: AttemptNumber,
        /// The wave.
        wave: Wave,
    },
    /// Wait for every object to be ready.
    Wait {
        /// The step.
        step: StepPath,
        /// The attempt.
        attempt: AttemptNumber,
    },
    /// Ask one gate.
    Gate {
        /// The step.
        step: StepPath,
        /// The attempt.
        attempt: AttemptNumber,
        /// Index into the step's gates.
        gate: usize,
    },
    /// Bring the inventory up to date.
    Close {
        /// The step.
        step: StepPath,
        /// The attempt.
        attempt: AttemptNumber,
    },
    /// After an interruption: compare the attempt's rows with the cluster. Reads only.
    Inspect {
        /// The step.
        step: StepPath,
        /// The attempt.
        attempt: AttemptNumber,
    },
}

impl Effect {
    /// The attempt that it is for.
    #[must_use]
    pub fn attempt(&self) -> AttemptNumber {
        match self {
            Self::Prepare { attempt, .. }
            | Self::Review { attempt, .. }
            | Self::Preserve { attempt, .. }
            | Self::Execute { attempt, .. }
            | Self::Settle { attempt, .. }
            | Self::Wait { attempt, .. }
            | Self::Gate { attempt, .. }
            | Self::Close { attempt, .. }
            | Self::Inspect { attempt, .. } => *attempt,
        }
    }

    /// May it be dropped when the state no longer wants it? A write always finishes.
    #[must_use]
    pub fn is_abortable(&self) -> bool {
        !matches!(self, Self::Preserve { .. } | Self::Execute { .. } | Self::Close { .. })
    }
}

/// What an effect did or found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// What would change.
    Prepared(Box<Proposal>),
    /// It could not even be compared.
    Unprepared(Vec<Problem>),
    /// What would change, now that the steps before it are done.
    Reviewed {
        /// As it is now.
        proposal: Box<Proposal>,
        /// What of it was not confirmed, in sentences; empty when all of it was.
        unlike: Vec<String>,
    },
    /// Writes may begin.
    Preserved {
        /// Where the record is.
        record: String,
        /// What cannot be restored.
        cannot_undo: Vec<Key>,
    },
    /// Something moved between the showing and the confirming; nothing was written.
    Moved(String),
    /// A row was written.
    RowDone {
        /// Index into the rows.
        row: usize,
        /// UID afterwards; `None` once deleted.
        uid: Option<String>,
        /// The API server created it.
        created: bool,
        /// The API server's warnings.
        warnings: Vec<String>,
    },
    /// A row was refused.
    RowFailed {
        /// Index into the rows.
        row: usize,
        /// Why, and what to do.
        problem: Problem,
    },
    /// The next wave may begin.
    Settled(Wave),
    /// All objects are ready.
    Ready,
    /// A gate holds.
    GatePassed {
        /// Index into the step's gates.
        gate: usize,
        /// What was seen.
        detail: String,
        /// By simulated pods.
        simulated: bool,
    },
    /// Preserving, settling, waiting, a gate or closing did not come through.
    Stopped(Vec<Problem>),
    /// The inventory is up to date.
    Closed,
    /// What the cluster shows of an interrupted attempt.
    Inspected(Vec<RowInspection>),
}

/// What the cluster shows of one row whose fate was unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowInspection {
    /// It was written.
    Written {
        /// Index into the rows.
        row: usize,
        /// UID of the object; `None` when the row deletes.
        uid: Option<String>,
    },
    /// It was not.
    NotWritten {
        /// Index into the rows.
        row: usize,
    },
    /// Something else is there: someone else's object, or someone else's change.
    Foreign {
        /// Index into the rows.
        row: usize,
        /// What, and what to do.
        problem: Problem,
    },
}
