//! A stand-in for the effect runner: takes commands into a run in memory and does no work.

use std::collections::BTreeMap;

use jiff::Timestamp;
use thiserror::Error;

use crate::{
    diff::Proposal,
    engine::{AttemptNumber, Author, Command, Entry, Event, Refusal, Run, SCHEMA_VERSION},
};

/// Owns the run.
#[derive(Debug)]
pub struct Driver {
    run: Run,
    proposals: BTreeMap<AttemptNumber, Proposal>,
    author: Author,
}

/// Why a command was not taken.
#[derive(Debug, Error)]
pub enum SubmitError {
    /// The state does not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl Driver {
    /// Of a run, with what is shown of it.
    #[must_use]
    pub fn new(run: Run, proposals: BTreeMap<AttemptNumber, Proposal>, author: Author) -> Self {
        Self { run, proposals, author }
    }

    /// The run.
    #[must_use]
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// What attempts would change, in full.
    #[must_use]
    pub fn proposals(&self) -> &BTreeMap<AttemptNumber, Proposal> {
        &self.proposals
    }

    /// Takes a command.
    ///
    /// # Errors
    /// [`SubmitError`] when it cannot be taken.
    #[expect(clippy::unused_async, reason = "the journal will be written here")]
    pub async fn submit(&mut self, command: Command) -> Result<(), SubmitError> {
        let mut events: std::collections::VecDeque<Event> = self.run.decide(command)?.into();
        while let Some(event) = events.pop_front().or_else(|| self.run.follow_up()) {
            self.run.apply(&Entry {
                version: SCHEMA_VERSION,
                sequence: self.run.sequence() + 1,
                previous: String::new(),
                at: Timestamp::now(),
                author: self.author.clone(),
                event,
            });
        }
        Ok(())
    }

    /// Resolves after something changed.
    pub async fn next(&mut self) {
        std::future::pending::<()>().await;
    }
}
