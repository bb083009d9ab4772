//! What turns the pure parts into a running program: the driver of a run and what performs its effects.

mod driver;
mod logging;

pub use driver::{Context, Driver, Perform, SubmitError};
