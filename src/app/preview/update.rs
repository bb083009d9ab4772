//! From a message to the next state and effects.

use crossterm::event::KeyCode;
use jiff::Timestamp;
use tui_input::Input;

use super::{Finding, Item, Preview, PreviewDialogue, PreviewFocus, Section, offer, question};
use crate::{
    app::{
        Message, Mode, NoticeLevel,
        choosing::{paste_into, type_into},
    },
    config::{Action, KeyPress},
    scaffold::{Fingerprint, Kind},
};

/// What the screen looks at.
#[derive(Clone, Copy, Debug)]
pub struct Sight<'a> {
    /// What the last look has found; none before the first is over.
    pub finding: Option<&'a Finding>,
    /// What the look before it had found.
    pub before: Option<&'a Finding>,
    /// Number of the last look, from 1; 0 before the first is over.
    pub look: u64,
    /// What is being done.
    pub doing: Option<Doing>,
    /// Since when.
    pub since: Timestamp,
    /// The folder, as it was named.
    pub folder: &'a str,
    /// May anything be written?
    pub mode: Mode,
    /// The time.
    pub now: Timestamp,
}

/// What is being done, beside the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Compose files and folder are looked at.
    Reading,
    /// Files are written, or taken back.
    Performing(Kind),
}

/// What the screen wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PreviewEffect {
    /// Look again: at the wanted files, or at the way back.
    Look(Kind),
    /// Do what was confirmed by this digest.
    Perform(Kind, Fingerprint),
    /// Leave.
    Quit,
    /// Back to the shell until `fg`.
    Suspend,
    /// Draw every cell anew.
    Redraw,
}

impl Preview {
    /// Takes one message in. Never waits, never fails.
    pub fn update(&mut self, sight: &Sight<'_>, message: Message) -> Vec<PreviewEffect> {
        self.settle(sight);
        match message {
            Message::Key { press, action } => {
                self.is_touched = true;
                if self.areas.is_too_small {
                    let leaves = action == Some(Action::Quit) && !is_performing(sight);
                    return if leaves { vec![PreviewEffect::Quit] } else { Vec::new() };
                }
                if self.dialogue.is_some() {
                    return self.dialogue_key(sight, press);
                }
                if self.filter_input.is_some() {
                    self.filter_key(sight, press);
                    return Vec::new();
                }
                let had_notice = self.notice.take().is_some();
                match action {
                    // The first Esc only puts the notice away.
                    Some(Action::Back) if had_notice => Vec::new(),
                    Some(action) => self.perform(sight, action),
                    None => Vec::new(),
                }
            }
            Message::Paste(text) => {
                if self.dialogue.is_none()
                    && let Some(input) = &mut self.filter_input
                {
                    paste_into(input, &text);
                    self.apply_filter(sight);
                }
                Vec::new()
            }
            Message::Click { column, row } => {
                self.is_touched = true;
                self.notice = None;
                self.click(sight, column, row)
            }
            Message::Wheel { column, row, lines } => {
                self.wheel(column, row, lines);
                Vec::new()
            }
            // No forge is asked here.
            Message::World | Message::DispatchShown(_) => Vec::new(),
            Message::Refused(reason) => {
                self.tell(NoticeLevel::Refusal, reason);
                Vec::new()
            }
            Message::Notify(notice) => {
                self.notice = Some(notice);
                Vec::new()
            }
        }
    }

