//! The objects of the detail pane: what a proposal would do to each, or how far an attempt is with it.

use std::collections::BTreeSet;

use super::{App, Focus, Row, World};
use crate::{
    diff::{Change, Wave},
    engine::{Attempt, AttemptNumber, End, Phase, RowIntent, RowState},
    object::Key,
    readiness::Readiness,
};

/// Names an object on the screen: the same one may be in several of a stage's proposals.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    /// The attempt.
    pub attempt: AttemptNumber,
    /// The object.
    pub key: Key,
}

/// One object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectRow {
    /// Which.
    pub id: ObjectId,
    /// Index into the attempt's rows, and the proposal's.
    pub index: usize,
    /// What happens to it.
    pub change: Change,
    /// When.
    pub wave: Wave,
    /// How far it is.
    pub state: ObjectState,
    /// Are its fields shown unless the operator folds them?
    pub unfolds: bool,
}

/// How far an attempt is with an object. The order is worst first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObjectState {
    /// The API server refused it.
    Refused(String),
    /// It will not become ready by waiting.
    Failing(String),
    /// Written, not ready yet.
    Waiting(String),
    /// Its write is in flight.
    Writing,
    /// Its fate is not known: the process that wrote it is gone.
    Unknown,
    /// Nothing has happened to it.
    Planned,
    /// Ready, with something to know.
    ReadyBut(String),
    /// Written.
    Written,
    /// Ready.
    Ready,
    /// Deleted.
    Deleted,
    /// Needed no change.
    Same,
}

/// The attempts that the selection is about, in the order that they run.
#[must_use]
pub fn shown_attempts<'a>(world: &World<'a>, row: &Row) -> Vec<&'a Attempt> {
    match row {
        Row::Step(step) => world.run.latest(step).into_iter().collect(),
        Row::Stage(stage) => {
            let mut attempts: Vec<&Attempt> = world
                .run
                .steps()
                .iter()
                .filter(|step| &step.path.stage == stage)
                .filter_map(|step| world.run.latest(&step.path))
                // What failed says so here as well; what ended well is one of the steps below.
                .filter(|attempt| match attempt.phase {
                    Phase::Ended(end) => end == End::Failed && !attempt.undone,
                    _ => true,
                })
                .collect();
            attempts.sort_by_key(|attempt| attempt.number);
            attempts
        }
    }
}

/// The objects shown for one attempt: in the order of the waves while it is a proposal, worst first
/// from then on.
#[must_use]
pub fn objects(app: &App, world: &World<'_>, attempt: &Attempt) -> Vec<ObjectRow> {
    let filter = app.filter(Focus::Detail).to_lowercase();
    let is_proposal = matches!(attempt.phase, Phase::Preparing | Phase::AwaitingConfirmation);
    let flying: BTreeSet<usize> = attempt.in_flight().collect();
    let mut rows: Vec<ObjectRow> = attempt
        .rows
        .iter()
        .enumerate()
        .filter(|(_, (intent, _))| {
            filter.is_empty() || intent.key.to_string().to_lowercase().contains(&filter)
        })
        .map(|(index, (intent, state))| ObjectRow {
            id: ObjectId { attempt: attempt.number, key: intent.key.clone() },
            index,
            change: intent.change,
            wave: intent.wave,
            state: object_state(world, attempt, (intent, state), flying.contains(&index)),
            unfolds: is_proposal && unfolds(intent.change, intent.conflicts + intent.added),
        })
        .collect();
    if is_proposal {
        // What stays the same goes last; it is no news.
        rows.sort_by_key(|row| row.change == Change::Same);
    } else {
        rows.sort_by(|one, two| rank(&one.state).cmp(&rank(&two.state)).then(one.index.cmp(&two.index)));
    }
    rows
}

fn unfolds(change: Change, others: usize) -> bool {
    others > 0 || matches!(change, Change::Change | Change::Adopt | Change::Replace | Change::Revert)
}

