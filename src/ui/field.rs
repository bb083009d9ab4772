//! A text field of one line, with its cursor.

use ratatui::{
    layout::Rect,
    style::{Modifier, Style},
};
use tui_input::Input;

use super::{canvas::Canvas, text};

pub(super) fn draw<A, W, T>(canvas: &mut Canvas<'_, A, W, T>, area: Rect, input: &Input, has_focus: bool) {
    if area.is_empty() {
        return;
    }
    let style = canvas.theme.input.0;
    canvas.buffer.set_style(Rect { height: 1, ..area }, style);
    let width = usize::from(area.width);
    let scroll = input.visual_scroll(width.saturating_sub(1));
    let value = text::clean(input.value());
    let mut column = 0;
    let mut shown = String::new();
    for character in value.chars() {
        if column >= scroll {
            shown.push(character);
        }
        column += text::width(character.encode_utf8(&mut [0; 4]));
    }
    canvas.buffer.set_stringn(area.x, area.y, &shown, width, style);
    if has_focus {
        let cursor = input.visual_cursor().saturating_sub(scroll).min(width - 1);
        let x = area.x + u16::try_from(cursor).unwrap_or(0);
        canvas.buffer.set_style(Rect::new(x, area.y, 1, 1), Style::new().add_modifier(Modifier::REVERSED));
    }
}
