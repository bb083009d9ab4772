//! From an entry to the next state: total, it never fails.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    Attempt, AttemptNumber, Author, End, Entry, Event, GateState, Note, Phase, RowIntent, RowState, Run,
    Standing, Tries, run::Mark,
};
use crate::{
    diff::{Change, Kind, Leftovers, Wave},
    engine::PARALLEL_WRITES,
};

impl Run {
    /// Folds one journal entry into the state.
    pub fn apply(&mut self, entry: &Entry) {
        self.sequence = entry.sequence;
        self.last_entry_at = Some(entry.at);
        self.last_author = Some(entry.author.clone());
        let before: BTreeMap<AttemptNumber, Phase> =
            self.attempts.iter().map(|attempt| (attempt.number, attempt.phase)).collect();
        self.fold(&entry.event, entry);
        self.promote();
        for attempt in &mut self.attempts {
            if before.get(&attempt.number) != Some(&attempt.phase) {
                attempt.since = entry.at;
            }
        }
    }

    fn fold(&mut self, event: &Event, entry: &Entry) {
        match event {
            Event::RunStarted { .. } => {}
            Event::SessionStarted { .. } => self.attempts.iter_mut().for_each(Attempt::interrupt),
            Event::ClusterPinned { cluster } => self.cluster = Some(cluster.clone()),
            Event::Recovered { attempt, from } => self.adopt(*attempt, from),
            Event::Surveyed { gaps } => self.gaps.clone_from(gaps),
            Event::Requested { step, attempt, kind, undoes, after, tick, leftovers } => {
                let mut fresh = Attempt::new(*attempt, step.clone(), *kind, entry.at);
                fresh.undoes.clone_from(undoes);
                fresh.after.clone_from(after);
                fresh.tick.clone_from(tick);
                fresh.leftovers = *leftovers;
                if self.step(step).is_some_and(Self::is_manual) {
                    // It has no objects: its gates are all there is to ask.
                    let gates = self.step(step).map_or(0, |step| step.gates.len());
                    fresh.ask_gates(gates);
                }
                if *kind != Kind::Verify {
                    self.states.entry(step.clone()).or_default().mark = None;
                }
                self.attempts.push(fresh);
            }
            Event::Ended { attempt, end } => self.end(*attempt, *end),
            Event::Ticked { step, note } => {
                self.marked(step, Standing::Done, note, entry);
                for attempt in self.attempts.iter_mut().filter(|attempt| &attempt.step == step) {
                    attempt.tick = None;
                }
            }
            Event::Skipped { step, reason } => {
                self.marked(step, Standing::Skipped, reason, entry);
            }
            Event::Deferred { step, reason } => {
                self.marked(step, Standing::Deferred, reason, entry);
            }
            Event::TakenByHand { attempt: number, note } => {
                let gates = self.gate_count(*number);
                let Some(attempt) = self.attempt_mut(*number) else { return };
                attempt.problems.clear();
                attempt.cancel_requested = false;
                attempt.by_hand = Some(note.clone());
                attempt.ask_gates(gates);
                let step = attempt.step.clone();
                self.note(&step, note, entry.at, &entry.author);
            }
            Event::Reopened { step } => self.states.entry(step.clone()).or_default().mark = None,
            Event::Noted { step, text } => self.note(step, text, entry.at, &entry.author),
            Event::Prepared { attempt, .. }
            | Event::Confirmed { attempt, .. }
            | Event::Reviewed { attempt, .. }
            | Event::Preserved { attempt, .. }
            | Event::WaveStarted { attempt, .. }
            | Event::RowDone { attempt, .. }
            | Event::RowFailed { attempt, .. }
            | Event::WaveSettled { attempt, .. }
            | Event::Written { attempt }
            | Event::ObjectsReady { attempt }
            | Event::GatePassed { attempt, .. }
            | Event::Stopped { attempt, .. }
            | Event::CancelRequested { attempt }
            | Event::Inspected { attempt, .. }
            | Event::Resumed { attempt } => {
                let gates = self.gate_count(*attempt);
                if matches!(event, Event::Prepared { .. }) {
                    self.ask_again(*attempt);
                }
                if let Some(attempt) = self.attempt_mut(*attempt) {
                    attempt.fold(event, gates);
                }
            }
        }
    }

    fn marked(&mut self, step: &crate::plan::StepPath, standing: Standing, text: &str, entry: &Entry) {
        self.states.entry(step.clone()).or_default().mark =
            Some(Mark { standing, text: text.to_owned(), at: entry.at });
        self.note(step, text, entry.at, &entry.author);
    }

    fn note(&mut self, step: &crate::plan::StepPath, text: &str, at: Timestamp, author: &Author) {
        if !text.trim().is_empty() {
            let note = Note { at, author: author.clone(), text: text.to_owned() };
            self.states.entry(step.clone()).or_default().notes.push(note);
        }
    }

