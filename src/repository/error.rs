//! Why files are not written.

use std::{fmt, io};

use thiserror::Error;

use crate::diff::Problem;

/// Why a task was not done.
#[derive(Debug, Error)]
pub enum RepositoryError {
    /// It cannot be begun, or was taken back at once: nothing of it is on the disk.
    #[error("{0}")]
    Problem(Problem),
    /// Something keeps it from being done; nothing was written.
    #[error("{} of the files cannot be written", .0.len())]
    Refused(Vec<Problem>),
    /// Another process writes here.
    #[error("{0}")]
    Busy(Problem),
    /// What was approved is not what stands now; nothing of it is on the disk.
    #[error("what was approved is not what stands now")]
    Moved,
    /// It stopped on the way and could not be taken back: some of it is written.
    #[error("{0}")]
    HalfWay(Problem),
}

impl From<Problem> for RepositoryError {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// What the system refused, with what to do about it.
pub(super) fn io(what: &str, path: &dyn fmt::Display, error: &io::Error) -> Problem {
    let remedy = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "free some space there, then repeat"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "make it readable and writable for you, then repeat"
        }
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => "name a folder that is there, with --into",
        io::ErrorKind::AlreadyExists => "move it away, then repeat",
        _ => "check the folder, then repeat",
    };
    Problem::new(path.to_string(), format!("{what} it failed: {error}"), remedy)
}
