//! What others have made because of a step: a second way back, and its own question.

use migrate_tui::{
    diff::{Change, Kind, Leftovers, Risk, RiskKind, Row, Wave},
    engine::{Command, Effect, Outcome},
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
