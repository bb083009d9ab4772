//! Tests that need no cluster.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod charts;
mod cockpit;
pub(crate) mod compose;
mod compose_text;
mod fixture;
#[path = "../fixtures.rs"]
mod fixtures;
mod headless;
mod import;
mod init;
mod journey;
mod plan;
mod preview;
mod purity;
mod recovered;
mod render;
mod schema;
mod screenshots;
mod shipped;
mod status;
mod svg;
mod terminal;
mod workflow;
