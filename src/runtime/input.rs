//! From terminal events to messages.

use crossterm::event::{Event, KeyEventKind, MouseButton, MouseEventKind};

use crate::{
    app::Message,
    config::{KeyPress, Keymap, Screen},
};

/// Lines a turn of the wheel moves.
const WHEEL: i32 = 3;

/// The message of an event on a screen, if it has one.
pub(super) fn message(event: Event, keymap: &Keymap, on: Screen) -> Option<Message> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => {
            let press = KeyPress::new(key.code, key.modifiers);
            Some(Message::Key { press, action: keymap.resolve(press, on) })
        }
        Event::Mouse(mouse) => {
            let (column, row) = (mouse.column, mouse.row);
            match mouse.kind {
                MouseEventKind::Down(MouseButton::Left) => Some(Message::Click { column, row }),
                MouseEventKind::ScrollUp => Some(Message::Wheel { column, row, lines: -WHEEL }),
                MouseEventKind::ScrollDown => Some(Message::Wheel { column, row, lines: WHEEL }),
                _ => None,
            }
        }
        Event::Paste(text) => Some(Message::Paste(text)),
        _ => None,
    }
}
