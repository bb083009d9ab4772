//! What can go wrong with the journal.

use std::{io, path::PathBuf};

use thiserror::Error;

/// A journal that cannot be read or written. Each says what to do.
#[derive(Debug, Error)]
pub enum JournalError {
    /// The run's folder or a file in it.
    #[error("{what} {} failed: {reason}; {remedy}", path.display())]
    Io {
        /// As in "writing".
        what: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// In the system's words.
        reason: String,
        /// What to do.
        remedy: &'static str,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// Another process has it open.
    #[error(
        "another migrate-tui drives this run ({}); close it, or look on with --read-only",
        path.display()
    )]
    Busy {
        /// The run's folder.
        path: PathBuf,
    },
    /// A line is not what its successor says it was, or no entry at all.
    #[error(
        "{}:{line} is damaged ({reason}); restore the file from a backup, or move its folder away to begin a new run",
        path.display()
    )]
    Damaged {
        /// The journal.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// How it is seen.
        reason: String,
    },
    /// Written by a newer version.
    #[error(
        "{}:{line} was written by a newer migrate-tui (entry version {version}); use that version to go on",
        path.display()
    )]
    Newer {
        /// The journal.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// Of the entry.
        version: u64,
    },
}

impl JournalError {
    pub(super) fn io(what: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        let remedy = match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                "free some space there, then start again: the run goes on from its last entry, and what was in \
                 flight is compared with the cluster first"
            }
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                "make it writable for you, or set XDG_STATE_HOME to a folder that is"
            }
            _ => "check the folder, or set XDG_STATE_HOME to another one",
        };
        Self::Io { what, path: path.into(), reason: source.to_string(), remedy, source }
    }
}
