//! Drives one run: commands and outcomes in, journal entries out, effects started and dropped.
//!
//! It owns the run's state and its journal. Entries are durable before an effect that follows from
//! them is started; when the journal cannot be written, nothing new is started.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::Timestamp;
use thiserror::Error;
use tokio::{
    task::{AbortHandle, JoinSet},
    time::Instant,
};

use super::{
    Followed,
    perform::{Context, Perform},
};
use crate::{
    diff::{Kind, Proposal},
    engine::{Attempt, AttemptNumber, Author, Command, Effect, Entry, Event, Outcome, Refusal, Run},
    journal::{Journal, JournalError},
};

/// Why a command did not go through.
#[derive(Debug, Error)]
pub enum SubmitError {
    /// The state does not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The journal cannot be written; nothing was started.
    #[error("{journal}; {remedy}", journal = .0, remedy = .0.remedy())]
    Journal(#[from] JournalError),
    /// The journal could not be written before.
    #[error("nothing more is started: {0}")]
    Halted(String),
}

/// A run with its journal, its effects and their proposals.
pub struct Driver {
    run: Run,
    journal: Journal,
    author: Author,
    perform: Perform,
    tasks: JoinSet<(Effect, Outcome)>,
    running: BTreeMap<Effect, AbortHandle>,
    proposals: BTreeMap<AttemptNumber, Proposal>,
    news: Vec<Event>,
    halted: Option<String>,
    /// Since when there is something in the journal that may not be on the disk.
    unflushed: Option<Instant>,
    /// It is more than rows' outcomes, and something may follow from it.
    has_decisions: bool,
    /// Nothing more is started.
    is_winding_down: bool,
    /// A session was begun, so that what a dead process had under way is interrupted. Nothing is started
    /// before that.
    is_taken_up: bool,
}

impl std::fmt::Debug for Driver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Driver").field("sequence", &self.run.sequence()).finish_non_exhaustive()
    }
}

/// News that nobody took; older ones are dropped.
const MOST_NEWS: usize = 1000;

/// How long rows' outcomes may be in the journal without being on the disk. Nothing follows from one by
/// itself: the next row of a wave follows from the intent to write the wave. A crash of the machine loses
/// them, and the next session asks the cluster; a killed process loses nothing.
const LONGEST_UNFLUSHED: Duration = Duration::from_millis(250);

impl Driver {
    /// Takes a run up: folds its entries. Nothing of them is started before a session is begun.
    #[must_use]
    pub fn new(run: Run, journal: Journal, entries: &[Entry], author: Author, perform: Perform) -> Self {
        let mut run = run;
        for entry in entries {
            run.apply(entry);
        }
        Self {
            run,
            journal,
            author,
            perform,
            tasks: JoinSet::new(),
            running: BTreeMap::new(),
            proposals: BTreeMap::new(),
            news: Vec::new(),
            halted: None,
            unflushed: None,
            has_decisions: false,
            is_winding_down: false,
            is_taken_up: entries.is_empty(),
        }
    }

    /// Takes the run up anew from what another process has journalled since; what was under way here by reads
    /// alone, and what it has shown, is dropped.
    ///
    /// # Errors
    /// [`SubmitError`]: the run was pinned to another cluster meanwhile.
    pub fn take_anew(&mut self, followed: Followed) -> Result<(), SubmitError> {
        let Followed { journal, entries, survey, .. } = followed;
        let cluster = self.run.cluster().cloned();
        let run = Run::new(self.run.steps().to_vec());
        *self = Self::new(run, journal, &entries, self.author.clone(), self.perform.clone());
        if let Some(cluster) = cluster {
            self.submit(Command::MeetCluster(cluster))?;
        }
        let program = env!("CARGO_PKG_VERSION").to_owned();
        self.submit(Command::StartSession { program, plan_digest: String::new() })?;
        self.submit(Command::Recover(survey))
    }

    /// The state.
    #[must_use]
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// What was shown in this session, by attempt.
    #[must_use]
    pub fn proposals(&self) -> &BTreeMap<AttemptNumber, Proposal> {
        &self.proposals
    }

    /// Why nothing more is started, when the journal could not be written.
    #[must_use]
    pub fn halted(&self) -> Option<&str> {
        self.halted.as_deref()
    }

    /// Who drives.
    #[must_use]
    pub fn author(&self) -> &Author {
        &self.author
    }

