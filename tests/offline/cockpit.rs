//! The cockpit: screens, and journeys through keymap, update and engine.

use migrate_tui::{
    app::{Choice, Connection, Dialogue, Focus, Message, Mode, PaneId, Row, Target, World},
    config::{Action, KeyPress, Settings},
    diff::{Change, Kind, Problem},
    engine::{Command, Effect, Event, Outcome},
    object::Key,
    observed::{Freshness, Observed},
    plan::Confirmation,
    ui::{Depth, Theme},
};
use proptest::prelude::*;

use crate::{fixture, journey::Journey};

fn is_confirm(command: &Command) -> bool {
    matches!(command, Command::Confirm(_))
}

// Screens.

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

pub(crate) fn waiting(width: u16, height: u16) -> Journey {
    let mut journey = Journey::at_overlay(width, height);
    journey.holds = |effect| matches!(effect, Effect::Wait { .. });
    journey.keys("a a tab enter");
    journey.observed.progress = fixture::progress();
    journey.say(Message::World);
    journey
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
    for wanted in ["Resume…", "Roll back", "Abandon…", "interrupted"] {
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

// Journeys.

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
            Command::Request { steps, kind: Kind::Rollback } => Some(steps.clone()),
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
            .decide(Command::Request { steps: vec![fixture::path("week-1/overlay")], kind: Kind::Apply })
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

// Read-only.

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

// Safety of what is drawn.

#[test]
fn escape_sequences_never_reach_the_terminal() {
    let mut journey = Journey::at_overlay(120, 40);
    let evil = "\u{1b}]0;owned\u{7}\u{1b}[31mred\u{9b}2J\u{202e}back\r\nline";
    journey.twists = |effect| match effect {
        Effect::Prepare { step, kind, .. } => {
            let evil = "\u{1b}]0;owned\u{7}\u{1b}[31mred\u{9b}2J\u{202e}back\r\nline";
            let mut proposal = fixture::proposal(step, *kind);
            for row in &mut proposal.rows {
                row.key.name = evil.into();
                row.change = Change::Change;
                row.warnings = vec![evil.into()];
                for field in &mut row.fields {
                    field.path = evil.into();
                    field.after = Some(evil.into());
                }
            }
            for risk in &mut proposal.risks {
                risk.message = evil.into();
            }
            Some(Outcome::Prepared(Box::new(proposal)))
        }
        _ => None,
    };
    journey.observed.pods.rows.insert(fixture::name(evil), fixture::pod(evil, 0, 0, Some(evil)));
    let key = Key { group: evil.into(), kind: evil.into(), namespace: None, name: evil.into() };
    journey.observed.progress.insert(key, migrate_tui::readiness::Readiness::Failed { reason: evil.into() });
    journey.connection = Connection::Stale { since: journey.now, reason: evil.into() };
    for keys in ["a", "a", "tab enter", "z", "tab z", "tab tab z"] {
        journey.keys(keys);
        journey.say(Message::Refused(evil.into()));
        for cell in &journey.buffer.content {
            assert!(!cell.symbol().chars().any(migrate_tui::ui::is_dangerous), "{:?}", cell.symbol());
        }
    }
}

#[test]
fn without_colour_the_same_is_told() {
    let mut journey = waiting(120, 40);
    let coloured = journey.screen();
    journey.theme = Theme::built_in("dark").unwrap().unwrap().at(Depth::None);
    journey.draw();
    assert_eq!(journey.screen(), coloured);
    for cell in &journey.buffer.content {
        assert_eq!((cell.fg, cell.bg), (ratatui::style::Color::Reset, ratatui::style::Color::Reset));
    }
}

#[test]
fn thousands_of_pods_do_not_slow_a_frame() {
    let mut journey = Journey::at_overlay(120, 40);
    for index in 0..5_000 {
        let pod = fixture::pod("Running", u32::from(index % 50 != 0), 0, None);
        journey.observed.pods.rows.insert(fixture::name(&format!("worker-{index:05}")), pod);
    }
    journey.draw();
    let started = std::time::Instant::now();
    for _ in 0..20 {
        journey.draw();
    }
    let frame = started.elapsed() / 20;
    // A debug build on a busy machine; a release build is some twenty times faster.
    assert!(frame < std::time::Duration::from_millis(100), "{frame:?}");
}

// Properties.

fn any_message() -> impl Strategy<Value = Message> {
    let settings = Settings::defaults().unwrap();
    let keys: Vec<KeyPress> = Action::ALL
        .into_iter()
        .filter(|action| *action != Action::Quit)
        .flat_map(|action| settings.keymap.keys_for(action).to_vec())
        .collect();
    prop_oneof![
        8 => prop::sample::select(keys)
            .prop_map(move |press| Message::Key { press, action: settings.keymap.resolve(press) }),
        2 => any::<char>().prop_map(|character| Message::Key {
            press: KeyPress::new(crossterm::event::KeyCode::Char(character), crossterm::event::KeyModifiers::NONE),
            action: None,
        }),
        3 => (0_u16..130, 0_u16..45).prop_map(|(column, row)| Message::Click { column, row }),
        1 => (0_u16..130, 0_u16..45, -9_i32..9)
            .prop_map(|(column, row, lines)| Message::Wheel { column, row, lines }),
        1 => ".{0,12}".prop_map(Message::Paste),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn update_never_panics_and_only_a_dialogue_confirms(
        messages in prop::collection::vec(any_message(), 1..60),
        size in prop::sample::select(vec![(80, 24), (120, 40), (60, 15), (20, 5)]),
        is_read_only in any::<bool>(),
    ) {
        let mut journey = Journey::new(size.0, size.1);
        if is_read_only {
            journey.mode = Mode::ReadOnly;
        }
        for message in messages {
            let had_dialogue = matches!(journey.app.dialogue, Some(Dialogue::Confirm(_)));
            let before = journey.commands.len();
            journey.say(message);
            for command in journey.commands.iter().skip(before) {
                prop_assert!(had_dialogue || !is_confirm(command), "{command:?} without a dialogue");
                let reads = matches!(command, Command::Request { kind: Kind::Apply | Kind::Verify, .. } | Command::Cancel { .. });
                prop_assert!(!is_read_only || reads, "{command:?} in read-only mode");
            }
        }
    }
}

#[test]
fn a_world_can_be_looked_at_without_a_journal() {
    let run = migrate_tui::engine::Run::new(Vec::new());
    let (setting, observed, proposals) =
        (fixture::setting(), Observed::default(), std::collections::BTreeMap::new());
    let connection = Connection::Connecting { doing: "connecting".into() };
    let world = World {
        run: &run,
        setting: &setting,
        observed: &observed,
        proposals: &proposals,
        connection: &connection,
        now: "2026-11-24T14:00:00Z".parse().unwrap(),
        mode: Mode::ReadWrite,
    };
    assert!(migrate_tui::app::App::new(&world).selected.is_none());
}
