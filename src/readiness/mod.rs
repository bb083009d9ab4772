//! Is an object ready, and if not, why not?
//!
//! Pure: no I/O, no clock. A better kstatus: each rule names its source and where it departs from it.
//! A rule looks at one object and at what the caller found around it ([`Related`]); it never waits,
//! and it never shows more of an object than reasons and counts. Pods simulated by kwok go through
//! the same rules: they become Ready without image, probe or network, so "ready" proves nothing there
//! (the answer of a gate says so).

mod assess;
mod certificates;
mod custom;
mod fields;
mod foundations;
mod jobs;
mod metrics;
mod model;
mod network;
mod pod;
mod pod_status;
mod rollouts;
mod scaling;
mod storage;
mod trouble;
mod validity;

#[cfg(test)]
pub(crate) mod samples;

pub use assess::{Related, assess, condition_status};
pub use metrics::MetricReading;
pub(crate) use metrics::readings;
pub use model::{NOT_GONE, Readiness};
pub(crate) use network::bearable;
pub(crate) use pod::{PodFacts, PodSpec, PodStatus};
pub(crate) use pod_status::summarize;
pub(crate) use trouble::{ISSUE_AGAIN, Trouble, of_pod, remedy};
pub use validity::{Validity, day, uncovered, unnamed};
