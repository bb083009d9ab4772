//! Live state: what stands around an object, and the watches that keep the panes fresh.
//!
//! Reads only. Nothing here ever holds more of an object than what is shown, and nothing retries
//! behind anyone's back: every lost connection is an observation.

mod around;
mod simulated;

pub use around::{Around, around, log_tail};
pub use simulated::is_simulated;
