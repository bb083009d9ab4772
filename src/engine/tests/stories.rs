//! One story a test.

use std::time::Duration;

use super::{Table, cluster, path, proposal};
use crate::{
    diff::{Change, Kind, Leftovers, Problem, Wave},
    engine::{
        Approval, Command, Effect, End, Outcome, PARALLEL_WRITES, Phase, Refusal, RowInspection, RowState,
        Standing, Tries,
    },
    object::Digest,
};

#[test]
fn a_step_is_shown_confirmed_applied_gated_and_done() {
    let mut table = Table::new();
    table.request(&["overlay"], Kind::Apply);
    table.run_well();
    assert_eq!(table.run.standing(&path("overlay")), Standing::Asking);
    assert!(table.run.pending().is_empty(), "nothing happens before a confirmation");
    table.approve_all().unwrap();
    table.run_well();
    assert_eq!(table.run.standing(&path("overlay")), Standing::Done);
}

#[test]
fn a_step_that_is_done_stays_done_while_a_rollback_of_it_is_only_shown() {
    let mut table = Table::new();
    table.carry_out(&["overlay"], Kind::Apply);
    table.request(&["overlay"], Kind::Rollback);
    table.run_well();
    assert_eq!(table.run.awaiting().count(), 1, "the rollback is shown");
    assert_eq!(table.run.standing(&path("overlay")), Standing::Done);
    table.approve_all().unwrap();
    assert_eq!(table.run.standing(&path("overlay")), Standing::Working);
    table.run_well();
    assert_eq!(table.run.standing(&path("overlay")), Standing::RolledBack);
}

#[test]
fn a_phase_has_lasted_since_its_first_entry_whatever_happens_in_it() {
    let mut table = Table::new();
    table.request(&["overlay"], Kind::Apply);
    table.run_well();
    table.approve_all().unwrap();
    while !matches!(table.run.pending().first(), Some(Effect::Gate { .. })) {
        let effect = table.run.pending().remove(0);
        table.report(&effect, super::good_outcome(&effect));
    }
    let began = table.run.last_entry_at().unwrap();
    let effect = table.run.pending().remove(0);
    table.report(&effect, super::good_outcome(&effect));
    let attempt = table.run.active().unwrap();
    assert_eq!((attempt.phase, attempt.since), (Phase::Gating, began));
    assert!(table.run.last_entry_at() > Some(began), "a gate has passed since");
    assert_eq!(attempt.limit(Duration::from_secs(90)), Some(Duration::from_secs(90)));
}

#[test]
fn another_digest_is_refused_and_nothing_starts() {
    let mut table = Table::new();
    table.request(&["overlay"], Kind::Apply);
    table.run_well();
    let attempt = table.run.awaiting().next().unwrap().number;
    let approval = Approval { attempt, digest: Digest("another".into()) };
    let refused = table.submit(Command::Confirm(vec![approval]));
    assert!(matches!(refused, Err(Refusal::OtherDigest { .. })), "{refused:?}");
    assert!(table.run.pending().is_empty());
}

#[test]
fn a_proposal_with_problems_cannot_be_confirmed() {
    let mut table = Table::new();
    table.request(&["overlay"], Kind::Apply);
    let effect = table.run.pending().remove(0);
    let mut shown = proposal(&path("overlay"), Kind::Apply);
    shown.problems.push(Problem::new("cluster", "another one", "use the right context"));
    table.report(&effect, Outcome::Prepared(Box::new(shown)));
    assert!(matches!(table.approve_all(), Err(Refusal::HasProblems { .. })));
}

#[test]
fn a_refused_row_lets_those_in_flight_finish_and_starts_none() {
    let mut table = Table::new();
    table.request(&["overlay"], Kind::Apply);
    table.run_well();
    table.approve_all().unwrap();
    // Up to the workloads, of which there are more than are written at once.
    while table.run.pending().len() < PARALLEL_WRITES {
        let effect = table.run.pending().remove(0);
        let outcome = super::good_outcome(&effect);
        table.report(&effect, outcome);
    }
    let in_flight = table.run.pending();
    assert_eq!(in_flight.len(), PARALLEL_WRITES);
    let Effect::Execute { row, .. } = in_flight[3] else { panic!("{in_flight:?}") };
    let problem = Problem::new("Deployment/a", "refused", "mend it");
    table.report(&in_flight[3], Outcome::RowFailed { row, problem });
    assert_eq!(table.run.pending().len(), PARALLEL_WRITES - 1, "none is started");
    table.run_well();
    let latest = table.run.latest(&path("overlay")).unwrap();
    assert_eq!(latest.phase, Phase::Ended(End::Failed));
    assert_eq!(latest.tries, Tries::First);
    table.ok(Command::Resume { step: path("overlay") });
    assert_eq!(table.run.latest(&path("overlay")).unwrap().tries, Tries::Again);
    table.run_well();
    assert_eq!(table.run.standing(&path("overlay")), Standing::Done);
}

