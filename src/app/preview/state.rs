//! The screen's own state.

use tui_input::Input;

use super::{Finding, Item, PreviewDialogue, Section, Shown, Sight, items, items::identity};
use crate::{
    app::{Areas, Control, Notice, NoticeLevel},
    config::Action,
};

/// The screen of an init.
#[derive(Clone, Debug)]
pub struct Preview {
    /// Where keys go.
    pub focus: PreviewFocus,
    /// The tab that is shown.
    pub section: Section,
    /// Which keys are listed.
    pub shown: Shown,
    /// Each section's list.
    pub lists: [List; 3],
    /// The page about the chosen row.
    pub reading: Reading,
    /// The focused button.
    pub button: Option<Action>,
    /// The focused pane has the whole screen.
    pub is_zoomed: bool,
    /// The filter being typed.
    pub filter_input: Option<Input>,
    /// What lies over the screen.
    pub dialogue: Option<PreviewDialogue>,
    /// What the operator was told last, until the next key.
    pub notice: Option<Notice>,
    /// The last frame.
    pub areas: Areas<Spot>,
    /// The look that the lists are of.
    pub(super) look: u64,
    /// The operator has chosen something.
    pub(super) is_touched: bool,
}

/// Where keys go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreviewFocus {
    /// The list.
    List,
    /// The page about the chosen row.
    Page,
    /// The buttons below it.
    Buttons,
}

/// A section's list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// What is listed, as far as the filter lets it through.
    pub rows: Vec<Item>,
    /// Place of the chosen row.
    pub chosen: usize,
    /// First row shown.
    pub scroll: usize,
    /// The next frames keep the chosen row in sight; until the wheel turns.
    pub follows: bool,
    /// Text that rows must hold.
    pub filter: String,
}

/// The page about the chosen row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// First line shown.
    pub scroll: usize,
    /// Cells that are out of sight at the left, of a file.
    pub across: usize,
    /// The file's whole text in place of its difference.
    pub is_whole: bool,
}

/// Something that can be clicked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spot {
    /// A pane's frame or empty part.
    Area(PreviewFocus),
    /// A tab.
    Tab(Section),
    /// A row of the list, by its place.
    Row(usize),
    /// What every screen has.
    Control(Control),
}

impl From<Control> for Spot {
    fn from(control: Control) -> Self {
        Self::Control(control)
    }
}

impl Preview {
    /// The screen at its start.
    #[must_use]
    pub fn new() -> Self {
        let list = List { follows: true, ..List::default() };
        Self {
            focus: PreviewFocus::List,
            section: Section::Open,
            shown: Shown::All,
            lists: [list.clone(), list.clone(), list],
            reading: Reading::default(),
            button: None,
            is_zoomed: false,
            filter_input: None,
            dialogue: None,
            notice: None,
            areas: Areas::default(),
            look: 0,
            is_touched: false,
        }
    }

    /// Takes over what a frame worked out.
    pub fn remember(&mut self, areas: Areas<Spot>) {
        if !areas.is_too_small {
            if areas.list.height > 0 {
                self.list_mut().scroll = areas.list.scroll;
            }
            if areas.detail.height > 0 {
                self.reading.scroll = areas.detail.scroll;
            }
            if let Some(PreviewDialogue::Help { scroll }) = &mut self.dialogue {
                *scroll = areas.help.scroll;
            }
        }
        self.areas = areas;
    }

    /// The list that is shown.
    #[must_use]
    pub fn list(&self) -> &List {
        self.list_of(self.section)
    }

    /// A section's list.
    #[must_use]
    pub fn list_of(&self, section: Section) -> &List {
        let [open, keys, files] = &self.lists;
        match section {
            Section::Open => open,
            Section::Keys => keys,
            Section::Files => files,
        }
    }

    pub(super) fn list_mut(&mut self) -> &mut List {
        self.list_of_mut(self.section)
    }

    fn list_of_mut(&mut self, section: Section) -> &mut List {
        let [open, keys, files] = &mut self.lists;
        match section {
            Section::Open => open,
            Section::Keys => keys,
            Section::Files => files,
        }
    }

    pub(super) fn tell(&mut self, level: NoticeLevel, text: impl Into<String>) {
        self.notice = Some(Notice { level, text: text.into() });
    }

    pub(super) fn show(&mut self, section: Section) {
        if self.section != section {
            self.section = section;
            self.reading = Reading::default();
        }
    }

    /// The rows anew, with the chosen one where it is now.
    pub(super) fn list_anew(&mut self, before: Option<&Finding>, finding: &Finding) {
        let shown = self.shown;
        for section in Section::ALL {
            let list = self.list_of_mut(section);
            let was = list.rows.get(list.chosen).map(|item| identity(before.unwrap_or(finding), *item));
            list.rows = items(finding, section, shown, &list.filter);
            let found = was.and_then(|was| list.rows.iter().position(|item| identity(finding, *item) == was));
            list.chosen = found.unwrap_or(list.chosen).min(list.rows.len().saturating_sub(1));
            list.follows = true;
        }
    }

    /// Brings the screen's own state in line with another look.
    pub(super) fn settle(&mut self, sight: &Sight<'_>) {
        if self.look == sight.look {
            return;
        }
        let is_first = self.look == 0;
        self.look = sight.look;
        let Some(finding) = sight.finding else { return };
        self.list_anew(sight.before, finding);
        self.reading = Reading { is_whole: self.reading.is_whole, ..Reading::default() };
        if matches!(self.dialogue, Some(PreviewDialogue::Ask(_))) {
            self.dialogue = None;
            self.tell(NoticeLevel::Refusal, "what was asked about has been read again meanwhile; look again");
        }
        let begin = begin_at(finding);
        if (is_first && !self.is_touched) || begin == Begin::AtTheTop {
            self.show(if begin == Begin::InFiles { Section::Files } else { Section::Open });
            let list = self.list_mut();
            (list.chosen, list.scroll) = (0, 0);
            self.focus = PreviewFocus::List;
        }
    }
}

impl Default for Preview {
    fn default() -> Self {
        Self::new()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Begin {
    /// There is news that must be seen.
    AtTheTop,
    /// Something is open.
    InOpen,
    /// Nothing is.
    InFiles,
}

fn begin_at(finding: &Finding) -> Begin {
    let open = items(finding, Section::Open, Shown::All, "");
    match open.first() {
        Some(Item::Done | Item::Interrupted | Item::WayBack | Item::Error(_) | Item::Problem(_)) => {
            Begin::AtTheTop
        }
        Some(_) => Begin::InOpen,
        None => Begin::InFiles,
    }
}
