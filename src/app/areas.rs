//! What the last frame put where, as plain data, so that clicks can be understood.

use ratatui::layout::{Position, Rect};

use super::{Choice, Focus, ObjectId, PaneId, Row};
use crate::{config::Action, observed::Name};

/// What can be clicked on every screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// A button, or a hint in the footer.
    Button(Action),
    /// A choice in a dialogue.
    Choice(Choice),
    /// Inside a dialogue but nothing of it.
    Dialogue,
}

/// Something of the cockpit that can be clicked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A pane's frame or empty part.
    Area(Focus),
    /// A row of the checklist.
    Plan(Row),
    /// An object of the detail pane.
    Object(ObjectId),
    /// A button under the detail pane, or a hint in the footer.
    Button(Action),
    /// A tab of the live panes.
    Tab(PaneId),
    /// A row of a live pane.
    Observed(PaneId, Name),
    /// A choice in a dialogue.
    Choice(Choice),
    /// An entry of the palette, by its place.
    Entry(usize),
    /// Inside a dialogue but nothing of it.
    Dialogue,
}

impl From<Control> for Target {
    fn from(control: Control) -> Self {
        match control {
            Control::Button(action) => Self::Button(action),
            Control::Choice(choice) => Self::Choice(choice),
            Control::Dialogue => Self::Dialogue,
        }
    }
}

/// How much of a list was shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Viewport {
    /// First line shown.
    pub scroll: usize,
    /// Lines shown at most.
    pub height: usize,
    /// All lines.
    pub total: usize,
}

/// The last frame's layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Areas<T = Target> {
    hits: Vec<(Rect, T)>,
    /// The list at the left: the checklist.
    pub list: Viewport,
    /// The detail pane.
    pub detail: Viewport,
    /// As in [`PaneId::ALL`]; zero where not shown.
    pub panes: [Viewport; 4],
    /// The terminal is too small to show anything.
    pub is_too_small: bool,
    /// Help.
    pub help: Viewport,
}

impl<T> Default for Areas<T> {
    fn default() -> Self {
        Self {
            hits: Vec::new(),
            list: Viewport::default(),
            detail: Viewport::default(),
            panes: Default::default(),
            is_too_small: false,
            help: Viewport::default(),
        }
    }
}

impl<T> Areas<T> {
    /// Later additions lie on top.
    pub fn add(&mut self, area: Rect, target: T) {
        if !area.is_empty() {
            self.hits.push((area, target));
        }
    }

    /// The terminal is too small: nothing can be clicked.
    #[must_use]
    pub fn of_a_small_terminal(self) -> Self {
        Self { hits: Vec::new(), is_too_small: true, ..self }
    }

    /// What lies on top at a cell.
    #[must_use]
    pub fn hit(&self, column: u16, row: u16) -> Option<&T> {
        let position = Position::new(column, row);
        self.hits.iter().rev().find(|(area, _)| area.contains(position)).map(|(_, target)| target)
    }

    /// Where the first target of that kind was drawn; for tests and hints.
    pub fn find(&self, wanted: impl Fn(&T) -> bool) -> Option<Rect> {
        self.hits.iter().rev().find(|(_, target)| wanted(target)).map(|(area, _)| *area)
    }
}
