//! From a message to the next state and effects.

use super::{App, AppEffect, Dialogue, Focus, Message, PaneId, Question, Row, World};

impl App {
    /// Takes one message in. Never waits, never fails.
    pub fn update(&mut self, world: &World<'_>, message: Message) -> Vec<AppEffect> {
        self.settle(world);
        match message {
            Message::Key { press, action } => {
                self.is_touched = true;
                if self.areas.is_too_small {
                    // Nobody presses keys blindly here: all that works is leaving, where that asks nothing.
                    let leaves = action == Some(crate::config::Action::Quit) && !leaving_asks(world);
                    return if leaves { vec![AppEffect::Quit] } else { Vec::new() };
                }
                if self.dialogue.is_some() {
                    return self.dialogue_key(world, press);
                }
                if self.filter_input.is_some() {
                    self.filter_key(world, press);
                    return Vec::new();
                }
                let had_notice = self.notice.take().is_some();
                match action {
                    // The first Esc only puts the notice away.
                    Some(crate::config::Action::Back) if had_notice => Vec::new(),
                    Some(action) => self.perform(world, action),
                    None => Vec::new(),
                }
            }
            Message::Paste(text) => {
                self.dialogue_paste(&text);
                self.apply_filter();
                Vec::new()
            }
            Message::Click { column, row } => {
                self.is_touched = true;
                self.notice = None;
                self.click(world, column, row)
            }
            Message::Wheel { column, row, lines } => {
                self.wheel(world, (column, row), lines);
                Vec::new()
            }
            Message::World => Vec::new(),
            Message::Refused(reason) => {
                self.refuse(reason);
                Vec::new()
            }
            Message::DispatchShown(shown) => {
                self.dispatch_shown(world, shown);
                Vec::new()
            }
            Message::Notify(notice) => {
                self.notice = Some(notice);
                Vec::new()
            }
        }
    }

    pub(super) fn activate(&mut self, world: &World<'_>) -> Vec<AppEffect> {
        match (self.focus, self.button) {
            (Focus::Buttons, Some(button)) if self.buttons(world).contains(&button) => {
                return self.perform(world, button);
            }
            (Focus::Buttons, _) => self.set_focus(world, Focus::Buttons),
            (Focus::Plan, _) => match self.selected.clone() {
                Some(Row::Stage(_)) => self.toggle(),
                Some(Row::Step(_)) => self.set_focus(world, Focus::Detail),
                None => {}
            },
            (Focus::Pane(PaneId::Runs), _) => return self.open_run(),
            (Focus::Detail | Focus::Pane(_), _) => self.toggle(),
        }
        Vec::new()
    }

    pub(super) fn back(&mut self) {
        if self.is_zoomed {
            self.is_zoomed = false;
        } else if self.filters.remove(&self.focus).is_none() {
            self.focus = Focus::Plan;
        }
    }

    /// Leaves at once when nothing is lost by it, else asks.
    pub(super) fn quit(&mut self, world: &World<'_>) -> Vec<AppEffect> {
        if leaving_asks(world) {
            self.dialogue = Some(Dialogue::sure(world, Question::Quit));
            return Vec::new();
        }
        vec![AppEffect::Quit]
    }
}

/// Is something at work, or does a cluster go with the cockpit?
#[must_use]
pub fn leaving_asks(world: &World<'_>) -> bool {
    let is_ours = !world.setting.is_driven_elsewhere;
    world.connection.is_driven() && ((is_ours && !world.run.is_quiet()) || world.setting.ends_cluster)
}
