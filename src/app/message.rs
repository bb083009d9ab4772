//! What comes in and what goes out.

use super::Notice;
use crate::{
    config::{Action, KeyPress},
    engine::Command,
};

/// News for the cockpit.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// A key, with what the keymap makes of it.
    Key {
        /// The press.
        press: KeyPress,
        /// What it asks for outside a text field.
        action: Option<Action>,
    },
    /// Pasted text.
    Paste(String),
    /// The left button went down on a cell.
    Click {
        /// From 0.
        column: u16,
        /// From 0.
        row: u16,
    },
    /// The wheel turned over a cell.
    Wheel {
        /// From 0.
        column: u16,
        /// From 0.
        row: u16,
        /// Lines; negative is up.
        lines: i32,
    },
    /// Run, proposals, connection or observations have changed.
    World,
    /// A command was not taken.
    Refused(String),
    /// Something to tell the operator.
    Notify(Notice),
}

/// What the cockpit wants done.
#[derive(Clone, Debug, PartialEq)]
pub enum AppEffect {
    /// Ask the engine.
    Command(Command),
    /// Leave.
    Quit,
    /// Back to the shell until `fg`.
    Suspend,
    /// Draw every cell anew.
    Redraw,
}
