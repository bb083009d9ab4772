//! The last line: keys that do something now, from the keymap; or the filter being typed. Above it,
//! what the operator was told last.

use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

use super::{
    canvas::{Canvas, span},
    field, text,
};
use crate::{
    app::{Dialogue, Focus, NoticeLevel, PaneId, Target, button_label},
    config::{Action, Group},
};

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    canvas.paint(area, 0, canvas.theme.bar.0);
    if let Some(input) = &canvas.app.filter_input {
        let label = " filter ";
        canvas.line(area, 0, &Line::from(span(label, canvas.theme.key.0)));
        let room = area.width.saturating_sub(8 + 28);
        field::draw(canvas, Rect { x: area.x + 8, width: room, ..area }, input, true);
        let hint = Line::from(span(" enter keeps it, esc clears it ", canvas.theme.bar.0));
        canvas.right(area, 0, &hint);
        return;
    }
    if let Some(dialogue) = &canvas.app.dialogue {
        dialogue_keys(canvas, area, dialogue);
        return;
    }
    let run = canvas.world.run;
    let journal = match run.last_entry_at() {
        // Where there is little room, keys are worth more than the time of the last entry.
        Some(_) if area.width < 100 => format!(" journal {} ", run.sequence()),
        Some(at) => format!(" journal {} · {} ", run.sequence(), text::clock(at)),
        None => String::new(),
    };
    let right = Line::from(span(journal, canvas.theme.bar.0));
    let room = area.width.saturating_sub(u16::try_from(right.width()).unwrap_or(0));
    canvas.right(area, 0, &right);
    let mut x = area.x + 1;
    for (action, line) in fitting(canvas, usize::from(room.saturating_sub(1))) {
        let width = u16::try_from(line.width()).unwrap_or(u16::MAX);
        canvas.buffer.set_line(x, area.y, &line, width);
        canvas.areas.add(Rect::new(x, area.y, width, 1), Target::Button(action));
        x += width + 2;
    }
}

/// While a dialogue is open, the keys are its own.
fn dialogue_keys(canvas: &mut Canvas<'_>, area: Rect, dialogue: &Dialogue) {
    let keys: &[(&str, &str)] = match dialogue {
        Dialogue::Run(_) => &[("enter", "closes"), ("esc", "closes")],
        Dialogue::Confirm(_) | Dialogue::Sure(_) | Dialogue::Dispatch(_) => {
            &[("tab", "moves"), ("enter", "presses"), ("esc", "closes")]
        }
        Dialogue::Text(_) => &[("enter", "takes it"), ("tab", "moves"), ("esc", "closes")],
        Dialogue::Palette(_) => &[("a-z", "finds"), ("↑ ↓", "choose"), ("enter", "runs"), ("esc", "closes")],
        Dialogue::Help { .. } => &[("↑ ↓", "scroll"), ("pgup pgdn", "page"), ("esc", "closes")],
    };
    let mut spans = vec![Span::raw(" ")];
    for (key, does) in keys {
        spans.push(span(key, canvas.theme.key.0));
        spans.push(span(format!(" {does}  "), canvas.theme.bar.0));
    }
    canvas.line(area, 0, &Line::from(spans));
}

/// The hints that there is room for. Help and commands are always among them: whoever is lost needs
/// those most.
fn fitting(canvas: &Canvas<'_>, room: usize) -> Vec<(Action, Line<'static>)> {
    let app = canvas.app;
    let offered = app.buttons(canvas.world).into_iter().take(6);
    let about = match app.focus {
        Focus::Plan => [Action::Filter, Action::NextFocus],
        Focus::Pane(PaneId::Runs) => [Action::Activate, Action::Zoom],
        Focus::Detail | Focus::Pane(_) => [Action::Filter, Action::Zoom],
        Focus::Buttons => [Action::Activate, Action::Back],
    };
    let hint = |action: Action| {
        let key = canvas.keymap.hint(action);
        let label = match &app.selected {
            Some(row) if action.group() == Group::Step => button_label(canvas.world, row, action),
            _ => action.label().to_owned(),
        };
        let label = format!(" {}", label.trim_end_matches('…').to_lowercase());
        let line = Line::from(vec![span(&key, canvas.theme.key.0), span(label, canvas.theme.bar.0)]);
        (!key.is_empty()).then_some((action, line))
    };
    let always: Vec<_> = [Action::Palette, Action::Help].into_iter().filter_map(hint).collect();
    let mut left = room.saturating_sub(always.iter().map(|(_, line)| line.width() + 2).sum());
    let mut hints = Vec::new();
    for (action, line) in offered.chain(about).chain([Action::Quit]).filter_map(hint) {
        let Some(rest) = left.checked_sub(line.width() + 2) else { continue };
        left = rest;
        hints.push((action, line));
    }
    hints.extend(always);
    hints
}

/// What the operator was told last, over the end of the body.
pub(super) fn notice(canvas: &mut Canvas<'_>, body: Rect) {
    let Some(notice) = &canvas.app.notice else { return };
    let (sign, title, style) = match notice.level {
        NoticeLevel::Information => ("i", "Good to know", canvas.theme.accent.0),
        NoticeLevel::Refusal => ("✖", "Not done", canvas.theme.danger.0),
    };
    let width = body.width.min(90);
    let lines = text::wrap(&notice.text, usize::from(width).saturating_sub(6));
    let height = u16::try_from(lines.len()).unwrap_or(1).min(body.height.saturating_sub(3)) + 2;
    let area = Rect { x: body.x + (body.width - width) / 2, y: body.bottom() - height, width, height };
    let inner = canvas.overlay(area, title);
    for (row, line) in (0..inner.height).zip(lines) {
        let sign = if row == 0 { sign } else { " " };
        let line =
            Line::from(vec![Span::styled(sign, style), Span::raw(" "), span(line, canvas.theme.dialogue.0)]);
        canvas.line(inner, row, &line);
    }
}
