//! From a journal's entries to a report.

use std::collections::BTreeMap;

use super::model::{
    AttemptReport, By, ChangesReport, GateReport, MigrationReport, NoteReport, PersonReport, StageReport,
    StepReport,
};
use crate::{
    diff::{Change, Kind},
    engine::{AttemptNumber, End, Entry, Event, RowIntent, Run},
    overview::doubt_of,
    plan::{Environment, Plan, Step, StepPath},
};

/// The report of one run, as the plan is now and as far as its journal goes.
#[must_use]
pub fn report(plan: &Plan, environment: &Environment, entries: &[Entry]) -> MigrationReport {
    let stages = plan.steps_in(&environment.name);
    let steps: Vec<Step> = stages.iter().flat_map(|stage| stage.steps.iter().cloned()).collect();
    let mut run = Run::new(steps);
    let mut told = Told::default();
    for entry in entries {
        told.hear(&run, entry);
        run.apply(entry);
    }
    let mut stories = told.stories(&run);
    let mut tell =
        |step: &StepPath, title: &str| stories.remove(step).unwrap_or_default().report(&run, step, title);
    let stages = stages
        .iter()
        .map(|stage| StageReport {
            id: stage.id.clone(),
            title: stage.title.clone(),
            settled: stage.steps.iter().filter(|step| run.standing(&step.path).is_settled()).count(),
            total: stage.steps.len(),
            steps: stage.steps.iter().map(|step| tell(&step.path, &step.title)).collect(),
        })
        .collect();
    let former = std::mem::take(&mut stories);
    let former =
        former.into_iter().map(|(step, story)| story.report(&run, &step, &step.to_string())).collect();
    MigrationReport {
        plan: plan.name.clone(),
        title: environment.fill(&plan.title),
        environment: environment.name.clone(),
        namespace: environment.namespace.clone(),
        cluster: run.cluster().cloned(),
        began: entries.first().map(|entry| entry.at),
        ended: entries.last().map(|entry| entry.at),
        entries: run.sequence(),
        plan_digests: told.plan_digests,
        people: told.people,
        stages,
        former,
    }
}

/// What the entries have told so far.
#[derive(Default)]
struct Told {
    people: Vec<PersonReport>,
    plan_digests: Vec<String>,
    attempts: BTreeMap<AttemptNumber, (StepPath, AttemptReport)>,
    notes: Vec<(StepPath, NoteReport)>,
}

impl Told {
    /// `run` is as it was before the entry.
    fn hear(&mut self, run: &Run, entry: &Entry) {
        self.meet(entry);
        let by = || By { at: entry.at, who: format!("{}@{}", entry.author.user, entry.author.host) };
        match &entry.event {
            Event::RunStarted { plan_digest, .. } => self.read(plan_digest),
            Event::SessionStarted { plan_digest, .. } => {
                self.read(plan_digest);
                for left in run.attempts().iter().filter(|attempt| attempt.is_active()) {
                    self.on(left.number, |attempt| attempt.interrupted.push(by()));
                }
            }
            Event::ClusterPinned { .. } | Event::Surveyed { .. } => {}
            Event::Requested { step, attempt, kind, undoes, .. } => {
                let undoes = undoes.iter().map(|number| number.0).collect();
                let fresh = AttemptReport { undoes, ..begun(*attempt, *kind, by()) };
                self.attempts.insert(*attempt, (step.clone(), fresh));
            }
            Event::Recovered { attempt, from } => {
                let mut fresh = AttemptReport { recovered: true, ..begun(*attempt, from.kind, by()) };
                if from.is_closed {
                    (fresh.end, fresh.ended) = (Some(End::Done), Some(by()));
                }
                self.attempts.insert(*attempt, (from.step.clone(), fresh));
            }
            Event::Ticked { step, note } => self.note(step, "ticked", note, by()),
            Event::Skipped { step, reason } => self.note(step, "skipped", reason, by()),
            Event::Deferred { step, reason } => self.note(step, "deferred", reason, by()),
            Event::Reopened { step } => self.note(step, "reopened", "", by()),
            Event::Noted { step, text } => self.note(step, "noted", text, by()),
            Event::TakenByHand { attempt, note } => {
                if let Some((step, _)) = self.attempts.get(attempt) {
                    self.note(&step.clone(), "taken by hand", note, by());
                }
            }
            event => self.hear_of_attempt(run, event, &by()),
        }
    }

    fn hear_of_attempt(&mut self, run: &Run, event: &Event, by: &By) {
        match event {
            Event::Prepared { attempt, digest, rows, problems, unlike, .. } => self.on(*attempt, |told| {
                told.shown = Some(ChangesReport { unlike: unlike.clone(), ..changes(rows, digest, by) });
                told.problems.extend(problems.iter().cloned());
            }),
            Event::Reviewed { attempt, digest, rows } => {
                self.on(*attempt, |told| told.shown = Some(changes(rows, digest, by)));
            }
            Event::Confirmed { attempt, .. } => self.on(*attempt, |told| told.confirmed.push(by.clone())),
            Event::Preserved { attempt, cannot_undo, .. } => self.on(*attempt, |told| {
                told.writing_since = told.writing_since.or(Some(by.at));
                told.cannot_undo.clone_from(cannot_undo);
            }),
            Event::RowDone { attempt, warnings, .. } => self.on(*attempt, |told| {
                told.rows_written += 1;
                for warning in warnings {
                    if !told.warnings.contains(warning) {
                        told.warnings.push(warning.clone());
                    }
                }
            }),
            Event::RowFailed { attempt, problem, .. } => self.on(*attempt, |told| {
                told.rows_refused += 1;
                told.problems.push(problem.clone());
            }),
            Event::Written { attempt } => self.on(*attempt, |told| told.written = Some(by.at)),
            Event::ObjectsReady { attempt } => self.on(*attempt, |told| told.ready = Some(by.at)),
            Event::GatePassed { attempt, gate, detail, simulated } => {
                let step = run.attempt(*attempt).and_then(|attempt| run.step(&attempt.step));
                let words = step.and_then(|step| step.gates.get(*gate)).map(ToString::to_string);
                let words = words.unwrap_or_else(|| format!("gate {}", gate + 1));
                let gate =
                    GateReport { at: by.at, gate: words, detail: detail.clone(), simulated: *simulated };
                self.on(*attempt, |told| told.gates.push(gate));
            }
            Event::Stopped { attempt, problems } | Event::Inspected { attempt, problems, .. } => {
                self.on(*attempt, |told| told.problems.extend(problems.iter().cloned()));
            }
            Event::CancelRequested { attempt } => {
                self.on(*attempt, |told| told.stop_requested.push(by.clone()));
            }
            Event::Resumed { attempt } => self.on(*attempt, |told| told.resumed.push(by.clone())),
            Event::Ended { attempt, end } => self.on(*attempt, |told| {
                (told.end, told.ended) = (Some(*end), Some(by.clone()));
            }),
            // What is in the midst of an attempt, and what is no attempt's.
            _ => {}
        }
    }

