//! Headless views of the overview: where things stand, for a script, a chat message or a wall.
//!
//! It needs no terminal, and rights to read at most. It takes no lock for longer than a look, writes
//! nothing, and answers even when the cluster does not: what the run's journal knows is still told.

mod exit;
mod look;
mod text;

pub use exit::StatusExit;
pub use look::{LookOptions, look};
pub use text::print;
