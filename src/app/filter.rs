//! The filter: only rows that hold a text. It belongs to the pane it was typed in.

use crossterm::event::KeyCode;
use tui_input::Input;

use super::{App, Focus, Row, World, choosing::type_into};
use crate::config::KeyPress;

impl App {
    pub(super) fn open_filter(&mut self) {
        if self.focus == Focus::Buttons {
            self.focus = Focus::Detail;
        }
        self.filter_input = Some(Input::new(self.filter(self.focus).to_owned()));
    }

    pub(super) fn filter_key(&mut self, world: &World<'_>, press: KeyPress) {
        let Some(input) = &mut self.filter_input else { return };
        match press.code {
            KeyCode::Enter | KeyCode::Tab => self.filter_input = None,
            KeyCode::Esc => {
                self.filter_input = None;
                self.filters.remove(&self.focus);
            }
            _ => {
                type_into(input, press);
                self.apply_filter();
            }
        }
        self.keep_selection_shown(world);
    }

    /// Keys act on what is selected, so that must be on the screen.
    pub(super) fn keep_selection_shown(&mut self, world: &World<'_>) {
        let rows = self.rows(world);
        if self.selected.as_ref().is_some_and(|selected| rows.contains(selected)) {
            return;
        }
        let first = rows.iter().find(|row| matches!(row, Row::Step(_))).or(rows.first());
        if let Some(row) = first.cloned() {
            self.select(row);
        }
    }

    pub(super) fn apply_filter(&mut self) {
        let Some(input) = &self.filter_input else { return };
        let text = input.value().to_owned();
        if text.is_empty() {
            self.filters.remove(&self.focus);
        } else {
            self.filters.insert(self.focus, text);
        }
    }
}
