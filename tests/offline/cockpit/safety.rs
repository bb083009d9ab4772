//! Whatever comes in, what is drawn and asked is harmless.

use migrate_tui::{
    app::{Connection, Dialogue, Message, Mode, World},
    config::{Action, KeyPress, Screen, Settings},
    diff::{Change, Kind},
    engine::{Command, Effect, Outcome},
    object::Key,
    observed::Observed,
    ui::{Depth, Theme},
};
use proptest::prelude::*;

use super::{is_confirm, waiting};
use crate::{fixture, journey::Journey};

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

fn any_message() -> impl Strategy<Value = Message> {
    let settings = Settings::defaults().unwrap();
    let keys: Vec<KeyPress> = Action::ALL
        .into_iter()
        .filter(|action| *action != Action::Quit)
        .flat_map(|action| settings.keymap.keys_for(action).to_vec())
        .collect();
    prop_oneof![
        8 => prop::sample::select(keys)
            .prop_map(move |press| Message::Key { press, action: settings.keymap.resolve(press, Screen::Cockpit) }),
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
