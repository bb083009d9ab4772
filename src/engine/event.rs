//! What the journal holds.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AttemptNumber, Gaps, Recorded};
use crate::{
    diff::{Change, ClusterIdentity, Kind, Leftovers, Problem, Wave},
    object::{Digest, Key},
    plan::{EnvironmentName, StepPath},
};

/// Version of the entries that this program writes.
pub const SCHEMA_VERSION: u32 = 1;

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// [`SCHEMA_VERSION`] of the writer.
    pub version: u32,
    /// From 1, without gaps.
    pub sequence: u64,
    /// SHA-256 of the previous line, hexadecimal; empty for the first.
    pub previous: String,
    /// When it was decided or became known.
    pub at: Timestamp,
    /// Who drove the run then.
    pub author: Author,
    /// What happened.
    pub event: Event,
}

/// Who drives a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// As the API server knows them; the login name before it was asked.
    pub user: String,
    /// Host name.
    pub host: String,
}

/// A decision, or a fact about what an effect did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Event {
    /// The first entry of a run.
    RunStarted {
        /// The plan's name.
        plan: String,
        /// SHA-256 of its text.
        plan_digest: String,
        /// Where it is run.
        environment: EnvironmentName,
    },
    /// A process took the run up. Whatever was executing before it is interrupted.
    SessionStarted {
        /// Version of migrate-tui.
        program: String,
        /// SHA-256 of the plan's text now.
        plan_digest: String,
    },
    /// The first cluster that this run met; another one is refused from now on.
    ClusterPinned {
        /// Which one.
        cluster: ClusterIdentity,
    },
    /// A record in the cluster told of an attempt that the journal did not know.
    Recovered {
        /// Its number in this run.
        attempt: AttemptNumber,
        /// What the record tells.
        from: Box<Recorded>,
    },
    /// The inventories in the cluster told of more than the records, or of less than before.
    Surveyed {
        /// What is in the dark.
        gaps: Gaps,
    },
    /// Someone asked what an attempt would change.
    Requested {
        /// The step.
        step: StepPath,
        /// Number of the attempt.
        attempt: AttemptNumber,
        /// What for.
        kind: Kind,
        /// Rollback: the attempts that it undoes, newest first.
        undoes: Vec<AttemptNumber>,
        /// Steps of the same request that will have been applied, or undone, before this one.
        after: Vec<StepPath>,
        /// A checklist item's gates are asked, and it is ticked with this note when they hold.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tick: Option<String>,
        /// Rollback: does what the step leaves behind go as well?
        #[serde(default, skip_serializing_if = "Leftovers::stay")]
        leftovers: Leftovers,
    },
    /// It was rendered, compared and shown.
    Prepared {
        /// The attempt.
        attempt: AttemptNumber,
        /// What a confirmation must name.
        digest: Digest,
        /// One per object.
        rows: Vec<RowIntent>,
        /// Why it cannot be confirmed, when it cannot.
        problems: Vec<Problem>,
        /// Program and version that rendered it.
        renderer: Option<String>,
        /// Rollback: how much of what others have made because of the step stays.
        #[serde(default, skip_serializing_if = "is_none")]
        leaves: usize,
        /// What that is; an entry of an earlier version does not say.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        left: Vec<Key>,
        /// Shown anew after it was confirmed: what of it was not, in sentences.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        unlike: Vec<String>,
    },
    /// The operator confirmed what was shown.
    Confirmed {
        /// The attempt.
        attempt: AttemptNumber,
        /// What was confirmed.
        digest: Digest,
    },
    /// Its turn has come behind other steps, and what it shows now is covered by what was confirmed.
    Reviewed {
        /// The attempt.
        attempt: AttemptNumber,
        /// What stands now.
        digest: Digest,
        /// One per object.
        rows: Vec<RowIntent>,
    },
    /// Before-images and inventory are safe; writes may begin.
    Preserved {
        /// The attempt.
        attempt: AttemptNumber,
        /// Where the record is, for people.
        record: String,
        /// What could not be preserved and so cannot be restored.
        cannot_undo: Vec<Key>,
    },
    /// The intent to write every row of a wave.
    WaveStarted {
        /// The attempt.
        attempt: AttemptNumber,
        /// The wave.
        wave: Wave,
    },
    /// A row was written.
    RowDone {
        /// The attempt.
        attempt: AttemptNumber,
        /// Index into the attempt's rows.
        row: usize,
        /// UID of the object afterwards; `None` once deleted.
        uid: Option<String>,
        /// The API server created it.
        created: bool,
        /// The API server's warnings.
        warnings: Vec<String>,
    },
    /// A row was refused. Those in flight finish, none is started.
    RowFailed {
        /// The attempt.
        attempt: AttemptNumber,
        /// Index into the attempt's rows.
        row: usize,
        /// Why, and what to do.
        problem: Problem,
    },
    /// What the next wave needs from this one holds.
    WaveSettled {
        /// The attempt.
        attempt: AttemptNumber,
        /// The wave.
        wave: Wave,
    },
    /// Every row of every wave is written.
    Written {
        /// The attempt.
        attempt: AttemptNumber,
    },
    /// Every object is ready.
    ObjectsReady {
        /// The attempt.
        attempt: AttemptNumber,
    },
    /// A gate holds.
    GatePassed {
        /// The attempt.
        attempt: AttemptNumber,
        /// Index into the step's gates.
        gate: usize,
        /// What was seen.
        detail: String,
        /// It was met by simulated pods, so it proves nothing about the real ones.
        simulated: bool,
    },
    /// What the attempt's gates still owe is taken on the operator's word: they are asked once more, and one
    /// that does not hold then no longer stops it.
    TakenByHand {
        /// The attempt.
        attempt: AttemptNumber,
        /// What the operator has seen instead.
        note: String,
    },
    /// Something other than a row stopped the attempt: a wave that does not settle, objects that do
    /// not become ready, a gate that does not hold.
    Stopped {
        /// The attempt.
        attempt: AttemptNumber,
        /// Why, and what to do.
        problems: Vec<Problem>,
    },
    /// The operator asked to stop between objects.
    CancelRequested {
        /// The attempt.
        attempt: AttemptNumber,
    },
    /// The attempt is over.
    Ended {
        /// The attempt.
        attempt: AttemptNumber,
        /// How.
        end: End,
    },
    /// An interrupted attempt's rows were compared with the cluster.
    Inspected {
        /// The attempt.
        attempt: AttemptNumber,
        /// Rows that the cluster shows as written although no outcome was journalled: index and the
        /// object's uid (`None` when the row deletes).
        found: Vec<(usize, Option<String>)>,
        /// What stands in the way of resuming.
        problems: Vec<Problem>,
    },
    /// The operator chose to go on with an interrupted, failed or cancelled attempt.
    Resumed {
        /// The attempt.
        attempt: AttemptNumber,
    },
    /// A checklist item was ticked.
    Ticked {
        /// The step.
        step: StepPath,
        /// The evidence; may be empty.
        note: String,
    },
    /// The step will not be done.
    Skipped {
        /// The step.
        step: StepPath,
        /// Why.
        reason: String,
    },
    /// The step will be done later.
    Deferred {
        /// The step.
        step: StepPath,
        /// Why.
        reason: String,
    },
    /// A ticked, skipped or deferred step is open again.
    Reopened {
        /// The step.
        step: StepPath,
    },
    /// Someone wrote a note.
    Noted {
        /// The step.
        step: StepPath,
        /// The text.
        text: String,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "it is for serde")]
fn is_none(count: &usize) -> bool {
    *count == 0
}

/// One row of a proposal, as the journal knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RowIntent {
    /// The object.
    pub key: Key,
    /// What happens to it.
    pub change: Change,
    /// When.
    pub wave: Wave,
    /// Binds rendered and live.
    pub digest: Digest,
    /// Rollback: fields of it that are left to others.
    pub conflicts: usize,
    /// Verify: fields that others have added to it.
    #[serde(default, skip_serializing_if = "is_none")]
    pub added: usize,
    /// Helm writes it, with the release that it belongs to: it is never executed by itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub carried: bool,
}

impl RowIntent {
    /// Is it written by itself?
    #[must_use]
    pub fn is_executed(&self) -> bool {
        self.change != Change::Same && !self.carried
    }
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// Everything holds.
    Done,
    /// Something was refused, not ready in time, or a gate did not hold.
    Failed,
    /// Stopped between objects on request.
    Cancelled,
    /// Replaced by a newer look, declined, or confirmed but moved before anything was written.
    Withdrawn,
    /// Interrupted, and given up: what was written stays and can be rolled back.
    Abandoned,
}
