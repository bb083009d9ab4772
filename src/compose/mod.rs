//! A compose project.
mod model;
pub use model::*;
