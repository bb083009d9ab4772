//! A run with its jobs; and the question whether to start one.

use jiff::SignedDuration;
use ratatui::layout::Rect;

use super::{
    canvas::Canvas,
    dialogue::{Content, Styled, draw, step_title},
    runs::style,
    text,
};
use crate::{
    app::{Choice, DispatchDialogue, DispatchState},
    observed::Name,
    workflow::NO_WAY_BACK,
};

pub(super) fn run(canvas: &mut Canvas<'_>, body: Rect, name: &Name) {
    let Some(run) = canvas.world.observed.runs.get(name) else { return };
    let (theme, now) = (canvas.theme, canvas.world.now);
    let took = text::elapsed(now - SignedDuration::from_secs(run.seconds(now)), now);
    let again = if run.attempt > 1 { format!(", attempt {}", run.attempt) } else { String::new() };
    let mut head: Vec<Styled> = vec![
        (run.title.clone(), theme.heading.0),
        (format!("{} {} after {took}{again}", run.state.sign(), run.state.word()), style(&run.state, theme)),
        (format!("branch   {}", run.branch), theme.dialogue.0),
        (format!("commit   {}", run.commit), theme.dialogue.0),
        (
            format!("started  by {} ({}), {} ago", run.actor, run.event, text::age(run.created, now)),
            theme.dialogue.0,
        ),
    ];
    if !run.url.is_empty() {
        head.push((run.url.clone(), theme.accent.0));
    }
    let mut list: Vec<Styled> = Vec::new();
    for job in &run.jobs {
        let step = job.failed_step.as_ref().map(|step| format!(" at {step}")).unwrap_or_default();
        list.push((
            format!("{} {}: {}{step}", job.state.sign(), job.name, job.state.word()),
            style(&job.state, theme),
        ));
    }
    if list.is_empty() {
        list.push(("its jobs are being asked for …".to_owned(), theme.muted.0));
    }
    let content = Content {
        title: format!("Run #{}", run.number),
        head,
        list,
        buttons: vec![(Choice::Cancel, "Close".to_owned())],
        focus: Choice::Cancel,
    };
    draw(canvas, body, &content, None);
}

pub(super) fn dispatch(canvas: &mut Canvas<'_>, body: Rect, dialogue: &DispatchDialogue) {
    let theme = canvas.theme;
    let mut head: Vec<Styled> = vec![(step_title(canvas, &dialogue.step), theme.heading.0)];
    let mut list: Vec<Styled> = Vec::new();
    let mut buttons = vec![(Choice::Cancel, "Cancel".to_owned())];
    let mut ask = None;
    match &dialogue.state {
        DispatchState::Asking => {
            head.push(("What would be sent is being read …".to_owned(), theme.muted.0));
        }
        DispatchState::Refused(problem) => {
            head.push((format!("✖ {}: {}", problem.subject, problem.reason), theme.warn.0));
            head.push((problem.remedy.clone(), theme.dialogue.0));
        }
        DispatchState::Shown(dispatch) => {
            let told = dispatch.lines().into_iter();
            head.extend(told.map(|(name, value)| (format!("{name:<11}{value}"), theme.dialogue.0)));
            let [never, instead] = NO_WAY_BACK;
            head.push((never.to_owned(), theme.warn.0));
            list.push((instead.to_owned(), theme.dialogue.0));
            if let Some(newest) = &dispatch.newest {
                let told = format!(
                    "so far     {} #{} {}@{}, {}",
                    newest.state.sign(),
                    newest.number,
                    newest.branch,
                    newest.short_commit(),
                    newest.state.word()
                );
                list.push((told, theme.muted.0));
            }
            list.push((format!("digest {}", dispatch.digest().short()), theme.muted.0));
            buttons.push((Choice::Go, "Start the run".to_owned()));
            ask = Some((format!("Type {} to confirm: ", dialogue.must_type), &dialogue.typed));
        }
    }
    let content = Content { title: "Start a run?".to_owned(), head, list, buttons, focus: dialogue.focus };
    draw(canvas, body, &content, ask);
}