    /// Does what a key, a button or a hint asks for.
    pub(super) fn perform(&mut self, sight: &Sight<'_>, action: Action) -> Vec<PreviewEffect> {
        match action {
            Action::Up => self.move_rows(sight, -1),
            Action::Down => self.move_rows(sight, 1),
            Action::PageUp => self.move_page(-1),
            Action::PageDown => self.move_page(1),
            Action::First => self.move_to_end(isize::MIN / 2),
            Action::Last => self.move_to_end(isize::MAX / 2),
            Action::Left => self.move_sideways(sight, -1),
            Action::Right => self.move_sideways(sight, 1),
            Action::NextFocus => self.move_focus(sight, 1),
            Action::PreviousFocus => self.move_focus(sight, -1),
            Action::Activate => return self.activate(sight),
            Action::Toggle => self.toggle(),
            Action::Back => return self.back(sight),
            Action::Zoom => self.is_zoomed = !self.is_zoomed,
            Action::Filter => {
                self.focus = PreviewFocus::List;
                self.filter_input = Some(Input::new(self.list().filter.clone()));
            }
            Action::ShowOpen => self.show(Section::Open),
            Action::ShowKeys => self.show(Section::Keys),
            Action::ShowFiles => self.show(Section::Files),
            Action::Fate => {
                self.show(Section::Keys);
                self.shown = self.shown.next();
                self.list_from_the_top(sight);
            }
            Action::Help => self.dialogue = Some(PreviewDialogue::Help { scroll: 0 }),
            Action::Redraw => return vec![PreviewEffect::Redraw],
            Action::Suspend => return vec![PreviewEffect::Suspend],
            Action::Quit if is_performing(sight) => {
                self.tell(NoticeLevel::Refusal, "files are being written; leave when that is done");
            }
            Action::Quit => return vec![PreviewEffect::Quit],
            other => return self.act(sight, other),
        }
        Vec::new()
    }

    /// Looks again, or asks; nothing of it writes.
    fn act(&mut self, sight: &Sight<'_>, action: Action) -> Vec<PreviewEffect> {
        if let Some(reason) = offer::refusal(sight, action) {
            self.tell(NoticeLevel::Refusal, reason);
            return Vec::new();
        }
        match action {
            Action::Reload => return vec![PreviewEffect::Look(Kind::Init)],
            Action::TakeBack if !offer::is_way_back(sight) => {
                return vec![PreviewEffect::Look(Kind::Rollback)];
            }
            Action::Write | Action::TakeBack => {
                self.dialogue = question::ask(sight).map(PreviewDialogue::Ask);
            }
            _ => {}
        }
        Vec::new()
    }

    fn activate(&mut self, sight: &Sight<'_>) -> Vec<PreviewEffect> {
        match (self.focus, self.button) {
            (PreviewFocus::Buttons, Some(button)) if offer::offered(sight).contains(&button) => {
                return self.perform(sight, button);
            }
            (PreviewFocus::List, _) => self.focus = PreviewFocus::Page,
            (PreviewFocus::Page | PreviewFocus::Buttons, _) => self.toggle(),
        }
        Vec::new()
    }

    fn toggle(&mut self) {
        if matches!(self.chosen(), Some(Item::File(_))) {
            self.reading = super::Reading { is_whole: !self.reading.is_whole, ..super::Reading::default() };
        } else {
            self.is_zoomed = !self.is_zoomed;
        }
    }

    fn back(&mut self, sight: &Sight<'_>) -> Vec<PreviewEffect> {
        if self.is_zoomed {
            self.is_zoomed = false;
        } else if self.focus != PreviewFocus::List {
            self.focus = PreviewFocus::List;
        } else if !self.list().filter.is_empty() {
            self.list_mut().filter.clear();
            self.list_from_the_top(sight);
        } else if offer::is_way_back(sight) && sight.doing.is_none() {
            return vec![PreviewEffect::Look(Kind::Init)];
        }
        Vec::new()
    }

    fn filter_key(&mut self, sight: &Sight<'_>, press: KeyPress) {
        let Some(input) = &mut self.filter_input else { return };
        match press.code {
            KeyCode::Enter | KeyCode::Tab => self.filter_input = None,
            KeyCode::Esc => {
                self.filter_input = None;
                self.list_mut().filter.clear();
                self.list_from_the_top(sight);
            }
            _ => {
                type_into(input, press);
                self.apply_filter(sight);
            }
        }
    }

    fn apply_filter(&mut self, sight: &Sight<'_>) {
        let Some(input) = &self.filter_input else { return };
        let text = input.value().to_owned();
        if self.list().filter != text {
            self.list_mut().filter = text;
            self.list_from_the_top(sight);
        }
    }

    fn list_from_the_top(&mut self, sight: &Sight<'_>) {
        if let Some(finding) = sight.finding {
            self.list_anew(None, finding);
            self.reading = super::Reading { is_whole: self.reading.is_whole, ..super::Reading::default() };
        }
    }
}

/// Files are on their way to the disk.
fn is_performing(sight: &Sight<'_>) -> bool {
    matches!(sight.doing, Some(Doing::Performing(_)))
}
