//! The screen's own state.

use std::collections::{BTreeMap, BTreeSet};

use tui_input::Input;

use super::{Areas, Dialogue, ObjectId, PaneId, Row, World, checklist};
use crate::{config::Action, observed::Name, plan::StageId};

/// The cockpit.
#[derive(Clone, Debug)]
pub struct App {
    /// Where keys go.
    pub focus: Focus,
    /// The focused pane has the whole screen.
    pub is_zoomed: bool,
    /// The selected row of the checklist.
    pub selected: Option<Row>,
    /// First row of the checklist shown.
    pub plan_scroll: usize,
    /// The next frames keep its selected row in sight; until the wheel turns.
    pub plan_follows: bool,
    /// Unfolded stages.
    pub unfolded: BTreeSet<StageId>,
    /// The detail pane.
    pub detail: DetailState,
    /// The focused button; by what it does, since buttons come and go.
    pub button: Option<Action>,
    /// The live pane shown where there is room for one only.
    pub tab: PaneId,
    /// As in [`PaneId::ALL`].
    pub panes: [ListState; 4],
    /// Texts that rows must hold, by pane.
    pub filters: BTreeMap<Focus, String>,
    /// The filter being typed.
    pub filter_input: Option<Input>,
    /// What lies over the screen.
    pub dialogue: Option<Dialogue>,
    /// What the operator was told last, until the next key.
    pub notice: Option<Notice>,
    /// The last frame.
    pub areas: Areas,
    /// The operator has chosen something; the start's own choice no longer moves.
    pub(super) is_touched: bool,
}

/// Where keys go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Focus {
    /// The checklist.
    Plan,
    /// What the selected step or stage is about.
    Detail,
    /// The buttons below it.
    Buttons,
    /// A live pane.
    Pane(PaneId),
}

impl Focus {
    /// In the order of Tab.
    pub(super) const ORDER: [Self; 7] = [
        Self::Plan,
        Self::Detail,
        Self::Buttons,
        Self::Pane(PaneId::Pods),
        Self::Pane(PaneId::Autoscalers),
        Self::Pane(PaneId::Ingresses),
        Self::Pane(PaneId::Runs),
    ];
}

/// A list whose selection is an object, not a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListState {
    /// The selected object.
    pub selected: Option<Name>,
    /// First row shown.
    pub scroll: usize,
}

/// The detail pane.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DetailState {
    /// First line shown.
    pub scroll: usize,
    /// The selected object.
    pub selected: Option<ObjectId>,
    /// Objects folded or unfolded against their default.
    pub toggled: BTreeSet<ObjectId>,
    /// The next frame scrolls to the selected object.
    pub follows: bool,
}

/// Something the operator is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How bad.
    pub level: NoticeLevel,
    /// One or two sentences.
    pub text: String,
}

/// How bad a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeLevel {
    /// Good to know.
    Information,
    /// Something was not done.
    Refusal,
}

impl App {
    /// The cockpit at its start: on what was interrupted, else on the first step that is not settled.
    #[must_use]
    pub fn new(world: &World<'_>) -> Self {
        let mut app = Self {
            focus: Focus::Plan,
            is_zoomed: false,
            selected: None,
            plan_scroll: 0,
            plan_follows: true,
            unfolded: BTreeSet::new(),
            detail: DetailState::default(),
            button: None,
            tab: PaneId::Pods,
            panes: Default::default(),
            filters: BTreeMap::new(),
            filter_input: None,
            dialogue: None,
            notice: None,
            areas: Areas::default(),
            is_touched: false,
        };
        app.settle(world);
        app
    }

    /// Takes over what a frame worked out.
    pub fn remember(&mut self, areas: Areas) {
        self.plan_scroll = areas.list.scroll;
        self.detail.scroll = areas.detail.scroll;
        self.detail.follows = false;
        for (list, viewport) in self.panes.iter_mut().zip(areas.panes) {
            if viewport.height > 0 {
                list.scroll = viewport.scroll;
            }
        }
        if let Some(Dialogue::Help { scroll }) = &mut self.dialogue {
            *scroll = areas.help.scroll;
        }
        self.areas = areas;
    }

    /// The filter of a pane; empty when there is none.
    #[must_use]
    pub fn filter(&self, focus: Focus) -> &str {
        self.filters.get(&focus).map_or("", String::as_str)
    }

    /// A live pane's list.
    #[must_use]
    pub fn list(&self, pane: PaneId) -> &ListState {
        let [pods, autoscalers, ingresses, runs] = &self.panes;
        match pane {
            PaneId::Pods => pods,
            PaneId::Autoscalers => autoscalers,
            PaneId::Ingresses => ingresses,
            PaneId::Runs => runs,
        }
    }

    pub(super) fn list_mut(&mut self, pane: PaneId) -> &mut ListState {
        let [pods, autoscalers, ingresses, runs] = &mut self.panes;
        match pane {
            PaneId::Pods => pods,
            PaneId::Autoscalers => autoscalers,
            PaneId::Ingresses => ingresses,
            PaneId::Runs => runs,
        }
    }

    pub(super) fn select(&mut self, row: Row) {
        self.is_touched = true;
        self.plan_follows = true;
        if self.selected.as_ref() != Some(&row) {
            self.selected = Some(row);
            self.detail = DetailState::default();
            self.button = None;
        }
    }

    pub(super) fn refuse(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { level: NoticeLevel::Refusal, text: text.into() });
    }

    pub(super) fn tell(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { level: NoticeLevel::Information, text: text.into() });
    }

    /// Brings the screen's own state in line with a world that has moved.
    pub(super) fn settle(&mut self, world: &World<'_>) {
        if !self.is_touched
            && let Some(step) = checklist::begin_at(world)
        {
            self.unfolded = BTreeSet::from([step.stage.clone()]);
            self.selected = Some(Row::Step(step));
        }
        self.settle_dialogue(world);
        self.settle_panes(world);
    }
}
