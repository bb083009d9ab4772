//! What the cluster was last seen to hold, in plain types that carry just what panes show.
//!
//! Pure: no I/O, no kube types. The watches fill it; the cockpit and `status` read it. News is folded
//! in one at a time or in batches, to the same end; [`coalesce`] makes a batch smaller without
//! changing what it comes to.

mod certificates;
mod coalesce;
mod fold;
mod model;
mod releases;
mod rows;
mod runs;
mod summary;

pub use certificates::CertificateRow;
pub use coalesce::coalesce;
pub use model::{
    AutoscalerRow, Freshness, IngressRow, Name, Observation, Observed, Pane, PodRow, WorkloadName,
    WorkloadRow,
};
pub use releases::{ReleaseRow, release_of};
pub(crate) use rows::{Owner, autoscaler_row, ingress_row, pod_row, workload_row};
pub use runs::{JobRow, RunRow, RunState, Runs, WorkflowOf};
pub use summary::{PodCounts, PodRank};

pub use crate::readiness::MetricReading;
