//! The first line and the last.

use std::path::Path;

use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

use super::{Canvas, file::Text};
use crate::{
    app::preview::{Doing, Item, PreviewDialogue, PreviewFocus, Section, StandsAt, button_label, offered},
    config::Action,
    scaffold::Kind,
    ui::{
        canvas::span,
        footer::{HELP, Hint, QUESTION, filtering, hints, keys_only},
        header::{across, badge, drop_parts},
        text,
    },
};

pub(super) fn header(canvas: &mut Canvas<'_>, area: Rect) {
    let theme = canvas.theme;
    let (mark, style) = mark(canvas);
    let right = Line::from(vec![span(format!(" {mark} "), style), badge(canvas.world.mode, theme)]);
    let finding = canvas.world.finding;
    let folder = finding.map_or(canvas.world.folder, |finding| finding.root.as_str());
    let name = Path::new(folder).file_name().map_or(folder.into(), |name| name.to_string_lossy());
    let read = finding
        .filter(|finding| !finding.read.is_empty())
        .map(|finding| format!("{} · {}", finding.holds, finding.read.join(", ")));
    let bar_style = theme.bar.0;
    let heading = theme.heading.0.patch(bar_style.add_modifier(theme.heading.0.add_modifier));
    let room = usize::from(area.width).saturating_sub(right.width() + 1);
    let mut parts: Vec<Option<Span<'static>>> = vec![
        Some(span(" migrate-tui ", theme.badge.0)),
        Some(span(format!(" init › {name}  "), heading)),
        read.map(|read| span(read, bar_style)),
    ];
    if !drop_parts(&mut parts, &[], room)
        && let Some(Some(read)) = parts.get(2).cloned()
    {
        let used: usize = parts.iter().take(2).flatten().map(Span::width).sum();
        let left = room.saturating_sub(used);
        let cut = (left > 8).then(|| span(text::fit(&read.content, left), bar_style));
        if let Some(part) = parts.get_mut(2) {
            *part = cut;
        }
        drop_parts(&mut parts, &[0], room);
    }
    across(canvas, area, parts, &right);
}

/// How it stands, in a word or two.
fn mark(canvas: &Canvas<'_>) -> (String, ratatui::style::Style) {
    let (sight, theme) = (canvas.world, canvas.theme);
    let doing = sight.doing.map(|doing| match doing {
        Doing::Reading => "reading",
        Doing::Performing(Kind::Rollback) => "taking back",
        Doing::Performing(_) => "writing",
    });
    if let Some(doing) = doing {
        return (format!("◌ {doing} {}", text::elapsed(sight.since, sight.now)), theme.warn.0);
    }
    let Some(finding) = sight.finding else { return ("◌".to_owned(), theme.warn.0) };
    if !finding.errors.is_empty() {
        return (format!("✖ {}", text::count(finding.errors.len(), "error", "errors")), theme.danger.0);
    }
    if !finding.problems.is_empty() {
        return ("✖ cannot be written".to_owned(), theme.danger.0);
    }
    let written = finding.files.iter().filter(|row| row.write.is_some()).count();
    match finding.stands {
        StandsAt::Interrupted(..) => ("! interrupted".to_owned(), theme.danger.0),
        StandsAt::WayBack => ("↶ the way back".to_owned(), theme.warn.0),
        StandsAt::Wanted if finding.digest.is_some() => {
            (format!("● {} to write", text::count(written, "file", "files")), theme.accent.0)
        }
        StandsAt::Wanted if finding.counts.kept > 0 => {
            (format!("✔ as wanted, {} yours", finding.counts.kept), theme.ok.0)
        }
        StandsAt::Wanted => ("✔ as wanted".to_owned(), theme.ok.0),
    }
}

pub(super) fn footer(canvas: &mut Canvas<'_>, area: Rect) {
    canvas.paint(area, 0, canvas.theme.bar.0);
    if let Some(input) = &canvas.app.filter_input {
        return filtering(canvas, area, input);
    }
    match &canvas.app.dialogue {
        Some(PreviewDialogue::Ask(_)) => return keys_only(canvas, area, QUESTION),
        Some(PreviewDialogue::Help { .. }) => return keys_only(canvas, area, HELP),
        None => {}
    }
    let app = canvas.app;
    let hint = |action: Action| -> Hint { (action, action.label().to_owned()) };
    let asked = offered(canvas.world).into_iter().map(|action| (action, button_label(canvas.world, action)));
    let mut wanted: Vec<Hint> = asked.collect();
    match (app.focus, app.section) {
        (PreviewFocus::Buttons, _) => wanted.extend([Action::Activate, Action::Back].map(hint)),
        (_, Section::Keys) => {
            wanted.push((Action::Fate, format!("show {}", app.shown.next().word())));
            wanted.extend([Action::Filter, Action::Zoom].map(hint));
        }
        (_, _) => wanted.extend([Action::Filter, Action::Zoom].map(hint)),
    }
    let row = match app.chosen() {
        Some(Item::File(index)) => canvas.world.finding.and_then(|finding| finding.files.get(index)),
        _ => None,
    };
    if row.is_some_and(Text::has_both) {
        let label = if app.reading.is_whole { "Difference" } else { "Wanted text" };
        wanted.insert(wanted.len().saturating_sub(2), (Action::Toggle, label.to_owned()));
    }
    wanted.extend([Action::NextFocus, Action::Quit].map(hint));
    hints(canvas, area, "", (wanted, vec![hint(Action::Help)]));
}