    fn attempt_mut(&mut self, number: AttemptNumber) -> Option<&mut Attempt> {
        self.attempts.iter_mut().find(|attempt| attempt.number == number)
    }

    fn gate_count(&self, number: AttemptNumber) -> usize {
        self.attempt(number).and_then(|attempt| self.step(&attempt.step)).map_or(0, |step| step.gates.len())
    }

    /// What comes behind an attempt that is shown anew waits for a confirmation again as well.
    fn ask_again(&mut self, number: AttemptNumber) {
        if self.attempt(number).is_some_and(|attempt| attempt.phase == Phase::Reviewing) {
            for queued in self.attempts.iter_mut().filter(|attempt| attempt.phase == Phase::Queued) {
                queued.phase = Phase::AwaitingConfirmation;
            }
        }
    }

    fn end(&mut self, number: AttemptNumber, end: End) {
        let Some(attempt) = self.attempt_mut(number) else { return };
        attempt.phase = Phase::Ended(end);
        if (attempt.kind, end) == (Kind::Rollback, End::Done) {
            let (step, undoes) = (attempt.step.clone(), attempt.undoes.clone());
            let oldest = undoes.iter().min().copied();
            for own in self.attempts.iter_mut().filter(|own| own.step == step && own.kind != Kind::Rollback) {
                // What found everything as it should be has not stood for longer than what it found.
                let goes_along = own.is_without_changes() && oldest.is_some_and(|oldest| own.number > oldest);
                own.undone |= goes_along || undoes.contains(&own.number);
            }
        }
        if end != End::Done && end != End::Withdrawn {
            for queued in self.attempts.iter_mut().filter(|attempt| attempt.phase == Phase::Queued) {
                queued.phase = Phase::Ended(End::Withdrawn);
            }
        }
    }

    /// The first confirmed attempt goes ahead when nothing else is at work.
    fn promote(&mut self) {
        if self.active().is_some() {
            return;
        }
        if let Some(next) = self.attempts.iter_mut().find(|attempt| attempt.phase == Phase::Queued) {
            let is_behind = next.kind == Kind::Apply && !next.after.is_empty();
            next.phase = if is_behind { Phase::Reviewing } else { Phase::Preserving };
        }
    }
}

impl Attempt {
    pub(super) fn new(
        number: AttemptNumber,
        step: crate::plan::StepPath,
        kind: Kind,
        since: Timestamp,
    ) -> Self {
        Self {
            number,
            step,
            kind,
            phase: Phase::Preparing,
            since,
            undoes: Vec::new(),
            after: Vec::new(),
            digest: None,
            rows: Vec::new(),
            wave: None,
            started: 0,
            problems: Vec::new(),
            unlike: Vec::new(),
            gates: Vec::new(),
            cancel_requested: false,
            record: None,
            cannot_undo: Vec::new(),
            tries: Tries::First,
            undone: false,
            inspected: false,
            renderer: None,
            origin: None,
            tick: None,
            by_hand: None,
            leftovers: Leftovers::Stay,
            leaves: 0,
            left: Vec::new(),
        }
    }

    fn ask_gates(&mut self, count: usize) {
        self.gates = vec![GateState::Open; count];
        self.phase = if count == 0 { Phase::Closing } else { Phase::Gating };
    }

    /// The process that drove it is gone.
    fn interrupt(&mut self) {
        if matches!(self.phase, Phase::Ended(_)) {
            return;
        }
        if self.record.is_some() {
            self.phase = Phase::Interrupted;
            self.inspected = false;
            self.cancel_requested = false;
        } else {
            // Nothing of it was written: the record comes before the first write.
            self.phase = Phase::Ended(End::Withdrawn);
        }
    }

