//! What can be asked for now, and why not when it cannot. Buttons, palette and keys all go by this.

use super::{Mode, Row, World, checklist::steps_of};
use crate::{
    config::{Action, Group},
    diff::{Kind, Leftovers},
    engine::{Attempt, Phase, Standing},
    plan::{Action as StepAction, Step, StepPath},
    words::count,
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
        let is_asking = shown_action(world, row).is_some();
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
        Row::Step(step) if is_held => [vec![Action::Resume], undoing(world, &[step])].concat(),
        Row::Stage(stage) if is_held => {
            undoing(world, &steps_of(world, stage).map(|step| &step.path).collect::<Vec<_>>())
        }
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

/// How steps can be taken back: plainly, and with what others have made because of them.
fn undoing(world: &World<'_>, steps: &[&StepPath]) -> Vec<Action> {
    let plainly = steps.iter().any(|step| !world.run.undo_set(step).is_empty());
    let has_leftovers = steps.iter().any(|step| world.run.may_have_leftovers(step));
    let all = [plainly.then_some(Action::RollBack), has_leftovers.then_some(Action::RollBackAll)];
    all.into_iter().flatten().collect()
}

/// The action whose proposal the selection has awaiting a confirmation.
pub(super) fn shown_action(world: &World<'_>, row: &Row) -> Option<Action> {
    awaiting(world, row).next().map(action_of)
}

/// The selection's attempts that are being prepared or await a confirmation.
pub(super) fn awaiting<'a>(world: &World<'a>, row: &Row) -> impl Iterator<Item = &'a Attempt> {
    world.run.awaiting().filter(move |attempt| is_of(attempt, row))
}

/// The action whose proposal the selection has awaiting a confirmation and that can be confirmed: nothing
/// stands in its way.
pub(super) fn askable_action(world: &World<'_>, row: &Row) -> Option<Action> {
    let action = shown_action(world, row)?;
    of_action(world, action).all(|attempt| attempt.problems.is_empty()).then_some(action)
}

/// Everything of that action that is shown; one dialogue confirms all of it.
fn of_action<'a>(world: &World<'a>, action: Action) -> impl Iterator<Item = &'a Attempt> {
    world.run.awaiting().filter(move |attempt| action_of(attempt) == action)
}

pub(super) fn current<'a>(world: &World<'a>, step: &StepPath) -> Option<&'a Attempt> {
    world.run.attempts_of(step).rev().find(|attempt| !matches!(attempt.phase, Phase::Ended(_)))
}

pub(super) fn is_manual(step: &Step) -> bool {
    matches!(step.action, StepAction::Manual(_))
}

fn step_actions(world: &World<'_>, step: &Step) -> Vec<Action> {
    let mut actions = own_actions(world, step);
    let is_open = !world.run.standing(&step.path).is_settled();
    if step.waits_for_runs() && is_open {
        actions.insert(actions.len().min(1), Action::Dispatch);
    }
    actions
}

fn own_actions(world: &World<'_>, step: &Step) -> Vec<Action> {
    let standing = world.run.standing(&step.path);
    if is_manual(step) {
        let mut actions = match standing {
            Standing::Working => return vec![Action::Stop, Action::Note],
            Standing::Done | Standing::Skipped => vec![Action::Reopen, Action::Note],
            Standing::Deferred => vec![Action::Tick, Action::Skip, Action::Reopen, Action::Note],
            _ => vec![Action::Tick, Action::Skip, Action::Defer, Action::Note],
        };
        // Its gates can be asked without ticking it.
        if !step.gates.is_empty() {
            actions.insert(1, Action::Verify);
        }
        return actions;
    }
    let undo = undoing(world, &[&step.path]);
    if let Some(attempt) = current(world, &step.path) {
        return match attempt.phase {
            Phase::AwaitingConfirmation => {
                let others = match world.run.interrupted(&step.path) {
                    Some(interrupted) => of_interrupted(world, interrupted, undo),
                    None => [vec![Action::Apply], undo, vec![Action::Verify, Action::Skip]].concat(),
                };
                let others = others.into_iter().filter(|other| *other != action_of(attempt));
                [action_of(attempt), Action::Stop].into_iter().chain(others).collect()
            }
            Phase::Interrupted => of_interrupted(world, attempt, undo),
            _ => vec![Action::Stop, Action::Note],
        };
    }
    let goes_on =
        |latest: &Attempt| latest.may_have_written() && !latest.undone && latest.kind != Kind::Verify;
    let is_halfway = world.run.halfway_release(&step.path).is_some();
    let resumable = world.run.latest(&step.path).is_some_and(goes_on) && !is_halfway;
    let (before, after): (Option<Action>, &[Action]) = match standing {
        Standing::Skipped => return vec![Action::Reopen, Action::Note],
        Standing::Done => (Some(Action::Verify), &[Action::Apply, Action::Prune, Action::Note]),
        Standing::Failed | Standing::Cancelled => (
            resumable.then_some(Action::Resume),
            &[Action::Apply, Action::Verify, Action::Skip, Action::Note],
        ),
        Standing::Deferred => (
            Some(Action::Apply),
            &[Action::Verify, Action::Skip, Action::Defer, Action::Note, Action::Reopen],
        ),
        _ => (Some(Action::Apply), &[Action::Verify, Action::Skip, Action::Defer, Action::Note]),
    };
    let by_hand = world.run.stopped_at_gates(&step.path).map(|_| Action::Tick);
    let is_pin = matches!(step.action, StepAction::Pin { .. });
    // A file has nothing to prune.
    let after = after.iter().copied().filter(|action| !(is_pin && *action == Action::Prune));
    before.into_iter().chain(by_hand).chain(undo).chain(after).collect()
}

