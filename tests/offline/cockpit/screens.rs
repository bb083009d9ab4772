//! Whole screens.

use migrate_tui::{
    app::{Connection, Message},
    diff::Problem,
    engine::{Command, Effect, Event, Outcome},
    observed::{Freshness, Observed},
    plan::Confirmation,
};

use super::waiting;
use crate::journey::Journey;

#[test]
fn screens_at_each_size() {
    for (width, height) in [(80, 24), (120, 40), (60, 15), (20, 5)] {
        let mut journey = Journey::at_overlay(width.max(80), height.max(24));
        journey.keys("a");
        journey.resize(width, height);
        insta::assert_snapshot!(format!("overview_{width}x{height}"), journey.screen());
    }
}

#[test]
fn dialogues_at_each_size() {
    for (width, height) in [(80, 24), (60, 15)] {
        let mut journey = Journey::at_overlay(width, height);
        journey.setting.confirmation = Confirmation::TypeName;
        journey.keys("a a");
        insta::assert_snapshot!(format!("confirm_{width}x{height}"), journey.screen());
        journey.keys("esc ?");
        insta::assert_snapshot!(format!("help_{width}x{height}"), journey.screen());
        journey.keys("esc : 'roll'");
        insta::assert_snapshot!(format!("palette_{width}x{height}"), journey.screen());
        journey.keys("esc n 'looks_right'");
        insta::assert_snapshot!(format!("note_{width}x{height}"), journey.screen());
    }
}

#[test]
fn waiting_says_why_worst_first() {
    let mut journey = waiting(120, 40);
    insta::assert_snapshot!(journey.screen());
    journey.resize(80, 24);
    insta::assert_snapshot!("waiting_80x24", journey.screen());
}

#[test]
fn a_refused_object_says_what_to_do() {
    let mut journey = Journey::at_overlay(80, 24);
    journey.twists = |effect| match effect {
        Effect::Execute { row: 7, .. } => Some(Outcome::RowFailed {
            row: 7,
            problem: Problem::new(
                "Deployment/mime-server",
                "spec.template.spec.containers[0].securityContext: violates PodSecurity \"restricted\"",
                "set runAsNonRoot in base/mime-server-deployment.yml and apply again",
            ),
        }),
        _ => None,
    };
    journey.keys("a a tab enter");
    assert_eq!(journey.standing("week-1/overlay"), "failed");
    insta::assert_snapshot!(journey.screen());
}

#[test]
fn a_stage_shows_what_failed_in_it() {
    let mut journey = Journey::at_overlay(120, 40);
    journey.twists = |effect| match effect {
        Effect::Wait { .. } => Some(Outcome::Stopped(vec![Problem::new(
            "Deployment/gateway",
            "not ready after 5m: ImagePullBackOff",
            "push the image, then resume",
        )])),
        _ => None,
    };
    journey.keys("a a tab enter g");
    let screen = journey.screen();
    assert!(screen.contains("ImagePullBackOff") && screen.contains("→ push the image"), "{screen}");
}

#[test]
fn an_interruption_says_what_is_known_and_what_can_be_done() {
    let mut journey = interrupted(80, 24);
    insta::assert_snapshot!(journey.screen());
    let screen = journey.screen();
    for wanted in ["Resume…", "Show rollback", "Abandon…", "interrupted"] {
        assert!(screen.contains(wanted), "{wanted}\n{screen}");
    }
    journey.holds = |_| false;
    journey.keys("R");
    assert_eq!(journey.commands.len(), 1, "nothing is resumed on one key");
    journey.keys("tab enter");
    assert_eq!(journey.standing("week-1/overlay"), "done");
}

fn interrupted(width: u16, height: u16) -> Journey {
    let mut journey = Journey::at_overlay(width, height);
    journey.holds = |effect| matches!(effect, Effect::Execute { row: 6.., .. });
    journey.keys("a a tab enter");
    journey.journal(vec![Event::SessionStarted { program: "0.1.0".into(), plan_digest: String::new() }]);
    journey.work();
    journey.commands.clear();
    journey.commands.push(Command::Confirm(Vec::new()));
    journey.say(Message::World);
    journey
}

#[test]
fn panes_say_how_fresh_they_are() {
    let mut journey = Journey::new(120, 40);
    let since = "2026-11-24T14:01:40Z".parse().unwrap();
    let reason = "connection reset; again in 4 s".to_owned();
    journey.connection = Connection::Stale { since, reason: reason.clone() };
    journey.observed.pods.freshness = Freshness::Stale { since, reason };
    journey.observed.autoscalers.rows.clear();
    journey.observed.autoscalers.freshness = Freshness::Forbidden {
        message: "horizontalpodautoscalers.autoscaling is forbidden: User \"you\" cannot list".into(),
    };
    journey.observed.ingresses.rows.clear();
    journey.observed.ingresses.freshness = Freshness::Connecting;
    journey.say(Message::World);
    let screen = journey.screen();
    for wanted in ["◌ stale since 14:01:40Z", "stale 14:01:40Z", "not allowed:", "being listed"] {
        assert!(screen.contains(wanted), "{wanted}\n{screen}");
    }
}

#[test]
fn the_plan_can_be_read_while_the_rehearsal_boots() {
    let mut journey = Journey::new(80, 24);
    journey.connection = Connection::Connecting { doing: "booting the rehearsal cluster".into() };
    journey.observed = Observed {
        simulated: true,
        rehearsal_progress: vec!["building with Go (first time only)".into(), "etcd answers".into()],
        ..Observed::default()
    };
    journey.keys("down down");
    insta::assert_snapshot!(journey.screen());
    journey.keys("a");
    assert!(journey.screen().contains("not yet: booting"), "{}", journey.screen());
    assert!(journey.commands.is_empty());
}

#[test]
fn no_cluster_is_a_clear_message_and_the_plan_stays() {
    let mut journey = Journey::new(80, 24);
    journey.connection = Connection::Failed(Problem::new(
        "context staging-eu",
        "the credentials have expired (401 Unauthorized)",
        "log in again (`aws sso login`), then start migrate-tui again",
    ));
    journey.keys("down");
    insta::assert_snapshot!(journey.screen());
}
