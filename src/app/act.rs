//! What an action on the selected step or stage comes to: a request that only shows, or a dialogue.

use super::{
    App, AppEffect, Dialogue, Purpose, Question, Row, World,
    checklist::steps_of,
    offer::{self, current, is_manual},
};
use crate::{
    config::Action,
    diff::{Kind, Leftovers},
    engine::{Command, Phase, Standing},
    plan::StepPath,
};

impl App {
    /// Does one of [`crate::config::Group::Step`]'s actions, as far as one key press may.
    pub(super) fn act(&mut self, world: &World<'_>, action: Action) -> Vec<AppEffect> {
        let Some(row) = self.selected.clone() else {
            self.refuse("select a step of the plan first");
            return Vec::new();
        };
        if let Some(reason) = offer::refusal(world, &row, action) {
            self.refuse(reason);
            return Vec::new();
        }
        match action {
            Action::Look => self.show(world, &row, Kind::Apply, Leftovers::Stay),
            Action::Apply | Action::RollBack | Action::RollBackAll | Action::Prune => {
                self.show_or_ask(world, &row, action)
            }
            Action::Verify => self.show(world, &row, Kind::Verify, Leftovers::Stay),
            Action::Stop => self.stop(world, &row),
            _ => {
                let step = match (row, action) {
                    (Row::Step(step), _) => Some(step),
                    (Row::Stage(stage), Action::Resume) => offer::resumable(world, &stage),
                    (Row::Stage(_), _) => None,
                };
                let Some(step) = step else { return Vec::new() };
                self.dialogue = match action {
                    Action::Tick => Some(Dialogue::text(world, Purpose::Tick, step)),
                    Action::Skip => Some(Dialogue::text(world, Purpose::Skip, step)),
                    Action::Defer => Some(Dialogue::text(world, Purpose::Defer, step)),
                    Action::Note => Some(Dialogue::text(world, Purpose::Note, step)),
                    Action::Reopen => Some(Dialogue::sure(world, Question::Reopen(step))),
                    Action::Resume => Some(Dialogue::resume(world, step)),
                    Action::Abandon => Some(Dialogue::sure(world, Question::Abandon(step))),
                    _ => None,
                };
                Vec::new()
            }
        }
    }

    fn show_or_ask(&mut self, world: &World<'_>, row: &Row, action: Action) -> Vec<AppEffect> {
        let (kind, leftovers) = match action {
            Action::RollBack => (Kind::Rollback, Leftovers::Stay),
            Action::RollBackAll => (Kind::Rollback, Leftovers::Go),
            Action::Prune => (Kind::Prune, Leftovers::Stay),
            _ => (Kind::Apply, Leftovers::Stay),
        };
        if offer::askable_action(world, row) != Some(action) {
            return self.show(world, row, kind, leftovers);
        }
        match Dialogue::confirm(world, kind) {
            Ok(dialogue) => self.dialogue = Some(dialogue),
            Err(reason) => self.refuse(reason),
        }
        Vec::new()
    }

    fn show(&mut self, world: &World<'_>, row: &Row, kind: Kind, leftovers: Leftovers) -> Vec<AppEffect> {
        let steps = match row {
            Row::Step(step) => vec![step.clone()],
            Row::Stage(stage) => stage_steps(world, stage, kind, leftovers),
        };
        if steps.is_empty() {
            self.refuse(nothing_to(world, row, kind));
            return Vec::new();
        }
        self.detail = super::DetailState::default();
        vec![AppEffect::Command(Command::Request { steps, kind, leftovers })]
    }

    fn stop(&mut self, world: &World<'_>, row: &Row) -> Vec<AppEffect> {
        let steps: Vec<StepPath> = match row {
            Row::Step(step) => vec![step.clone()],
            Row::Stage(stage) => steps_of(world, stage).map(|step| step.path.clone()).collect(),
        };
        let mut effects = Vec::new();
        for step in steps {
            let Some(attempt) = current(world, &step) else { continue };
            match attempt.phase {
                // Nothing of it has been written: closing it needs no question.
                Phase::Preparing | Phase::AwaitingConfirmation | Phase::Queued => {
                    effects.push(AppEffect::Command(Command::Cancel { step }));
                }
                Phase::Interrupted | Phase::Ended(_) => {}
                _ => {
                    self.dialogue = Some(Dialogue::sure(world, Question::Stop(step)));
                    return Vec::new();
                }
            }
        }
        effects
    }
}

/// The steps of a stage that a request is about, in the order of doing; of undoing for a rollback.
fn stage_steps(
    world: &World<'_>,
    stage: &crate::plan::StageId,
    kind: Kind,
    leftovers: Leftovers,
) -> Vec<StepPath> {
    if kind == Kind::Apply {
        return world.run.reach(stage).steps;
    }
    let steps = steps_of(world, stage).filter(|step| !is_manual(step));
    let mut paths: Vec<StepPath> = steps
        .filter(|step| {
            let standing = world.run.standing(&step.path);
            match kind {
                Kind::Rollback => {
                    let is_left = leftovers == Leftovers::Go && world.run.left_behind(&step.path) > 0;
                    is_left || !world.run.undo_set(&step.path).is_empty()
                }
                Kind::Verify => standing == Standing::Done,
                _ => !matches!(standing, Standing::Skipped | Standing::Deferred),
            }
        })
        .map(|step| step.path.clone())
        .collect();
    if kind == Kind::Rollback {
        paths.reverse();
    }
    paths
}

/// Why a stage has nothing to ask for.
fn nothing_to(world: &World<'_>, row: &Row, kind: Kind) -> String {
    if let (Row::Stage(stage), Kind::Apply) = (row, kind)
        && let Some(item) = world.run.reach(stage).stops_before
    {
        let title = world.run.step(&item).map_or("", |step| step.title.as_str());
        return format!(
            "\u{201c}{title}\u{201d} comes first and is open: tick, skip or defer it; or take a step by itself"
        );
    }
    format!("no step of this stage can be asked to {kind}")
}
