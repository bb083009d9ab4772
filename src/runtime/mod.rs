//! What turns the pure parts into a running program: the driver of a run and what performs its effects.

mod driver;
mod executor;
mod logging;
pub mod program;
mod session;

pub use driver::{Context, Driver, Perform, SubmitError};
