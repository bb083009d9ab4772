//! Clicks and the wheel, by what the last frame put where.

use super::{App, AppEffect, Dialogue, Focus, Row, Target, World};
use crate::config::{Action, Group};

impl App {
    pub(super) fn click(&mut self, world: &World<'_>, column: u16, row: u16) -> Vec<AppEffect> {
        let target = self.areas.hit(column, row).cloned();
        if self.dialogue.is_some() {
            return match target {
                Some(Target::Choice(choice)) => self.dialogue_click(world, choice),
                Some(Target::Entry(place)) => self.palette_choose(world, place),
                // A click beside a dialogue neither closes it nor reaches what lies below.
                _ => Vec::new(),
            };
        }
        self.filter_input = None;
        match target {
            Some(Target::Area(focus)) => self.set_focus(world, focus),
            Some(Target::Plan(row)) => self.click_plan(row),
            Some(Target::Object(id)) => {
                self.focus = Focus::Detail;
                if self.detail.selected.as_ref() == Some(&id) {
                    self.toggle_object();
                }
                self.detail.selected = Some(id);
            }
            Some(Target::Button(action)) => {
                if action.group() == Group::Step {
                    self.focus = Focus::Buttons;
                    self.button = Some(action);
                }
                return self.perform(world, action);
            }
            Some(Target::Tab(pane)) => self.set_focus(world, Focus::Pane(pane)),
            Some(Target::Observed(pane, name)) => {
                self.set_focus(world, Focus::Pane(pane));
                self.list_mut(pane).selected = Some(name);
            }
            _ => {}
        }
        Vec::new()
    }

    fn click_plan(&mut self, row: Row) {
        self.focus = Focus::Plan;
        if let Row::Stage(stage) = &row {
            let unfold = !self.unfolded.contains(stage);
            let again = self.selected.as_ref() == Some(&row);
            if again || unfold {
                self.fold(stage, unfold);
            }
        }
        self.select(row);
    }

    pub(super) fn wheel(&mut self, world: &World<'_>, (column, row): (u16, u16), lines: i32) {
        let by = isize::try_from(lines).unwrap_or(0);
        if let Some(dialogue) = &mut self.dialogue {
            match dialogue {
                Dialogue::Help { scroll } => *scroll = scroll.saturating_add_signed(by),
                Dialogue::Palette(palette) => palette.chosen = palette.chosen.saturating_add_signed(by),
                _ => {}
            }
            return;
        }
        match self.areas.hit(column, row) {
            Some(Target::Plan(_) | Target::Area(Focus::Plan)) => {
                // The wheel looks around; it never moves the selection.
                let last = self.areas.list.total.saturating_sub(self.areas.list.height);
                self.plan_follows = false;
                self.plan_scroll = self.plan_scroll.saturating_add_signed(by).min(last);
            }
            Some(Target::Object(_) | Target::Button(_) | Target::Area(Focus::Detail | Focus::Buttons)) => {
                self.scroll_detail(by);
            }
            Some(Target::Observed(pane, _) | Target::Area(Focus::Pane(pane))) => {
                let pane = *pane;
                self.move_in_pane(world, pane, by);
            }
            _ => {}
        }
    }

    /// Does what a key, a button or the palette asks for.
    pub(super) fn perform(&mut self, world: &World<'_>, action: Action) -> Vec<AppEffect> {
        match action {
            Action::Up => self.move_rows(world, -1),
            Action::Down => self.move_rows(world, 1),
            Action::PageUp => self.move_page(world, -1),
            Action::PageDown => self.move_page(world, 1),
            Action::First | Action::Last => self.move_to_end(world, action),
            Action::Left | Action::Right => self.move_sideways(world, action),
            Action::NextFocus => self.move_focus(world, 1),
            Action::PreviousFocus => self.move_focus(world, -1),
            Action::Activate => return self.activate(world),
            Action::Toggle => self.toggle(),
            Action::Back => self.back(),
            Action::Zoom => self.is_zoomed = !self.is_zoomed,
            Action::Filter => self.open_filter(),
            Action::Palette => self.dialogue = Some(Dialogue::Palette(super::Palette::default())),
            Action::Help => self.dialogue = Some(Dialogue::Help { scroll: 0 }),
            Action::Redraw => return vec![AppEffect::Redraw],
            Action::Suspend => return vec![AppEffect::Suspend],
            Action::Quit => return self.quit(world),
            Action::Dispatch => return self.ask_dispatch(world),
            step => return self.act(world, step),
        }
        Vec::new()
    }
}
