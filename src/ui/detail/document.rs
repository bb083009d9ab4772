//! The pane's content as lines, before it is cut to what is visible.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use crate::{
    app::{App, ObjectId, World},
    diff::Problem,
    ui::{
        Theme,
        canvas::{Canvas, span},
        text,
    },
};

/// Lines of at most `width` cells, some of which are an object's heading.
#[derive(Debug)]
pub(in crate::ui) struct Document<'a, A = App, W = World<'a>> {
    pub(super) app: &'a A,
    pub(super) world: &'a W,
    pub(in crate::ui) theme: &'a Theme,
    pub(in crate::ui) width: usize,
    pub(in crate::ui) lines: Vec<Line<'static>>,
    /// Line of each object's heading, and of the first line past it.
    pub(super) objects: Vec<(ObjectId, std::ops::Range<usize>)>,
}

impl<'a, A, W> Document<'a, A, W> {
    /// Nothing yet, of lines as wide as a part of the screen.
    pub(in crate::ui) fn of<T>(canvas: &Canvas<'a, A, W, T>, width: u16) -> Self {
        let (app, world, theme) = (canvas.app, canvas.world, canvas.theme);
        Self { app, world, theme, width: usize::from(width), lines: Vec::new(), objects: Vec::new() }
    }

    pub(in crate::ui) fn push(&mut self, spans: Vec<Span<'static>>) {
        self.lines.push(Line::from(spans));
    }

    pub(in crate::ui) fn blank(&mut self) {
        if self.lines.last().is_some_and(|line| line.width() > 0) {
            self.lines.push(Line::default());
        }
    }

    pub(in crate::ui) fn heading(&mut self, content: &str) {
        self.blank();
        self.push(vec![span(content, self.theme.heading.0)]);
    }

    /// A text after a lead (`"  - "`), wrapped below its own beginning.
    pub(in crate::ui) fn paragraph(&mut self, lead: &str, content: &str, style: impl Into<Style>) {
        let style = style.into();
        let indent = text::width(lead);
        for (row, part) in
            text::wrap(content, self.width.saturating_sub(indent).max(8)).into_iter().enumerate()
        {
            let lead = if row == 0 { lead.to_owned() } else { " ".repeat(indent) };
            self.push(vec![span(lead, style), span(part, style)]);
        }
    }

    /// What failed, why, and what to do.
    pub(in crate::ui) fn problem(&mut self, problem: &Problem) {
        self.paragraph("✖ ", &problem.subject, self.theme.danger);
        self.paragraph("  ", &problem.reason, self.theme.text);
        self.paragraph("  → ", &problem.remedy, self.theme.accent);
    }
}
