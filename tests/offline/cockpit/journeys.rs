//! Journeys through keymap, update and engine.

use migrate_tui::{
    app::{Choice, Dialogue, Focus, Message, Mode, PaneId, Row, Target},
    config::{Action, Settings},
    diff::{Kind, Leftovers},
    engine::Command,
    plan::Confirmation,
};

use super::{is_confirm, waiting};
use crate::{fixture, journey::Journey};

#[test]
fn week_one_is_applied_and_rolled_back_by_keys_alone() {
    let mut journey = Journey::new(80, 24);
    journey.keys("t 'token_in_the_vault' enter");
    assert_eq!(journey.standing("week-1/pull-secret"), "done");
    // The stage as a whole: shown, asked, confirmed.
    journey.keys("g");
    assert_eq!(journey.app.selected.as_ref().unwrap().stage().0, "week-1");
    journey.keys("a");
    assert_eq!(journey.run.awaiting().count(), 2);
    assert!(!journey.commands.iter().any(is_confirm));
    journey.keys("a");
    assert!(matches!(journey.app.dialogue, Some(Dialogue::Confirm(_))));
    journey.keys("tab enter");
    assert_eq!(journey.standing("week-1/namespace"), "done");
    assert_eq!(journey.standing("week-1/overlay"), "done");
    journey.keys("r r tab enter");
    assert_eq!(journey.standing("week-1/overlay"), "rolled back with conflicts");
    assert_eq!(journey.standing("week-1/namespace"), "rolled back");
    let undone: Vec<_> = journey
        .commands
        .iter()
        .rev()
        .find_map(|command| match command {
            Command::Request { steps, kind: Kind::Rollback, .. } => Some(steps.clone()),
            _ => None,
        })
        .unwrap();
    assert_eq!(undone, vec![fixture::path("week-1/overlay"), fixture::path("week-1/namespace")]);
    journey.keys("q");
    assert!(journey.has_quit);
}

#[test]
fn week_one_is_applied_and_rolled_back_by_mouse_alone() {
    let mut journey = Journey::new(120, 40);
    for (step, standing) in [("week-1/namespace", "done"), ("week-1/overlay", "done")] {
        journey.click(|target| *target == Target::Plan(Row::Step(fixture::path(step))));
        journey.click_button(Action::Apply);
        journey.click_button(Action::Apply);
        assert!(!journey.commands.iter().any(|command| matches!(command, Command::Confirm(approvals)
            if approvals.iter().any(|one| journey.run.attempt(one.attempt).unwrap().step == fixture::path(step)))));
        journey.click(|target| *target == Target::Choice(Choice::Go));
        assert_eq!(journey.standing(step), standing);
    }
    for (step, standing) in
        [("week-1/overlay", "rolled back with conflicts"), ("week-1/namespace", "rolled back")]
    {
        journey.click(|target| *target == Target::Plan(Row::Step(fixture::path(step))));
        journey.click_button(Action::RollBack);
        journey.click_button(Action::RollBack);
        journey.click(|target| *target == Target::Choice(Choice::Go));
        assert_eq!(journey.standing(step), standing);
    }
}

#[test]
fn pressing_apply_and_enter_over_and_over_never_confirms() {
    let mut journey = Journey::at_overlay(80, 24);
    // Cancel has the focus: whoever hammers a key gets nowhere.
    journey.keys("a a a a enter a a enter enter a enter");
    assert!(!journey.commands.iter().any(is_confirm));
}

#[test]
fn a_click_meant_for_what_lay_below_a_dialogue_does_not_count() {
    let mut journey = Journey::at_overlay(80, 24);
    journey.keys("a a");
    let now = journey.now;
    let go = journey.app.areas.find(|target| *target == Target::Choice(Choice::Go)).unwrap();
    // `say` moves the clock on by a second: go back to just after the dialogue opened.
    journey.now = now - jiff::SignedDuration::from_millis(900);
    journey.say(Message::Click { column: go.x + 1, row: go.y });
    assert!(!journey.commands.iter().any(is_confirm));
    journey.say(Message::Click { column: go.x + 1, row: go.y });
    assert!(journey.commands.iter().any(is_confirm));
}

#[test]
fn prod_wants_its_name_typed() {
    let mut journey = Journey::at_overlay(80, 24);
    journey.setting.confirmation = Confirmation::TypeName;
    journey.keys("a a tab tab enter");
    assert!(!journey.commands.iter().any(is_confirm), "the button is not armed");
    journey.keys("'stagin' tab enter");
    assert!(!journey.commands.iter().any(is_confirm));
    journey.keys("'g' enter");
    assert!(!journey.commands.iter().any(is_confirm), "enter in the field only moves on");
    journey.keys("enter");
    assert_eq!(journey.standing("week-1/overlay"), "done");
}

