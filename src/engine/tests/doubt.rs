//! Ticked items whose ground was taken away.

use super::{Table, path};
use crate::{
    diff::{Kind, Leftovers},
    engine::{Command, Standing},
};

fn whole(table: &mut Table, step: &str, kind: Kind) {
    table.ok(Command::Request { steps: vec![path(step)], kind, leftovers: Leftovers::Stay });
    table.run_well();
    table.approve_all().unwrap();
    table.run_well();
}

fn tick(table: &mut Table, step: &str) {
    table.ok(Command::Tick { step: path(step), note: "seen by two".into() });
    table.run_well();
}

#[test]
fn what_was_ticked_before_a_rollback_of_an_earlier_step_is_doubted_until_ticked_anew() {
    let mut table = Table::new();
    let doubted =
        |table: &Table, step: &str| table.run.doubt(&path(step)).map(|(undone, _)| undone.path.to_string());
    tick(&mut table, "secrets");
    whole(&mut table, "overlay", Kind::Apply);
    tick(&mut table, "parity");
    assert_eq!(doubted(&table, "parity"), None);

    whole(&mut table, "overlay", Kind::Rollback);
    assert_eq!(table.run.standing(&path("parity")), Standing::Done, "it was done, and that stays said");
    assert_eq!(doubted(&table, "parity").as_deref(), Some("week-1/overlay"));
    assert_eq!(doubted(&table, "secrets"), None, "it came before");

    whole(&mut table, "overlay", Kind::Apply);
    assert_eq!(doubted(&table, "parity").as_deref(), Some("week-1/overlay"), "nobody has looked again");
    tick(&mut table, "parity");
    assert_eq!(doubted(&table, "parity"), None);
}
