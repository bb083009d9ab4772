//! Sign and role of a row.

use ratatui::style::Style;

use crate::{
    app::preview::{Finding, Item},
    import::Fate,
    scaffold::{Action, Row},
    ui::Theme,
};

pub(super) fn item(finding: &Finding, item: Item, theme: &Theme) -> (&'static str, Style) {
    match item {
        Item::Done => ("✔", theme.ok.0),
        Item::Interrupted => ("!", theme.danger.0),
        Item::WayBack => ("↶", theme.warn.0),
        Item::Error(_) | Item::Problem(_) => ("✖", theme.danger.0),
        Item::Warning(_) => ("!", theme.warn.0),
        Item::Question(_) => ("?", theme.accent.0),
        Item::Keys(group) => finding.gap(group).map_or((" ", theme.muted.0), |gap| fate(gap.fate, theme)),
        Item::Decision(_) => ("i", theme.muted.0),
        Item::File(index) => {
            let row = finding.files.get(index);
            row.map_or((" ", theme.muted.0), |row| action(row, theme))
        }
    }
}

pub(super) fn fate(fate: Fate, theme: &Theme) -> (&'static str, Style) {
    match fate {
        Fate::NotMapped => ("✖", theme.danger.0),
        Fate::Approximated => ("≈", theme.warn.0),
        Fate::Mapped => ("✔", theme.ok.0),
        Fate::Read => ("·", theme.muted.0),
    }
}

pub(super) fn action(row: &Row, theme: &Theme) -> (&'static str, Style) {
    match row.action {
        Action::Create => ("+", theme.diff_added.0),
        Action::Update => ("~", theme.warn.0),
        Action::Delete => ("-", theme.diff_removed.0),
        Action::Same | Action::Adopt => ("=", theme.muted.0),
        Action::Edited | Action::InTheWay | Action::Removed | Action::Left => ("!", theme.warn.0),
    }
}

/// What happens to a file, in a sentence.
pub(super) fn says(row: &Row) -> &'static str {
    match row.action {
        Action::Create if row.path.is_beside() => "the wanted text, put beside the file that you changed",
        Action::Create => "is created",
        Action::Same => "is as wanted",
        Action::Adopt => "is as wanted already, and goes into the record",
        Action::Update => "is as it was written last, and is written anew",
        Action::Edited => "was edited since it was written, and stays",
        Action::InTheWay => "was not written by init, and stays",
        Action::Removed => "was taken away since it was written, and is not made again",
        Action::Delete => "is no longer wanted, and goes",
        Action::Left => "is no longer wanted, but was edited: it stays",
    }
}
