//! What a rollback leaves, and the one that deletes it.

use super::{Table, path, proposal};
use crate::{
    diff::{Change, Kind, Leftovers, Row, Wave},
    engine::{AttemptNumber, Command, Effect, Outcome, Refusal, RowState, Standing},
    object::{Digest, Key},
};

const STEP: &str = "overlay";

fn key(kind: &str) -> Key {
    let group = if kind == "StatefulSet" { "apps" } else { "" };
    Key { group: group.into(), kind: kind.into(), namespace: None, name: "a".into() }
}

fn request(table: &mut Table, kind: Kind, leftovers: Leftovers) -> Result<(), Refusal> {
    table.submit(Command::Request { steps: vec![path(STEP)], kind, leftovers })
}

/// Shows what is asked for, as it is changed.
fn show(table: &mut Table, kind: Kind, leftovers: Leftovers, left: usize, rows: Vec<Row>) {
    request(table, kind, leftovers).unwrap();
    let effect = table.run.pending().remove(0);
    let mut shown = proposal(&path(STEP), kind);
    shown.rows.truncate(1);
    shown.rows.extend(rows);
    shown.leaves = vec![key("PersistentVolumeClaim"); left];
    table.report(&effect, Outcome::Prepared(Box::new(shown)));
}

fn finish(table: &mut Table) {
    table.approve_all().unwrap();
    table.run_well();
}

fn leftover() -> Row {
    let row = Row::new(key("PersistentVolumeClaim"), "v1", Change::Delete, Wave::DeleteLeftovers);
    Row { digest: Digest("row".into()), ..row }
}

fn undoes(table: &Table) -> Vec<AttemptNumber> {
    table.run.latest(&path(STEP)).unwrap().undoes.clone()
}

#[test]
fn what_a_rollback_has_left_can_be_asked_for_once_it_is_over() {
    let mut table = Table::new();
    show(&mut table, Kind::Apply, Leftovers::Stay, 0, Vec::new());
    finish(&mut table);
    assert!(!table.run.may_have_leftovers(&path(STEP)), "nobody makes more of a ConfigMap");
    show(&mut table, Kind::Rollback, Leftovers::Stay, 2, Vec::new());
    finish(&mut table);
    assert_eq!(table.run.left_behind(&path(STEP)), 2);
    assert!(matches!(request(&mut table, Kind::Rollback, Leftovers::Stay), Err(Refusal::NothingToUndo(_))));
    table.restart();

    show(&mut table, Kind::Rollback, Leftovers::Go, 0, vec![leftover()]);
    assert_eq!(undoes(&table), [], "nothing but what was left");
    finish(&mut table);
    assert_eq!(table.run.standing(&path(STEP)), Standing::RolledBack);
    assert_eq!(table.run.left_behind(&path(STEP)), 0);
    assert!(matches!(request(&mut table, Kind::Rollback, Leftovers::Go), Err(Refusal::NothingToUndo(_))));
}

#[test]
fn what_was_left_goes_with_the_earlier_change_that_still_stands() {
    let mut table = Table::new();
    show(&mut table, Kind::Apply, Leftovers::Stay, 0, Vec::new());
    finish(&mut table);
    show(&mut table, Kind::Rollback, Leftovers::Stay, 1, Vec::new());
    finish(&mut table);
    for _ in 0..2 {
        show(&mut table, Kind::Apply, Leftovers::Stay, 0, Vec::new());
        finish(&mut table);
    }
    show(&mut table, Kind::Rollback, Leftovers::Stay, 1, Vec::new());
    finish(&mut table);
    let plainly = table.run.undo_set(&path(STEP));
    assert_eq!(plainly.len(), 1, "the second install");
    show(&mut table, Kind::Rollback, Leftovers::Go, 0, vec![leftover()]);
    assert_eq!(undoes(&table), plainly, "with leftovers is never less than plainly");
    finish(&mut table);
    assert_eq!(table.run.standing(&path(STEP)), Standing::RolledBack);
    assert!(matches!(request(&mut table, Kind::Rollback, Leftovers::Go), Err(Refusal::NothingToUndo(_))));
}

#[test]
fn it_is_offered_for_what_others_make_more_of() {
    let mut table = Table::new();
    let set = Row::new(key("StatefulSet"), "apps/v1", Change::Create, Wave::Workloads);
    show(&mut table, Kind::Apply, Leftovers::Stay, 0, vec![set]);
    finish(&mut table);
    assert!(table.run.may_have_leftovers(&path(STEP)));
}

#[test]
fn leftovers_go_once_the_release_that_carries_the_rest_is_gone() {
    let mut table = Table::new();
    show(&mut table, Kind::Apply, Leftovers::Stay, 0, Vec::new());
    finish(&mut table);
    request(&mut table, Kind::Rollback, Leftovers::Go).unwrap();
    let effect = table.run.pending().remove(0);
    let release = Row::new(key("Release"), "helm.sh/v1", Change::Delete, Wave::Release);
    let carried = Row::new(key("StatefulSet"), "apps/v1", Change::Delete, Wave::UndoCreates);
    let mut shown = proposal(&path(STEP), Kind::Rollback);
    shown.rows = vec![release, Row { carried: true, ..carried }, leftover()];
    table.report(&effect, Outcome::Prepared(Box::new(shown)));
    table.approve_all().unwrap();
    let mut waves = Vec::new();
    while let Some(effect) = table.run.pending().into_iter().next() {
        if let Effect::Execute { row, .. } = &effect {
            waves.push(table.run.latest(&path(STEP)).unwrap().rows[*row].0.wave);
        }
        table.report(&effect, super::good_outcome(&effect));
    }
    assert_eq!(waves, [Wave::Release, Wave::DeleteLeftovers]);
    let done = |(_, state): &(_, RowState)| matches!(state, RowState::Done { .. });
    assert!(table.run.latest(&path(STEP)).unwrap().rows.iter().all(done), "what it carries counts as done");
    assert_eq!(table.run.standing(&path(STEP)), Standing::RolledBack);
}
