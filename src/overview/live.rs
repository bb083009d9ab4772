//! What the panes hold, in short.

use serde::{Deserialize, Serialize};

use crate::observed::{
    AutoscalerRow, CertificateRow, Freshness, IngressRow, Name, Observed, Pane, PodCounts, PodRank, PodRow,
    WorkloadRow,
};

/// Pods listed one by one; the counts are of all.
const PODS_SHOWN: usize = 20;

/// The panes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LiveOverview {
    /// The pods are simulated: probes, images and policies prove nothing.
    pub simulated: bool,
    /// Pods.
    pub pods: PodsOverview,
    /// Deployments, StatefulSets and DaemonSets.
    pub workloads: RowsOverview<WorkloadRow>,
    /// HorizontalPodAutoscalers.
    pub autoscalers: RowsOverview<AutoscalerRow>,
    /// Ingresses.
    pub ingresses: RowsOverview<IngressRow>,
    /// cert-manager Certificates.
    pub certificates: RowsOverview<CertificateRow>,
}

/// The pods in numbers, and those that need a look.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PodsOverview {
    /// How far it can be trusted.
    pub freshness: Freshness,
    /// Of all.
    #[serde(flatten)]
    pub counts: PodCounts,
    /// Those that are not well, worst first, at most twenty.
    pub not_ready: Vec<PodLine>,
}

/// A pod that needs a look.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PodLine {
    /// Name.
    pub name: String,
    /// As `kubectl get pods` has it.
    pub status: String,
    /// In words, when something is wrong.
    pub problem: Option<String>,
}

/// The rows of a pane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RowsOverview<R> {
    /// How far they can be trusted.
    pub freshness: Freshness,
    /// By name.
    pub rows: Vec<NamedRow<R>>,
}

/// A row with its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NamedRow<R> {
    /// Name within the namespace.
    pub name: String,
    /// The row.
    #[serde(flatten)]
    pub row: R,
}

impl LiveOverview {
    /// Of what was observed.
    pub(super) fn of(observed: &Observed) -> Self {
        Self {
            simulated: observed.simulated,
            pods: PodsOverview {
                freshness: observed.pods.freshness.clone(),
                counts: observed.pod_counts(),
                not_ready: observed
                    .pods_worst_first()
                    .into_iter()
                    .filter(|(_, pod)| matches!(pod.rank(), PodRank::Broken | PodRank::Starting))
                    .take(PODS_SHOWN)
                    .map(line)
                    .collect(),
            },
            workloads: rows(&observed.workloads, |name| &name.name),
            autoscalers: rows(&observed.autoscalers, |name| name),
            ingresses: rows(&observed.ingresses, |name| name),
            certificates: rows(&observed.certificates, |name| name),
        }
    }

    /// Does anything there need a person?
    pub(super) fn needs_attention(&self) -> bool {
        self.panes().iter().any(|freshness| matches!(freshness, Freshness::Stale { .. }))
            || self.pods.counts.broken > 0
            || self.workloads.rows.iter().any(|row| row.row.problem.is_some())
            || self.autoscalers.rows.iter().any(|row| row.row.problem.is_some())
            || self.ingresses.rows.iter().any(|row| row.row.addresses.is_empty())
            || self.certificates.rows.iter().any(|row| row.row.readiness.reason().is_some())
    }

    fn panes(&self) -> [&Freshness; 4] {
        [
            &self.pods.freshness,
            &self.workloads.freshness,
            &self.autoscalers.freshness,
            &self.ingresses.freshness,
        ]
    }

    /// Of the panes, the best.
    pub(super) fn freshness(&self) -> &Freshness {
        let rank = |freshness: &&Freshness| match freshness {
            Freshness::Live => 0,
            // A refusal is an answer too.
            Freshness::Forbidden { .. } | Freshness::Absent => 1,
            Freshness::Stale { .. } => 2,
            Freshness::Connecting => 3,
        };
        self.panes().into_iter().min_by_key(|one| rank(one)).unwrap_or(&Freshness::Connecting)
    }
}

fn line((name, pod): (&Name, &PodRow)) -> PodLine {
    PodLine { name: name.name.clone(), status: pod.status.clone(), problem: pod.problem.clone() }
}

fn rows<N, R: Clone>(pane: &Pane<R, N>, name: impl Fn(&N) -> &Name) -> RowsOverview<R> {
    RowsOverview {
        freshness: pane.freshness.clone(),
        rows: pane
            .rows
            .iter()
            .map(|(key, row)| NamedRow { name: name(key).name.clone(), row: row.clone() })
            .collect(),
    }
}
