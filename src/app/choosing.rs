//! Keys and clicks that every dialogue takes alike, on every screen.

use crossterm::event::{KeyCode, KeyModifiers};
use jiff::{SignedDuration, Timestamp};
use tui_input::{Input, InputRequest};

use crate::config::KeyPress;

/// A choice that was clicked sooner after its dialogue opened was meant for what lay below.
const SETTLED: SignedDuration = SignedDuration::from_millis(300);

/// What a key comes to in a dialogue with choices.
pub(super) enum Pressed {
    /// To the next choice, or the one before.
    Step(isize),
    /// Takes the one that has the focus.
    Choose,
    /// Nothing of it; perhaps text.
    Other,
}

pub(super) fn pressed(press: KeyPress, is_typing: bool) -> Pressed {
    match press.code {
        KeyCode::Tab | KeyCode::Down => Pressed::Step(1),
        KeyCode::BackTab | KeyCode::Up => Pressed::Step(-1),
        KeyCode::Right if !is_typing => Pressed::Step(1),
        KeyCode::Left if !is_typing => Pressed::Step(-1),
        KeyCode::Enter => Pressed::Choose,
        _ => Pressed::Other,
    }
}

/// Does this key close any dialogue?
pub(super) fn closes(press: KeyPress) -> bool {
    let is_ctrl_c = press.code == KeyCode::Char('c') && press.modifiers == KeyModifiers::CONTROL;
    press.code == KeyCode::Esc || is_ctrl_c
}

/// The one after another, or before it, around the ends.
pub(super) fn beside<T: Copy + PartialEq>(all: &[T], one: T, by: isize) -> T {
    let count = all.len().max(1);
    let at = all.iter().position(|other| *other == one).unwrap_or(0);
    let to = if by < 0 { at + count - 1 } else { at + 1 } % count;
    all.get(to).copied().unwrap_or(one)
}

/// Was this click meant for what lay below the dialogue?
pub(super) fn is_too_soon(opened: Timestamp, now: Timestamp) -> bool {
    now.duration_since(opened) < SETTLED
}

/// A key in the help: scrolls it. Does it close it?
pub(super) fn scroll_help(scroll: &mut usize, press: KeyPress) -> bool {
    match press.code {
        KeyCode::Up | KeyCode::Char('k') => *scroll = scroll.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') => *scroll = scroll.saturating_add(1),
        KeyCode::PageUp => *scroll = scroll.saturating_sub(10),
        KeyCode::PageDown | KeyCode::Char(' ') => *scroll = scroll.saturating_add(10),
        KeyCode::Char('?' | 'q') | KeyCode::Enter => return true,
        _ => {}
    }
    false
}

/// Pasted text: a line break must not press anything.
pub(super) fn paste_into(input: &mut Input, text: &str) {
    for character in text.chars() {
        let character = if character.is_control() { ' ' } else { character };
        input.handle(InputRequest::InsertChar(character));
    }
}

/// A key in a text field.
pub(super) fn type_into(input: &mut Input, press: KeyPress) {
    let control = press.modifiers.contains(KeyModifiers::CONTROL);
    let request = match (press.code, control) {
        (KeyCode::Backspace, false) => InputRequest::DeletePrevChar,
        (KeyCode::Delete, _) => InputRequest::DeleteNextChar,
        (KeyCode::Left, false) => InputRequest::GoToPrevChar,
        (KeyCode::Right, false) => InputRequest::GoToNextChar,
        (KeyCode::Left, true) => InputRequest::GoToPrevWord,
        (KeyCode::Right, true) => InputRequest::GoToNextWord,
        (KeyCode::Home, _) | (KeyCode::Char('a'), true) => InputRequest::GoToStart,
        (KeyCode::End, _) | (KeyCode::Char('e'), true) => InputRequest::GoToEnd,
        (KeyCode::Char('w') | KeyCode::Backspace, true) => InputRequest::DeletePrevWord,
        (KeyCode::Char('u'), true) => InputRequest::DeleteLine,
        (KeyCode::Char('k'), true) => InputRequest::DeleteTillEnd,
        _ => match press.typed() {
            Some(character) => InputRequest::InsertChar(character),
            None => return,
        },
    };
    input.handle(request);
}
