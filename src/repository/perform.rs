//! A confirmed task, done whole or taken back.

use std::io;

use super::{Repository, RepositoryError, Task, error, look, paths, state::State, write};
use crate::{
    diff::Problem,
    scaffold::{Journal, Proposal, take_back},
};

impl Repository {
    /// Does a task that was confirmed by the digest of what was shown (at least its first twelve digits), and says
    /// what was done. An interrupted init is finished by the digest that confirmed it.
    ///
    /// # Errors
    /// [`RepositoryError`]. Only [`RepositoryError::HalfWay`] leaves something of it on the disk, and the next
    /// [`Repository::open`] knows of it.
    pub fn perform(&mut self, task: Task<'_>, approved: &str) -> Result<Proposal, RepositoryError> {
        self.lock()?;
        self.state = State::read(&self.root)?;
        let proposal = self.propose(task)?;
        let journal = match task {
            Task::Init(_) if self.state.pending.is_some() => return Err(RepositoryError::Moved),
            Task::Init(_) => {
                let folders = write::missing_folders(&self.root, &proposal);
                Journal::of(&proposal, &self.state.record, folders)
            }
            Task::Finish | Task::Rollback => self.state.latest(&self.root)?,
        };
        let confirmed = if matches!(task, Task::Finish) { &journal.digest } else { &proposal.digest() };
        if !confirmed.is_named_by(approved) {
            return Err(RepositoryError::Moved);
        }
        if !proposal.problems.is_empty() {
            return Err(RepositoryError::Refused(proposal.problems));
        }
        match self.begin_and_write(task, &proposal, &journal) {
            Ok(()) => Ok(proposal),
            Err(failure) => Err(self.undone(task, &journal, failure)),
        }
    }

    fn begin_and_write(
        &mut self,
        task: Task<'_>,
        proposal: &Proposal,
        journal: &Journal,
    ) -> Result<(), RepositoryError> {
        match task {
            Task::Init(_) => self.state.begin(&self.root, journal).map_err(own)?,
            Task::Rollback => self.state.begin_back(&self.root, journal.clone()).map_err(own)?,
            Task::Finish => {}
        }
        write::clear(&self.root, paths(journal));
        self.tick();
        write::stage(&self.root, proposal)?;
        if self.propose(task)?.digest() != proposal.digest() {
            return Err(RepositoryError::Moved);
        }
        let mut die_before = self.die_before;
        write::place(&self.root, proposal, || count_down(&mut die_before))?;
        self.die_before = die_before;
        self.tick();
        self.state.record(&self.root, &proposal.record).map_err(own)?;
        self.tick();
        if matches!(task, Task::Rollback) {
            write::take_folders_back(&self.root, journal);
            self.state.taken_back(&self.root).map_err(own)?;
        } else {
            write::leave_none_empty(&self.root, proposal);
            self.state.done(&self.root).map_err(own)?;
        }
        Ok(())
    }

    /// After a failure: an init is taken back at once; of what was interrupted before, the next start tells.
    pub(super) fn undone(
        &mut self,
        task: Task<'_>,
        journal: &Journal,
        failure: RepositoryError,
    ) -> RepositoryError {
        write::clear(&self.root, paths(journal));
        let reason = match task {
            Task::Init(_) => match self.take_back_at_once(journal) {
                Ok(()) => return failure,
                Err(second) => format!("{failure}; and it could not be taken back: {second}"),
            },
            Task::Finish | Task::Rollback => failure.to_string(),
        };
        let remedy = "mend that, then run `migrate-tui init`: it says what is written, and how to finish it or to \
                      take it back";
        RepositoryError::HalfWay(Problem::new(self.path.display().to_string(), reason, remedy))
    }

    fn take_back_at_once(&mut self, journal: &Journal) -> Result<(), RepositoryError> {
        let recorded = journal.rows.iter().map(|row| (&row.path, row.recorded_before.as_ref()));
        let mut record = self.state.record.clone();
        recorded.for_each(|(path, before)| record.set(path, before));
        let back = take_back(journal, &record, &look::look(&self.root, paths(journal)));
        write::stage(&self.root, &back)?;
        write::place(&self.root, &back, || {})?;
        write::take_folders_back(&self.root, journal);
        if record != self.state.record {
            self.state.record(&self.root, &record).map_err(own)?;
        }
        self.state.taken_back(&self.root).map_err(own)?;
        Ok(())
    }

    fn lock(&self) -> Result<(), RepositoryError> {
        match self.root.lock() {
            Ok(true) => Ok(()),
            Ok(false) => Err(RepositoryError::Busy(Problem::new(
                self.path.display().to_string(),
                "another migrate-tui writes there",
                "wait until it is done, then repeat",
            ))),
            Err(error) => {
                tracing::warn!(%error, "this file system has no locks for folders");
                Ok(())
            }
        }
    }

    fn tick(&mut self) {
        count_down(&mut self.die_before);
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it maps errors")]
fn own(error: io::Error) -> Problem {
    error::io("writing", &".migrate-tui", &error)
}

/// Kills this process when its time has come.
fn count_down(die_before: &mut Option<usize>) {
    let Some(left) = die_before else { return };
    *left = left.saturating_sub(1);
    if *left == 0 {
        tracing::warn!("killing this process, as asked");
        let own = rustix::process::getpid();
        if let Err(error) = rustix::process::kill_process(own, rustix::process::Signal::KILL) {
            tracing::error!(%error, "killing this process");
        }
    }
}