fn rank(state: &ObjectState) -> u8 {
    match state {
        ObjectState::Refused(_) | ObjectState::Failing(_) => 0,
        ObjectState::Waiting(_) | ObjectState::Unknown => 1,
        ObjectState::Writing => 2,
        ObjectState::Planned => 3,
        ObjectState::ReadyBut(_) => 4,
        ObjectState::Written | ObjectState::Ready | ObjectState::Deleted => 5,
        ObjectState::Same => 6,
    }
}

fn object_state(
    world: &World<'_>,
    attempt: &Attempt,
    (intent, state): (&RowIntent, &RowState),
    is_flying: bool,
) -> ObjectState {
    match state {
        RowState::Failed(problem) => ObjectState::Refused(problem.reason.clone()),
        RowState::Planned if is_flying && attempt.phase == Phase::Interrupted && !attempt.inspected => {
            ObjectState::Unknown
        }
        RowState::Planned if is_flying && attempt.phase == Phase::Executing => ObjectState::Writing,
        RowState::Planned if intent.change != Change::Same => ObjectState::Planned,
        RowState::Planned | RowState::Done { .. } => {
            let is_waited_for =
                matches!(attempt.phase, Phase::Settling | Phase::Waiting | Phase::Gating | Phase::Executing);
            // What a release carries has no uid that we have seen.
            let is_deleted = matches!(state, RowState::Done { uid: None, .. })
                && (!intent.carried || intent.change == Change::Delete);
            let progress = world.observed.progress.get(&intent.key).filter(|_| is_waited_for);
            match (progress, intent.change) {
                (Some(Readiness::Progressing { reason }), _) => ObjectState::Waiting(reason.clone()),
                _ if is_deleted => ObjectState::Deleted,
                (Some(Readiness::Ready), _) => ObjectState::Ready,
                (Some(Readiness::ReadyWithWarning { warning }), _) => ObjectState::ReadyBut(warning.clone()),
                (Some(Readiness::Failed { reason }), _) => ObjectState::Failing(reason.clone()),
                (Some(Readiness::Gone), _) => ObjectState::Waiting("not there, or being deleted".to_owned()),
                (None, Change::Same) => ObjectState::Same,
                (None, _) => ObjectState::Written,
            }
        }
    }
}

impl App {
    /// Are an object's fields shown?
    #[must_use]
    pub fn is_unfolded(&self, row: &ObjectRow) -> bool {
        row.unfolds != self.detail.toggled.contains(&row.id)
    }

    fn shown_objects(&self, world: &World<'_>) -> Vec<ObjectRow> {
        let Some(selected) = &self.selected else { return Vec::new() };
        shown_attempts(world, selected)
            .into_iter()
            .flat_map(|attempt| objects(self, world, attempt))
            .collect()
    }

    /// From object to object; from the first one upwards, and where there are none, line by line.
    pub(super) fn move_in_detail(&mut self, world: &World<'_>, by: isize) {
        let objects = self.shown_objects(world);
        let at = self
            .detail
            .selected
            .as_ref()
            .and_then(|selected| objects.iter().position(|object| &object.id == selected));
        let to = match at {
            _ if objects.is_empty() => None,
            None | Some(0) if by < 0 => None,
            None => Some(0),
            Some(at) => Some(at.saturating_add_signed(by).min(objects.len() - 1)),
        };
        match to.and_then(|to| objects.into_iter().nth(to)) {
            Some(object) => {
                self.detail.selected = Some(object.id);
                self.detail.follows = true;
            }
            None => self.scroll_detail(by),
        }
    }

    pub(super) fn scroll_detail(&mut self, by: isize) {
        let viewport = self.areas.detail;
        let last = viewport.total.saturating_sub(viewport.height);
        self.detail.scroll = self.detail.scroll.saturating_add_signed(by).min(last);
        self.detail.follows = false;
    }

    pub(super) fn toggle_object(&mut self) {
        if let Some(selected) = self.detail.selected.clone() {
            if !self.detail.toggled.remove(&selected) {
                self.detail.toggled.insert(selected);
            }
            self.detail.follows = true;
        }
    }
}