#[test]
fn cancelling_stops_between_objects() {
    let mut table = Table::new();
    table.request(&["overlay"], Kind::Apply);
    table.run_well();
    table.approve_all().unwrap();
    let preserve = table.run.pending().remove(0);
    table.report(&preserve, super::good_outcome(&preserve));
    table.ok(Command::Cancel { step: path("overlay") });
    assert_eq!(table.run.pending().len(), 1, "the write in flight finishes");
    table.run_well();
    assert_eq!(table.run.standing(&path("overlay")), Standing::Cancelled);
}

#[test]
fn after_a_kill_only_reads_happen_until_someone_decides() {
    let mut table = Table::new();
    table.request(&["overlay"], Kind::Apply);
    table.run_well();
    table.approve_all().unwrap();
    let preserve = table.run.pending().remove(0);
    table.report(&preserve, super::good_outcome(&preserve));
    table.restart();
    assert_eq!(table.run.standing(&path("overlay")), Standing::Interrupted);
    let pending = table.run.pending();
    assert!(matches!(pending.as_slice(), [Effect::Inspect { .. }]), "{pending:?}");
    let written = RowInspection::Written { row: 0, uid: Some("uid".into()) };
    table.report(&pending[0], Outcome::Inspected(vec![written]));
    assert!(table.run.pending().is_empty());
    table.ok(Command::Resume { step: path("overlay") });
    // The foundations were written; that they hold is waited for before anything else.
    assert!(matches!(table.run.pending().as_slice(), [Effect::Settle { .. }]));
    table.run_well();
    assert_eq!(table.run.standing(&path("overlay")), Standing::Done);
}

/// An apply that was interrupted after its first write, and has been compared.
fn interrupted() -> Table {
    let mut table = Table::new();
    table.request(&["overlay"], Kind::Apply);
    table.run_well();
    table.approve_all().unwrap();
    let preserve = table.run.pending().remove(0);
    table.report(&preserve, super::good_outcome(&preserve));
    table.restart();
    let inspect = table.run.pending().remove(0);
    let written = RowInspection::Written { row: 0, uid: Some("uid".into()) };
    table.report(&inspect, Outcome::Inspected(vec![written]));
    table
}

#[test]
fn a_look_at_the_rollback_of_what_was_interrupted_changes_nothing() {
    let mut table = interrupted();
    for kind in [Leftovers::Stay, Leftovers::Go] {
        let steps = vec![path("overlay")];
        table.ok(Command::Request { steps, kind: Kind::Rollback, leftovers: kind });
        table.run_well();
        assert!(table.run.shown(&path("overlay")).is_some());
        assert_eq!(table.run.standing(&path("overlay")), Standing::Interrupted);
        let steps = vec![path("overlay")];
        let apply = Command::Request { steps, kind: Kind::Apply, leftovers: Leftovers::Stay };
        assert!(matches!(table.submit(apply), Err(Refusal::Interrupted(_))), "still refused");
    }
    table.ok(Command::Resume { step: path("overlay") });
    assert!(table.run.shown(&path("overlay")).is_none(), "what was shown is of what is no more");
    table.run_well();
    assert_eq!(table.run.standing(&path("overlay")), Standing::Done);
}

#[test]
fn an_approved_rollback_gives_up_what_was_interrupted() {
    let mut table = interrupted();
    let interrupted = table.run.interrupted(&path("overlay")).unwrap().number;
    table.request(&["overlay"], Kind::Rollback);
    table.run_well();
    table.approve_all().unwrap();
    assert_eq!(table.run.attempt(interrupted).unwrap().phase, Phase::Ended(End::Abandoned));
    table.run_well();
    assert_eq!(table.run.standing(&path("overlay")), Standing::RolledBack);
}

#[test]
fn a_rollback_of_another_step_does_not_begin_while_one_is_interrupted() {
    let mut table = Table::new();
    table.carry_out(&["namespace"], Kind::Apply);
    table.request(&["overlay"], Kind::Apply);
    table.run_well();
    table.approve_all().unwrap();
    let preserve = table.run.pending().remove(0);
    table.report(&preserve, super::good_outcome(&preserve));
    table.restart();
    table.request(&["namespace"], Kind::Rollback);
    table.run_well();
    assert!(matches!(table.approve_all(), Err(Refusal::Interrupted(step)) if step == path("overlay")));
}