    fn on(&mut self, number: AttemptNumber, tell: impl FnOnce(&mut AttemptReport)) {
        if let Some((_, attempt)) = self.attempts.get_mut(&number) {
            tell(attempt);
        }
    }

    fn note(&mut self, step: &StepPath, what: &'static str, text: &str, by: By) {
        self.notes.push((step.clone(), NoteReport { by, what, text: text.to_owned() }));
    }

    fn read(&mut self, digest: &str) {
        if !digest.is_empty() && self.plan_digests.last().is_none_or(|last| last != digest) {
            self.plan_digests.push(digest.to_owned());
        }
    }

    fn meet(&mut self, entry: &Entry) {
        let author = &entry.author;
        let is_session = matches!(entry.event, Event::SessionStarted { .. });
        let known =
            self.people.iter_mut().find(|person| person.user == author.user && person.host == author.host);
        if let Some(person) = known {
            person.until = entry.at;
            person.sessions += usize::from(is_session);
            return;
        }
        self.people.push(PersonReport {
            user: author.user.clone(),
            host: author.host.clone(),
            from: entry.at,
            until: entry.at,
            sessions: usize::from(is_session),
        });
    }

    fn stories(&mut self, run: &Run) -> BTreeMap<StepPath, Story> {
        let mut stories: BTreeMap<StepPath, Story> = BTreeMap::new();
        for (number, (step, mut attempt)) in std::mem::take(&mut self.attempts) {
            if run.attempt(number).is_none() {
                // Its record was known here already, under another number.
                continue;
            }
            let story = stories.entry(step).or_default();
            if is_only_a_look(&attempt) {
                story.looks += 1;
            } else {
                // A look that could not be confirmed tells its problems; what came of it later does not hold them.
                attempt.problems.dedup();
                story.attempts.push(attempt);
            }
        }
        for (step, note) in std::mem::take(&mut self.notes) {
            stories.entry(step).or_default().notes.push(note);
        }
        stories
    }
}

/// What happened with one step.
#[derive(Default)]
struct Story {
    attempts: Vec<AttemptReport>,
    looks: usize,
    notes: Vec<NoteReport>,
}

impl Story {
    fn report(self, run: &Run, step: &StepPath, title: &str) -> StepReport {
        StepReport {
            step: step.clone(),
            title: title.to_owned(),
            standing: run.standing(step),
            doubt: doubt_of(step, run),
            attempts: self.attempts,
            looks: self.looks,
            notes: self.notes,
        }
    }
}

/// Nobody confirmed it, and it was no verification.
fn is_only_a_look(attempt: &AttemptReport) -> bool {
    attempt.confirmed.is_empty() && attempt.kind != Kind::Verify && !attempt.recovered
}

fn begun(number: AttemptNumber, kind: Kind, requested: By) -> AttemptReport {
    AttemptReport {
        number: number.0,
        kind,
        undoes: Vec::new(),
        requested,
        shown: None,
        confirmed: Vec::new(),
        writing_since: None,
        written: None,
        rows_written: 0,
        rows_refused: 0,
        ready: None,
        gates: Vec::new(),
        interrupted: Vec::new(),
        resumed: Vec::new(),
        stop_requested: Vec::new(),
        warnings: Vec::new(),
        problems: Vec::new(),
        cannot_undo: Vec::new(),
        end: None,
        ended: None,
        recovered: false,
    }
}

fn changes(rows: &[RowIntent], digest: &crate::object::Digest, by: &By) -> ChangesReport {
    let mut changes: Vec<(String, usize)> = Vec::new();
    for row in rows.iter().filter(|row| row.change != Change::Same) {
        let word = word(row.change);
        match changes.iter_mut().find(|(known, _)| known == word) {
            Some((_, number)) => *number += 1,
            None => changes.push((word.to_owned(), 1)),
        }
    }
    ChangesReport {
        at: by.at,
        digest: digest.clone(),
        changes,
        same: rows.iter().filter(|row| row.change == Change::Same).count(),
        conflicts: rows.iter().map(|row| row.conflicts).sum(),
        unlike: Vec::new(),
    }
}

fn word(change: Change) -> &'static str {
    match change {
        Change::Create => "create",
        Change::Change => "change",
        Change::Adopt => "adopt",
        Change::Replace => "replace",
        Change::Same => "same",
        Change::Delete => "delete",
        Change::Revert => "revert",
        Change::Recreate => "create again",
    }
}
