//! The last line: keys that do something now, from the keymap; or the filter being typed. Above it,
//! what the operator was told last.

use ratatui::{
    layout::Rect,
    text::{Line, Span},
};
use tui_input::Input;

use super::{
    canvas::{Canvas, span},
    field, text,
};
use crate::{
    app::{Control, Dialogue, Focus, Notice, NoticeLevel, PaneId, button_label},
    config::{Action, Group},
};

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    canvas.paint(area, 0, canvas.theme.bar.0);
    if let Some(input) = &canvas.app.filter_input {
        return filtering(canvas, area, input);
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
    let (wanted, always) = wanted(canvas);
    hints(canvas, area, &journal, (wanted, always));
}

/// The filter that is being typed.
pub(super) fn filtering<A, W, T>(canvas: &mut Canvas<'_, A, W, T>, area: Rect, input: &Input) {
    let label = " filter ";
    canvas.line(area, 0, &Line::from(span(label, canvas.theme.key.0)));
    let room = area.width.saturating_sub(8 + 28);
    field::draw(canvas, Rect { x: area.x + 8, width: room, ..area }, input, true);
    let hint = Line::from(span(" enter keeps it, esc clears it ", canvas.theme.bar.0));
    canvas.right(area, 0, &hint);
}

/// Keys of a question, and of the help.
pub(super) const QUESTION: &[(&str, &str)] = &[("tab", "moves"), ("enter", "presses"), ("esc", "closes")];
pub(super) const HELP: &[(&str, &str)] = &[("↑ ↓", "scroll"), ("pgup pgdn", "page"), ("esc", "closes")];

/// While a dialogue is open, the keys are its own.
fn dialogue_keys(canvas: &mut Canvas<'_>, area: Rect, dialogue: &Dialogue) {
    let keys: &[(&str, &str)] = match dialogue {
        Dialogue::Run(_) => &[("enter", "closes"), ("esc", "closes")],
        Dialogue::Confirm(_) | Dialogue::Sure(_) | Dialogue::Dispatch(_) => QUESTION,
        Dialogue::Text(_) => &[("enter", "takes it"), ("tab", "moves"), ("esc", "closes")],
        Dialogue::Palette(_) => &[("a-z", "finds"), ("↑ ↓", "choose"), ("enter", "runs"), ("esc", "closes")],
        Dialogue::Help { .. } => HELP,
    };
    keys_only(canvas, area, keys);
}

/// Keys with what they do, which cannot be clicked.
pub(super) fn keys_only<A, W, T>(canvas: &mut Canvas<'_, A, W, T>, area: Rect, keys: &[(&str, &str)]) {
    let mut spans = vec![Span::raw(" ")];
    for (key, does) in keys {
        spans.push(span(key, canvas.theme.key.0));
        spans.push(span(format!(" {does}  "), canvas.theme.bar.0));
    }
    canvas.line(area, 0, &Line::from(spans));
}

/// An action, and what its hint calls it.
pub(super) type Hint = (Action, String);

/// The hints that there is room for before what stands at the right; those of the second kind always: whoever is
/// lost needs them most.
pub(super) fn hints<A, W, T: From<Control>>(
    canvas: &mut Canvas<'_, A, W, T>,
    area: Rect,
    right: &str,
    (wanted, always): (Vec<Hint>, Vec<Hint>),
) {
    let right = Line::from(span(right, canvas.theme.bar.0));
    canvas.right(area, 0, &right);
    let hint = |(action, label): Hint| {
        let key = canvas.keymap.hint(action);
        let label = format!(" {}", label.trim_end_matches('…').to_lowercase());
        let line = Line::from(vec![span(&key, canvas.theme.key.0), span(label, canvas.theme.bar.0)]);
        (!key.is_empty()).then_some((action, line))
    };
    let always: Vec<_> = always.into_iter().filter_map(hint).collect();
    let needed: usize = always.iter().map(|(_, line)| line.width() + 2).sum();
    let mut left = usize::from(area.width).saturating_sub(right.width() + 1 + needed);
    let mut shown = Vec::new();
    for (action, line) in wanted.into_iter().filter_map(hint) {
        let Some(rest) = left.checked_sub(line.width() + 2) else { continue };
        left = rest;
        shown.push((action, line));
    }
    let mut x = area.x + 1;
    for (action, line) in shown.into_iter().chain(always) {
        let width = u16::try_from(line.width()).unwrap_or(u16::MAX);
        canvas.buffer.set_line(x, area.y, &line, width);
        canvas.areas.add(Rect::new(x, area.y, width, 1), Control::Button(action).into());
        x += width + 2;
    }
}

/// What the cockpit's footer hints at. Help and commands always.
fn wanted(canvas: &Canvas<'_>) -> (Vec<Hint>, Vec<Hint>) {
    let app = canvas.app;
    let offered = app.buttons(canvas.world).into_iter().take(6);
    let about = match app.focus {
        Focus::Plan => [Action::Filter, Action::NextFocus],
        Focus::Pane(PaneId::Runs) => [Action::Activate, Action::Zoom],
        Focus::Detail | Focus::Pane(_) => [Action::Filter, Action::Zoom],
        Focus::Buttons => [Action::Activate, Action::Back],
    };
    let hint = |action: Action| {
        let label = match &app.selected {
            Some(row) if action.group() == Group::Step => button_label(canvas.world, row, action),
            _ => action.label().to_owned(),
        };
        (action, label)
    };
    let wanted = offered.chain(about).chain([Action::Quit]).map(hint).collect();
    (wanted, [Action::Palette, Action::Help].map(hint).to_vec())
}

/// What the operator was told last, over the end of the body.
pub(super) fn notice<A, W, T: From<Control>>(
    canvas: &mut Canvas<'_, A, W, T>,
    body: Rect,
    notice: Option<&Notice>,
) {
    let Some(notice) = notice else { return };
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
