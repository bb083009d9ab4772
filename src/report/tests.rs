//! The minutes of a made-up afternoon.

use std::{collections::BTreeMap, path::PathBuf};

use jiff::{Timestamp, ToSpan};

use super::{markdown, report};
use crate::{
    diff::{Change, Kind, Leftovers, Problem, Wave},
    engine::{AttemptNumber, Author, End, Entry, Event, RowIntent, SCHEMA_VERSION},
    object::{Digest, Key},
    plan::{
        Action, Confirmation, Environment, EnvironmentName, Evidence, Gate, Manual, Plan, Stage, StageId,
        Step, StepPath, testing,
    },
};

const FIRST: AttemptNumber = AttemptNumber(1);
const SECOND: AttemptNumber = AttemptNumber(2);
const BACK: AttemptNumber = AttemptNumber(3);

fn path(step: &str) -> StepPath {
    StepPath { stage: StageId("week-1".into()), step: step.into() }
}

fn step(id: &str, action: Action, gates: Vec<Gate>) -> Step {
    let title = format!("The {id} of ${{environment}}");
    Step { title, gates, ..testing::step(&path(id).to_string(), action) }
}

fn plan() -> Plan {
    let by_hand = Action::Manual(Manual { instructions: vec!["look".into()], evidence: Evidence::Optional });
    let overlay = Action::Kustomize { path: PathBuf::from("overlay") };
    Plan {
        name: "phase-2".into(),
        title: "From Podman to *Kubernetes*".into(),
        folder: PathBuf::from("/plans"),
        digest: String::new(),
        allowed_sources: Vec::new(),
        workflow: None,
        environments: vec![Environment {
            name: EnvironmentName("staging".into()),
            namespace: "acme-staging".into(),
            context: None,
            confirmation: Confirmation::Button,
            variables: BTreeMap::new(),
        }],
        stages: vec![Stage {
            id: StageId("week-1".into()),
            title: "Week 1".into(),
            summary: String::new(),
            steps: vec![
                step("overlay", overlay, vec![Gate::Autoscaler { name: "gateway".into() }]),
                step("look", by_hand.clone(), vec![]),
                step("untouched", by_hand, vec![]),
            ],
        }],
    }
}

fn row(name: &str, change: Change) -> RowIntent {
    RowIntent {
        key: Key {
            group: String::new(),
            kind: "ConfigMap".into(),
            namespace: Some("acme-staging".into()),
            name: name.into(),
        },
        change,
        wave: Wave::Configuration,
        digest: Digest("ab".repeat(32)),
        conflicts: 0,
        added: 0,
        carried: false,
    }
}

fn requested(attempt: AttemptNumber, kind: Kind, undoes: Vec<AttemptNumber>) -> Event {
    let step = path("overlay");
    Event::Requested {
        step,
        attempt,
        kind,
        undoes,
        after: Vec::new(),
        tick: None,
        leftovers: Leftovers::Stay,
    }
}

fn prepared(attempt: AttemptNumber, rows: Vec<RowIntent>) -> Event {
    let digest = Digest("c0ffee".repeat(10));
    Event::Prepared {
        attempt,
        digest,
        rows,
        problems: Vec::new(),
        renderer: None,
        leaves: 0,
        left: Vec::new(),
        unlike: Vec::new(),
    }
}

fn confirmed(attempt: AttemptNumber) -> Event {
    Event::Confirmed { attempt, digest: Digest("c0ffee".repeat(10)) }
}

fn preserved(attempt: AttemptNumber) -> Event {
    Event::Preserved { attempt, record: "ConfigMap acme-staging/r".into(), cannot_undo: Vec::new() }
}

fn done(attempt: AttemptNumber, row: usize) -> Event {
    Event::RowDone {
        attempt,
        row,
        uid: Some("u".into()),
        created: true,
        warnings: vec!["v1beta1 is old".into()],
    }
}

