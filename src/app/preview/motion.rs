//! Moving about: focus, rows, pages.

use super::{Item, Preview, PreviewFocus, Reading, Section, Sight, offer};
use crate::app::choosing::beside;

/// Cells that a file is moved sideways by.
const ACROSS: usize = 8;

impl Preview {
    pub(super) fn move_focus(&mut self, sight: &Sight<'_>, by: isize) {
        use PreviewFocus::{Buttons, List, Page};
        let has_buttons = !offer::offered(sight).is_empty();
        let order: &[_] = if has_buttons { &[List, Page, Buttons] } else { &[List, Page] };
        self.focus = beside(order, self.focus, by);
        self.settle_button(sight);
    }

    fn settle_button(&mut self, sight: &Sight<'_>) {
        let buttons = offer::offered(sight);
        if self.button.is_none_or(|button| !buttons.contains(&button)) {
            self.button = buttons.first().copied();
        }
    }

    pub(super) fn move_rows(&mut self, sight: &Sight<'_>, by: isize) {
        match self.focus {
            PreviewFocus::List => self.choose_by(by),
            PreviewFocus::Page => self.scroll(by),
            PreviewFocus::Buttons if by < 0 => self.focus = PreviewFocus::Page,
            PreviewFocus::Buttons => self.settle_button(sight),
        }
    }

    pub(super) fn move_page(&mut self, by: isize) {
        let viewport = match self.focus {
            PreviewFocus::List => self.areas.list,
            PreviewFocus::Page | PreviewFocus::Buttons => self.areas.detail,
        };
        let lines = by.saturating_mul(isize::try_from(viewport.height.max(2) - 1).unwrap_or(1));
        match self.focus {
            PreviewFocus::List => self.choose_by(lines),
            PreviewFocus::Page | PreviewFocus::Buttons => self.scroll(lines),
        }
    }

    pub(super) fn move_to_end(&mut self, far: isize) {
        match self.focus {
            PreviewFocus::List => self.choose_by(far),
            PreviewFocus::Page | PreviewFocus::Buttons => self.scroll(far),
        }
    }

    pub(super) fn move_sideways(&mut self, sight: &Sight<'_>, by: isize) {
        match self.focus {
            PreviewFocus::List => {
                let to = self.section.index().checked_add_signed(by);
                if let Some(section) = to.and_then(|to| Section::ALL.get(to)) {
                    self.show(*section);
                }
            }
            PreviewFocus::Page if matches!(self.chosen(), Some(Item::File(_))) => {
                match (by < 0, self.reading.across) {
                    (true, 0) => self.focus = PreviewFocus::List,
                    (true, across) => self.reading.across = across.saturating_sub(ACROSS),
                    (false, across) => self.reading.across = (across + ACROSS).min(400),
                }
            }
            PreviewFocus::Page if by < 0 => self.focus = PreviewFocus::List,
            PreviewFocus::Page => {}
            PreviewFocus::Buttons => {
                let buttons = offer::offered(sight);
                let at = buttons.iter().position(|button| Some(*button) == self.button).unwrap_or(0);
                if let Some(button) = buttons.get(at.saturating_add_signed(by)) {
                    self.button = Some(*button);
                }
            }
        }
    }

    fn choose_by(&mut self, by: isize) {
        let list = self.list();
        self.choose(list.chosen.saturating_add_signed(by).min(list.rows.len().saturating_sub(1)));
    }

    pub(super) fn choose(&mut self, place: usize) {
        let list = self.list_mut();
        list.follows = true;
        if list.chosen != place {
            list.chosen = place;
            self.reading = Reading { is_whole: self.reading.is_whole, ..Reading::default() };
        }
    }

    pub(super) fn scroll(&mut self, by: isize) {
        let viewport = self.areas.detail;
        let last = viewport.total.saturating_sub(viewport.height);
        self.reading.scroll = self.reading.scroll.saturating_add_signed(by).min(last);
    }
}
