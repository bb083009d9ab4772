//! Where the log ends: number and digest of its last entry that is on the disk.
//!
//! Each line of the log is bound by the next one; the last one is bound by this file. It is written after the
//! log is on the disk, so that a crash leaves it behind the log and never ahead of it, and need not be flushed
//! itself. It tells an edit, a cut and an old copy of the log; it does not keep out someone who may write both.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::Path,
};

/// Number and digest of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) sequence: u64,
    /// SHA-256 of its line, hexadecimal.
    pub(super) digest: String,
}

impl Head {
    /// What the file says; `None` where there is none yet, or only a part of one.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub(super) fn read(path: &Path) -> io::Result<Option<Self>> {
        match fs::read_to_string(path) {
            Ok(text) => Ok(parsed(&text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Opens the file for [`Self::write`].
    ///
    /// # Errors
    /// It cannot be made or written.
    pub(super) fn open(path: &Path) -> io::Result<File> {
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)
    }

    /// Writes it over the one before; both are equally long.
    ///
    /// # Errors
    /// Whatever the disk answers; the one before may then still be there.
    pub(super) fn write(&self, file: &File) -> io::Result<()> {
        file.write_all_at(format!("{:020} {}\n", self.sequence, self.digest).as_bytes(), 0)
    }
}

fn parsed(text: &str) -> Option<Head> {
    let (sequence, digest) = text.strip_suffix('\n')?.split_once(' ')?;
    Some(Head { sequence: sequence.parse().ok()?, digest: digest.to_owned() })
}