/// Seconds after two o'clock, who, what.
fn afternoon() -> Vec<Entry> {
    let session = || Event::SessionStarted { program: "0".into(), plan_digest: "p".into() };
    let began = Event::RunStarted {
        plan: "phase-2".into(),
        plan_digest: "p".into(),
        environment: EnvironmentName("staging".into()),
    };
    let rows = || vec![row("a", Change::Create), row("b", Change::Create), row("c", Change::Same)];
    let refused = Problem::new("ConfigMap/b", "quota | exceeded", "ask for more");
    let held = Event::GatePassed { attempt: SECOND, gate: 0, detail: "3 replicas".into(), simulated: true };
    let told: Vec<(i64, &str, Event)> = vec![
        (0, "ana", began),
        (0, "ana", session()),
        (5, "ana", requested(FIRST, Kind::Apply, vec![])),
        (6, "ana", prepared(FIRST, rows())),
        (30, "ana", confirmed(FIRST)),
        (31, "ana", preserved(FIRST)),
        (31, "ana", Event::WaveStarted { attempt: FIRST, wave: Wave::Configuration }),
        (32, "ana", done(FIRST, 0)),
        (32, "ana", Event::RowFailed { attempt: FIRST, row: 1, problem: refused }),
        (32, "ana", Event::Ended { attempt: FIRST, end: End::Failed }),
        (3_600, "ben", session()),
        (3_610, "ben", requested(SECOND, Kind::Apply, vec![])),
        (3_611, "ben", prepared(SECOND, rows())),
        (3_670, "ben", confirmed(SECOND)),
        (3_671, "ben", preserved(SECOND)),
        (3_671, "ben", Event::WaveStarted { attempt: SECOND, wave: Wave::Configuration }),
        (3_672, "ben", done(SECOND, 0)),
        (3_672, "ben", done(SECOND, 1)),
        (3_672, "ben", Event::Written { attempt: SECOND }),
        (3_700, "ben", Event::ObjectsReady { attempt: SECOND }),
        (3_701, "ben", held),
        (3_702, "ben", Event::Ended { attempt: SECOND, end: End::Done }),
        (3_900, "ben", Event::Ticked { step: path("look"), note: "seen <by> two".into() }),
        (4_000, "ana", session()),
        (4_010, "ana", requested(BACK, Kind::Rollback, vec![SECOND])),
        (4_011, "ana", prepared(BACK, vec![row("a", Change::Delete), row("b", Change::Delete)])),
        (4_020, "ana", confirmed(BACK)),
        (4_021, "ana", preserved(BACK)),
        (4_021, "ana", Event::WaveStarted { attempt: BACK, wave: Wave::Configuration }),
        (4_030, "ben", session()),
        (4_040, "ben", Event::Resumed { attempt: BACK }),
        (4_041, "ben", done(BACK, 0)),
        (4_041, "ben", done(BACK, 1)),
        (4_041, "ben", Event::Written { attempt: BACK }),
        (4_042, "ben", Event::Ended { attempt: BACK, end: End::Done }),
    ];
    let start: Timestamp = "2026-11-24T14:00:00Z".parse().unwrap();
    let entry = |(index, (seconds, who, event)): (usize, (i64, &str, Event))| Entry {
        version: SCHEMA_VERSION,
        sequence: index as u64 + 1,
        previous: String::new(),
        at: start + seconds.seconds(),
        author: Author { user: who.into(), host: "box".into() },
        event,
    };
    told.into_iter().enumerate().map(entry).collect()
}

#[test]
fn an_afternoon_reads_like_minutes() {
    let plan = plan();
    insta::assert_snapshot!(markdown(&report(&plan, &plan.environments[0], &afternoon())));
}

#[test]
fn what_was_only_looked_at_is_counted_and_a_former_step_is_kept() {
    let mut plan = plan();
    let mut entries = afternoon();
    entries.truncate(4);
    plan.stages[0].steps.remove(0);
    let told = report(&plan, &plan.environments[0], &entries);
    assert_eq!((told.former.len(), told.former[0].looks, told.former[0].attempts.len()), (1, 1, 0));
    assert_eq!(told.people.len(), 1);
}

#[test]
fn without_a_run_there_is_nothing_to_tell() {
    let plan = plan();
    let told = markdown(&report(&plan, &plan.environments[0], &[]));
    assert!(told.ends_with("No run of this plan has been begun in this environment.\n"), "{told}");
}
