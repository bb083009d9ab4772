//! The engine without a terminal: `plan`, `apply`, `prune`, `verify`, `rollback`, `resume` and the
//! checklist, for scripts, pipelines and tests.
//!
//! It only submits commands to the driver and prints what comes of them; whatever it can do, the
//! cockpit does through the same driver. A change is confirmed by `--approve DIGEST` and in no other way.

mod compose_folder;
mod confirm;
mod dispatch;
mod exit;
pub mod init;
mod problem_text;
mod progress;
mod proposal_text;
mod report;
mod runs;
mod steps;
mod target;
mod verified;
mod workflow;

pub use compose_folder::ComposeFolder;
pub use dispatch::DispatchReport;
pub use exit::Exit;
pub(crate) use problem_text::write_problem;
pub use progress::tell_of_helm;
pub use report::{AttemptReport, Format, Report, StepReport, print};
pub use runs::RunsReport;
pub(crate) use runs::write_run;

pub use steps::Headless;
pub use target::{Target, TargetError};
pub use workflow::WorkflowCheck;
