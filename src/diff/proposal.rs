//! The one thing that is shown and confirmed, be it an apply, a prune or a rollback.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{FileView, ReleaseView, Requirement};
use crate::{
    object::{Addition, Digest, Key},
    plan::{EnvironmentName, StepPath},
};

/// What an attempt at a step sets out to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Make the cluster hold what the step renders.
    Apply,
    /// Delete what the step's inventory holds and the rendering no longer does.
    Prune,
    /// Undo what earlier attempts at the step changed.
    Rollback,
    /// Compare, ask readiness and gates; write nothing.
    Verify,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Apply => "apply",
            Self::Prune => "prune",
            Self::Rollback => "roll back",
            Self::Verify => "verify",
        })
    }
}

/// Everything that a person must see before confirming, and all that the confirmation binds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Proposal {
    /// The step.
    pub step: StepPath,
    /// Apply, prune or roll back.
    pub kind: Kind,
    /// The environment.
    pub environment: EnvironmentName,
    /// The environment's namespace.
    pub namespace: String,
    /// kubeconfig context in use.
    pub context: String,
    /// Which cluster this was computed against.
    pub cluster: ClusterIdentity,
    /// One per object, in the order of the waves, then by key.
    pub rows: Vec<Row>,
    /// What makes this impossible to confirm, each with what to do; empty when it can be confirmed.
    pub problems: Vec<Problem>,
    /// What a careful person wants to know first, the gravest first; an entry an object.
    pub risks: Vec<Risk>,
    /// Rollback: what others have made because of the step and what stays, although a rollback with leftovers
    /// deletes it as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leaves: Vec<Key>,
    /// What must hold before it may be applied, as it was found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<Requirement>,
    /// The program that rendered it, with its version; `None` when nothing was rendered.
    pub renderer: Option<String>,
    /// False: a local comparison without the API server's dry run (read-only mode).
    pub validated: bool,
    /// What is known of the release, for a step that is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<ReleaseView>,
    /// The file that changes, for a step that is a pin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<FileView>,
    /// Binds the confirmation: rendered objects, live uids and meanings, cluster identity, options.
    pub digest: Digest,
}

/// Which cluster: enough to refuse another one under the same name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterIdentity {
    /// UID of the object named by `source`.
    pub uid: String,
    /// What the UID is of.
    pub source: IdentitySource,
    /// Server URL. A cluster restored from a backup has the same UIDs, so this is pinned as well.
    pub server: String,
    /// SHA-256 of the CA bundle, hexadecimal; `None` when the system's roots are used.
    pub certificate_authority: Option<String>,
}

impl ClusterIdentity {
    /// Six digits for the header.
    #[must_use]
    pub fn short(&self) -> &str {
        self.uid.get(..6).unwrap_or(&self.uid)
    }
}

/// What a cluster's UID was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdentitySource {
    /// The namespace `kube-system`.
    KubeSystem,
    /// The environment's own namespace, for identities that may read nothing else.
    OwnNamespace,
}

/// One object of a proposal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// The object.
    pub key: Key,
    /// As in `apps/v1`.
    pub api_version: String,
    /// What happens to it.
    pub change: Change,
    /// When it happens.
    pub wave: Wave,
    /// Field by field, masked.
    pub fields: Vec<FieldChange>,
    /// Fields that others own and that this would take over.
    pub adoptions: Vec<Adoption>,
    /// Rollback: fields that someone else has changed since, left as they are.
    pub conflicts: Vec<FieldConflict>,
    /// Verify: what others have added to it since.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<Addition>,
    /// The HorizontalPodAutoscaler that replicas are left to.
    pub replicas_left_to: Option<String>,
    /// It could not be dry-run yet: what it waits for, as in `Namespace/staging`.
    pub known_after: Option<String>,
    /// The API server's warnings from the dry run.
    pub warnings: Vec<String>,
    /// Why this cannot be undone, when it cannot.
    pub cannot_undo: Option<String>,
    /// Helm does it, with the release that it belongs to.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub carried: bool,
    /// Binds what was rendered and what was live: any move of either changes it.
    pub digest: Digest,
}

impl Row {
    /// A row that says no more than what happens to an object, and when; its digest is empty.
    #[must_use]
    pub fn new(key: Key, api_version: impl Into<String>, change: Change, wave: Wave) -> Self {
        Self {
            key,
            api_version: api_version.into(),
            change,
            wave,
            fields: Vec::new(),
            adoptions: Vec::new(),
            conflicts: Vec::new(),
            added: Vec::new(),
            replicas_left_to: None,
            known_after: None,
            warnings: Vec::new(),
            cannot_undo: None,
            carried: false,
            digest: Digest(String::new()),
        }
    }
}

/// What happens to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It is not there.
    Create,
    /// Fields of it change.
    Change,
    /// Fields that others own become ours (and may change).
    Adopt,
    /// Deleted and created, because a field cannot be changed in place.
    Replace,
    /// Nothing.
    Same,
    /// Deleted.
    Delete,
    /// Rollback: fields return to what they were.
    Revert,
    /// Rollback: created again as it was.
    Recreate,
}

