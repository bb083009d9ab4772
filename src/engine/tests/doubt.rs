//! Ticked items whose ground was taken away.

use super::{Table, path};
use crate::{
    diff::Kind,
    engine::{Command, Standing},
};

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
    table.carry_out(&["overlay"], Kind::Apply);
    tick(&mut table, "parity");
    assert_eq!(doubted(&table, "parity"), None);

    table.carry_out(&["overlay"], Kind::Rollback);
    assert_eq!(table.run.standing(&path("parity")), Standing::Done, "it was done, and that stays said");
    assert_eq!(doubted(&table, "parity").as_deref(), Some("week-1/overlay"));
    assert_eq!(doubted(&table, "secrets"), None, "it came before");

    table.carry_out(&["overlay"], Kind::Apply);
    assert_eq!(doubted(&table, "parity").as_deref(), Some("week-1/overlay"), "nobody has looked again");
    tick(&mut table, "parity");
    assert_eq!(doubted(&table, "parity"), None);
}
