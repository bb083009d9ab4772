//! All keys, and the palette; both from the keymap.

use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

use super::{
    canvas::{Canvas, span},
    field, layout, text,
};
use crate::{
    app::{Control, Entry, Palette, Target, Viewport},
    config::{Action, Group, KeyPress, Screen},
};

/// A screen, the groups of its keys, and its signs.
pub(super) type Listed = (Screen, &'static [Group], &'static [&'static str]);

/// All keys of a screen's groups, then its signs.
pub(super) fn draw<A, W, T: From<Control>>(
    canvas: &mut Canvas<'_, A, W, T>,
    body: Rect,
    scroll: usize,
    (on, groups, signs): Listed,
) {
    let area = layout::centre(body, 84, body.height);
    let inner = canvas.overlay(area, "Keys and signs · ↑ ↓ scroll, esc closes");
    let width = usize::from(inner.width);
    let mut lines: Vec<Line<'static>> = Vec::new();
    for group in groups.iter().copied() {
        lines.push(Line::from(span(group.title(), canvas.theme.heading.0)));
        let here = Action::ALL.into_iter().filter(|action| action.group() == group && on.has(*action));
        for action in here {
            let keys: Vec<String> = canvas.keymap.keys_for(action).iter().map(KeyPress::to_string).collect();
            let keys = if keys.is_empty() { "(no key)".to_owned() } else { keys.join(" ") };
            for (row, part) in
                text::wrap(action.says(), width.saturating_sub(28).max(20)).into_iter().enumerate()
            {
                let (keys, label) = if row == 0 { (keys.as_str(), action.label()) } else { ("", "") };
                lines.push(Line::from(vec![
                    span(format!(" {}", text::pad(keys, 13)), canvas.theme.key.0),
                    span(text::pad(label, 14), canvas.theme.dialogue.0),
                    span(part, canvas.theme.muted.0),
                ]));
            }
        }
        lines.push(Line::default());
    }
    lines.push(Line::from(span("Signs", canvas.theme.heading.0)));
    for part in signs.iter().flat_map(|part| text::wrap(part, width.saturating_sub(2))) {
        lines.push(Line::from(span(format!(" {part}"), canvas.theme.dialogue.0)));
    }
    let height = usize::from(inner.height);
    let scroll = layout::window(scroll, height, lines.len(), None);
    canvas.areas.help = Viewport { scroll, height, total: lines.len() };
    for (row, line) in (0..inner.height).zip(lines.iter().skip(scroll)) {
        canvas.line(inner, row, line);
    }
    let below = lines.len().saturating_sub(scroll + height);
    let more = if below > 0 {
        format!("{} ▾", text::count(below, "more line", "more lines"))
    } else {
        String::new()
    };
    canvas.edge(area, &more);
}

/// What the cockpit's help lists.
pub(super) const COCKPIT: Listed = (
    Screen::Cockpit,
    &[Group::Step, Group::Move, Group::Cockpit],
    &[
        "○ open  ◌ comparing or waiting  ▶ at work  ◐ partly done  ? awaiting confirmation  ✔ done  ✖ failed  ! interrupted  ■ stopped  – skipped  \
         » deferred  ↶ rolled back  ≠ rolled back with conflicts",
        "+ create  ~ change  ⇄ adopt from another manager  ± delete and create  - delete  = same",
    ],
);

pub(super) fn palette(canvas: &mut Canvas<'_>, body: Rect, palette: &Palette) {
    let entries = palette.entries(canvas.app, canvas.world);
    let height = body.height.min(16);
    let area = Rect { y: body.y + 1.min(body.height - height), ..layout::centre(body, 84, height) };
    let inner = canvas.overlay(area, "Commands and steps · enter runs, esc closes");
    field::draw(canvas, Rect { height: 1, ..inner }, &palette.input, true);
    let list = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
    let height = usize::from(list.height);
    let scroll = layout::window(0, height, entries.len(), Some(palette.chosen));
    if entries.is_empty() {
        canvas.line(list, 0, &Line::from(span("nothing is called that", canvas.theme.muted.0)));
    }
    for (row, (place, (entry, label))) in (0..list.height).zip(entries.iter().enumerate().skip(scroll)) {
        let is_chosen = place == palette.chosen;
        let key = match entry {
            Entry::Action(action) => canvas.keymap.hint(*action),
            Entry::Go(_) => String::new(),
        };
        let room = usize::from(list.width).saturating_sub(2 + text::width(&key) + 1);
        let line = Line::from(vec![
            Span::styled(if is_chosen { "› " } else { "  " }, canvas.theme.accent.0),
            span(text::fit(label, room), canvas.theme.dialogue.0),
        ]);
        canvas.line(list, row, &line);
        canvas.right(list, row, &Line::from(span(key, canvas.theme.key.0)));
        let place_area = Rect { y: list.y + row, height: 1, ..list };
        if is_chosen {
            canvas.paint(place_area, 0, canvas.theme.selected_focused.0);
        }
        canvas.areas.add(place_area, Target::Entry(place));
    }
}
