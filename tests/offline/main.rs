//! Tests that need no cluster.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on fails"
)]

mod cockpit;
mod fixture;
mod journey;
mod screenshots;
mod svg;
mod terminal;
