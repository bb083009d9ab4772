//! What a report holds; as JSON it is the same.

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    diff::{ClusterIdentity, Kind, Problem},
    engine::{End, Standing},
    object::{Digest, Key},
    plan::{EnvironmentName, StageId, StepPath},
};

/// One run of a plan in one environment.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MigrationReport {
    /// The plan's name.
    pub plan: String,
    /// The plan's title.
    pub title: String,
    /// The environment.
    pub environment: EnvironmentName,
    /// Its namespace.
    pub namespace: String,
    /// The cluster that the run is pinned to; `None` before it met one.
    pub cluster: Option<ClusterIdentity>,
    /// When the first entry was written; `None` of a run that was not begun.
    pub began: Option<Timestamp>,
    /// When the last one was.
    pub ended: Option<Timestamp>,
    /// How many entries there are.
    pub entries: u64,
    /// Versions of the plan's text that the run was driven with, in order, as SHA-256.
    pub plan_digests: Vec<String>,
    /// Who wrote in it, in the order of their first entry.
    pub people: Vec<PersonReport>,
    /// The plan's stages, as they are in this environment.
    pub stages: Vec<StageReport>,
    /// Steps that were worked on and that the plan no longer has.
    pub former: Vec<StepReport>,
}

/// A person at a machine.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PersonReport {
    /// As the API server knows them.
    pub user: String,
    /// Host name.
    pub host: String,
    /// First entry.
    pub from: Timestamp,
    /// Last entry.
    pub until: Timestamp,
    /// How often they took the run up.
    pub sessions: usize,
}

/// When something was decided or became known, and by whom.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct By {
    /// When.
    pub at: Timestamp,
    /// Who drove the run then, as `user@host`.
    pub who: String,
}

/// A stage.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StageReport {
    /// Its id.
    pub id: StageId,
    /// One line.
    pub title: String,
    /// Steps that need nothing more.
    pub settled: usize,
    /// All steps.
    pub total: usize,
    /// In the plan's order.
    pub steps: Vec<StepReport>,
}

/// A step.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepReport {
    /// Stage and id.
    pub step: StepPath,
    /// One line.
    pub title: String,
    /// Where it stands in the end.
    pub standing: Standing,
    /// Why it may not hold any more although it was ticked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doubt: Option<String>,
    /// What was done with it, in order. What was only looked at is counted in `looks`.
    pub attempts: Vec<AttemptReport>,
    /// How often it was shown without anything coming of it.
    pub looks: usize,
    /// Ticks, skips, deferrals, notes, in order.
    pub notes: Vec<NoteReport>,
}

/// Something that a person wrote.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NoteReport {
    /// When, and who.
    #[serde(flatten)]
    pub by: By,
    /// `ticked`, `skipped`, `deferred`, `reopened`, `noted` or `taken by hand`.
    pub what: &'static str,
    /// The text; may be empty.
    pub text: String,
}

/// One attempt: an apply, a prune, a rollback or a verification.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AttemptReport {
    /// Its number in the run.
    pub number: u32,
    /// What for.
    pub kind: Kind,
    /// A rollback: the attempts that it undoes, newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub undoes: Vec<u32>,
    /// Asked for.
    pub requested: By,
    /// What was shown last, before it was confirmed.
    pub shown: Option<ChangesReport>,
    /// Confirmed, each time: a stage's step can be asked again.
    pub confirmed: Vec<By>,
    /// The first write may have been made from then on.
    pub writing_since: Option<Timestamp>,
    /// Every row was written.
    pub written: Option<Timestamp>,
    /// How many objects were written, and how many were refused.
    pub rows_written: usize,
    /// How many objects were refused.
    pub rows_refused: usize,
    /// Every object was ready.
    pub ready: Option<Timestamp>,
    /// Gates that held.
    pub gates: Vec<GateReport>,
    /// Times at which another process found it unfinished.
    pub interrupted: Vec<By>,
    /// Times at which someone went on with it.
    pub resumed: Vec<By>,
    /// Someone asked to stop between objects.
    pub stop_requested: Vec<By>,
    /// The API server's warnings, once each.
    pub warnings: Vec<String>,
    /// What stopped it, in order.
    pub problems: Vec<Problem>,
    /// What it changed and cannot be restored.
    pub cannot_undo: Vec<Key>,
    /// How it ended; `None` when it has not.
    pub end: Option<End>,
    /// When.
    pub ended: Option<By>,
    /// It was told by a record in the cluster, not by this journal.
    pub recovered: bool,
}

/// What was shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangesReport {
    /// When.
    pub at: Timestamp,
    /// What a confirmation must name.
    pub digest: Digest,
    /// Objects by what happens to them, as in `create`; those that stay the same are left out.
    pub changes: Vec<(String, usize)>,
    /// Objects that stay the same.
    pub same: usize,
    /// Fields that are left to others.
    pub conflicts: usize,
    /// Shown anew after it was confirmed: what of it was not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unlike: Vec<String>,
}

/// A gate that held.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GateReport {
    /// When it was found to hold.
    pub at: Timestamp,
    /// What it asks.
    pub gate: String,
    /// What was seen.
    pub detail: String,
    /// Simulated pods met it: it proves nothing about the real ones.
    pub simulated: bool,
}
