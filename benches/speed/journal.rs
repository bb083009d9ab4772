//! Taking up a run with a long journal.

use std::time::Instant;

use color_eyre::eyre::{Result, ensure};
use jiff::Timestamp;
use migrate_tui::{
    diff::{Change, Kind, Leftovers, Wave},
    engine::{AttemptNumber, Author, End, Event, RowIntent, Run},
    journal::{Journal, RunFolder},
    object::{Digest, Key},
    plan::{EnvironmentName, StageId, StepPath},
};

use crate::{
    place::millis,
    table::{Line, Table, Target},
};

/// Rows of one attempt: a week of a real plan has about as many.
const ROWS: usize = 20;

/// Reads, checks and folds journals of a thousand entries and more.
pub fn measure(table: &mut Table, rounds: usize) -> Result<()> {
    for (what, length, target) in [
        ("taking up a journal of 1,000 entries", 1_000, Some(Target::Below(100.0))),
        ("taking up a journal of 10,000 entries", 10_000, None),
    ] {
        let state = tempfile::tempdir()?;
        let folder = RunFolder::new(state.path(), "bench", "bench");
        write(&folder, length)?;
        let mut ours = Vec::new();
        for _ in 0..rounds {
            let started = Instant::now();
            let (journal, entries) = Journal::open(&folder)?;
            let mut run = Run::new(Vec::new());
            for entry in &entries {
                run.apply(entry);
            }
            ours.push(millis(started.elapsed()));
            ensure!(run.sequence() >= length, "the journal is too short");
            drop(journal);
        }
        table.push(Line { what, unit: "ms", ours, theirs: Vec::new(), target });
    }
    Ok(())
}

/// Attempt after attempt, as the engine journals them.
fn write(folder: &RunFolder, length: u64) -> Result<()> {
    let author = Author { user: "kubernetes-admin".to_owned(), host: "bench".to_owned() };
    let (mut journal, _) = Journal::open(folder)?;
    let begin = Event::RunStarted {
        plan: "bench".to_owned(),
        plan_digest: "0".repeat(64),
        environment: EnvironmentName("bench".to_owned()),
    };
    let mut written = 0;
    let mut events = vec![begin];
    for number in 1.. {
        events.extend(attempt(AttemptNumber(number)));
        written += u64::try_from(events.len())?;
        journal.append(&events, Timestamp::now(), &author)?;
        events.clear();
        if written >= length {
            break;
        }
    }
    journal.flush()?;
    Ok(())
}

fn attempt(attempt: AttemptNumber) -> Vec<Event> {
    let digest = Digest("0".repeat(64));
    let step = StepPath { stage: StageId("stack".to_owned()), step: "services".to_owned() };
    let row = |index: usize| RowIntent {
        key: Key {
            group: "apps".to_owned(),
            kind: "Deployment".to_owned(),
            namespace: Some("bench".to_owned()),
            name: format!("service-{index}"),
        },
        change: Change::Change,
        wave: Wave::Workloads,
        digest: digest.clone(),
        conflicts: 0,
        carried: false,
        added: 0,
    };
    let requested = Event::Requested {
        step,
        attempt,
        kind: Kind::Apply,
        undoes: Vec::new(),
        after: Vec::new(),
        tick: None,
        leftovers: Leftovers::Stay,
    };
    let prepared = Event::Prepared {
        attempt,
        digest: digest.clone(),
        rows: (0..ROWS).map(row).collect(),
        problems: Vec::new(),
        renderer: None,
        leaves: 0,
        left: Vec::new(),
        unlike: Vec::new(),
    };
    let preserved = Event::Preserved {
        attempt,
        record: format!("Secret bench/migrate-tui-record-{attempt}-0123456789"),
        cannot_undo: Vec::new(),
    };
    let done = |row| Event::RowDone {
        attempt,
        row,
        uid: Some("3d1a2c4e-0000-4000-8000-1234567890ab".to_owned()),
        created: false,
        warnings: Vec::new(),
    };
    [
        requested,
        prepared,
        Event::Confirmed { attempt, digest: digest.clone() },
        preserved,
        Event::WaveStarted { attempt, wave: Wave::Workloads },
    ]
    .into_iter()
    .chain((0..ROWS).map(done))
    .chain([
        Event::Written { attempt },
        Event::ObjectsReady { attempt },
        Event::Ended { attempt, end: End::Done },
    ])
    .collect()
}
