//! A tree of wanted files against a repository: what would be written, what stays because someone edited it,
//! and the way back.
//!
//! Pure: it knows neither where the files come from nor the disk. [`propose`] compares what is wanted, what was
//! written last ([`Record`]) and what is there ([`Found`]); [`take_back`] and [`finish`] do it for an init that is
//! in a [`Journal`]. [`crate::repository`] looks and writes.

mod decide;
#[cfg(test)]
mod decide_tests;
mod difference;
mod fingerprint;
mod journal;
mod path;
mod proposal;
mod record;
mod tree;

pub use decide::{propose, to_look_at};
pub use fingerprint::Fingerprint;
pub use journal::{Journal, JournalRow, finish, take_back};
pub use path::{PathError, RelativePath};
pub use proposal::{Action, Kind, Proposal, Row, Summary, Write};
pub use record::{Record, RecordError};
pub use tree::{Found, Tree};