#[test]
fn what_a_colleague_made_meanwhile_stands_in_the_way_of_resuming() {
    let mut table = Table::new();
    table.request(&["overlay"], Kind::Apply);
    table.run_well();
    table.approve_all().unwrap();
    let preserve = table.run.pending().remove(0);
    table.report(&preserve, super::good_outcome(&preserve));
    table.restart();
    let inspect = table.run.pending().remove(0);
    let problem = Problem::new("ConfigMap/a", "made by kubectl", "look again");
    table.report(&inspect, Outcome::Inspected(vec![RowInspection::Foreign { row: 0, problem }]));
    let refused = table.submit(Command::Resume { step: path("overlay") });
    assert!(matches!(refused, Err(Refusal::HasProblems { .. })), "{refused:?}");
    table.carry_out(&["overlay"], Kind::Rollback);
    assert_eq!(table.run.standing(&path("overlay")), Standing::RolledBack);
}

#[test]
fn a_stage_is_undone_in_reverse_with_one_confirmation() {
    let mut table = Table::new();
    table.carry_out(&["namespace", "overlay"], Kind::Apply);
    assert_eq!(table.run.standing(&path("namespace")), Standing::Done);
    assert_eq!(table.run.standing(&path("overlay")), Standing::Done);
    table.carry_out(&["overlay", "namespace"], Kind::Rollback);
    assert_eq!(table.run.standing(&path("namespace")), Standing::RolledBack);
    assert_eq!(table.run.standing(&path("overlay")), Standing::RolledBack);
    let refused = table.submit(Command::Request {
        steps: vec![path("overlay")],
        kind: Kind::Rollback,
        leftovers: Leftovers::Stay,
    });
    assert!(matches!(refused, Err(Refusal::NothingToUndo(_))), "{refused:?}");
}

#[test]
fn a_rollback_undoes_the_last_change_and_then_the_one_before() {
    let mut table = Table::new();
    for _ in 0..2 {
        table.request(&["overlay"], Kind::Apply);
        table.run_well();
        table.approve_all().unwrap();
        table.run_well();
    }
    for standing in [Standing::Done, Standing::RolledBack] {
        table.request(&["overlay"], Kind::Rollback);
        table.run_well();
        table.approve_all().unwrap();
        table.run_well();
        assert_eq!(table.run.standing(&path("overlay")), standing);
    }
}

#[test]
fn a_rollback_of_a_failed_update_goes_back_to_what_was_finished_before() {
    let mut table = Table::new();
    change(&mut table, Kind::Apply);
    table.request(&["overlay"], Kind::Apply);
    table.run_well();
    table.approve_all().unwrap();
    while !matches!(table.run.pending().as_slice(), [Effect::Wait { .. }]) {
        let effect = table.run.pending().remove(0);
        let outcome = super::good_outcome(&effect);
        table.report(&effect, outcome);
    }
    let wait = table.run.pending().remove(0);
    table.report(&wait, Outcome::Stopped(vec![Problem::new("Deployment/web", "no image", "mend it")]));
    let failed = table.run.latest(&path("overlay")).unwrap().number;
    assert_eq!(table.run.undo_set(&path("overlay")), [failed]);
    change(&mut table, Kind::Rollback);
    assert_eq!(table.run.standing(&path("overlay")), Standing::Done);
    change(&mut table, Kind::Rollback);
    assert_eq!(table.run.standing(&path("overlay")), Standing::RolledBack);
}

#[test]
fn a_prune_is_undone_without_the_apply_that_still_held_its_objects() {
    let mut table = Table::new();
    change(&mut table, Kind::Apply);
    change(&mut table, Kind::Prune);
    let prune = table.run.latest(&path("overlay")).unwrap().number;
    assert_eq!(table.run.undo_set(&path("overlay")), [prune]);
    // One that dropped them goes with it.
    change(&mut table, Kind::Rollback);
    table.request(&["overlay"], Kind::Apply);
    let effect = table.run.pending().remove(0);
    let mut shown = proposal(&path("overlay"), Kind::Apply);
    shown.rows.truncate(1);
    table.report(&effect, Outcome::Prepared(Box::new(shown)));
    table.approve_all().unwrap();
    table.run_well();
    let apply = table.run.latest(&path("overlay")).unwrap().number;
    table.request(&["overlay"], Kind::Prune);
    let effect = table.run.pending().remove(0);
    let mut shown = proposal(&path("overlay"), Kind::Prune);
    shown.rows.drain(..1);
    table.report(&effect, Outcome::Prepared(Box::new(shown)));
    table.approve_all().unwrap();
    table.run_well();
    let prune = table.run.latest(&path("overlay")).unwrap().number;
    assert_eq!(table.run.undo_set(&path("overlay")), [prune, apply]);
}

