//! Gates that do not hold, taken on the operator's word.

use super::{Table, path};
use crate::{
    diff::{Kind, Leftovers, Problem},
    engine::{Command, Effect, GateState, Outcome, Phase, Refusal, Standing},
};

fn tick(note: &str) -> Command {
    Command::Tick { step: path("overlay"), note: note.into() }
}

fn no_address() -> Problem {
    Problem::new("ingress web has an address", "no address yet", "give it one")
}

/// Applied up to an effect that does not come through.
fn stopped_at(is_it: fn(&Effect) -> bool) -> Table {
    let mut table = Table::new();
    table.ok(Command::Request {
        steps: vec![path("overlay")],
        kind: Kind::Apply,
        leftovers: Leftovers::Stay,
    });
    table.run_well();
    table.approve_all().unwrap();
    loop {
        let effect = table.run.pending().remove(0);
        if is_it(&effect) {
            table.report(&effect, Outcome::Stopped(vec![no_address()]));
            return table;
        }
        table.report(&effect, super::good_outcome(&effect));
    }
}

fn stopped_at_its_gate() -> Table {
    stopped_at(|effect| matches!(effect, Effect::Gate { .. }))
}

#[test]
fn a_gate_that_does_not_hold_is_taken_by_hand_with_what_it_said() {
    let mut table = stopped_at_its_gate();
    assert_eq!(table.run.standing(&path("overlay")), Standing::Failed);
    assert!(matches!(table.submit(tick(" ")), Err(Refusal::NoteRequired(_))));
    table.ok(tick("reached by the nodes' 192.0.2.7"));
    let asked = table.run.pending();
    let [Effect::Gate { gate, .. }, ..] = asked.as_slice() else {
        panic!("it is asked once more: {asked:?}")
    };
    table.report(&asked[0], Outcome::GateOpen { gate: *gate, problem: no_address() });
    let attempt = table.run.latest(&path("overlay")).unwrap();
    let GateState::Passed { detail, .. } = &attempt.gates[*gate] else { panic!("{:?}", attempt.gates) };
    assert!(detail.contains("by hand: reached by the nodes' 192.0.2.7"), "{detail}");
    assert!(detail.contains("no address yet"), "{detail}");
    table.run_well();
    assert_eq!(table.run.standing(&path("overlay")), Standing::Done);
    assert_eq!(table.run.notes(&path("overlay")).len(), 1);
    assert!(!table.run.undo_set(&path("overlay")).is_empty(), "it can still be rolled back");
}

#[test]
fn what_is_resumed_is_asked_with_all_patience_again() {
    let mut table = stopped_at_its_gate();
    table.ok(tick("it is there"));
    table.ok(Command::StartSession { program: "0".into(), plan_digest: "d".into() });
    let inspect = table.run.pending().remove(0);
    table.report(&inspect, super::good_outcome(&inspect));
    table.ok(Command::Resume { step: path("overlay") });
    let attempt = table.run.latest(&path("overlay")).unwrap();
    assert!(attempt.by_hand.is_none() && attempt.phase != Phase::Gating, "{attempt:?}");
}

#[test]
fn what_was_not_ready_or_is_taken_back_is_not_for_the_hand() {
    let mut table = Table::new();
    assert!(matches!(table.submit(tick("done")), Err(Refusal::NotManual(_))), "it was not applied");
    let mut table = stopped_at(|effect| matches!(effect, Effect::Wait { .. }));
    assert!(matches!(table.submit(tick("done")), Err(Refusal::NotManual(_))), "its objects are not ready");

    let mut table = stopped_at_its_gate();
    table.ok(Command::Request {
        steps: vec![path("overlay")],
        kind: Kind::Rollback,
        leftovers: Leftovers::Stay,
    });
    table.run_well();
    table.approve_all().unwrap();
    table.run_well();
    assert!(matches!(table.submit(tick("done")), Err(Refusal::NotManual(_))), "it is taken back");
}
