//! What the operator may set: keys, theme, and which contexts are read-only.
//!
//! The defaults are the embedded `defaults.toml`, read by the same parser as the user's file. Parsing
//! is pure; only [`load`] reads files. Nothing here knows a cluster.

mod action;
mod file;
mod key;
mod keymap;
mod load;
mod paths;

pub use action::{Action, Group, Screen};
pub use file::{ConfigError, Settings};
pub use key::KeyPress;
pub use keymap::Keymap;
pub use load::{LoadError, load, load_theme};
pub use paths::{Paths, PathsError};