fn change(table: &mut Table, kind: Kind) {
    table.request(&["overlay"], kind);
    table.run_well();
    table.approve_all().unwrap();
    table.run_well();
}

#[test]
fn a_checklist_item_wants_its_evidence() {
    let mut table = Table::new();
    let tick = |note: &str| Command::Tick { step: path("secrets"), note: note.into() };
    assert!(matches!(table.submit(tick(" ")), Err(Refusal::NoteRequired(_))));
    table.ok(tick("in the vault since Monday"));
    assert_eq!(table.run.standing(&path("secrets")), Standing::Done);
    table.ok(Command::Reopen { step: path("secrets") });
    assert_eq!(table.run.standing(&path("secrets")), Standing::Open);
}

#[test]
fn another_cluster_under_the_same_name_is_refused() {
    let mut table = Table::new();
    table.ok(Command::MeetCluster(cluster()));
    table.ok(Command::MeetCluster(cluster()));
    let mut twin = cluster();
    twin.server = "https://127.0.0.1:2/".into();
    assert!(matches!(table.submit(Command::MeetCluster(twin)), Err(Refusal::OtherCluster { .. })));
}

fn tick(note: &str) -> Command {
    Command::Tick { step: path("parity"), note: note.into() }
}

#[test]
fn a_checklist_item_with_gates_is_ticked_once_they_hold() {
    let mut table = Table::new();
    assert!(matches!(table.submit(tick(" ")), Err(Refusal::NoteRequired(_))));
    table.ok(tick("both answer alike"));
    assert_eq!(table.run.standing(&path("parity")), Standing::Working);
    let asked = table.run.pending();
    assert!(
        asked.iter().all(|effect| matches!(effect, Effect::Gate { .. })) && asked.len() == 2,
        "{asked:?}"
    );
    table.report(&asked[0], super::good_outcome(&asked[0]));
    assert_eq!(table.run.standing(&path("parity")), Standing::Working, "one of two is not enough");
    table.run_well();
    assert_eq!(table.run.standing(&path("parity")), Standing::Done);
    assert_eq!(table.run.mark_text(&path("parity")), Some("both answer alike"));
    assert_eq!(table.run.notes(&path("parity")).len(), 1);
    assert!(table.run.is_quiet());
}

#[test]
fn a_checklist_item_whose_gate_does_not_hold_stays_open_and_can_be_skipped() {
    let mut table = Table::new();
    table.ok(tick("surely"));
    let asked = table.run.pending();
    let problem = Problem::new("parity", "/login differs", "mend it");
    table.report(&asked[1], Outcome::Stopped(vec![problem]));
    assert_eq!(table.run.standing(&path("parity")), Standing::Open);
    assert!(table.run.pending().is_empty() && table.run.mark_text(&path("parity")).is_none());
    assert_eq!(table.run.latest(&path("parity")).unwrap().problems.len(), 1);
    table.ok(Command::Skip { step: path("parity"), reason: "the old gateway is gone".into() });
    assert_eq!(table.run.standing(&path("parity")), Standing::Skipped);
}

#[test]
fn a_tick_that_was_cancelled_or_killed_has_not_happened() {
    for ends in [
        Command::Cancel { step: path("parity") },
        Command::StartSession { program: "0".into(), plan_digest: "d".into() },
    ] {
        let mut table = Table::new();
        table.ok(tick("surely"));
        let asked = table.run.pending();
        table.ok(ends);
        for effect in &asked {
            table.report(effect, super::good_outcome(effect));
        }
        assert_eq!(table.run.standing(&path("parity")), Standing::Open);
        assert!(table.run.pending().is_empty());
    }
}

#[test]
fn gates_of_a_checklist_item_are_not_asked_while_another_step_is_at_work() {
    let mut table = Table::new();
    table.request(&["overlay"], Kind::Apply);
    table.run_well();
    table.approve_all().unwrap();
    assert!(matches!(table.submit(tick("surely")), Err(Refusal::Busy { .. })));
}

