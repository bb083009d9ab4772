//! The filter: only rows that hold a text. It belongs to the pane it was typed in.

use crossterm::event::KeyCode;
use tui_input::Input;

use super::{App, Focus, dialogue_keys::type_into};
use crate::config::KeyPress;

impl App {
    pub(super) fn open_filter(&mut self) {
        if self.focus == Focus::Buttons {
            self.focus = Focus::Detail;
        }
        self.filter_input = Some(Input::new(self.filter(self.focus).to_owned()));
    }

    pub(super) fn filter_key(&mut self, press: KeyPress) {
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
