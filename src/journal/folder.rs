//! The folder of a run.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use serde::{Serialize, de::DeserializeOwned};

use super::JournalError;
use crate::object::Digester;

/// Where one run keeps its files.
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// The folder of a plan's run in an environment, under the user's state folder. Touches no file.
    #[must_use]
    pub fn new(state: &Path, plan: &str, environment: &str) -> Self {
        Self { path: state.join("runs").join(plan).join(environment) }
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The journal's path.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.path.join("journal.jsonl")
    }

    /// Where it is kept where the journal ends.
    #[must_use]
    pub(super) fn head(&self) -> PathBuf {
        self.path.join("head")
    }

    /// Has a run been begun here?
    #[must_use]
    pub fn is_begun(&self) -> bool {
        self.journal().exists()
    }

    /// Does another process hold the run's journal? Only asked, never kept: the lock is shared and let go
    /// at once.
    #[must_use]
    pub fn is_driven(&self) -> bool {
        let Ok(file) = File::open(self.journal()) else {
            return false;
        };
        matches!(file.try_lock_shared(), Err(fs::TryLockError::WouldBlock))
    }

    /// Makes the folder, for its owner only.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn make(&self) -> Result<(), JournalError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.path)
            .map_err(|error| JournalError::io("making", &self.path, error))
    }

    /// Moves the folder aside, so that the next start begins a new run; the old one stays readable.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn set_aside(&self, suffix: &str) -> Result<PathBuf, JournalError> {
        let aside = self.path.with_extension(suffix);
        fs::rename(&self.path, &aside).map_err(|error| JournalError::io("moving", &self.path, error))?;
        Ok(aside)
    }

    /// The run's digest key; made on first use.
    ///
    /// # Errors
    /// [`JournalError::Io`], also when the system has no randomness to give.
    pub fn digester(&self) -> Result<Digester, JournalError> {
        let path = self.path.join("key");
        let failed = |what| {
            let path = path.clone();
            move |error| JournalError::io(what, path, error)
        };
        match fs::read(&path) {
            Ok(bytes) => {
                let key = <[u8; 32]>::try_from(bytes)
                    .map_err(|_| failed("reading")(io::Error::other("it is not 32 bytes long")))?;
                Ok(Digester::new(key))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut key = [0; 32];
                getrandom::fill(&mut key)
                    .map_err(|error| failed("making")(io::Error::other(error.to_string())))?;
                write_durably(&path, &key).map_err(failed("writing"))?;
                Ok(Digester::new(key))
            }
            Err(error) => Err(failed("reading")(error)),
        }
    }

    /// Keeps a value as JSON in a file of the folder, whole or not at all.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn keep(&self, name: &str, value: &impl Serialize) -> Result<(), JournalError> {
        let path = self.path.join(name);
        if let Some(parent) = path.parent() {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(parent)
                .map_err(|error| JournalError::io("making", parent, error))?;
        }
        let bytes = serde_json::to_vec(value).unwrap_or_default();
        write_durably(&path, &bytes).map_err(|error| JournalError::io("writing", &path, error))
    }

    /// Reads back what [`RunFolder::keep`] kept; `None` when it is not there or of another shape.
    #[must_use]
    pub fn kept<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_slice(&fs::read(self.path.join(name)).ok()?).ok()
    }
}

/// Writes beside, flushes to disk, then renames: a crash leaves the old file or the new one.
fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    if let Some(parent) = path.parent() {
        File::open(parent)?.sync_all()?;
    }
    Ok(())
}
