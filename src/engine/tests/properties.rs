//! What holds whatever is asked and answered, in any order, with kills in between.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{Table, good_outcome, path, recorded, replay, survey};
use crate::{
    diff::{Kind, Leftovers, Problem},
    engine::{AttemptNumber, Command, Effect, Event, Outcome, RowInspection},
};

/// One thing that happens.
#[derive(Clone, Debug)]
enum Move {
    RequestBoth,
    Request(usize, Kind),
    Approve,
    Cancel(usize),
    Resume(usize),
    Abandon(usize),
    /// The n-th pending effect is answered well.
    Answer(usize),
    /// The n-th pending effect is answered badly.
    Fail(usize),
    /// An old answer comes again.
    Again(usize),
    Kill,
    /// Another machine's record is found: of which step, number and kind, and whether it was closed.
    Recover(usize, u32, Kind, bool),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let kind = prop_oneof![Just(Kind::Apply), Just(Kind::Apply), Just(Kind::Rollback), Just(Kind::Verify)];
    let one = prop_oneof![
        2 => Just(Move::RequestBoth),
        3 => (0..3_usize, kind).prop_map(|(step, kind)| Move::Request(step, kind)),
        3 => Just(Move::Approve),
        1 => (0..3_usize).prop_map(Move::Cancel),
        2 => (0..3_usize).prop_map(Move::Resume),
        1 => (0..3_usize).prop_map(Move::Abandon),
        20 => (0..8_usize).prop_map(Move::Answer),
        2 => (0..8_usize).prop_map(Move::Fail),
        2 => (0..50_usize).prop_map(Move::Again),
        1 => Just(Move::Kill),
        2 => (1..3_usize, 1..12_u32, kind_of_record(), any::<bool>())
            .prop_map(|(step, number, kind, is_closed)| Move::Recover(step, number, kind, is_closed)),
    ];
    prop::collection::vec(one, 1..120)
}

fn kind_of_record() -> impl Strategy<Value = Kind> {
    prop_oneof![Just(Kind::Apply), Just(Kind::Apply), Just(Kind::Prune), Just(Kind::Rollback)]
}

fn bad_outcome(effect: &Effect) -> Outcome {
    let problem = Problem::new("something", "went wrong", "mend it");
    match effect {
        Effect::Prepare { .. } | Effect::Review { .. } => Outcome::Unprepared(vec![problem]),
        Effect::Preserve { .. } => Outcome::Moved("it moved".into()),
        Effect::Execute { row, .. } => Outcome::RowFailed { row: *row, problem },
        Effect::Inspect { .. } => Outcome::Inspected(vec![RowInspection::Foreign { row: 0, problem }]),
        _ => Outcome::Stopped(vec![problem]),
    }
}

proptest! {
    #[test]
    fn whatever_happens(moves in moves()) {
        let steps = ["secrets", "namespace", "overlay"];
        let mut table = Table::new();
        let mut answered: Vec<(Effect, Outcome)> = Vec::new();
        for next in moves {
            let pending = table.run.pending();
            let pick = |index: usize| pending.get(index % pending.len().max(1)).cloned();
            // Refusals are fine; panics and broken promises are not.
            match next {
                Move::Request(step, kind) => drop(table.submit(Command::Request { steps: vec![path(steps[step])], kind, leftovers: Leftovers::Stay })),
                Move::RequestBoth => drop(table.submit(Command::Request {
                    steps: steps[1..].iter().map(|step| path(step)).collect(),
                    kind: Kind::Apply,
                    leftovers: Leftovers::Stay,
                })),
                Move::Approve => drop(table.approve_all()),
                Move::Cancel(step) => drop(table.submit(Command::Cancel { step: path(steps[step]) })),
                Move::Resume(step) => drop(table.submit(Command::Resume { step: path(steps[step]) })),
                Move::Abandon(step) => drop(table.submit(Command::Abandon { step: path(steps[step]) })),
                Move::Answer(index) => if let Some(effect) = pick(index) {
                    let outcome = good_outcome(&effect);
                    table.report(&effect, outcome.clone());
                    answered.push((effect, outcome));
                },
                Move::Fail(index) => if let Some(effect) = pick(index) {
                    table.report(&effect, bad_outcome(&effect));
                },
                Move::Again(index) => if let Some((effect, outcome)) = answered.get(index % answered.len().max(1)).cloned() {
                    // Only an outcome of a write may come late; a second one of it changes nothing.
                    if matches!(effect, Effect::Execute { .. }) {
                        table.report(&effect, outcome);
                    }
                },
                Move::Kill => table.restart(),
                // A run is surveyed when it is taken up: nothing is at work then.
                Move::Recover(step, number, kind, is_closed) => {
                    table.restart();
                    let mut found = recorded(steps[step], number, kind, is_closed);
                    if kind == Kind::Rollback {
                        found.undoes.push(AttemptNumber(number.saturating_sub(1)));
                    }
                    table.ok(survey(vec![found.clone()]));
                    prop_assert!(table.run.knows_record(&found.record, is_closed));
                    prop_assert_eq!(table.run.decide(survey(vec![found])).unwrap(), vec![], "taken over twice");
                },
            }
            let effects = table.run.pending();
            let distinct: BTreeSet<&Effect> = effects.iter().collect();
            prop_assert_eq!(distinct.len(), effects.len(), "the same work twice");
            let numbers: Vec<AttemptNumber> = table.run.attempts().iter().map(|attempt| attempt.number).collect();
            prop_assert!(numbers.is_sorted_by(|one, next| one < next), "{:?}", numbers);
        }
        prop_assert_eq!(&replay(&table.journal), &table.run, "the journal is the state");
        check_journal(&table)?;
    }
}

/// No row without a started wave, no wave without a record, no record without a confirmation, and no
/// row written twice unless the attempt was resumed in between.
fn check_journal(table: &Table) -> Result<(), TestCaseError> {
    let mut confirmed: BTreeSet<AttemptNumber> = BTreeSet::new();
    let mut preserved: BTreeSet<AttemptNumber> = BTreeSet::new();
    let mut in_wave: BTreeSet<AttemptNumber> = BTreeSet::new();
    let mut written: BTreeSet<(AttemptNumber, usize)> = BTreeSet::new();
    for entry in &table.journal {
        match &entry.event {
            // Another machine has confirmed and preserved it, and may have written any row of it.
            Event::Recovered { attempt, .. } => {
                preserved.insert(*attempt);
                in_wave.insert(*attempt);
            }
            Event::Confirmed { attempt, .. } => drop(confirmed.insert(*attempt)),
            Event::Preserved { attempt, .. } => {
                prop_assert!(confirmed.contains(attempt), "preserved without a confirmation");
                preserved.insert(*attempt);
            }
            Event::WaveStarted { attempt, .. } => {
                prop_assert!(preserved.contains(attempt), "a wave without before-images");
                in_wave.insert(*attempt);
            }
            Event::RowDone { attempt, row, .. } => {
                prop_assert!(in_wave.contains(attempt), "a write without an intent");
                prop_assert!(written.insert((*attempt, *row)), "a row was written twice");
            }
            _ => {}
        }
    }
    Ok(())
}
