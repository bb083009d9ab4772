//! Stories and properties of the engine, with outcomes given by hand.

mod by_hand;
mod doubt;
mod halfway;
mod leftovers;
mod properties;
mod recovered;
mod stage;
mod stories;
mod traffic;

use std::path::PathBuf;

use jiff::Timestamp;

use super::{
    Approval, AttemptNumber, Author, Command, Effect, Entry, Event, Outcome, PARALLEL_WRITES, Recorded,
    Refusal, RowIntent, Run, SCHEMA_VERSION, Survey,
};
use crate::{
    diff::{Change, ClusterIdentity, IdentitySource, Kind, Leftovers, Proposal, Row, Wave},
    object::{Digest, Key},
    plan::{Action, EnvironmentName, Evidence, Gate, Manual, StageId, Step, StepPath, testing},
};

/// A run with its journal, driven by hand.
struct Table {
    run: Run,
    journal: Vec<Entry>,
}

impl Table {
    fn new() -> Self {
        let mut table = Self { run: Run::new(steps()), journal: Vec::new() };
        table.record(vec![Event::RunStarted {
            plan: "p".into(),
            plan_digest: "d".into(),
            environment: EnvironmentName("staging".into()),
        }]);
        table.ok(Command::StartSession { program: "0".into(), plan_digest: "d".into() });
        table
    }

    fn record(&mut self, events: Vec<Event>) {
        let mut next = events;
        while !next.is_empty() {
            for event in next {
                let sequence = self.journal.len() + 1;
                let entry = Entry {
                    version: SCHEMA_VERSION,
                    sequence: sequence as u64,
                    previous: String::new(),
                    // A second for each entry.
                    at: Timestamp::from_second(i64::try_from(sequence).unwrap()).unwrap(),
                    author: Author { user: "you".into(), host: "laptop".into() },
                    event,
                };
                self.run.apply(&entry);
                self.journal.push(entry);
            }
            next = self.run.follow_up().into_iter().collect();
        }
    }

    fn submit(&mut self, command: Command) -> Result<(), Refusal> {
        let events = self.run.decide(command)?;
        self.record(events);
        Ok(())
    }

    fn ok(&mut self, command: Command) {
        self.submit(command).unwrap();
    }

    fn request(&mut self, steps: &[&str], kind: Kind) {
        let steps = steps.iter().map(|step| path(step)).collect();
        self.ok(Command::Request { steps, kind, leftovers: Leftovers::Stay });
    }

    /// Asked for, shown, confirmed and done.
    fn carry_out(&mut self, steps: &[&str], kind: Kind) {
        self.request(steps, kind);
        self.run_well();
        self.approve_all().unwrap();
        self.run_well();
    }

    fn report(&mut self, effect: &Effect, outcome: Outcome) {
        self.ok(Command::Report { attempt: effect.attempt(), outcome });
    }

    /// Answers every effect well until none is left or a confirmation is asked for.
    fn run_well(&mut self) {
        while let Some(effect) = self.run.pending().into_iter().next() {
            let outcome = good_outcome(&effect);
            self.report(&effect, outcome);
        }
    }

    fn approve_all(&mut self) -> Result<(), Refusal> {
        let approvals = self
            .run
            .awaiting()
            .filter_map(|attempt| Some(Approval { attempt: attempt.number, digest: attempt.digest.clone()? }))
            .collect();
        self.submit(Command::Confirm(approvals))
    }

    fn restart(&mut self) {
        self.run = replay(&self.journal);
        self.ok(Command::StartSession { program: "0".into(), plan_digest: "d".into() });
    }
}

fn replay(journal: &[Entry]) -> Run {
    let mut run = Run::new(steps());
    for entry in journal {
        run.apply(entry);
    }
    run
}

fn path(step: &str) -> StepPath {
    StepPath { stage: StageId("week-1".into()), step: step.into() }
}

fn steps() -> Vec<Step> {
    let step = |id: &str, action: Action, gates: Vec<Gate>| Step {
        title: id.into(),
        gates,
        ..testing::step(&path(id).to_string(), action)
    };
    vec![
        step(
            "secrets",
            Action::Manual(Manual { instructions: vec!["make them".into()], evidence: Evidence::Required }),
            vec![],
        ),
        step("namespace", Action::Manifests { paths: vec![PathBuf::from("namespace.yml")] }, vec![]),
        step(
            "overlay",
            Action::Kustomize { path: PathBuf::from("overlay") },
            vec![Gate::Autoscaler { name: "gateway".into() }, Gate::IngressAddress { name: "app".into() }],
        ),
        step(
            "parity",
            Action::Manual(Manual { instructions: vec!["compare".into()], evidence: Evidence::Required }),
            vec![Gate::Autoscaler { name: "gateway".into() }, Gate::IngressAddress { name: "app".into() }],
        ),
    ]
}

