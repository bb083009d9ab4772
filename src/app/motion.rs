//! Moving about: focus, rows, pages.

use super::{App, Focus, PaneId, Row, World, offer};
use crate::config::Action;

impl App {
    pub(super) fn move_focus(&mut self, world: &World<'_>, by: isize) {
        let count = Focus::ORDER.len();
        let at = Focus::ORDER.iter().position(|focus| *focus == self.focus).unwrap_or(0);
        let back = if by < 0 { count - 1 } else { 1 };
        let is_there = |focus: Focus| match focus {
            Focus::Buttons => !self.buttons(world).is_empty(),
            Focus::Pane(pane) => PaneId::shown(world).contains(&pane),
            Focus::Plan | Focus::Detail => true,
        };
        let mut to = (at + back) % count;
        while Focus::ORDER.get(to).is_some_and(|focus| !is_there(*focus)) {
            to = (to + back) % count;
        }
        self.set_focus(world, Focus::ORDER.get(to).copied().unwrap_or(Focus::Plan));
    }

    pub(super) fn set_focus(&mut self, world: &World<'_>, focus: Focus) {
        self.focus = focus;
        match focus {
            Focus::Pane(pane) => self.tab = pane,
            Focus::Buttons => {
                let buttons = self.buttons(world);
                if self.button.is_none_or(|button| !buttons.contains(&button)) {
                    self.button = buttons.first().copied();
                }
            }
            Focus::Plan | Focus::Detail => {}
        }
    }

    /// The buttons under the detail pane.
    #[must_use]
    pub fn buttons(&self, world: &World<'_>) -> Vec<Action> {
        self.selected.as_ref().map(|row| offer::offered(world, row)).unwrap_or_default()
    }

    pub(super) fn move_rows(&mut self, world: &World<'_>, by: isize) {
        match self.focus {
            Focus::Plan => self.move_in_plan(world, by),
            Focus::Detail => self.move_in_detail(world, by),
            Focus::Buttons => {
                self.set_focus(world, if by < 0 { Focus::Detail } else { Focus::Pane(self.tab) });
            }
            Focus::Pane(pane) => self.move_in_pane(world, pane, by),
        }
    }

    pub(super) fn move_page(&mut self, world: &World<'_>, by: isize) {
        let lines = |height: usize| by.saturating_mul(isize::try_from(height.max(2) - 1).unwrap_or(1));
        match self.focus {
            Focus::Plan => self.move_in_plan(world, lines(self.areas.list.height)),
            // A page is for reading, so it scrolls and leaves the selected object.
            Focus::Detail | Focus::Buttons => self.scroll_detail(lines(self.areas.detail.height)),
            Focus::Pane(pane) => {
                let height = self.areas.panes.get(pane.index()).map_or(1, |viewport| viewport.height);
                self.move_in_pane(world, pane, lines(height));
            }
        }
    }

    pub(super) fn move_to_end(&mut self, world: &World<'_>, action: Action) {
        let far = if action == Action::First { isize::MIN / 2 } else { isize::MAX / 2 };
        match self.focus {
            Focus::Plan => self.move_in_plan(world, far),
            Focus::Detail | Focus::Buttons => {
                self.detail.selected = None;
                self.scroll_detail(far);
            }
            Focus::Pane(pane) => {
                self.list_mut(pane).selected = None;
                self.move_in_pane(world, pane, 0);
                self.move_in_pane(world, pane, far);
            }
        }
    }

    pub(super) fn move_sideways(&mut self, world: &World<'_>, action: Action) {
        let is_right = action == Action::Right;
        match (self.focus, self.selected.clone()) {
            (Focus::Plan, Some(Row::Stage(stage))) => {
                if is_right && self.unfolded.contains(&stage) {
                    self.move_in_plan(world, 1);
                } else {
                    self.fold(&stage, is_right);
                }
            }
            (Focus::Plan, Some(Row::Step(step))) => {
                if is_right {
                    self.set_focus(world, Focus::Detail);
                } else {
                    self.select(Row::Stage(step.stage));
                }
            }
            (Focus::Buttons, _) => {
                let buttons = self.buttons(world);
                let at = buttons.iter().position(|button| Some(*button) == self.button).unwrap_or(0);
                let to = if is_right { at + 1 } else { at.saturating_sub(1) };
                if let Some(button) = buttons.get(to) {
                    self.button = Some(*button);
                }
            }
            (Focus::Pane(pane), _) => {
                let to = if is_right { pane.index() + 1 } else { pane.index().wrapping_sub(1) };
                if let Some(next) = PaneId::shown(world).get(to) {
                    self.set_focus(world, Focus::Pane(*next));
                }
            }
            (Focus::Detail, _) if !is_right => self.set_focus(world, Focus::Plan),
            _ => {}
        }
    }

    pub(super) fn toggle(&mut self) {
        match (self.focus, self.selected.clone()) {
            (Focus::Plan, Some(row)) => {
                let stage = row.stage();
                let unfold = !self.unfolded.contains(stage);
                self.fold(stage, unfold);
            }
            (Focus::Detail, _) => self.toggle_object(),
            (Focus::Pane(_), _) => self.is_zoomed = !self.is_zoomed,
            (Focus::Buttons | Focus::Plan, _) => {}
        }
    }
}
