//! What another machine has done, told by its records.

use super::{Table, intents, path, recorded, survey};
use crate::{
    diff::{Kind, Leftovers},
    engine::{
        AttemptNumber, Command, Effect, End, Event, Held, Outcome, Phase, Recorded, Refusal, RowInspection,
        Standing, Survey,
    },
    plan::StepPath,
};

fn overlay() -> StepPath {
    path("overlay")
}

/// Every object of the overlay, held by an attempt.
fn held(attempt: u32, is_back: bool) -> Vec<Held> {
    let rows = intents(&overlay(), Kind::Apply).into_iter();
    rows.map(|row| Held { key: row.key, step: overlay(), attempt: AttemptNumber(attempt), is_back }).collect()
}

#[test]
fn a_finished_attempt_is_taken_over_and_taken_back() {
    let mut table = Table::new();
    table.ok(survey(vec![recorded("overlay", 4, Kind::Apply, true)]));
    assert_eq!(table.run.standing(&overlay()), Standing::Done);
    assert!(table.run.pending().is_empty());
    let told = table.run.latest(&overlay()).unwrap().told_origin().unwrap();
    assert!(told.contains("you@another") && told.contains("finished"), "{told}");
    table.carry_out(&["overlay"], Kind::Rollback);
    assert_eq!(table.run.standing(&overlay()), Standing::RolledBack);
    assert_eq!(
        table.run.latest(&overlay()).unwrap().number,
        AttemptNumber(5),
        "numbers go on after the highest"
    );
}

#[test]
fn the_gates_of_a_checklist_item_are_asked_under_a_number_of_their_own() {
    let mut table = Table::new();
    table.ok(survey(vec![recorded("overlay", 2, Kind::Apply, true)]));
    let parity = path("parity");
    table.ok(Command::Tick { step: parity.clone(), note: "both answer alike".into() });
    assert_eq!(table.run.latest(&parity).unwrap().number, AttemptNumber(3));
    table.run_well();
    assert_eq!(table.run.standing(&parity), Standing::Done);
    assert_eq!(table.run.standing(&overlay()), Standing::Done);
}

#[test]
fn an_attempt_that_was_not_closed_is_interrupted_until_someone_decides() {
    let mut table = Table::new();
    table.ok(survey(vec![recorded("overlay", 2, Kind::Apply, false)]));
    assert_eq!(table.run.standing(&overlay()), Standing::Interrupted);
    let pending = table.run.pending();
    assert!(matches!(pending.as_slice(), [Effect::Inspect { .. }]), "{pending:?}");
    let found = vec![RowInspection::Written { row: 0, uid: Some("uid".into()) }];
    table.report(&pending[0], Outcome::Inspected(found));
    table.ok(Command::Resume { step: overlay() });
    table.run_well();
    assert_eq!(table.run.standing(&overlay()), Standing::Done);
}

#[test]
fn two_that_were_not_closed_are_each_decided_on() {
    let mut table = Table::new();
    let records = [("namespace", 1), ("overlay", 2)];
    table.ok(survey(records.map(|(step, number)| recorded(step, number, Kind::Apply, false)).to_vec()));
    table.run_well();
    for step in ["overlay", "namespace"] {
        table.ok(Command::Resume { step: path(step) });
        table.run_well();
        assert_eq!(table.run.standing(&path(step)), Standing::Done);
    }
}

#[test]
fn one_that_others_went_on_from_is_dealt_with() {
    let mut table = Table::new();
    let failed = recorded("overlay", 1, Kind::Apply, false);
    table.ok(survey(vec![recorded("overlay", 3, Kind::Apply, true), failed]));
    assert_eq!(table.run.attempts()[0].phase, Phase::Ended(End::Abandoned));
    assert_eq!(table.run.standing(&overlay()), Standing::Done);
    assert_eq!(table.run.undo_set(&overlay()), [AttemptNumber(3), AttemptNumber(1)]);
}

#[test]
fn a_finished_rollback_whose_records_stayed_has_undone_them() {
    let mut table = Table::new();
    let mut back = recorded("overlay", 2, Kind::Rollback, true);
    back.undoes = vec![AttemptNumber(1)];
    table.ok(survey(vec![recorded("overlay", 1, Kind::Apply, true), back]));
    assert_eq!(table.run.standing(&overlay()), Standing::RolledBack);
    assert!(table.run.undo_set(&overlay()).is_empty());
}