    /// What happened since this was last asked.
    pub fn take_news(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.news)
    }

    /// Is any effect running?
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.running.is_empty()
    }

    /// Journals an event that no command leads to, as the first of a run.
    ///
    /// # Errors
    /// [`SubmitError::Journal`].
    pub fn begin(&mut self, event: Event) -> Result<(), SubmitError> {
        Ok(self.commit(vec![event])?)
    }

    /// Takes a command: decides, journals, and starts what follows.
    ///
    /// # Errors
    /// [`SubmitError`]: refused by the state, or the journal cannot be written.
    pub fn submit(&mut self, command: Command) -> Result<(), SubmitError> {
        if let Some(reason) = &self.halted {
            return Err(SubmitError::Halted(reason.clone()));
        }
        let events = self.run.decide(command)?;
        if let Err(error) = self.commit(events) {
            self.halted = Some(error.problem().to_string());
            return Err(error.into());
        }
        self.reconcile();
        Ok(())
    }

    /// Waits until an effect has news, and takes it together with whatever else is ready by then.
    /// Never resolves while nothing is running. Safe to drop and call again.
    pub async fn next(&mut self) {
        let first = loop {
            let due = self.unflushed.map_or_else(Instant::now, |since| since + LONGEST_UNFLUSHED);
            tokio::select! {
                biased;
                first = self.tasks.join_next() => match first {
                    Some(first) => break first,
                    None => return std::future::pending().await,
                },
                () = tokio::time::sleep_until(due), if self.unflushed.is_some() => self.flush(),
            }
        };
        let mut finished = vec![first];
        while let Some(more) = self.tasks.try_join_next() {
            finished.push(more);
        }
        for outcome in finished {
            match outcome {
                Ok((effect, outcome)) => self.take(&effect, outcome),
                Err(error) if error.is_cancelled() => {}
                Err(error) => {
                    tracing::error!(%error, "an effect ended abnormally");
                    self.halted = Some(format!("an internal error ended an effect: {error}"));
                }
            }
        }
        let is_due = self.unflushed.is_some_and(|since| since.elapsed() >= LONGEST_UNFLUSHED);
        if self.has_decisions || is_due || self.tasks.is_empty() {
            self.flush();
        }
        self.reconcile();
    }

    /// Puts what was recorded on the disk.
    fn flush(&mut self) {
        if self.halted.is_none()
            && let Err(error) = self.commit(Vec::new())
        {
            self.halted = Some(error.problem().to_string());
        }
    }

    /// Records events and puts everything recorded on the disk.
    fn commit(&mut self, events: Vec<Event>) -> Result<(), JournalError> {
        self.record(events)?;
        (self.unflushed, self.has_decisions) = (None, false);
        self.journal.flush()
    }

    /// Waits until nothing is running any more: every write that was started has its outcome journalled.
    pub async fn finish(&mut self) {
        while !self.tasks.is_empty() {
            self.next().await;
        }
    }

    /// Drops what only reads, starts nothing more, and waits until every write that was started has its
    /// outcome journalled.
    pub async fn wind_down(&mut self) {
        self.is_winding_down = true;
        self.reconcile();
        self.finish().await;
    }

    fn take(&mut self, effect: &Effect, outcome: Outcome) {
        self.running.remove(effect);
        let attempt = effect.attempt();
        if let Outcome::Prepared(proposal) | Outcome::Reviewed { proposal, .. } = &outcome {
            let mut proposal = (**proposal).clone();
            proposal.risks.extend(self.run.traffic(&proposal));
            self.proposals.insert(attempt, proposal);
        }
        if self.halted.is_some() {
            // Not journalled: the next session finds out what was written by comparing with the cluster.
            return;
        }
        let recorded = match self.run.decide(Command::Report { attempt, outcome }) {
            Ok(events) => self.record(events),
            Err(refusal) => {
                tracing::error!(%refusal, "an outcome was refused");
                Ok(())
            }
        };
        if let Err(error) = recorded {
            self.halted = Some(error.problem().to_string());
        }
    }

    /// Journals and folds events, then whatever the state by itself calls for.
    fn record(&mut self, events: Vec<Event>) -> Result<(), JournalError> {
        let mut next = events;
        while !next.is_empty() {
            for entry in self.journal.append(&next, Timestamp::now(), &self.author)? {
                self.unflushed.get_or_insert_with(Instant::now);
                self.has_decisions |= !matches!(entry.event, Event::RowDone { .. });
                self.run.apply(&entry);
                self.is_taken_up |= matches!(entry.event, Event::SessionStarted { .. });
                self.news.push(entry.event);
            }
            let surplus = self.news.len().saturating_sub(MOST_NEWS);
            self.news.drain(..surplus);
            next = self.run.follow_up().into_iter().collect();
        }
        Ok(())
    }

    /// Starts what the state wants and drops what it no longer does.
    fn reconcile(&mut self) {
        let wanted: BTreeSet<Effect> = self.run.pending().into_iter().collect();
        self.running.retain(|effect, handle| {
            let is_wanted = wanted.contains(effect) && !self.is_winding_down;
            let keep = is_wanted || !effect.is_abortable();
            if !keep {
                handle.abort();
            }
            keep
        });
        if self.halted.is_some() || self.is_winding_down || !self.is_taken_up {
            return;
        }
        for effect in wanted {
            if self.running.contains_key(&effect) {
                continue;
            }
            let Some(context) = self.context(&effect) else { continue };
            let work = (self.perform)(effect.clone(), context);
            let name = effect.clone();
            let handle = self.tasks.spawn(async move { (name, work.await) });
            self.running.insert(effect, handle);
        }
    }

    fn context(&self, effect: &Effect) -> Option<Context> {
        let attempt = self.run.attempt(effect.attempt())?.clone();
        let undoes = attempt.undoes.iter().filter_map(|number| self.run.attempt(*number)).cloned().collect();
        let before = |step| match attempt.kind {
            Kind::Rollback => self.run.undo_set(step),
            _ => self.run.shown(step).map(|shown| shown.number).into_iter().collect(),
        };
        let mut first: Vec<Attempt> = attempt
            .after
            .iter()
            .flat_map(before)
            .filter_map(|number| self.run.attempt(number))
            .cloned()
            .collect();
        first.sort_by_key(|attempt| std::cmp::Reverse(attempt.number));
        let oldest = attempt.undoes.iter().min().copied();
        let superseded = self
            .run
            .attempts_of(&attempt.step)
            .filter(|other| other.kind == Kind::Rollback && other.may_have_written())
            .filter(|other| {
                other.number != attempt.number && oldest.is_some_and(|oldest| other.number > oldest)
            })
            .cloned()
            .collect();
        let remembering = match attempt.kind {
            Kind::Rollback => {
                self.run.remembering().filter(|other| other.number != attempt.number).cloned().collect()
            }
            _ => Vec::new(),
        };
        Some(Context { attempt, undoes, first, superseded, remembering })
    }
}

#[cfg(test)]
#[path = "driver_tests.rs"]
pub(super) mod tests;
