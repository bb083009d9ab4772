//! The plan file: what a migration consists of.
//!
//! Pure: no I/O. A checked [`Plan`] is a different type from the parsed tree; only [`Plan::parse`] makes
//! one, so nothing past this module meets a plan with an error in it. The tree keeps line and column of
//! every key and value, and the conversion collects every error instead of stopping at the first.

mod check;
mod check_cutover;
mod check_environment;
mod check_gate;
mod check_helm;
mod check_service;
mod check_step;
mod check_text;
mod check_workflow;
mod cursor;
mod cutover;
pub(crate) mod diagnostic;
mod expectation;
mod fill;
mod gate;
mod model;
pub(crate) mod node;
mod reference;
mod shape;
#[cfg(test)]
pub(crate) mod testing;
mod words;
mod workflow;

pub(crate) use check::read;
pub use cutover::{BodyCheck, Entry, Parity};
pub use diagnostic::Diagnostic;
pub use expectation::{Expectation, JsonPath, Wanted};
pub use gate::{CertificateWanted, Gate, Scheme, ServiceRequest, Target};
pub use model::{
    Acknowledgement, Action, ChartSource, Confirmation, Environment, EnvironmentName, Evidence, HelmChart,
    Manual, Plan, Stage, StageId, Step, StepPath,
};
pub(crate) use reference::{Reference, ReferenceSort};
pub(crate) use workflow::is_repository;
pub use workflow::{WorkflowAt, WorkflowGate};
