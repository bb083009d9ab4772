//! The operator's repository on the disk: looking at files, writing a confirmed [`Proposal`] whole or not at all,
//! and what is kept of it in `.migrate-tui/`.
//!
//! `init.json` there is the [`Record`], to be committed. `init/` is this machine's alone: a [`Journal`] for each
//! init, and `pending.json` while one is at work. An interrupted one is found by the next [`Repository::open`].
//!
//! Every folder is opened through the one that it is in, without following symbolic links: whatever happens on the
//! disk meanwhile, nothing is read or written outside of the root.

mod error;
mod folder;
mod look;
mod perform;
mod single;
mod state;
#[cfg(test)]
mod tests;
mod walk;
mod write;

use std::path::{Path, PathBuf};

pub use error::RepositoryError;
use folder::Folder;
pub use single::{replace, text_of};
use state::State;

use crate::{
    diff::Problem,
    scaffold::{Journal, Proposal, Record, RelativePath, Tree, finish, propose, take_back, to_look_at},
};

/// A repository, and what is known of inits in it.
#[derive(Debug)]
pub struct Repository {
    root: Folder,
    path: PathBuf,
    state: State,
    die_before: Option<usize>,
}

/// What is to be done.
#[derive(Clone, Copy, Debug)]
pub enum Task<'t> {
    /// To have these files.
    Init(&'t Tree),
    /// The rest of the interrupted init.
    Finish,
    /// The way back from the interrupted init, else from the last one.
    Rollback,
}

/// An init that was interrupted.
#[derive(Clone, Debug)]
pub struct Interrupted {
    /// What was confirmed; confirming it again finishes it.
    pub journal: Journal,
    /// Files that are as it wants them.
    pub written: usize,
    /// Files that it writes.
    pub files: usize,
}

impl Repository {
    /// Opens the repository at its root and reads what is known of inits in it.
    ///
    /// # Errors
    /// [`RepositoryError::Problem`] when there is no such folder, or what is kept in it cannot be read.
    pub fn open(path: &Path) -> Result<Self, RepositoryError> {
        let root = Folder::open(path).map_err(|error| error::io("opening", &path.display(), &error))?;
        let state = State::read(&root)?;
        Ok(Self { root, path: path.to_owned(), state, die_before: None })
    }

    /// Its root, as it was given.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What was written last.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.state.record
    }

    /// The init that was interrupted, if one was.
    #[must_use]
    pub fn interrupted(&self) -> Option<Interrupted> {
        let journal = self.state.pending.clone()?;
        let found = look::look(&self.root, journal.rows.iter().map(|row| &row.path));
        let (written, files) = journal.written(&found);
        Some(Interrupted { journal, written, files })
    }

    /// What a task would do. Reads only.
    ///
    /// # Errors
    /// [`RepositoryError::Problem`] when there is nothing to finish or to take back.
    pub fn propose(&self, task: Task<'_>) -> Result<Proposal, RepositoryError> {
        let record = &self.state.record;
        match task {
            Task::Init(wanted) => {
                let found = look::look(&self.root, to_look_at(wanted, record).iter());
                Ok(propose(wanted, record, &found))
            }
            Task::Finish => {
                let journal = self.state.pending.as_ref().ok_or_else(|| {
                    let remedy = "run `migrate-tui init` to see what it would do";
                    Problem::new("init", "none was interrupted", remedy)
                })?;
                Ok(finish(journal, record, &look::look(&self.root, paths(journal))))
            }
            Task::Rollback => {
                let journal = self.state.latest(&self.root)?;
                Ok(take_back(&journal, record, &look::look(&self.root, paths(&journal))))
            }
        }
    }

    /// Kills this process with SIGKILL before the write of this number, counted from 1: so that a team (and the
    /// tests) can practise what comes after a kill.
    pub fn die_before(&mut self, write: usize) {
        self.die_before = Some(write);
    }
}

fn paths(journal: &Journal) -> impl Iterator<Item = &RelativePath> {
    journal.rows.iter().map(|row| &row.path)
}
