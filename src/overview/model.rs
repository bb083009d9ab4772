//! The overview and its parts.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Attention, LiveOverview};
use crate::{
    diff::{ClusterIdentity, Kind, Problem},
    engine::{AttemptNumber, Author, Standing},
    observed::{Freshness, Name, ReleaseRow, RunRow, Runs, WorkflowOf},
    plan::{EnvironmentName, StageId, StepPath},
};

/// Version of the overview's JSON.
pub const SCHEMA: u32 = 1;

/// Where things stand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The one word for all of it.
    pub attention: Attention,
    /// The plan's name.
    pub plan: String,
    /// The plan's title.
    pub title: String,
    /// Where it is run.
    pub environment: EnvironmentName,
    /// The environment's namespace.
    pub namespace: String,
    /// The cluster.
    pub cluster: ClusterOverview,
    /// In the plan's order.
    pub stages: Vec<StageOverview>,
    /// The attempt at work, or interrupted; `None` when nothing is.
    pub active: Option<AttemptOverview>,
    /// Of steps that failed, were interrupted or cannot be confirmed, in the plan's order.
    pub problems: Vec<NamedProblem>,
    /// What the cluster was last seen to hold.
    pub live: LiveOverview,
    /// The pipeline's workflow, where the plan is about one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub workflow: Option<WorkflowOverview>,
    /// The run's log.
    pub journal: JournalOverview,
    /// What of the run is in the dark: records or inventories in the cluster that could not be read, or
    /// objects that none tells of.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unknown: Option<String>,
}

/// A workflow, and the newest of its runs. It has no say in the one word for all of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkflowOverview {
    /// Which; `None` where that is not known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub of: Option<WorkflowOf>,
    /// The newest run, when it could be read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub newest: Option<RunRow>,
    /// Something to know of the asking; or why it could not be asked, and what to do.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub note: Option<String>,
}

impl WorkflowOverview {
    /// Of what was told.
    pub(super) fn of(runs: &Runs) -> Self {
        let note = match &runs.freshness {
            Freshness::Connecting => Some("GitHub was not asked".to_owned()),
            Freshness::Stale { reason, .. } => Some(reason.clone()),
            _ => runs.note.clone(),
        };
        Self { of: runs.of.clone(), newest: runs.rows.first().map(|(_, run)| run.clone()), note }
    }
}

/// The cluster, and whether it answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterOverview {
    /// kubeconfig context in use; empty, and not in the JSON, when no kubeconfig could be used.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub context: String,
    /// The cluster that the run is pinned to; `None` before it met one.
    pub pinned: Option<ClusterIdentity>,
    /// Of the panes, the best: one that is live shows that the cluster answers.
    pub freshness: Freshness,
}

/// A stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StageOverview {
    /// Its id.
    pub id: StageId,
    /// One line.
    pub title: String,
    /// Steps that need nothing more: done or skipped.
    pub settled: usize,
    /// All steps that the environment has.
    pub total: usize,
    /// In order.
    pub steps: Vec<StepOverview>,
}

/// A step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepOverview {
    /// Stage and id.
    pub step: StepPath,
    /// One line.
    pub title: String,
    /// As in `open`, `at work`, `done`, `rolled back with conflicts`.
    pub standing: Standing,
    /// Why it may not be applied yet: what it requires, and what was seen.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub locked: Option<String>,
    /// Why it was skipped or deferred, or the evidence that it was ticked with.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub note: Option<String>,
    /// Why it may not hold any more although it was ticked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub doubt: Option<String>,
    /// The journal did not know its latest attempt: what its record in the cluster told.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub recovered: Option<String>,
    /// Its last verification, unless it was applied or rolled back since.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub verified: Option<VerifiedOverview>,
    /// The release that it is, as far as its history was read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub release: Option<NamedRelease>,
}

/// A release with its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedRelease {
    /// Namespace and name.
    #[serde(flatten)]
    pub of: Name,
    /// What was read.
    #[serde(flatten)]
    pub row: ReleaseRow,
}

/// What a verification found. Reading the journal tells no more: how it is now, `verify` asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VerifiedOverview {
    /// When it was over.
    pub at: Timestamp,
    /// Were the objects ready, and did the gates hold?
    pub holds: bool,
    /// Live objects that differed from the plan.
    pub differing: usize,
}

/// An attempt at a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttemptOverview {
    /// The step.
    pub step: StepPath,
    /// Its number.
    pub number: AttemptNumber,
    /// Apply, prune, roll back, verify.
    pub kind: Kind,
    /// As in `waiting for readiness`.
    pub phase: String,
    /// Rows written.
    pub written: usize,
    /// Rows that write something.
    pub rows: usize,
    /// Gates that hold.
    pub gates_passed: usize,
    /// All gates of the step.
    pub gates: usize,
    /// A process drives it now.
    pub is_driven: bool,
}

/// What stands in the way of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedProblem {
    /// The step.
    pub step: StepPath,
    /// What, why, and what to do.
    pub problem: Problem,
}

/// The run's log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JournalOverview {
    /// Sequence number of the last entry; 0 before the first.
    pub sequence: u64,
    /// When it was written.
    pub last_entry_at: Option<Timestamp>,
    /// Who wrote it.
    pub last_author: Option<Author>,
    /// A process drives the run now.
    pub is_driven: bool,
}
