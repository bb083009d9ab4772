//! A file: its difference, or its whole text.

use ratatui::style::Style;

use crate::{
    app::preview::Finding,
    scaffold::{Action, RelativePath, Row, Write},
    ui::{Theme, glyph},
};

/// What is shown of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Text<'a> {
    /// A unified diff.
    Difference(&'a str),
    /// The text that is wanted.
    Whole(&'a str),
    /// The text that goes.
    Going(&'a str),
    /// Nothing can be shown.
    Nothing,
}

impl<'a> Text<'a> {
    /// Of a file that is there the difference comes first, of a new one its text.
    pub(super) fn of(finding: &'a Finding, row: &'a Row, is_whole: bool) -> Self {
        let whole = match &row.write {
            Some(Write::Put(text)) => Some(text.as_str()),
            Some(Write::Remove) => None,
            None => wanted(finding, &row.path),
        };
        let difference = row.diff.as_deref().filter(|_| row.action != Action::Create);
        match (difference, whole, row.there()) {
            (Some(difference), whole, _) if !is_whole || whole.is_none() => Self::Difference(difference),
            (_, Some(whole), _) => Self::Whole(whole),
            (_, None, Some(there)) => Self::Going(there),
            _ => Self::Nothing,
        }
    }

    /// Is there a difference, and a whole text too?
    pub(super) fn has_both(row: &Row) -> bool {
        row.diff.is_some() && !matches!(row.action, Action::Create | Action::Delete)
    }

    /// What it is called.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Difference(_) => "difference",
            Self::Whole(_) => "wanted text",
            Self::Going(_) => "what goes",
            Self::Nothing => "",
        }
    }

    /// Its lines.
    pub(super) fn lines(self) -> std::str::Lines<'a> {
        match self {
            // The file's name stands above.
            Self::Difference(text) => {
                text.split_once("\n@@").map_or(text, |(head, _)| behind(text, head)).lines()
            }
            Self::Whole(text) | Self::Going(text) => text.lines(),
            Self::Nothing => "".lines(),
        }
    }

    /// The style of a line.
    pub(super) fn style(self, line: &str, theme: &Theme) -> Style {
        match self {
            Self::Difference(_) => glyph::difference(line, theme),
            Self::Going(_) => theme.diff_removed.0,
            Self::Whole(_) | Self::Nothing => theme.text.0,
        }
    }
}

/// What follows a beginning, and the end of its line.
fn behind<'t>(text: &'t str, head: &str) -> &'t str {
    text.get(head.len() + 1..).unwrap_or_default()
}

/// The wanted text of a file, or of the one that it lies beside.
fn wanted<'f>(finding: &'f Finding, path: &RelativePath) -> Option<&'f str> {
    finding.wanted.text(path).or_else(|| {
        let (_, text) = finding.wanted.files().find(|(wanted, _)| wanted.beside() == *path)?;
        Some(text)
    })
}
