//! What others have made because of a step: a second way back, and its own question.

use migrate_tui::{
    app::Message,
    diff::{Change, Kind, Leftovers, Risk, RiskKind, Row, Wave},
    engine::{Command, Effect, Event, Outcome},
};

use super::is_confirm;
use crate::{fixture, journey::Journey};

/// The rollback of the overlay with a claim that it has left.
fn with_a_claim(effect: &Effect) -> Option<Outcome> {
    match effect {
        Effect::Prepare { step, kind: Kind::Rollback, .. } => {
            let mut shown = fixture::proposal(step, Kind::Rollback);
            let key = fixture::key("", "PersistentVolumeClaim", "data-store-0");
            shown.rows.push(Row::new(key.clone(), "v1", Change::Delete, Wave::DeleteLeftovers));
            let message = "a leftover of StatefulSet/store, deleted for good: 10Gi of data, with its volume \
                           pvc-1 (reclaim policy Delete)";
            shown.risks.push(Risk { kind: RiskKind::Deletion, key: Some(key), message: message.to_owned() });
            Some(Outcome::Prepared(Box::new(shown)))
        }
        _ => None,
    }
}

/// The rollback that says what it leaves.
fn leaving_a_claim(effect: &Effect) -> Option<Outcome> {
    match effect {
        Effect::Prepare { step, kind: Kind::Rollback, .. } => {
            let mut shown = fixture::proposal(step, Kind::Rollback);
            shown.leaves = vec![fixture::key("", "PersistentVolumeClaim", "data-store-0")];
            Some(Outcome::Prepared(Box::new(shown)))
        }
        _ => None,
    }
}

#[test]
fn leftovers_go_only_when_the_name_is_typed() {
    let mut journey = Journey::at_overlay(80, 24);
    journey.keys("a a tab enter");
    journey.commands.clear();
    journey.twists = with_a_claim;
    journey.keys("L");
    assert!(matches!(
        journey.commands.as_slice(),
        [Command::Request { kind: Kind::Rollback, leftovers: Leftovers::Go, .. }]
    ));
    journey.keys("L");
    insta::assert_snapshot!("leftovers_are_asked_for", journey.screen());
    journey.keys("tab tab enter enter");
    assert!(!journey.commands.iter().any(is_confirm), "a button alone does not do");
    journey.keys("'staging' tab enter");
    assert!(journey.commands.iter().any(is_confirm));
    assert_eq!(journey.standing("week-1/overlay"), "rolled back with conflicts");
}

#[test]
fn what_was_left_can_be_asked_for_once_all_is_undone() {
    let mut journey = Journey::at_overlay(80, 24);
    journey.keys("a a tab enter");
    journey.twists = leaving_a_claim;
    journey.keys("r r tab enter");
    let screen = journey.screen();
    for said in ["what stays: PersistentVolumeClaim/data-store-0", "Show rollback + leftovers"] {
        assert!(screen.contains(said), "{said}: {screen}");
    }
    journey.commands.clear();
    journey.keys("r");
    assert!(journey.commands.is_empty(), "nothing is left to undo");
    journey.keys("L");
    assert!(matches!(journey.commands.as_slice(), [Command::Request { leftovers: Leftovers::Go, .. }]));
}

/// The rollback with a claim was confirmed, and its process died before the claim went.
fn killed(width: u16, height: u16) -> Journey {
    let mut journey = Journey::at_overlay(width, height);
    journey.keys("a a tab enter");
    journey.twists = with_a_claim;
    journey.holds = |effect| matches!(effect, Effect::Execute { row: 5.., .. });
    journey.keys("L L 'staging' tab enter");
    journey.journal(vec![Event::SessionStarted { program: "0.1.0".into(), plan_digest: String::new() }]);
    journey.work();
    // What was shown is gone with the process.
    journey.proposals.clear();
    journey.holds = |_| false;
    journey.commands.clear();
    journey.say(Message::World);
    journey
}

fn is_resume(command: &Command) -> bool {
    matches!(command, Command::Resume { .. })
}

#[test]
fn resuming_a_deletion_lists_what_goes_and_asks_for_the_name_again() {
    let mut journey = killed(80, 24);
    journey.keys("R");
    let screen = journey.screen();
    for wanted in [
        "Go on with the ROLLBACK?",
        "1 leftover of them for good",
        "- PersistentVolumeClaim/data-store-0 in staging: deleted for good, a",
        "- Job/seed in staging: deleted",
        "Type staging to confirm",
    ] {
        assert!(screen.contains(wanted), "{wanted}\n{screen}");
    }
    journey.keys("tab tab enter enter");
    assert!(!journey.commands.iter().any(is_resume), "a button alone does not do");
    journey.keys("'staging' tab enter");
    assert!(journey.commands.iter().any(is_resume));
    assert_eq!(journey.standing("week-1/overlay"), "rolled back with conflicts");
}

#[test]
fn a_name_typed_while_cancel_has_the_focus_goes_into_the_field() {
    let mut journey = Journey::at_overlay(80, 24);
    journey.keys("a a tab enter");
    journey.commands.clear();
    journey.twists = with_a_claim;
    journey.keys("L L");
    assert!(journey.screen().contains("Type staging to confirm: ____"), "{}", journey.screen());
    journey.keys("'staging'");
    assert!(journey.screen().contains("▸ Type staging to confirm: staging"), "{}", journey.screen());
    assert!(!journey.commands.iter().any(is_confirm));
}
