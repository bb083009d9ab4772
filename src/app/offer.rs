//! What can be asked for now, and why not when it cannot. Buttons, palette and keys all go by this.

use super::{Mode, Row, World, checklist::steps_of};
use crate::{
    config::{Action, Group},
    diff::{Change, Kind},
    engine::{Attempt, Phase, Standing},
    plan::{Action as StepAction, Step, StepPath},
};

/// The actions on the selection that are possible now, most likely first.
#[must_use]
pub fn offered(world: &World<'_>, row: &Row) -> Vec<Action> {
    if !world.connection.is_driven() {
        return Vec::new();
    }
    let mut actions = match row {
        Row::Stage(stage) => stage_actions(world, stage),
        Row::Step(path) => world.run.step(path).map(|step| step_actions(world, step)).unwrap_or_default(),
    };
    if world.mode == Mode::ReadOnly {
        let can_look = actions.contains(&Action::Apply);
        let is_asking = shown_kind(world, row).is_some();
        actions.retain(|action| *action == Action::Verify || (*action == Action::Stop && is_asking));
        if can_look {
            actions.insert(0, Action::Look);
        }
    }
    actions
}

/// Actions that will be possible as soon as what an interrupted attempt wrote has been compared with the
/// cluster: until then nobody knows what there is to resume or to undo.
#[must_use]
pub fn held(world: &World<'_>, row: &Row) -> Vec<Action> {
    let is_held = world.connection.is_driven()
        && world.mode == Mode::ReadWrite
        && world.run.attempts().iter().any(|attempt| is_of(attempt, row) && is_being_inspected(attempt));
    match row {
        Row::Step(_) if is_held => vec![Action::Resume, Action::RollBack],
        Row::Stage(_) if is_held => vec![Action::RollBack],
        _ => Vec::new(),
    }
}

fn is_being_inspected(attempt: &Attempt) -> bool {
    attempt.phase == Phase::Interrupted && !attempt.inspected
}

fn is_of(attempt: &Attempt, row: &Row) -> bool {
    match row {
        Row::Stage(stage) => &attempt.step.stage == stage,
        Row::Step(step) => &attempt.step == step,
    }
}

/// The kind of proposal that the selection has awaiting a confirmation.
pub(super) fn shown_kind(world: &World<'_>, row: &Row) -> Option<Kind> {
    awaiting(world, row).next().map(|attempt| attempt.kind)
}

/// The selection's attempts that are being prepared or await a confirmation.
pub(super) fn awaiting<'a>(world: &World<'a>, row: &Row) -> impl Iterator<Item = &'a Attempt> {
    world.run.awaiting().filter(move |attempt| is_of(attempt, row))
}

/// The kind of proposal that the selection has awaiting a confirmation and that can be confirmed: nothing
/// stands in its way.
pub(super) fn askable_kind(world: &World<'_>, row: &Row) -> Option<Kind> {
    let kind = shown_kind(world, row)?;
    of_kind(world, kind).all(|attempt| attempt.problems.is_empty()).then_some(kind)
}

/// Everything of that kind that is shown; one dialogue confirms all of it.
fn of_kind<'a>(world: &World<'a>, kind: Kind) -> impl Iterator<Item = &'a Attempt> {
    world.run.awaiting().filter(move |attempt| attempt.kind == kind)
}

pub(super) fn current<'a>(world: &World<'a>, step: &StepPath) -> Option<&'a Attempt> {
    world.run.attempts_of(step).rev().find(|attempt| !matches!(attempt.phase, Phase::Ended(_)))
}

pub(super) fn is_manual(step: &Step) -> bool {
    matches!(step.action, StepAction::Manual(_))
}

