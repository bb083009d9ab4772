//! What can go wrong with the journal.

use std::{io, path::PathBuf};

use thiserror::Error;

use crate::diff::Problem;

/// A journal that cannot be read or written. [`Self::remedy`] says what to do.
#[derive(Debug, Error)]
pub enum JournalError {
    /// The run's folder or a file in it.
    #[error("{what} {} failed: {reason}", path.display())]
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
    #[error("another migrate-tui drives this run ({})", path.display())]
    Busy {
        /// The run's folder.
        path: PathBuf,
    },
    /// A line is not what its successor says it was, or no entry at all.
    #[error("{}:{line} is damaged: {reason}", path.display())]
    Damaged {
        /// The journal.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// How it is seen.
        reason: String,
    },
    /// Written by a newer version.
    #[error("{}:{line} was written by a newer migrate-tui (entry version {version})", path.display())]
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
    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Io { remedy, .. } => remedy,
            Self::Busy { .. } => "close it, or look on with --read-only",
            Self::Damaged { .. } => {
                "restore the file from a backup, or begin a new run with --new-run: it puts this one aside, and what the cluster keeps of it is taken over"
            }
            Self::Newer { .. } => "use that version to go on",
        }
    }

    /// As a problem with the run's journal.
    #[must_use]
    pub fn problem(&self) -> Problem {
        Problem::new("the run's journal", self.to_string(), self.remedy())
    }

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