#[test]
fn a_checklist_item_with_gates_can_be_verified_without_a_tick() {
    let mut table = Table::new();
    table.request(&["parity"], Kind::Verify);
    table.run_well();
    assert_eq!(table.run.standing(&path("parity")), Standing::Open);
    assert!(table.run.latest(&path("parity")).unwrap().has_finished());
    let refused = table.submit(Command::Request {
        steps: vec![path("secrets")],
        kind: Kind::Verify,
        leftovers: Leftovers::Stay,
    });
    assert!(matches!(refused, Err(Refusal::Manual(_))), "it has nothing to verify");
}

#[test]
fn a_release_is_executed_and_its_objects_are_carried() {
    let shown = || {
        let mut shown = proposal(&path("overlay"), Kind::Apply);
        shown.rows.iter_mut().for_each(|row| row.carried = true);
        let release = shown.rows.first_mut().unwrap();
        (release.carried, release.wave) = (false, Wave::Release);
        shown
    };
    for fails in [false, true] {
        let mut table = Table::new();
        table.request(&["overlay"], Kind::Apply);
        let effect = table.run.pending().remove(0);
        table.report(&effect, Outcome::Prepared(Box::new(shown())));
        table.approve_all().unwrap();
        let effect = table.run.pending().remove(0);
        table.report(&effect, super::good_outcome(&effect));
        let pending = table.run.pending();
        assert!(matches!(pending.as_slice(), [Effect::Execute { row: 0, .. }]), "{pending:?}");
        let outcome = if fails {
            Outcome::RowFailed { row: 0, problem: Problem::new("release", "a hook failed", "mend it") }
        } else {
            super::good_outcome(&pending[0])
        };
        table.report(&pending[0], outcome);
        let attempt = table.run.latest(&path("overlay")).unwrap();
        let carried = attempt.rows.iter().filter(|(row, _)| row.carried);
        let written = carried.filter(|(_, state)| matches!(state, RowState::Done { .. })).count();
        assert_eq!(written, if fails { 0 } else { attempt.rows.len() - 1 });
        let phase = if fails { Phase::Ended(End::Failed) } else { Phase::Waiting };
        assert_eq!(attempt.phase, phase);
    }
}

/// Applies once more what is as it should be already.
fn apply_without_changes(table: &mut Table) {
    table.request(&["overlay"], Kind::Apply);
    let effect = table.run.pending().remove(0);
    let mut shown = proposal(&path("overlay"), Kind::Apply);
    shown.rows.iter_mut().for_each(|row| row.change = Change::Same);
    table.report(&effect, Outcome::Prepared(Box::new(shown)));
    table.approve_all().unwrap();
    table.run_well();
}

#[test]
fn an_apply_that_had_nothing_to_change_is_no_change_to_take_back() {
    let mut table = Table::new();
    table.carry_out(&["overlay"], Kind::Apply);
    let undone = table.run.undo_set(&path("overlay"));
    apply_without_changes(&mut table);
    assert_eq!(table.run.standing(&path("overlay")), Standing::Done);
    assert_eq!(table.run.undo_set(&path("overlay")), undone, "what changed something is what goes back");
    table.carry_out(&["overlay"], Kind::Rollback);
    assert_eq!(table.run.standing(&path("overlay")), Standing::RolledBack);
    assert!(table.run.undo_set(&path("overlay")).is_empty());
}

#[test]
fn a_step_without_changes_from_the_start_stands_after_what_came_later_went_back() {
    let mut table = Table::new();
    apply_without_changes(&mut table);
    assert!(table.run.undo_set(&path("overlay")).is_empty());
    table.carry_out(&["overlay"], Kind::Apply);
    table.carry_out(&["overlay"], Kind::Rollback);
    assert_eq!(table.run.standing(&path("overlay")), Standing::Done);
}

#[test]
fn what_stopped_before_anything_was_written_leaves_the_step_as_it_was() {
    let mut table = Table::new();
    let moved = |table: &mut Table| {
        let effect = table.run.pending().remove(0);
        assert!(matches!(effect, Effect::Preserve { .. }), "{effect:?}");
        table.report(&effect, Outcome::Moved("someone changed it".into()));
    };
    table.request(&["overlay"], Kind::Apply);
    table.run_well();
    table.approve_all().unwrap();
    moved(&mut table);
    assert_eq!(table.run.standing(&path("overlay")), Standing::Failed, "it never stood");
    table.carry_out(&["overlay"], Kind::Apply);
    for kind in [Kind::Rollback, Kind::Apply] {
        table.request(&["overlay"], kind);
        table.run_well();
        table.approve_all().unwrap();
        moved(&mut table);
        assert_eq!(table.run.standing(&path("overlay")), Standing::Done, "{kind}");
    }
}
