//! migrate-tui moves a running stack from docker-compose to Kubernetes, one shown and confirmed step
//! at a time.

pub mod diff;
pub mod object;
pub mod plan;
pub mod rehearsal;
