//! Storage of a run's log: one folder a run, one writer at a time.
//!
//! The folder holds `journal.jsonl` (append-only, each line names the SHA-256 of the one before),
//! `head` (number and SHA-256 of the last line on the disk: an edited or cut end is noticed),
//! `key` (the run's digest key, kept outside the journal), `proposals/` (what was shown, masked) and
//! `records/` (before-images without Secrets). All of it is readable by its owner only. It never holds
//! a Secret's value, and an entry is durable before anything acts on it.

mod error;
mod file;
mod folder;
mod head;

pub use error::JournalError;
pub use file::Journal;
pub use folder::RunFolder;
