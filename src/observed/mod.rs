//! What the cluster was last seen to hold, in plain types that carry just what panes show.
//!
//! Pure: no I/O, no kube types. The watches fill it; the cockpit and `status` read it.

mod fold;
mod model;

pub use model::{
    AutoscalerRow, Freshness, IngressRow, MetricReading, Name, Observation, Observed, Pane, PodRow,
    WorkloadRow,
};
