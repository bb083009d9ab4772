//! Compose files: from their texts to a [`Project`] that says for everything where it was written.
//!
//! Pure: what is read, and the variables of the process, come through a [`Source`]. Every error and warning
//! of all files is collected, with its place.
//!
//! ```text
//!  texts ─ tree ─ interpolate ─ normalise ─ extends ─ include ─ merge ─┬─ project (short syntaxes) ─ check
//!                                     └──────── shape ─────────────────┴─ keys
//! ```
//!
//! `specification` is the Compose Specification as one table: which keys there are, how each may be shortened, and how
//! each is merged. Normalising, merging and the listing of keys only walk it.

mod at;
mod check;
mod deploy;
mod env_file;
mod environment;
mod extends;
mod found;
mod health;
mod identity;
mod include;
mod interpolate;
mod keys;
mod load;
mod merge;
mod model;
mod mounts;
mod normalise;
mod notes;
mod objects;
mod paths;
mod ports;
mod project;
mod reader;
mod secret;
mod select;
mod service;
mod shape;
mod source;
mod specification;
mod specification_parts;
#[cfg(test)]
pub(crate) mod testing;
mod tree;
mod units;
mod version;
mod yaml;

pub use found::{Found, Listing, MOST_LISTED};
pub use model::*;
pub use project::read;
pub use secret::may_be_secret;
pub use source::{Request, Source, Unreadable};
pub use tree::below;

#[cfg(test)]
pub(crate) use found::listed;

use crate::plan::Diagnostic;

/// Why nothing was read.
#[derive(Clone, Debug)]
pub struct Refused {
    /// Everything that is wrong, in the order of files and lines.
    pub errors: Vec<Diagnostic>,
    /// What a person should know besides.
    pub warnings: Vec<Diagnostic>,
}

/// What was read.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The project.
    pub project: Project,
    /// What a person should know, in the order of files and lines.
    pub warnings: Vec<Diagnostic>,
}