#[test]
fn a_proposal_that_changes_closes_the_dialogue() {
    let mut journey = Journey::at_overlay(80, 24);
    journey.keys("a a");
    journey.journal(
        journey
            .run
            .decide(Command::Request {
                steps: vec![fixture::path("week-1/overlay")],
                kind: Kind::Apply,
                leftovers: Leftovers::Stay,
            })
            .unwrap(),
    );
    journey.work();
    journey.say(Message::World);
    assert!(journey.app.dialogue.is_none());
    assert!(journey.screen().contains("has changed meanwhile"));
}

#[test]
fn a_refusal_is_shown() {
    let mut journey = Journey::at_overlay(80, 24);
    journey.say(Message::Refused("week-1/overlay is at work (applying); wait for it".into()));
    assert!(journey.screen().contains("Not done"), "{}", journey.screen());
    journey.keys("esc");
    assert!(!journey.screen().contains("Not done"));
}

#[test]
fn leaving_while_a_step_is_at_work_asks_first() {
    let mut journey = waiting(80, 24);
    journey.keys("q enter");
    assert!(!journey.has_quit);
    journey.keys("q tab enter");
    assert!(journey.has_quit);
}

#[test]
fn stopping_asks_first_and_the_default_goes_on() {
    let mut journey = waiting(80, 24);
    journey.keys("x enter");
    assert_eq!(journey.standing("week-1/overlay"), "at work");
    journey.keys("x tab enter");
    assert_eq!(journey.standing("week-1/overlay"), "cancelled");
}

#[test]
fn the_selection_stays_on_its_object_when_rows_move() {
    let mut journey = Journey::at_overlay(120, 40);
    journey.app.focus = Focus::Pane(PaneId::Pods);
    journey.keys("down down down");
    let selected = journey.app.list(PaneId::Pods).selected.clone().unwrap();
    assert_eq!(selected.name, "gateway-7d9c5f6b8-4xk2p");
    journey
        .observed
        .pods
        .rows
        .insert(fixture::name("aaa"), fixture::pod("CrashLoopBackOff", 0, 9, Some("app: exit 1")));
    journey.say(Message::World);
    assert_eq!(journey.app.list(PaneId::Pods).selected.as_ref(), Some(&selected));
    journey.observed.pods.rows.remove(&selected);
    journey.say(Message::World);
    assert_eq!(journey.app.list(PaneId::Pods).selected.as_ref().unwrap().name, "gateway-7d9c5f6b8-q8zvn");
}

#[test]
fn a_finished_step_does_not_move_the_selection() {
    let mut journey = Journey::at_overlay(80, 24);
    let selected = journey.app.selected.clone();
    journey.keys("a a tab enter");
    assert_eq!(journey.app.selected, selected);
}

#[test]
fn filters_apply_to_the_focused_list() {
    let mut journey = Journey::new(80, 24);
    journey.keys("/ 'clusteri' enter");
    let screen = journey.screen();
    assert!(screen.contains("ClusterIssuer ready") && !screen.contains("Week 2"), "{screen}");
    journey.keys("esc");
    assert!(journey.screen().contains("Week 2"));
}

#[test]
fn the_palette_finds_steps_and_commands() {
    let mut journey = Journey::new(80, 24);
    journey.keys(": 'clusteriss' enter");
    assert_eq!(journey.app.selected, Some(Row::Step(fixture::path("week-4/issuer"))));
    journey.keys(": 'the_namespace' enter : 'apply' enter");
    assert!(matches!(journey.commands.last(), Some(Command::Request { kind: Kind::Apply, .. })));
}

#[test]
fn read_only_offers_no_write_and_says_why() {
    let mut journey = Journey::at_overlay(80, 24);
    journey.mode = Mode::ReadOnly;
    journey.say(Message::World);
    assert!(journey.screen().contains("READ-ONLY"));
    for action in Action::ALL {
        let settings = Settings::defaults().unwrap();
        for key in settings.keymap.keys_for(action) {
            if action != Action::Quit {
                journey.press(*key);
                journey.keys("tab enter esc esc");
            }
        }
    }
    for command in &journey.commands {
        assert!(
            matches!(
                command,
                Command::Request { kind: Kind::Apply | Kind::Verify, .. } | Command::Cancel { .. }
            ),
            "{command:?}"
        );
    }
    journey.app.selected = Some(Row::Step(fixture::path("week-1/overlay")));
    journey.keys("a");
    assert!(journey.screen().contains("READ-ONLY: nothing is written"), "{}", journey.screen());
}
