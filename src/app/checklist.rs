//! The rows of the plan pane, and where a stage stands.

use super::{App, Focus, World, offer};
use crate::{
    engine::{Phase, Standing},
    overview::{doubt_of, lock_of},
    plan::{StageId, Step, StepPath},
};

/// A row of the checklist, by what it is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Row {
    /// A stage.
    Stage(StageId),
    /// A step.
    Step(StepPath),
}

impl Row {
    /// The stage that it is, or belongs to.
    #[must_use]
    pub fn stage(&self) -> &StageId {
        match self {
            Self::Stage(stage) => stage,
            Self::Step(step) => &step.stage,
        }
    }
}

/// How many of a stage's steps are settled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StageCount {
    /// Done or skipped.
    pub settled: usize,
    /// All.
    pub all: usize,
}

/// Counts a stage's steps.
#[must_use]
pub fn stage_count(world: &World<'_>, stage: &StageId) -> StageCount {
    let mut count = StageCount::default();
    for step in steps_of(world, stage) {
        count.all += 1;
        count.settled += usize::from(world.run.standing(&step.path).is_settled());
    }
    count
}

/// Where a row of the checklist stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowStanding {
    /// As the run has it.
    Is(Standing),
    /// What it requires does not hold yet.
    Locked,
    /// Ticked, and it may not hold any more: something before it was taken back since.
    Doubtful,
    /// Something of it is being compared; nothing is written.
    Comparing,
    /// Something of it is shown and awaits a confirmation.
    Asking,
    /// A stage of which nothing is at work: some steps are settled, others not.
    Partly,
}

/// Where a row stands: of a stage what needs attention first, else how far it is.
#[must_use]
pub fn row_standing(world: &World<'_>, row: &Row) -> RowStanding {
    let steps: Vec<RowStanding> = match row {
        Row::Step(step) => return step_standing(world, step),
        Row::Stage(stage) => steps_of(world, stage).map(|step| step_standing(world, &step.path)).collect(),
    };
    let urgent = [
        RowStanding::Is(Standing::Interrupted),
        RowStanding::Is(Standing::Failed),
        RowStanding::Is(Standing::Working),
        RowStanding::Comparing,
        RowStanding::Asking,
        RowStanding::Is(Standing::Cancelled),
        RowStanding::Doubtful,
    ];
    if let Some(urgent) = urgent.into_iter().find(|urgent| steps.contains(urgent)) {
        return urgent;
    }
    let is_settled = |step: &&RowStanding| matches!(step, RowStanding::Is(standing) if standing.is_settled());
    match steps.iter().filter(is_settled).count() {
        0 => RowStanding::Is(Standing::Open),
        all if all == steps.len() => RowStanding::Is(Standing::Done),
        _ => RowStanding::Partly,
    }
}

fn step_standing(world: &World<'_>, step: &StepPath) -> RowStanding {
    match offer::current(world, step).map(|attempt| attempt.phase) {
        Some(Phase::Preparing) => RowStanding::Comparing,
        Some(Phase::AwaitingConfirmation) => RowStanding::Asking,
        _ => match world.run.standing(step) {
            Standing::Open if lock_of(step, world.run, world.observed).is_some() => RowStanding::Locked,
            Standing::Done if doubt_of(step, world.run).is_some() => RowStanding::Doubtful,
            standing => RowStanding::Is(standing),
        },
    }
}

pub(super) fn steps_of<'a>(world: &World<'a>, stage: &StageId) -> impl Iterator<Item = &'a Step> {
    world.run.steps().iter().filter(move |step| &step.path.stage == stage)
}

/// The first step after this one that still needs something.
#[must_use]
pub fn next_step<'a>(world: &World<'a>, after: &StepPath) -> Option<&'a Step> {
    let rest = world.run.steps().iter().skip_while(|step| &step.path != after).skip(1);
    rest.into_iter().find(|step| !world.run.standing(&step.path).is_settled())
}

/// Where to begin: at what was under way when the last process ended, else at the first step that still needs
/// something.
pub(super) fn begin_at(world: &World<'_>) -> Option<StepPath> {
    if let Some(attempt) = world.run.active() {
        return Some(attempt.step.clone());
    }
    let steps = world.run.steps();
    let step = steps.iter().find(|step| !world.run.standing(&step.path).is_settled()).or(steps.first())?;
    Some(step.path.clone())
}

impl App {
    /// The rows shown now, in the plan's order.
    #[must_use]
    pub fn rows(&self, world: &World<'_>) -> Vec<Row> {
        let filter = self.filter(Focus::Plan).to_lowercase();
        let mut rows = Vec::new();
        for stage in &world.setting.stages {
            let matching: Vec<Row> = steps_of(world, &stage.id)
                .filter(|step| {
                    filter.is_empty()
                        || step.title.to_lowercase().contains(&filter)
                        || step.path.to_string().contains(&filter)
                })
                .map(|step| Row::Step(step.path.clone()))
                .collect();
            if !filter.is_empty() && matching.is_empty() && !stage.title.to_lowercase().contains(&filter) {
                continue;
            }
            rows.push(Row::Stage(stage.id.clone()));
            if !filter.is_empty() || self.unfolded.contains(&stage.id) {
                rows.extend(matching);
            }
        }
        rows
    }

    pub(super) fn move_in_plan(&mut self, world: &World<'_>, by: isize) {
        let rows = self.rows(world);
        let at = self.selected.as_ref().and_then(|selected| rows.iter().position(|row| row == selected));
        let to = match at {
            Some(at) => at.saturating_add_signed(by).min(rows.len().saturating_sub(1)),
            None => 0,
        };
        if let Some(row) = rows.get(to) {
            self.select(row.clone());
        }
    }

    pub(super) fn fold(&mut self, stage: &StageId, unfold: bool) {
        self.is_touched = true;
        if unfold {
            self.unfolded.insert(stage.clone());
        } else {
            self.unfolded.remove(stage);
            // The selection never hides in a folded stage.
            if matches!(&self.selected, Some(Row::Step(step)) if &step.stage == stage) {
                self.select(Row::Stage(stage.clone()));
            }
        }
    }
}