/// When an object's turn comes; the order of the variants is the order of the waves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wave {
    /// A file of the repository.
    Files,
    /// A release, which helm writes with all its objects.
    Release,
    /// Namespaces and CRDs: waited for until Active, Established.
    Foundations,
    /// RBAC, service accounts, config, secrets, claims, quotas.
    Configuration,
    /// NetworkPolicies that allow.
    AllowPolicies,
    /// NetworkPolicies that deny.
    DenyPolicies,
    /// Services.
    Services,
    /// Workloads and whatever else.
    Workloads,
    /// PodDisruptionBudgets and autoscalers.
    Scaling,
    /// Ingresses.
    Ingress,
    /// Webhook configurations, once their endpoints are ready.
    Webhooks,
    /// Rollback: our autoscalers go first.
    UndoScaling,
    /// Rollback: what was pruned is created again.
    UndoPrune,
    /// Rollback: what was changed goes back; then the rollout is waited for.
    UndoChanges,
    /// Rollback: what was created goes, workloads and what serves them.
    UndoCreates,
    /// Rollback and prune: configuration that pods may still have used.
    DeleteConfiguration,
    /// Rollback with leftovers: what others have made because of the step, once nothing uses it.
    DeleteLeftovers,
    /// Rollback and prune: namespaces and CRDs last.
    DeleteFoundations,
}

/// A field's value on both sides, masked. `None`: not there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldChange {
    /// As in `spec.template.spec.containers[nginx].image`; list maps by their merge key.
    pub path: String,
    /// Live now.
    pub before: Option<Value>,
    /// After the change.
    pub after: Option<Value>,
}

/// Fields that another field manager owns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adoption {
    /// The manager's name, as in `kubectl-client-side-apply`.
    pub manager: String,
    /// `Apply` or `Update`.
    pub operation: String,
    /// Paths that would become ours.
    pub fields: Vec<String>,
}

/// A field that a rollback leaves alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldConflict {
    /// As in [`FieldChange::path`].
    pub path: String,
    /// Before the step, masked.
    pub before: Option<Value>,
    /// As the step left it, masked.
    pub after: Option<Value>,
    /// Live now, masked.
    pub live: Option<Value>,
    /// Who owns it now, when known.
    pub manager: Option<String>,
}

/// Something that stops a step, said so that a person can act on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What failed and where: an object, a file and line, a program, the cluster.
    pub subject: String,
    /// Why, in the words of whoever refused it where there are any.
    pub reason: String,
    /// What to do next.
    pub remedy: String,
}

impl Problem {
    /// A problem from its three parts.
    pub fn new(subject: impl Into<String>, reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { subject: subject.into(), reason: reason.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.subject, self.reason, self.remedy)
    }
}

/// What a careful person wants to know before confirming.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Risk {
    /// Which sort.
    pub kind: RiskKind,
    /// The object, when it is about one.
    pub key: Option<Key>,
    /// One sentence.
    pub message: String,
}

/// Sorts of risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RiskKind {
    /// Users come through what is taken away.
    Traffic,
    /// A field that cannot be changed in place: delete and create.
    Replace,
    /// Something is deleted.
    Deletion,
    /// One replica left, or one only.
    SingleReplica,
    /// A workload of several replicas without a PodDisruptionBudget.
    NoDisruptionBudget,
    /// It cannot be rolled back.
    CannotUndo,
    /// A plain rollback leaves it.
    Stays,
    /// Fields are taken over from another manager.
    Adoption,
    /// A rollback leaves fields that others changed.
    Conflict,
    /// The API server warned.
    Warning,
    /// A retired component or API.
    Retired,
}

/// The rows that are counted, wherever changes are. A release is no object: those that it carries are counted;
/// where it changes none of them, itself.
pub(crate) fn counted<R>(rows: &[R], of: impl Fn(&R) -> (Wave, Change) + Copy) -> impl Iterator<Item = &R> {
    let changes = |row: &R| of(row).0 != Wave::Release && of(row).1 != Change::Same;
    let changes_objects = rows.iter().any(changes);
    rows.iter().filter(move |row| !changes_objects || of(row).0 != Wave::Release)
}

impl Summary {
    /// How much changes, leftovers not among it.
    #[must_use]
    pub fn changes(&self) -> usize {
        self.create + self.change + self.adopt + self.delete
    }
}

/// How many rows of each sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// All of them.
    pub objects: usize,
    /// Create and recreate.
    pub create: usize,
    /// Change, replace and revert.
    pub change: usize,
    /// Adopt.
    pub adopt: usize,
    /// Same.
    pub same: usize,
    /// Delete, leftovers not among them.
    pub delete: usize,
    /// Leftovers that are deleted for good.
    pub leftovers: usize,
    /// Fields in conflict, over all rows.
    pub conflicts: usize,
}

impl Proposal {
    /// Counts the rows.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for row in counted(&self.rows, |row| (row.wave, row.change)) {
            summary.objects += 1;
            summary.conflicts += row.conflicts.len();
            match row.change {
                Change::Create | Change::Recreate => summary.create += 1,
                Change::Change | Change::Replace | Change::Revert => summary.change += 1,
                Change::Adopt => summary.adopt += 1,
                Change::Same => summary.same += 1,
                Change::Delete if row.wave == Wave::DeleteLeftovers => summary.leftovers += 1,
                Change::Delete => summary.delete += 1,
            }
        }
        summary
    }

    /// Would confirming it write anything?
    #[must_use]
    pub fn changes_something(&self) -> bool {
        self.rows.iter().any(|row| row.change != Change::Same)
    }
}
