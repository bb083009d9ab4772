//! The rows of the live panes, and how fresh they are.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{certificates::CertificateRow, releases::ReleaseRow, runs::Runs};
use crate::{
    object::{Key, Object},
    plan::StepPath,
    readiness::{MetricReading, Readiness},
};

/// Namespace and name of an observed object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Name {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
}

/// Kind and name of a workload: a Deployment and a StatefulSet may share a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WorkloadName {
    /// As in `Deployment`.
    pub kind: String,
    /// Namespace and name.
    pub name: Name,
}

/// Everything observed, a pane for each kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observed {
    /// Pods.
    pub pods: Pane<PodRow>,
    /// Deployments, StatefulSets and DaemonSets.
    pub workloads: Pane<WorkloadRow, WorkloadName>,
    /// The workloads' kinds are watched one by one; their pane shows the worst of these.
    pub workload_freshness: BTreeMap<&'static str, Freshness>,
    /// HorizontalPodAutoscalers.
    pub autoscalers: Pane<AutoscalerRow>,
    /// Ingresses.
    pub ingresses: Pane<IngressRow>,
    /// cert-manager Certificates, each judged with what was made for it.
    pub certificates: Pane<CertificateRow>,
    /// What cert-manager has made, by kind and name; the certificates are judged by it.
    pub issuance: BTreeMap<(&'static str, Name), Object>,
    /// Releases whose histories have been read.
    pub releases: BTreeMap<Name, ReleaseRow>,
    /// The runs of the workflow that deploys.
    pub runs: Runs,
    /// Per-object progress of the attempt that is being waited for: why each is not ready yet.
    pub progress: BTreeMap<Key, Readiness>,
    /// Why each gate that is being asked does not hold yet, by the gate's words in the plan.
    pub gates: BTreeMap<String, String>,
    /// What locks a step: which of its requirements does not hold, and what was seen.
    pub locks: BTreeMap<StepPath, String>,
    /// The pods are simulated (a rehearsal): probes, images and policies prove nothing. False while
    /// it is not known.
    pub simulated: bool,
    /// What the rehearsal cluster is doing before it is up, newest last; empty otherwise.
    pub rehearsal_progress: Vec<String>,
}

/// One kind's rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Pane<R, N = Name> {
    /// By namespace and name.
    pub rows: BTreeMap<N, R>,
    /// How far they can be trusted.
    pub freshness: Freshness,
}

impl<R, N> Default for Pane<R, N> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), freshness: Freshness::Connecting }
    }
}

/// How far a pane can be trusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Freshness {
    /// Not listed yet.
    Connecting,
    /// Listed, and the heartbeat answers.
    Live,
    /// The connection was lost; the rows are from then.
    Stale {
        /// When it was last known to be fresh.
        since: Timestamp,
        /// Why, and when it is tried again.
        reason: String,
    },
    /// This identity may not list the kind.
    Forbidden {
        /// In the API server's words.
        message: String,
    },
    /// The cluster does not serve the kind.
    Absent,
}

/// A pod, as its pane shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PodRow {
    /// Phase, or the worst container's reason, as `kubectl get pods` has it.
    pub status: String,
    /// Containers that are ready.
    pub ready_containers: u32,
    /// All containers.
    pub containers: u32,
    /// Restarts, summed.
    pub restarts: u32,
    /// The node it is on.
    pub node: Option<String>,
    /// Name of the owning controller, as `gateway-7d9c5`.
    pub owner: Option<String>,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// In words, when something is wrong: the container and the reason.
    pub problem: Option<String>,
    /// It is ready, or has completed.
    pub is_ready: bool,
    /// It is being deleted.
    pub is_terminating: bool,
}

/// A Deployment, StatefulSet or DaemonSet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkloadRow {
    /// As in `Deployment`.
    pub kind: String,
    /// Wanted.
    pub desired: u32,
    /// Of the current generation.
    pub updated: u32,
    /// Ready.
    pub ready: u32,
    /// In words, when it is not ready.
    pub problem: Option<String>,
}

/// A HorizontalPodAutoscaler.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AutoscalerRow {
    /// What it scales, as `Deployment/gateway`.
    pub target: String,
    /// In the order of the spec.
    pub metrics: Vec<MetricReading>,
    /// Lower bound.
    pub minimum: u32,
    /// Upper bound.
    pub maximum: u32,
    /// Replicas now.
    pub current: u32,
    /// Replicas wanted.
    pub desired: u32,
    /// In words, when it does not scale.
    pub problem: Option<String>,
}

/// An Ingress.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IngressRow {
    /// Hosts of its rules.
    pub hosts: Vec<String>,
    /// IngressClass.
    pub class: Option<String>,
    /// IPs or host names of its load balancer.
    pub addresses: Vec<String>,
    /// Hosts that it has a TLS entry for.
    pub tls_hosts: Vec<String>,
    /// Secrets that hold the certificates for them.
    pub tls_secrets: Vec<String>,
}

/// News from a watch. Batches of these are folded into [`Observed`].
#[derive(Clone, Debug, PartialEq)]
pub enum Observation {
    /// A pod was seen, or (`None`) is gone.
    Pod(Name, Option<PodRow>),
    /// A workload (kind-qualified by its row).
    Workload(String, Name, Option<WorkloadRow>),
    /// An autoscaler.
    Autoscaler(Name, Option<AutoscalerRow>),
    /// An Ingress.
    Ingress(Name, Option<IngressRow>),
    /// A Certificate, or what cert-manager made for one (its kind, with its slim object).
    Issuance(&'static str, Name, Option<Object>),
    /// A kind was listed anew: of it, only these names are still there.
    Listed {
        /// As in `Pod`.
        kind: &'static str,
        /// All of them.
        names: Vec<Name>,
    },
    /// A pane's freshness changed.
    Freshness {
        /// As in `Pod`.
        kind: &'static str,
        /// To what.
        freshness: Freshness,
    },
    /// A release's history was read.
    Release(Name, ReleaseRow),
    /// The forge was asked for the workflow's runs.
    Runs(Box<Runs>),
    /// Progress of an object that is being waited for.
    Progress(Key, Readiness),
    /// Nothing is being waited for any more.
    ProgressCleared,
    /// A gate was asked.
    Gate {
        /// The gate, as `Gate` is displayed.
        gate: String,
        /// Why it does not hold yet; `None` before its first answer.
        says: Option<String>,
    },
    /// What a step requires was asked.
    Lock {
        /// The step.
        step: StepPath,
        /// What does not hold, and what was seen; `None` when all of it holds.
        says: Option<String>,
    },
    /// The pods are simulated.
    Simulated(bool),
    /// The rehearsal cluster says what it is doing. Once a watch is live, this is over.
    Rehearsal(String),
}