#[test]
fn what_the_journal_knows_is_not_taken_over_again() {
    let mut table = Table::new();
    table.carry_out(&["overlay"], Kind::Apply);
    let mut known = recorded("overlay", 1, Kind::Apply, true);
    known.record = "secret".into();
    assert_eq!(table.run.decide(survey(vec![known])).unwrap(), []);
}

#[test]
fn what_was_finished_elsewhere_is_finished_here() {
    let mut table = Table::new();
    table.request(&["overlay"], Kind::Apply);
    table.run_well();
    table.approve_all().unwrap();
    let preserve = table.run.pending().remove(0);
    table.report(&preserve, super::good_outcome(&preserve));
    table.restart();
    let mut open = recorded("overlay", 1, Kind::Apply, false);
    open.record = "secret".into();
    assert_eq!(table.run.decide(survey(vec![open.clone()])).unwrap(), [], "as it is known here");
    table.ok(survey(vec![Recorded { is_closed: true, ..open }]));
    assert_eq!(table.run.standing(&overlay()), Standing::Done);
    assert_eq!(table.run.undo_set(&overlay()), [AttemptNumber(1)]);
    assert!(table.run.pending().is_empty());
}

#[test]
fn a_record_of_which_only_a_file_was_known_is_not_taken_over_again() {
    let mut table = Table::new();
    table.request(&["overlay"], Kind::Apply);
    table.run_well();
    table.approve_all().unwrap();
    let preserve = table.run.pending().remove(0);
    table.report(&preserve, Outcome::Preserved { record: "file records/1.json".into(), cannot_undo: vec![] });
    table.run_well();
    let same = recorded("overlay", 1, Kind::Apply, true);
    assert_eq!(table.run.decide(survey(vec![same])).unwrap(), []);
}

#[test]
fn a_number_that_is_in_use_here_is_not_given_twice() {
    let mut table = Table::new();
    table.carry_out(&["overlay"], Kind::Apply);
    // A look takes a number as well, and leaves nothing.
    table.request(&["overlay"], Kind::Apply);
    table.run_well();
    table.ok(Command::Cancel { step: overlay() });
    let theirs = [1, 2].map(|number| recorded("overlay", number, Kind::Apply, true));
    table.ok(survey(theirs.to_vec()));
    let numbers: Vec<(u32, u32)> =
        table.run.attempts().iter().map(|own| (own.number.0, own.recorded_as().0)).collect();
    assert_eq!(numbers, [(1, 1), (2, 2), (3, 1)]);
}

#[test]
fn an_inventory_without_a_record_is_never_nothing() {
    let mut table = Table::new();
    let refused = |table: &mut Table| {
        table
            .submit(Command::Request {
                steps: vec![overlay()],
                kind: Kind::Rollback,
                leftovers: Leftovers::Stay,
            })
            .unwrap_err()
    };
    assert!(matches!(refused(&mut table), Refusal::NothingToUndo(_)));

    let forbidden = Some("secrets is forbidden".to_owned());
    table.ok(Command::Recover(Survey { unreadable: forbidden.clone(), ..Survey::default() }));
    assert!(matches!(refused(&mut table), Refusal::NotKnown { .. }));

    table.ok(Command::Recover(Survey { held: held(7, false), unreadable: forbidden, records: vec![] }));
    let said = refused(&mut table).to_string();
    let objects = held(7, false).len();
    assert!(
        said.contains(&format!("holds {objects} of the objects")) && said.contains("secrets is forbidden"),
        "{said}"
    );
    table.request(&["overlay"], Kind::Apply);
    assert_eq!(table.run.latest(&overlay()).unwrap().number, AttemptNumber(8));

    // The right to read them was granted meanwhile.
    let found = Survey {
        held: held(7, false),
        records: vec![recorded("overlay", 7, Kind::Apply, true)],
        unreadable: None,
    };
    table.restart();
    table.ok(Command::Recover(found));
    assert!(table.run.gaps().told().is_none());
    assert_eq!(table.run.undo_set(&overlay()), [AttemptNumber(7)]);
}

#[test]
fn what_a_forgotten_rollback_brought_back_is_told_by_the_record_before() {
    let mut table = Table::new();
    let records = vec![recorded("overlay", 1, Kind::Apply, true)];
    let found = Survey { held: held(6, true), records, unreadable: None };
    let events = table.run.decide(Command::Recover(found)).unwrap();
    assert!(matches!(&events[1], Event::Surveyed { gaps } if gaps.told().is_none()), "{events:?}");
    table.record(events);
    table.request(&["overlay"], Kind::Apply);
    assert_eq!(table.run.latest(&overlay()).unwrap().number, AttemptNumber(7));
}
