//! Clicks and the wheel, by what the last frame put where.

use super::{Preview, PreviewDialogue, PreviewEffect, PreviewFocus, Sight, Spot};
use crate::{
    app::Control,
    config::{Action, Group},
};

impl Preview {
    pub(super) fn click(&mut self, sight: &Sight<'_>, column: u16, row: u16) -> Vec<PreviewEffect> {
        let spot = self.areas.hit(column, row).cloned();
        if self.dialogue.is_some() {
            // A click beside a dialogue neither closes it nor reaches what lies below.
            return match spot {
                Some(Spot::Control(Control::Choice(choice))) => self.dialogue_click(sight, choice),
                _ => Vec::new(),
            };
        }
        self.filter_input = None;
        match spot {
            Some(Spot::Area(focus)) => self.focus = focus,
            Some(Spot::Tab(section)) => {
                self.focus = PreviewFocus::List;
                self.show(section);
            }
            Some(Spot::Row(place)) => {
                self.focus = PreviewFocus::List;
                self.choose(place);
            }
            Some(Spot::Control(Control::Button(action))) => {
                if action.group() == Group::Init && action != Action::Fate {
                    self.focus = PreviewFocus::Buttons;
                    self.button = Some(action);
                }
                return self.perform(sight, action);
            }
            _ => {}
        }
        Vec::new()
    }

    pub(super) fn wheel(&mut self, column: u16, row: u16, lines: i32) {
        let by = isize::try_from(lines).unwrap_or(0);
        if let Some(dialogue) = &mut self.dialogue {
            if let PreviewDialogue::Help { scroll } = dialogue {
                *scroll = scroll.saturating_add_signed(by);
            }
            return;
        }
        match self.areas.hit(column, row) {
            Some(Spot::Row(_) | Spot::Tab(_) | Spot::Area(PreviewFocus::List)) => {
                // The wheel looks around; it never moves the choice.
                let last = self.areas.list.total.saturating_sub(self.areas.list.height);
                let list = self.list_mut();
                list.follows = false;
                list.scroll = list.scroll.saturating_add_signed(by).min(last);
            }
            Some(Spot::Area(_) | Spot::Control(Control::Button(_))) => self.scroll(by),
            _ => {}
        }
    }
}