fn step_actions(world: &World<'_>, step: &Step) -> Vec<Action> {
    let standing = world.run.standing(&step.path);
    if is_manual(step) {
        return match standing {
            Standing::Working => vec![Action::Stop, Action::Note],
            Standing::Done | Standing::Skipped => vec![Action::Reopen, Action::Note],
            Standing::Deferred => vec![Action::Tick, Action::Skip, Action::Reopen, Action::Note],
            _ => vec![Action::Tick, Action::Skip, Action::Defer, Action::Note],
        };
    }
    let can_undo = !world.run.undo_set(&step.path).is_empty();
    let undo = can_undo.then_some(Action::RollBack);
    if let Some(attempt) = current(world, &step.path) {
        return match attempt.phase {
            Phase::AwaitingConfirmation => {
                let mut actions = vec![action_for(attempt.kind), Action::Stop];
                let others = [Some(Action::Apply), undo, Some(Action::Verify)];
                actions
                    .extend(others.into_iter().flatten().filter(|other| *other != action_for(attempt.kind)));
                actions.push(Action::Skip);
                actions
            }
            Phase::Interrupted => {
                let can_resume = attempt.inspected && attempt.problems.is_empty();
                let resume = can_resume.then_some(Action::Resume);
                let undo = attempt.inspected.then_some(Action::RollBack);
                let all = [resume, undo, Some(Action::Abandon), Some(Action::Note)];
                all.into_iter().flatten().collect()
            }
            _ => vec![Action::Stop, Action::Note],
        };
    }
    let resumable = world
        .run
        .latest(&step.path)
        .is_some_and(|latest| latest.may_have_written() && !latest.undone && latest.kind != Kind::Verify);
    let all = match standing {
        Standing::Skipped => vec![Some(Action::Reopen), Some(Action::Note)],
        Standing::Done => {
            vec![Some(Action::Verify), undo, Some(Action::Apply), Some(Action::Prune), Some(Action::Note)]
        }
        Standing::Failed | Standing::Cancelled => vec![
            resumable.then_some(Action::Resume),
            world.run.stopped_at_gates(&step.path).map(|_| Action::Tick),
            undo,
            Some(Action::Apply),
            Some(Action::Verify),
            Some(Action::Skip),
            Some(Action::Note),
        ],
        _ => vec![
            Some(Action::Apply),
            undo,
            Some(Action::Verify),
            Some(Action::Skip),
            Some(Action::Defer),
            Some(Action::Note),
            (standing == Standing::Deferred).then_some(Action::Reopen),
        ],
    };
    all.into_iter().flatten().collect()
}

fn stage_actions(world: &World<'_>, stage: &crate::plan::StageId) -> Vec<Action> {
    let steps: Vec<&Step> = steps_of(world, stage).filter(|step| !is_manual(step)).collect();
    if steps.iter().any(|step| {
        current(world, &step.path)
            .is_some_and(|attempt| !matches!(attempt.phase, Phase::AwaitingConfirmation | Phase::Interrupted))
    }) {
        return vec![Action::Stop];
    }
    let mut actions = Vec::new();
    let shown = shown_kind(world, &Row::Stage(stage.clone())).map(action_for);
    let undoable = held(world, &Row::Stage(stage.clone())).is_empty()
        && steps.iter().any(|step| !world.run.undo_set(&step.path).is_empty());
    let is_done = steps.iter().any(|step| world.run.standing(&step.path) == Standing::Done);
    actions.extend(shown);
    let all = [
        shown.and(Some(Action::Stop)),
        (!steps.is_empty()).then_some(Action::Apply),
        undoable.then_some(Action::RollBack),
        is_done.then_some(Action::Verify),
    ];
    actions.extend(all.into_iter().flatten().filter(|action| Some(*action) != shown));
    actions
}

/// The action that shows, and then asks for, a kind of attempt.
#[must_use]
pub(super) fn action_for(kind: Kind) -> Action {
    match kind {
        Kind::Apply => Action::Apply,
        Kind::Prune => Action::Prune,
        Kind::Rollback => Action::RollBack,
        Kind::Verify => Action::Verify,
    }
}

