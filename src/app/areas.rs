//! What the last frame put where, as plain data, so that clicks can be understood.

use ratatui::layout::{Position, Rect};

use super::{Choice, Focus, ObjectId, PaneId, Row};
use crate::{config::Action, observed::Name};

/// Something that can be clicked.
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Areas {
    hits: Vec<(Rect, Target)>,
    /// The checklist.
    pub plan: Viewport,
    /// The detail pane.
    pub detail: Viewport,
    /// As in [`PaneId::ALL`]; zero where not shown.
    pub panes: [Viewport; 4],
    /// The terminal is too small to show anything.
    pub is_too_small: bool,
    /// Help.
    pub help: Viewport,
}

impl Areas {
    /// Later additions lie on top.
    pub fn add(&mut self, area: Rect, target: Target) {
        if !area.is_empty() {
            self.hits.push((area, target));
        }
    }

    /// Nothing can be clicked.
    #[must_use]
    pub fn without_targets(self) -> Self {
        Self { hits: Vec::new(), ..self }
    }

    /// What lies on top at a cell.
    #[must_use]
    pub fn hit(&self, column: u16, row: u16) -> Option<&Target> {
        let position = Position::new(column, row);
        self.hits.iter().rev().find(|(area, _)| area.contains(position)).map(|(_, target)| target)
    }

    /// Where the first target of that kind was drawn; for tests and hints.
    pub fn find(&self, wanted: impl Fn(&Target) -> bool) -> Option<Rect> {
        self.hits.iter().rev().find(|(_, target)| wanted(target)).map(|(area, _)| *area)
    }
}
