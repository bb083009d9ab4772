//! The pane's content as lines, before it is cut to what is visible.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use crate::{
    app::{App, ObjectId, World},
    diff::Problem,
    ui::{Theme, canvas::span, text},
};

/// Lines of at most `width` cells, some of which are an object's heading.
#[derive(Debug)]
pub(super) struct Document<'a> {
    pub(super) app: &'a App,
    pub(super) world: &'a World<'a>,
    pub(super) theme: &'a Theme,
    pub(super) width: usize,
    pub(super) lines: Vec<Line<'static>>,
    /// Line of each object's heading, and of the first line past it.
    pub(super) objects: Vec<(ObjectId, std::ops::Range<usize>)>,
}

impl Document<'_> {
    pub(super) fn push(&mut self, spans: Vec<Span<'static>>) {
        self.lines.push(Line::from(spans));
    }

    pub(super) fn blank(&mut self) {
        if self.lines.last().is_some_and(|line| line.width() > 0) {
            self.lines.push(Line::default());
        }
    }

    pub(super) fn heading(&mut self, content: &str) {
        self.blank();
        self.push(vec![span(content, self.theme.heading.0)]);
    }

    /// A text after a lead (`"  - "`), wrapped below its own beginning.
    pub(super) fn paragraph(&mut self, lead: &str, content: &str, style: impl Into<Style>) {
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
    pub(super) fn problem(&mut self, problem: &Problem) {
        self.paragraph("✖ ", &problem.subject, self.theme.danger);
        self.paragraph("  ", &problem.reason, self.theme.text);
        self.paragraph("  → ", &problem.remedy, self.theme.accent);
    }
}
