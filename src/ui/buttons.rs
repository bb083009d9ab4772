//! Buttons below a pane, in as many rows as they need.

use ratatui::layout::Rect;

use super::{canvas::Canvas, text};
use crate::{app::Control, config::Action};

/// A button's action and label, and whether it cannot be pressed yet.
pub(super) type Button = (Action, String, bool);

/// The buttons in rows of at most so many cells.
pub(super) fn rows(buttons: impl Iterator<Item = Button>, width: u16) -> Vec<Vec<Button>> {
    let mut rows: Vec<Vec<Button>> = Vec::new();
    let mut used = 0;
    for button in buttons {
        let needed = text::width(&button.1) + 6;
        match rows.last_mut() {
            Some(row) if used + needed < usize::from(width) => {
                row.push(button);
                used += needed;
            }
            _ => {
                rows.push(vec![button]);
                used = needed;
            }
        }
    }
    rows
}

/// Draws them from the top of an area; `focused` is the one that has the focus.
pub(super) fn draw<A, W, T: From<Control>>(
    canvas: &mut Canvas<'_, A, W, T>,
    area: Rect,
    rows: Vec<Vec<Button>>,
    focused: Option<Action>,
) {
    for (row, buttons) in (area.y..area.bottom()).zip(rows) {
        let mut x = area.x + 1;
        for (action, label, is_held) in buttons {
            let target = Control::Button(action).into();
            x += if is_held {
                canvas.held_button((x, row), &label, target)
            } else {
                canvas.button((x, row), &label, focused == Some(action), target)
            } + 2;
        }
    }
}
