//! A release that helm has not brought to an end is not gone on with as it was confirmed.

use super::{Table, good_outcome, path, proposal};
use crate::{
    diff::{Change, Kind, Leftovers, Problem, Row, Wave},
    engine::{Command, Effect, End, Outcome, Phase, Refusal, Standing},
    object::Key,
};

fn request(table: &mut Table, kind: Kind) -> Result<(), Refusal> {
    table.submit(Command::Request { steps: vec![path("namespace")], kind, leftovers: Leftovers::Stay })
}

/// The step's changes are shown, as a release's.
fn show(table: &mut Table) {
    request(table, Kind::Apply).unwrap();
    let effect = table.run.pending().remove(0);
    let mut shown = proposal(&path("namespace"), Kind::Apply);
    let key = Key { group: "helm.sh".into(), kind: "Release".into(), namespace: None, name: "web".into() };
    shown.rows.iter_mut().for_each(|row| row.carried = true);
    shown.rows.push(Row::new(key, "helm.sh/v1", Change::Create, Wave::Release));
    table.report(&effect, Outcome::Prepared(Box::new(shown)));
}

/// Confirmed, and helm is at work.
fn at_work() -> Table {
    let mut table = Table::new();
    show(&mut table);
    table.approve_all().unwrap();
    let preserve = table.run.pending().remove(0);
    table.report(&preserve, good_outcome(&preserve));
    table
}

#[test]
fn a_release_that_was_cut_off_is_looked_at_anew_and_not_resumed() {
    let mut table = at_work();
    table.restart();
    assert!(matches!(request(&mut table, Kind::Apply), Err(Refusal::Interrupted(_))), "not before the look");
    table.run_well();
    let step = path("namespace");
    let refused = table.submit(Command::Resume { step: step.clone() });
    assert_eq!(refused, Err(Refusal::LookAnew(step.clone())));

    // A look changes nothing.
    show(&mut table);
    table.ok(Command::Cancel { step: step.clone() });
    assert_eq!(table.run.standing(&step), Standing::Interrupted);

    show(&mut table);
    table.approve_all().unwrap();
    let ends: Vec<Phase> = table.run.attempts_of(&step).map(|attempt| attempt.phase).collect();
    assert_eq!(ends.first(), Some(&Phase::Ended(End::Abandoned)));
    table.run_well();
    assert_eq!(table.run.standing(&step), Standing::Done);
    assert_eq!(table.run.undo_set(&step).len(), 2, "a rollback takes both back");
}

#[test]
fn a_release_that_failed_is_looked_at_anew() {
    let mut table = at_work();
    let effect = table.run.pending().remove(0);
    let Effect::Execute { row, .. } = effect else { panic!("{effect:?}") };
    let problem = Problem::new("release web", "a hook has failed", "mend it");
    table.report(&effect, Outcome::RowFailed { row, problem });
    let step = path("namespace");
    assert_eq!(table.run.standing(&step), Standing::Failed);
    assert_eq!(table.submit(Command::Resume { step: step.clone() }), Err(Refusal::LookAnew(step)));
}

#[test]
fn a_release_that_is_written_is_resumed() {
    let mut table = at_work();
    let effect = table.run.pending().remove(0);
    table.report(&effect, good_outcome(&effect));
    table.restart();
    table.run_well();
    table.ok(Command::Resume { step: path("namespace") });
    table.run_well();
    assert_eq!(table.run.standing(&path("namespace")), Standing::Done);
}
