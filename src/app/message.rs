//! What comes in and what goes out.

use super::Notice;
use crate::{
    config::{Action, KeyPress},
    diff::Problem,
    engine::Command,
    plan::StepPath,
    workflow::Dispatch,
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
    /// What a run of the workflow would be was read, or cannot be told.
    DispatchShown(Result<Box<Dispatch>, Problem>),
}

/// What the cockpit wants done.
#[derive(Clone, Debug, PartialEq)]
pub enum AppEffect {
    /// Ask the engine.
    Command(Command),
    /// Read what a run of the workflow would be.
    ShowDispatch,
    /// Start a run, as it was shown and confirmed.
    Dispatch {
        /// The step whose notes tell of it.
        step: StepPath,
        /// What was confirmed.
        dispatch: Box<Dispatch>,
    },
    /// Read the jobs of a run.
    LookAtRun(u64),
    /// Leave.
    Quit,
    /// Back to the shell until `fg`.
    Suspend,
    /// Draw every cell anew.
    Redraw,
}