fn cluster() -> ClusterIdentity {
    ClusterIdentity {
        uid: "3f2a9c".into(),
        source: IdentitySource::KubeSystem,
        server: "https://127.0.0.1:1/".into(),
        certificate_authority: None,
    }
}

/// Rows in three waves for the overlay, in the last one more than are written at once; one for the namespace.
fn proposal(step: &StepPath, kind: Kind) -> Proposal {
    let change = if kind == Kind::Rollback { Change::Delete } else { Change::Create };
    let row = |name: String, wave: Wave| {
        let key = Key { group: String::new(), kind: "ConfigMap".into(), namespace: None, name };
        Row { digest: Digest("row".into()), ..Row::new(key, "v1", change, wave) }
    };
    let waves = match kind {
        Kind::Rollback => [Wave::UndoScaling, Wave::UndoCreates, Wave::DeleteFoundations],
        _ => [Wave::Foundations, Wave::Services, Wave::Workloads],
    };
    let rows = if step.step == "namespace" {
        waves.first().map(|wave| row("namespace".into(), *wave)).into_iter().collect()
    } else {
        waves
            .iter()
            .flat_map(|wave| {
                let count = if *wave == Wave::Workloads { PARALLEL_WRITES + 2 } else { 1 };
                (0..count).map(move |index| row(format!("{wave:?}-{index}"), *wave))
            })
            .collect()
    };
    Proposal {
        step: step.clone(),
        kind,
        environment: EnvironmentName("staging".into()),
        namespace: "staging".into(),
        context: "rehearsal".into(),
        cluster: cluster(),
        rows,
        problems: vec![],
        risks: vec![],
        requires: Vec::new(),
        renderer: None,
        leaves: Vec::new(),
        release: None,
        file: None,
        validated: true,
        digest: Digest(format!("{step} {kind}")),
    }
}

/// The rows that an attempt's record has.
fn intents(step: &StepPath, kind: Kind) -> Vec<RowIntent> {
    let rows = proposal(step, kind).rows.into_iter();
    rows.map(|row| RowIntent {
        key: row.key,
        change: row.change,
        wave: row.wave,
        digest: Digest(String::new()),
        conflicts: 0,
        added: 0,
        carried: row.carried,
    })
    .collect()
}

/// An attempt at the overlay or the namespace, as a record that nobody here has made tells of it.
fn recorded(step: &str, number: u32, kind: Kind, is_closed: bool) -> Recorded {
    let rows = intents(&path(step), kind);
    Recorded {
        step: path(step),
        number: AttemptNumber(number),
        kind,
        undoes: Vec::new(),
        uids: vec![Some("uid".into()); rows.len()],
        rows,
        record: format!("Secret staging/record-{step}-{number}-{kind}"),
        author: Some(Author { user: "you".into(), host: "another".into() }),
        at: Some(Timestamp::UNIX_EPOCH),
        is_closed,
    }
}

fn survey(records: Vec<Recorded>) -> Command {
    Command::Recover(Survey { records, ..Survey::default() })
}

fn good_outcome(effect: &Effect) -> Outcome {
    match effect {
        Effect::Prepare { step, kind, .. } => Outcome::Prepared(Box::new(proposal(step, *kind))),
        Effect::Review { step, .. } => {
            Outcome::Reviewed { proposal: Box::new(proposal(step, Kind::Apply)), unlike: vec![] }
        }
        Effect::Preserve { .. } => Outcome::Preserved { record: "secret".into(), cannot_undo: vec![] },
        Effect::Execute { row, .. } => {
            Outcome::RowDone { row: *row, uid: Some("uid".into()), created: true, warnings: vec![] }
        }
        Effect::Settle { wave, .. } => Outcome::Settled(*wave),
        Effect::Wait { .. } => Outcome::Ready,
        Effect::Gate { gate, .. } => {
            Outcome::GatePassed { gate: *gate, detail: "43%".into(), simulated: false }
        }
        Effect::Close { .. } => Outcome::Closed,
        Effect::Inspect { .. } => Outcome::Inspected(vec![]),
    }
}
