//! A stage's page: its steps, and whatever of it is shown or at work.

use super::{attempt, document::Document, step};
use crate::{
    app::{Connection, Row, next_step, row_standing, shown_attempts, stage_count},
    diff::Kind,
    engine::{Attempt, Phase, Standing},
    overview::doubt_of,
    plan::{Action, StageId, Step},
    ui::{canvas::span, glyph, text},
};

pub(super) fn write(document: &mut Document<'_>, id: &StageId) {
    let world = document.world;
    if let Connection::Failed(problem) = world.connection {
        document.problem(problem);
        document.blank();
    }
    refused(document, id);
    stops(document, id);
    for shown in shown_attempts(world, &Row::Stage(id.clone())) {
        if let Some(of) = world.run.step(&shown.step) {
            document.heading(&of.title);
            step::write_attempt(document, of, shown);
        }
    }
    success(document, id);
    document.blank();
    if let Some(stage) = world.setting.stages.iter().find(|stage| &stage.id == id)
        && !stage.summary.is_empty()
    {
        document.paragraph("", &stage.summary, document.theme.text);
    }
    let count = stage_count(world, id);
    document.heading(&format!("{} of {} steps settled", count.settled, count.all));
    for of in world.run.steps().iter().filter(|of| &of.path.stage == id) {
        let standing = row_standing(world, &Row::Step(of.path.clone()));
        let (sign, style) = glyph::row(standing, document.theme);
        document.push(vec![
            span(format!("{sign} "), style),
            span(&of.title, document.theme.text.0),
            span(format!("  {}", glyph::word(standing, document.world.mode)), document.theme.muted.0),
        ]);
        if let Some(doubt) = doubt_of(&of.path, world.run) {
            document.paragraph("    ? ", &doubt, document.theme.warn);
        }
        if let Some(outcome) = world.run.latest(&of.path).and_then(attempt::outcome) {
            document.paragraph("    ", &outcome, document.theme.ok);
        }
    }
}

/// What is shown goes up to a checklist item that is open: it is not jumped over.
fn stops(document: &mut Document<'_>, id: &StageId) {
    let world = document.world;
    let is_applied = |attempt: &&Attempt| attempt.kind == Kind::Apply && attempt.step.stage == *id;
    let is_under_way = world.run.awaiting().chain(world.run.active()).find(is_applied).is_some();
    let reach = world.run.reach(id);
    let has_begun = |step: &Step| {
        step.path.stage == *id
            && !matches!(step.action, Action::Manual(_))
            && world.run.standing(&step.path) == Standing::Done
    };
    let has_stopped = reach.steps.is_empty() && world.run.steps().iter().any(has_begun);
    let item = reach.stops_before.filter(|_| is_under_way || has_stopped);
    if let Some(item) = item.and_then(|item| world.run.step(&item)) {
        let title = &item.title;
        let text = if is_under_way {
            format!("It stops before \u{201c}{title}\u{201d}: a checklist item that is open.")
        } else {
            format!(
                "It has stopped before \u{201c}{title}\u{201d}: a checklist item that is open. Tick, skip or defer it, \
                 then show the changes of the rest."
            )
        };
        document.paragraph("■ ", &text, document.theme.warn);
        document.blank();
    }
}

/// What keeps the stage from being confirmed at one go comes first: it may be far down.
fn refused(document: &mut Document<'_>, id: &StageId) {
    let world = document.world;
    let shown = shown_attempts(world, &Row::Stage(id.clone()));
    let refused = shown
        .iter()
        .filter(|attempt| attempt.phase == Phase::AwaitingConfirmation && !attempt.problems.is_empty());
    for attempt in refused {
        let title = world.run.step(&attempt.step).map_or("", |of| of.title.as_str());
        document.heading(&format!("Not all of it can be confirmed: {title}"));
        attempt.problems.iter().for_each(|problem| document.problem(problem));
        document.paragraph("→ ", "Step by step goes as far as it can.", document.theme.accent);
        document.blank();
    }
}

/// Says that the stage is done, or that all of it is that is applied rather than ticked, and what is next; or
/// that all of it is rolled back.
fn success(document: &mut Document<'_>, id: &StageId) {
    let world = document.world;
    let title = world.setting.stage_title(id);
    let (ticked, applied): (Vec<&Step>, Vec<&Step>) = world
        .run
        .steps()
        .iter()
        .filter(|step| &step.path.stage == id)
        .partition(|step| matches!(step.action, Action::Manual(_)));
    let standing = |step: &&Step| world.run.standing(&step.path);
    let open = |steps: &[&Step]| steps.iter().filter(|step| !standing(step).is_settled()).count();
    let all_applied = |wanted: &[Standing]| {
        !applied.is_empty() && applied.iter().all(|step| wanted.contains(&standing(step)))
    };
    let steps = ticked.len() + applied.len();
    let doubtful = ticked.iter().filter(|step| doubt_of(&step.path, world.run).is_some()).count();
    let (sign, text, style) = if steps > 0 && open(&ticked) + open(&applied) == 0 && doubtful > 0 {
        let items = text::count(doubtful, "ticked item is in doubt", "ticked items are in doubt");
        let text = format!("All {steps} steps of {title} are settled, but {items}: see below.");
        ("? ", text, document.theme.warn)
    } else if steps > 0 && open(&ticked) + open(&applied) == 0 {
        ("✔ ", format!("{title} is done: all {steps} steps are settled."), document.theme.ok)
    } else if all_applied(&[Standing::Done, Standing::Skipped]) {
        let left = text::count(open(&ticked), "checklist item is", "checklist items are");
        let text = format!("Everything that is applied in {title} is applied; {left} open.");
        ("✔ ", text, document.theme.ok)
    } else if all_applied(&[Standing::RolledBack]) {
        ("↶ ", format!("Everything that was applied in {title} is rolled back."), document.theme.ok)
    } else if all_applied(&[Standing::RolledBack, Standing::RolledBackWithConflicts]) {
        let text = format!(
            "{title} is rolled back, but for fields that others changed since; they stay as they are."
        );
        ("≠ ", text, document.theme.warn)
    } else {
        return;
    };
    document.blank();
    document.paragraph(sign, &text, style);
    let first = world.run.steps().iter().find(|step| &step.path.stage == id);
    let is_open = |step: &&Step| !standing(step).is_settled();
    let next = first.filter(is_open).or_else(|| next_step(world, &first?.path));
    if let Some(next) = next.filter(|_| sign == "✔ ") {
        let stage = world.setting.stage_title(&next.path.stage);
        document.paragraph("→ ", &format!("Next: {stage} › {}", next.title), document.theme.accent);
    }
}
