//! The folder of one run of the rehearsal cluster: its data, keys, logs and kubeconfigs.
//!
//! A lock in it, held by the process that owns the run, says whether the run is alive; the kernel
//! releases it however that process ends. Folders of dead runs are removed when the next one begins.

use std::fs::{DirBuilder, File, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::error::BootError;

const ALIVE: &str = "alive.lock";
const GUARD: &str = "runs.lock";

/// The folder of one run, which is alive as long as this value.
#[derive(Debug)]
pub struct RunFolder {
    runs: PathBuf,
    path: PathBuf,
    alive: File,
}

impl RunFolder {
    /// Makes a folder in `runs`, and removes those whose owners are gone.
    pub(super) fn create(runs: &Path, name: Option<&str>) -> Result<Self, BootError> {
        let failed = |doing, path: &Path| {
            let path = path.to_owned();
            move |source| BootError::Folder { doing, path, source }
        };
        private_folder(runs).map_err(failed("creating", runs))?;
        // Without this lock, one that sweeps could remove a folder between its making and its locking.
        let _guard = guard(runs).map_err(failed("locking", runs))?;
        sweep(runs);
        let path = match name {
            Some(name) => runs.join(name),
            None => unused_name(runs).map_err(failed("naming a folder in", runs))?,
        };
        private_folder(&path).map_err(failed("creating", &path))?;
        let alive = open(&path.join(ALIVE)).map_err(failed("locking", &path))?;
        alive.try_lock().map_err(|error| failed("locking", &path)(error.into()))?;
        for inner in ["log", "pki", "config"] {
            private_folder(&path.join(inner)).map_err(failed("creating", &path))?;
        }
        Ok(Self { runs: runs.to_owned(), path, alive })
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The kubeconfig whose current context is the administrator; the other identities are contexts too.
    #[must_use]
    pub fn kubeconfig_path(&self) -> PathBuf {
        kubeconfig_path(&self.path)
    }

    /// The kubeconfig of the identity that may read only.
    #[must_use]
    pub fn viewer_kubeconfig_path(&self) -> PathBuf {
        self.path.join("viewer.kubeconfig")
    }

    /// The kubeconfig of the identity that has no rights but those that a role binding gives it.
    #[must_use]
    pub fn developer_kubeconfig_path(&self) -> PathBuf {
        self.path.join("developer.kubeconfig")
    }

    /// The API server's audit log: a JSON object a line, at level Metadata.
    #[must_use]
    pub fn audit_log_path(&self) -> PathBuf {
        self.path.join("audit.log")
    }

    /// The folder of the parts' logs.
    #[must_use]
    pub fn logs_path(&self) -> PathBuf {
        self.path.join("log")
    }

    /// Writes a file that only this user can read.
    pub(super) fn write(&self, name: &str, content: &str) -> Result<PathBuf, BootError> {
        let path = self.path.join(name);
        write_private(&path, content).map_err(|source| BootError::Folder {
            doing: "writing",
            path: path.clone(),
            source,
        })?;
        Ok(path)
    }

    /// Removes the folder; what cannot be removed is left to the next run.
    pub(super) fn remove(self) {
        // The lock's own file goes in the midst of the others: until all of them are gone, nobody may take
        // the run for ended, nor begin another one of its name.
        let _guard = guard(&self.runs);
        let _ = std::fs::remove_dir_all(&self.path);
        drop(self.alive);
    }
}

/// The folder of the run of this name, if it has a living owner.
pub(super) fn living(runs: &Path, name: &str) -> Option<PathBuf> {
    // To look is to lock for a moment, which must not be the moment in which an owner locks.
    let guard = File::open(runs.join(GUARD)).ok()?;
    guard.lock().ok()?;
    let path = runs.join(name);
    is_alive(&path).then_some(path)
}

/// What whoever makes, removes or looks for a run's folder holds meanwhile.
fn guard(runs: &Path) -> io::Result<File> {
    let guard = open(&runs.join(GUARD))?;
    guard.lock()?;
    Ok(guard)
}

fn is_alive(path: &Path) -> bool {
    File::open(path.join(ALIVE)).is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

pub(super) fn kubeconfig_path(run: &Path) -> PathBuf {
    run.join("kubeconfig")
}

pub(super) fn write_private(path: &Path, content: &str) -> io::Result<()> {
    File::options()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?
        .write_all(content.as_bytes())
}

fn private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn open(path: &Path) -> io::Result<File> {
    File::options().create(true).truncate(false).write(true).mode(0o600).open(path)
}

fn sweep(runs: &Path) {
    let Ok(entries) = std::fs::read_dir(runs) else { return };
    for path in entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()) {
        if !is_alive(&path) {
            let _ = std::fs::remove_dir_all(&path);
        }
    }
}

fn unused_name(runs: &Path) -> io::Result<PathBuf> {
    Ok(tempfile::Builder::new().prefix("run-").tempdir_in(runs)?.keep())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_run_is_removed_and_a_living_one_is_not() {
        let runs = tempfile::tempdir().unwrap();
        let dead = RunFolder::create(runs.path(), None).unwrap();
        let dead_path = dead.path().to_owned();
        drop(dead);
        let alive = RunFolder::create(runs.path(), None).unwrap();
        let third = RunFolder::create(runs.path(), None).unwrap();
        assert!(!dead_path.exists() && alive.path().exists());
        let third_path = third.path().to_owned();
        third.remove();
        assert!(!third_path.exists());
    }

    #[test]
    fn a_run_lives_until_the_last_of_its_files_is_gone() {
        let runs = tempfile::tempdir().unwrap();
        let run = RunFolder::create(runs.path(), Some("kept")).unwrap();
        let path = run.path().to_owned();
        for number in 0..2_000 {
            std::fs::write(path.join(format!("log/{number}")), "").unwrap();
        }
        let end = std::thread::spawn(|| run.remove());
        while living(runs.path(), "kept").is_some() {}
        assert!(!path.exists());
        end.join().unwrap();
    }

    #[test]
    fn a_named_run_has_one_owner() {
        let runs = tempfile::tempdir().unwrap();
        let first = RunFolder::create(runs.path(), Some("kept")).unwrap();
        assert!(RunFolder::create(runs.path(), Some("kept")).is_err());
        assert_eq!(living(runs.path(), "kept").as_deref(), Some(first.path()));
        drop(first);
        assert_eq!(living(runs.path(), "kept"), None);
        assert!(RunFolder::create(runs.path(), Some("kept")).is_ok());
    }
}
