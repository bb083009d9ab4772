//! Questions that are answered with yes or no. No comes first and has the focus.

use ratatui::layout::Rect;

use super::{
    canvas::Canvas,
    dialogue::{Content, Styled, ask_for, draw, step_title},
    leaving,
};
use crate::{
    app::{Choice, Question, Sure},
    diff::{Kind, Wave, places},
    overview::Rest,
    plan::StepPath,
};

/// Title, what is said, no, yes.
type Words = (&'static str, &'static str, &'static str, &'static str);

pub(super) fn sure(canvas: &mut Canvas<'_>, body: Rect, sure: &Sure) {
    let (step, words): (Option<&StepPath>, Words) = match &sure.question {
        Question::Resume(step) => return resume(canvas, body, sure, step),
        Question::Abandon(step) => (
            Some(step),
            (
                "Abandon?",
                "What was written stays as it is. It can still be rolled back later.",
                "Not now",
                "Abandon",
            ),
        ),
        Question::Stop(step) => (
            Some(step),
            (
                "Stop between objects?",
                "What is in flight finishes, nothing more is started. What was written stays; it can be resumed or \
                 rolled back.",
                "Go on",
                "Stop",
            ),
        ),
        Question::Reopen(step) => (
            Some(step),
            ("Open it again?", "The step counts as open from then on; its notes stay.", "Leave it", "Reopen"),
        ),
        Question::Quit => (None, ("Leave?", "", "Stay", "Leave")),
    };
    let (title, text, no, yes) = words;
    let mut head: Vec<Styled> = Vec::new();
    match step {
        Some(step) => {
            head.extend(place(canvas, step, &canvas.world.setting.namespace));
            head.push((text.to_owned(), canvas.theme.dialogue.0));
        }
        None => head.extend(leaving::words(canvas)),
    }
    ask(canvas, body, sure, (title, head, Vec::new()), (no, yes));
}

/// What is left of the attempt, before it is gone on with.
fn resume(canvas: &mut Canvas<'_>, body: Rect, sure: &Sure, step: &StepPath) {
    let (world, theme) = (canvas.world, canvas.theme);
    let Some(attempt) = world.run.to_resume(step) else { return };
    let rest = Rest::of(attempt, world.proposals.get(&attempt.number));
    let rows = attempt.left().map(|(_, row)| row).filter(|row| row.wave != Wave::Files);
    let mut head = place(canvas, step, &places(rows.map(|row| &row.key), &world.setting.namespace));
    let style = if rest.deletes { theme.danger.0 } else { theme.dialogue.0 };
    head.push((rest.told, style));
    if matches!(attempt.kind, Kind::Rollback | Kind::Prune) {
        let keys = attempt.left().map(|(_, row)| &row.key);
        let traffic = world.run.traffic_through(step, &world.setting.namespace, keys);
        head.extend(traffic.into_iter().map(|risk| (format!("! {}", risk.message), theme.danger.0)));
    }
    let list = rest.objects.into_iter().map(|line| (format!("- {line}"), theme.warn.0)).collect();
    let (title, yes) = match attempt.kind {
        Kind::Rollback if attempt.left().next().is_some() => {
            ("Go on with the ROLLBACK?", "Go on rolling back")
        }
        Kind::Prune if attempt.left().next().is_some() => ("Go on PRUNING?", "Go on pruning"),
        _ => ("Resume?", "Resume"),
    };
    ask(canvas, body, sure, (title, head, list), ("Not now", yes));
}

fn place(canvas: &Canvas<'_>, step: &StepPath, namespaces: &str) -> Vec<Styled> {
    vec![
        (step_title(canvas, step), canvas.theme.heading.0),
        (
            format!("context {} · namespace {namespaces}", canvas.world.setting.context),
            canvas.theme.dialogue.0,
        ),
    ]
}

fn ask(
    canvas: &mut Canvas<'_>,
    body: Rect,
    sure: &Sure,
    (title, head, list): (&str, Vec<Styled>, Vec<Styled>),
    (no, yes): (&str, &str),
) {
    let content = Content {
        title: title.to_owned(),
        head,
        list,
        buttons: vec![(Choice::Cancel, no.to_owned()), (Choice::Go, yes.to_owned())],
        focus: sure.focus,
    };
    draw(canvas, body, &content, ask_for(sure.must_type.as_deref(), &sure.typed));
}