    fn fold(&mut self, event: &Event, gates: usize) {
        match event {
            Event::Prepared { digest, rows, problems, renderer, leaves, left, unlike, .. } => {
                self.digest = Some(digest.clone());
                self.rows = planned(rows);
                self.problems.clone_from(problems);
                self.renderer.clone_from(renderer);
                self.leaves = *leaves;
                self.left.clone_from(left);
                self.unlike.clone_from(unlike);
                self.phase = match (self.kind, problems.is_empty()) {
                    (Kind::Verify, true) => Phase::Waiting,
                    (Kind::Verify, false) => Phase::Ended(End::Failed),
                    _ => Phase::AwaitingConfirmation,
                };
            }
            Event::Confirmed { .. } => self.phase = Phase::Queued,
            Event::Reviewed { digest, rows, .. } => {
                self.digest = Some(digest.clone());
                self.rows = planned(rows);
                self.phase = Phase::Preserving;
            }
            Event::Preserved { record, cannot_undo, .. } => {
                self.record = Some(record.clone());
                self.cannot_undo.clone_from(cannot_undo);
                self.phase = Phase::Executing;
            }
            Event::WaveStarted { wave, .. } => {
                self.wave = Some(*wave);
                self.started = 0;
                self.phase = Phase::Executing;
                self.start_more();
            }
            Event::RowDone { row, uid, created, warnings, .. } => {
                let done = RowState::Done { uid: uid.clone(), created: *created, warnings: warnings.clone() };
                self.set_row(*row, done);
                if self.phase == Phase::Executing {
                    self.start_more();
                    self.settle_when_written();
                }
            }
            Event::RowFailed { row, problem, .. } => {
                self.set_row(*row, RowState::Failed(problem.clone()));
                self.problems.push(problem.clone());
            }
            Event::WaveSettled { .. } => self.phase = Phase::Executing,
            Event::Written { .. } => {
                self.phase = match self.kind {
                    Kind::Apply | Kind::Verify => Phase::Waiting,
                    Kind::Prune | Kind::Rollback => Phase::Closing,
                };
            }
            Event::ObjectsReady { .. } => self.ask_gates(gates),
            Event::GatePassed { gate, detail, simulated, .. } => {
                if let Some(state) = self.gates.get_mut(*gate) {
                    *state = GateState::Passed { detail: detail.clone(), simulated: *simulated };
                }
                if !self.gates.contains(&GateState::Open) {
                    self.phase = Phase::Closing;
                }
            }
            Event::Stopped { problems, .. } => self.problems.extend(problems.iter().cloned()),
            Event::CancelRequested { .. } => self.cancel_requested = true,
            Event::Inspected { found, problems, .. } => {
                for (row, uid) in found {
                    let created = uid.is_some();
                    self.set_row(*row, RowState::Done { uid: uid.clone(), created, warnings: Vec::new() });
                }
                self.problems.clone_from(problems);
                self.inspected = true;
            }
            Event::Resumed { .. } => self.resume(),
            _ => {}
        }
    }

    fn resume(&mut self) {
        for (_, state) in &mut self.rows {
            if matches!(state, RowState::Failed(_)) {
                *state = RowState::Planned;
            }
        }
        self.problems.clear();
        self.gates.clear();
        self.by_hand = None;
        self.cancel_requested = false;
        self.tries = Tries::Again;
        self.started = 0;
        // The last wave that is whole is settled again: what it waited for may never have come.
        let next = self.next_wave();
        self.wave = self
            .waves()
            .into_iter()
            .rev()
            .find(|wave| next.is_none_or(|next| *wave < next) && needs_settling(self.kind, *wave));
        self.phase = if self.wave.is_some() { Phase::Settling } else { Phase::Executing };
    }

    fn set_row(&mut self, row: usize, state: RowState) {
        if let Some(entry) = self.rows.get_mut(row) {
            entry.1 = state;
        }
        if self.rows.get(row).is_none_or(|(intent, _)| intent.wave != Wave::Release) {
            return;
        }
        for row in self.carried_along() {
            if let Some((intent, state)) = self.rows.get_mut(row) {
                let created = matches!(intent.change, Change::Create | Change::Recreate);
                *state = RowState::Done { uid: None, created, warnings: Vec::new() };
            }
        }
    }

    /// Starts as many rows of the wave as the bound allows; none after a failure or a cancellation.
    fn start_more(&mut self) {
        if self.has_failed_row() || self.cancel_requested {
            return;
        }
        let Some(wave) = self.wave else { return };
        let rows: Vec<usize> = self.rows_of(wave).collect();
        let finished = rows.iter().filter(|row| !self.is_open(**row)).count();
        self.started = self.started.max(rows.len().min(finished + PARALLEL_WRITES));
    }

    fn is_open(&self, row: usize) -> bool {
        matches!(self.rows.get(row), Some((_, RowState::Planned)))
    }

    fn settle_when_written(&mut self) {
        let Some(wave) = self.wave else { return };
        let written = !self.rows_of(wave).any(|row| self.is_open(row));
        if written && !self.has_failed_row() && needs_settling(self.kind, wave) {
            self.phase = Phase::Settling;
        }
    }

    /// The first wave with a row that is not written yet.
    pub(super) fn next_wave(&self) -> Option<Wave> {
        self.waves().into_iter().find(|wave| self.rows_of(*wave).any(|row| self.is_open(row)))
    }
}

fn planned(rows: &[RowIntent]) -> Vec<(RowIntent, RowState)> {
    rows.iter().map(|row| (row.clone(), RowState::Planned)).collect()
}

/// Only foundations must hold before the next wave of an apply; an undo goes wave by wave, so that
/// nothing is deleted while something may still use it.
fn needs_settling(kind: Kind, wave: Wave) -> bool {
    match kind {
        Kind::Apply => wave == Wave::Foundations,
        Kind::Prune | Kind::Rollback => true,
        Kind::Verify => false,
    }
}
