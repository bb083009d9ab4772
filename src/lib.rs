//! migrate-tui moves a running stack from docker-compose to Kubernetes, one shown and confirmed step
//! at a time.

pub mod app;
pub mod cli;
pub mod cluster;
pub mod config;
pub mod diff;
pub mod engine;
pub mod gate;
pub mod headless;
pub mod journal;
pub mod object;
pub mod observed;
pub mod overview;
pub mod plan;
pub mod readiness;
pub mod rehearsal;
pub mod render;
pub mod rollback;
pub mod runtime;
pub mod status;
pub mod ui;