fn of_interrupted(world: &World<'_>, attempt: &Attempt, undo: Vec<Action>) -> Vec<Action> {
    let is_halfway = world.run.halfway_release(&attempt.step).is_some();
    let can_resume = attempt.inspected && attempt.problems.is_empty() && !is_halfway;
    let on = [(can_resume, Action::Resume), (is_halfway, Action::Apply)];
    let mut all: Vec<Action> = on.into_iter().filter_map(|(may, on)| may.then_some(on)).collect();
    if attempt.inspected {
        all.push(Action::RollBack);
        all.extend(undo.into_iter().filter(|other| *other == Action::RollBackAll));
    }
    all.extend([Action::Abandon, Action::Note]);
    all
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
    let shown = shown_action(world, &Row::Stage(stage.clone()));
    let undoable = if held(world, &Row::Stage(stage.clone())).is_empty() {
        undoing(world, &steps.iter().map(|step| &step.path).collect::<Vec<_>>())
    } else {
        Vec::new()
    };
    let is_done = steps.iter().any(|step| world.run.standing(&step.path) == Standing::Done);
    actions.extend(shown);
    let resume = resumable(world, stage).map(|_| Action::Resume);
    let first = [resume, shown.and(Some(Action::Stop)), (!steps.is_empty()).then_some(Action::Apply)];
    let all = first.into_iter().flatten().chain(undoable).chain(is_done.then_some(Action::Verify));
    actions.extend(all.filter(|action| Some(*action) != shown));
    actions
}

/// The step of a stage that is to be resumed first, if one is.
pub(super) fn resumable(world: &World<'_>, stage: &crate::plan::StageId) -> Option<StepPath> {
    steps_of(world, stage)
        .find(|step| step_actions(world, step).contains(&Action::Resume))
        .map(|step| step.path.clone())
}

/// The action that has shown an attempt, and then asks for it.
fn action_of(attempt: &Attempt) -> Action {
    match (attempt.kind, attempt.leftovers) {
        (Kind::Apply, _) => Action::Apply,
        (Kind::Prune, _) => Action::Prune,
        (Kind::Rollback, Leftovers::Stay) => Action::RollBack,
        (Kind::Rollback, Leftovers::Go) => Action::RollBackAll,
        (Kind::Verify, _) => Action::Verify,
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
    if action == Action::Dispatch {
        return super::dispatch::refusal(world);
    }
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
        Row::Stage(stage) if matches!(action, Action::RollBack | Action::RollBackAll) => {
            let title = world.setting.stage_title(stage);
            let can_undo = steps_of(world, stage).any(|step| !world.run.undo_set(&step.path).is_empty());
            if can_undo && action == Action::RollBackAll {
                format!(
                    "there are no leftovers of {title}: \u{201c}{}\u{201d} undoes all of it",
                    button_label(world, row, Action::RollBack)
                )
            } else if can_undo {
                format!("{title} cannot be rolled back while something of it is at work")
            } else {
                format!("{title} has changed nothing that could be rolled back")
            }
        }
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
                Action::RollBackAll if !is_manual(step) && !world.run.undo_set(path).is_empty() => {
                    format!(
                        "there are no leftovers of \u{201c}{}\u{201d}: \u{201c}{}\u{201d} undoes all of it",
                        step.title,
                        button_label(world, row, Action::RollBack)
                    )
                }
                Action::RollBack | Action::RollBackAll if !is_manual(step) => {
                    format!("\u{201c}{}\u{201d} has changed nothing that could be rolled back", step.title)
                }
                Action::Resume if world.run.halfway_release(path).is_some() => format!(
                    "helm has not brought the release of \u{201c}{}\u{201d} to an end, and does not go on with it \
                     blindly: look at its changes (apply), which tell what it would do now",
                    step.title
                ),
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
    let shown = shown_action(world, row);
    let asks = askable_action(world, row).filter(|asks| *asks == action);
    match (action, asks) {
        (Action::Stop, _) if shown.is_some() => "Close".to_owned(),
        (Action::Stop, _) if world.run.is_preparing() => "Stop comparing".to_owned(),
        (Action::Apply | Action::RollBack | Action::RollBackAll | Action::Prune, Some(action)) => {
            let leftovers: usize = of_action(world, action).map(Attempt::leftovers_to_go).sum();
            let changes: usize = of_action(world, action).map(Attempt::changes).sum();
            let going = count(leftovers, "leftover", "leftovers");
            let changing = format!("{} {}", Action::RollBack.label(), count(changes, "change", "changes"));
            match (action, leftovers, changes) {
                (Action::RollBackAll, 1.., 0) => format!("Delete {going}…"),
                (Action::RollBackAll, 1.., _) => format!("{changing} + {going}…"),
                (Action::RollBackAll, 0, _) => format!("{changing}…"),
                _ => format!("{} {}…", action.label(), count(changes, "change", "changes")),
            }
        }
        (Action::Apply | Action::RollBack | Action::RollBackAll | Action::Prune, None)
            if shown == Some(action) =>
        {
            "Look again".to_owned()
        }
        (Action::Apply, None) => Action::Look.label().to_owned(),
        (Action::RollBack, None) => "Show rollback".to_owned(),
        (Action::RollBackAll, None) => "Show rollback + leftovers".to_owned(),
        (Action::Prune, None) => "Show prune".to_owned(),
        (Action::Verify | Action::Look, _) => action.label().to_owned(),
        _ => format!("{}…", action.label()),
    }
}
