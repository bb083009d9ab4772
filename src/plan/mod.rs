//! The plan file: what a migration consists of.
//!
//! Pure: no I/O. A checked [`Plan`] is a different type from the parsed tree; only `check` makes one,
//! so nothing past this module meets a plan with an error in it.

mod model;

pub use model::{
    Action, Confirmation, Environment, EnvironmentName, Evidence, Gate, Manual, Plan, Stage, StageId, Step,
    StepPath, Target,
};
