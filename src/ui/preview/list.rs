//! The list: three tabs, of which only the rows in sight are drawn.

use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

use super::{Canvas, signs};
use crate::{
    app::{
        Viewport,
        preview::{Finding, Item, PreviewFocus, Section, Shown, Spot, label},
    },
    ui::{canvas::span, layout, text},
};

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    let is_focused = canvas.app.focus == PreviewFocus::List;
    let inner = canvas.framed(area, "", Line::default(), (is_focused, Spot::Area(PreviewFocus::List)));
    tabs(canvas, area);
    let Some(finding) = canvas.world.finding else {
        return canvas.line(inner, 0, &Line::from(span(" being read …", canvas.theme.muted.0)));
    };
    let app = canvas.app;
    let list = app.list();
    let (height, total) = (usize::from(inner.height), list.rows.len());
    let wanted = list.follows.then_some(list.chosen).filter(|_| total > 0);
    let scroll = layout::window(list.scroll, height, total, wanted);
    canvas.areas.list = Viewport { scroll, height, total };
    if total == 0 {
        empty(canvas, inner);
    }
    for (row, (place, item)) in (0..inner.height).zip(list.rows.iter().enumerate().skip(scroll)) {
        let line = Rect { y: inner.y + row, height: 1, ..inner };
        draw_row(canvas, line, finding, (place, *item));
    }
    lower_edge(canvas, area, total.saturating_sub(scroll + height));
}

fn tabs(canvas: &mut Canvas<'_>, area: Rect) {
    let finding = canvas.world.finding;
    let mut x = area.x + 2;
    let titles = |is_short: bool| {
        Section::ALL.map(|section| {
            let is_shown = canvas.app.section == section;
            let known = finding.filter(|_| is_shown || !is_short);
            let label =
                known.map_or_else(|| name(section, finding).to_owned(), |found| title(found, section));
            if is_shown { format!("[{label}]") } else { format!(" {label} ") }
        })
    };
    let room = usize::from(area.width.saturating_sub(4));
    let long = titles(false);
    let labels = if text::width(long.concat().trim_end()) > room { titles(true) } else { long };
    for (section, label) in Section::ALL.into_iter().zip(labels) {
        let is_shown = canvas.app.section == section;
        let style = if is_shown { canvas.theme.accent.0 } else { canvas.theme.muted.0 };
        let width = u16::try_from(text::width(&label)).unwrap_or(0);
        if x < area.right() {
            let room = usize::from(area.right() - x - 1);
            canvas.buffer.set_stringn(x, area.y, &label, room, style);
            canvas.areas.add(Rect::new(x, area.y, width, 1), Spot::Tab(section));
        }
        x += width;
    }
}

fn name(section: Section, finding: Option<&Finding>) -> &'static str {
    match section {
        Section::Open if finding.is_some_and(|finding| !finding.errors.is_empty()) => "Errors",
        Section::Open => "Open",
        Section::Keys => "Keys",
        Section::Files => "Files",
    }
}

fn title(finding: &Finding, section: Section) -> String {
    let count = match section {
        Section::Open if !finding.errors.is_empty() => finding.errors.len(),
        Section::Open => finding.problems.len() + finding.questions.len() + finding.warnings.len(),
        Section::Keys => finding.gaps.keys.len(),
        Section::Files => finding.files.len(),
    };
    let name = name(section, Some(finding));
    if count == 0 { name.to_owned() } else { format!("{name} {count}") }
}

fn draw_row(canvas: &mut Canvas<'_>, area: Rect, finding: &Finding, (place, item): (usize, Item)) {
    let theme = canvas.theme;
    let is_chosen = canvas.app.list().chosen == place;
    let (sign, style) = signs::item(finding, item, theme);
    let room = usize::from(area.width).saturating_sub(3);
    let text = label(finding, item);
    // The end of a path tells it from others; of a sentence its beginning says more.
    let text = match item {
        Item::File(_) => text::fit_end(&text, room),
        Item::Keys(_) => text::fit_middle(&text, room),
        _ => text::fit(&text, room),
    };
    let line = Line::from(vec![
        Span::styled(if is_chosen { "›" } else { " " }, theme.accent.0),
        Span::styled(sign, style),
        Span::raw(" "),
        span(text, theme.text.0),
    ]);
    canvas.line(area, 0, &line);
    if is_chosen {
        let is_focused = canvas.app.focus == PreviewFocus::List;
        canvas.paint(area, 0, if is_focused { theme.selected_focused.0 } else { theme.selected.0 });
    }
    canvas.areas.add(area, Spot::Row(place));
}

fn empty(canvas: &mut Canvas<'_>, area: Rect) {
    let app = canvas.app;
    let told = match app.section {
        _ if !app.list().filter.is_empty() => format!("nothing holds \u{201c}{}\u{201d}", app.list().filter),
        Section::Keys if app.shown != Shown::All => format!("no key is {}", app.shown.word()),
        Section::Open => "nothing is open".to_owned(),
        Section::Keys => "no keys were read".to_owned(),
        Section::Files => "no files".to_owned(),
    };
    for (row, line) in (0..area.height).zip(text::wrap(&told, usize::from(area.width).saturating_sub(1))) {
        canvas.line(area, row, &Line::from(span(format!(" {line}"), canvas.theme.muted.0)));
    }
}

/// What is left out by choice, and how many rows are out of sight.
fn lower_edge(canvas: &mut Canvas<'_>, area: Rect, below: usize) {
    let app = canvas.app;
    let more = if below > 0 { format!("{below} more ▾") } else { String::new() };
    canvas.edge(area, &more);
    let mut only: Vec<String> = Vec::new();
    if app.section == Section::Keys && app.shown != Shown::All {
        only.push(app.shown.word().to_owned());
    }
    if !app.list().filter.is_empty() {
        only.push(format!("/{}", app.list().filter));
    }
    if !only.is_empty() {
        let room = usize::from(area.width).saturating_sub(text::width(&more) + 8);
        let only = format!(" {} ", text::fit(&only.join(" "), room));
        let edge = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
        canvas.line(edge, area.height.saturating_sub(1), &Line::from(span(only, canvas.theme.warn.0)));
    }
}