/// Why an action on the selection is not possible, in a sentence that says what to do; `None` when it
/// is possible.
#[must_use]
pub fn refusal(world: &World<'_>, row: &Row, action: Action) -> Option<String> {
    let is_offered = offered(world, row).contains(&action);
    let can_look = action == Action::Look && offered(world, row).contains(&Action::Apply);
    // A note is possible at any time, though there is not always a button for it.
    let can_note = action == Action::Note
        && world.mode == Mode::ReadWrite
        && world.connection.is_driven()
        && matches!(row, Row::Step(_));
    if action.group() != Group::Step || is_offered || can_look || can_note {
        return None;
    }
    if let super::Connection::Failed(problem) = world.connection {
        return Some(format!("no cluster: {}. {}", problem.reason, problem.remedy));
    }
    if let super::Connection::Connecting { doing } = world.connection {
        return Some(format!("not yet: {doing}; the plan can be read meanwhile"));
    }
    if world.mode == Mode::ReadOnly && !matches!(action, Action::Look | Action::Verify | Action::Stop) {
        return Some(format!(
            "READ-ONLY: nothing is written here, so \u{201c}{}\u{201d} does nothing. Look at the changes, or start \
             migrate-tui without --read-only",
            action.label()
        ));
    }
    if held(world, row).contains(&action) {
        return Some(format!(
            "not yet: what was interrupted is being compared with the cluster first, by reads alone.              \u{201c}{}\u{201d} is possible as soon as that is known",
            action.label()
        ));
    }
    Some(why_not(world, row, action))
}

fn why_not(world: &World<'_>, row: &Row, action: Action) -> String {
    let label = action.label();
    if world.run.is_preparing() {
        return "not yet: the changes are being compared with the cluster; wait a moment".to_owned();
    }
    match row {
        Row::Stage(stage) => {
            format!(
                "\u{201c}{label}\u{201d} is not possible for all of {}: select one of its steps",
                world.setting.stage_title(stage)
            )
        }
        Row::Step(path) => {
            let Some(step) = world.run.step(path) else { return format!("there is no step {path}") };
            let standing = world.run.standing(path);
            match action {
                Action::RollBack if !is_manual(step) => {
                    format!("\u{201c}{}\u{201d} has changed nothing that could be rolled back", step.title)
                }
                Action::Resume if standing == Standing::Interrupted => {
                    "it cannot be resumed as things stand: see what stands in the way".to_owned()
                }
                _ if is_manual(step) => format!(
                    "\u{201c}{}\u{201d} is a checklist item ({}): it can be ticked, skipped or deferred, not \u{201c}{label}\u{201d}",
                    step.title,
                    standing.word()
                ),
                _ => format!(
                    "\u{201c}{label}\u{201d} does not fit now: \u{201c}{}\u{201d} is {}",
                    step.title,
                    standing.word()
                ),
            }
        }
    }
}

/// What an action is called on this selection; with `…` when it opens a dialogue at once. What changes the
/// cluster is called by its name only where the next thing is the question.
#[must_use]
pub fn button_label(world: &World<'_>, row: &Row, action: Action) -> String {
    let shown = shown_kind(world, row);
    let asks = askable_kind(world, row).filter(|kind| action_for(*kind) == action);
    match (action, asks) {
        (Action::Stop, _) if shown.is_some() => "Close".to_owned(),
        (Action::Stop, _) if world.run.is_preparing() => "Stop comparing".to_owned(),
        (Action::Apply | Action::RollBack | Action::Prune, Some(kind)) => {
            let changes: usize = of_kind(world, kind).map(changes).sum();
            let noun = if changes == 1 { "change" } else { "changes" };
            format!("{} {changes} {noun}…", action.label())
        }
        (Action::Apply | Action::RollBack | Action::Prune, None) if shown.map(action_for) == Some(action) => {
            "Look again".to_owned()
        }
        (Action::Apply, None) => Action::Look.label().to_owned(),
        (Action::RollBack, None) => "Show rollback".to_owned(),
        (Action::Prune, None) => "Show prune".to_owned(),
        (Action::Verify | Action::Look, _) => action.label().to_owned(),
        _ => format!("{}…", action.label()),
    }
}

fn changes(attempt: &Attempt) -> usize {
    attempt.rows.iter().filter(|(intent, _)| intent.change != Change::Same).count()
}
