//! Whatever is pressed, clicked or pasted.

use migrate_tui::{
    app::{
        Message, Mode,
        preview::{PreviewDialogue, PreviewEffect},
    },
    config::{Action, KeyPress, Screen, Settings},
};
use proptest::prelude::*;

use super::{Stage, interrupted, look};
use crate::init::Repository;

fn any_message() -> impl Strategy<Value = Message> {
    let settings = Settings::defaults().unwrap();
    let keys: Vec<KeyPress> =
        Action::ALL.into_iter().flat_map(|action| settings.keymap.keys_for(action).to_vec()).collect();
    prop_oneof![
        8 => prop::sample::select(keys).prop_map(move |press| {
            Message::Key { press, action: settings.keymap.resolve(press, Screen::Init) }
        }),
        3 => (0_u16..130, 0_u16..45).prop_map(|(column, row)| Message::Click { column, row }),
        1 => (0_u16..130, 0_u16..45, -9_i32..9)
            .prop_map(|(column, row, lines)| Message::Wheel { column, row, lines }),
        1 => ".{0,12}".prop_map(Message::Paste),
    ]
}

#[test]
fn nothing_panics_and_only_the_question_writes() {
    let wanted = look(&Repository::with("03-web-db-cache-health"));
    let stopped = interrupted(wanted.clone());
    let broken = look(&Repository::with("bad/wrong-values"));
    let sizes = prop::sample::select(vec![(80, 24), (120, 40), (60, 15), (20, 5)]);
    let findings = prop::sample::select(vec![wanted, stopped, broken]);
    let messages = prop::collection::vec(any_message(), 1..60);
    let mut runner =
        proptest::test_runner::TestRunner::new(ProptestConfig { cases: 48, ..ProptestConfig::default() });
    let tried =
        runner.run(&(messages, sizes, findings, any::<bool>()), |(messages, size, finding, is_read_only)| {
            let mut stage = Stage::on(finding, size.0, size.1);
            stage.mode = if is_read_only { Mode::ReadOnly } else { Mode::ReadWrite };
            for message in messages {
                let was_asked = matches!(stage.app.dialogue, Some(PreviewDialogue::Ask(_)));
                let effects = stage.say(message);
                let writes = effects.iter().any(|effect| matches!(effect, PreviewEffect::Perform(..)));
                prop_assert!(!writes || (was_asked && !is_read_only), "{effects:?}");
            }
            Ok(())
        });
    tried.unwrap();
}
