//! What is waited for: objects that become ready, and gates that must hold.
//!
//! Reads only. Every wait has a deadline and says, while it lasts, why it is not over. A gate that is
//! met by simulated pods says so: it proves nothing about real ones.

mod answer;
mod ask;
mod certificate;
mod entry;
mod http;
mod images;
mod lock;
mod parity;
mod ready;
mod service;
mod wait;
mod workflow;

#[cfg(test)]
pub(crate) mod test_server;

pub use answer::GateAnswer;
pub use ask::GateKeeper;
pub use http::ask as ask_http;
pub(crate) use http::is_outside;
pub use lock::tell_locks;
pub use ready::{Awaited, wait_ready};
pub use wait::{GatePass, wait};
