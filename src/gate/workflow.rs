//! Did the pipeline's newest run succeed, for the commit that its branch points at?

use super::GateAnswer;
use crate::{
    diff::Problem,
    forge::{Desk, Forge, ForgeError, Need},
    observed::{RunRow, RunState},
    plan::WorkflowGate,
};

/// Runs that are looked through for the one that counts.
const NEWEST: usize = 30;
/// What a gate that cannot be asked leaves to do.
const BY_HAND: &str = "or tick the step with a note, which takes it on your word";

/// Asks once.
pub(super) async fn ask(desk: &Desk, gate: &WorkflowGate, subject: &str) -> GateAnswer {
    let forge = match desk.forge().await {
        Ok(forge) => forge.with(gate.file.as_deref(), gate.branch.as_deref()),
        Err(problem) => return hopeless(subject, problem.reason, &problem.remedy),
    };
    match look(&forge, gate, subject).await {
        Ok(answer) => answer,
        Err(error) if error.passes() => GateAnswer::not_yet(error.reason()),
        Err(error) => {
            hopeless(subject, format!("{}: {}", forge.of, error.reason()), &error.remedy(Need::Read))
        }
    }
}

fn hopeless(subject: &str, reason: String, remedy: &str) -> GateAnswer {
    GateAnswer::Failed { problem: Problem::new(subject, reason, format!("{remedy}; {BY_HAND}")) }
}

async fn look(forge: &Forge, gate: &WorkflowGate, subject: &str) -> Result<GateAnswer, ForgeError> {
    let branch = forge.branch().await?;
    let head = forge.commit(&branch).await?;
    let runs = forge.runs_on(&branch, NEWEST).await?;
    let Some(run) = newest(runs, gate.title.as_deref()) else {
        return Ok(GateAnswer::not_yet(none(forge, &branch, gate)));
    };
    // Which job failed costs one question more, and only then.
    let is_failed = run.commit == head && matches!(run.state, RunState::Failed(_));
    let run = if is_failed { forge.with_jobs(run).await? } else { run };
    Ok(verdict(&run, (&branch, &head), subject))
}

/// The newest run that counts. A pull request's may come from another repository's branch of that name.
fn newest(runs: Vec<RunRow>, title: Option<&str>) -> Option<RunRow> {
    let counts = |run: &RunRow| {
        !run.event.starts_with("pull_request") && title.is_none_or(|title| run.title.contains(title))
    };
    runs.into_iter().find(counts)
}

fn none(forge: &Forge, branch: &str, gate: &WorkflowGate) -> String {
    let titled = gate
        .title
        .as_ref()
        .map(|title| format!(" with \u{201c}{title}\u{201d} in its title"))
        .unwrap_or_default();
    format!("{} of {} has no run on {branch}{titled} yet", forge.of.file, forge.of.repository)
}

/// What the run says, for the branch and the commit that it points at.
fn verdict(run: &RunRow, (branch, head): (&str, &str), subject: &str) -> GateAnswer {
    let short = head.get(..7).unwrap_or(head);
    let told = format!("run #{} of {branch}@{}", run.number, run.short_commit());
    if run.commit != head {
        return GateAnswer::not_yet(format!(
            "{branch} is at {short} by now, and the newest run is #{} of {} ({})",
            run.number,
            run.short_commit(),
            run.state.word()
        ));
    }
    match &run.state {
        RunState::Succeeded => {
            let detail = format!("{told} succeeded ({}, by {}) {}", run.event, run.actor, run.url);
            GateAnswer::Passed { detail: detail.trim_end().to_owned(), simulated: false }
        }
        RunState::Running => GateAnswer::not_yet(format!("{told} is running")),
        RunState::Waiting(word) => GateAnswer::not_yet(format!("{told} waits ({word})")),
        RunState::Failed(word) | RunState::Ended(word) => {
            let at = run.failure().map(|failure| format!(" at {failure}")).unwrap_or_default();
            hopeless(
                subject,
                format!("{told} ended with {word}{at}"),
                &format!("read its log ({}), mend it and run it again; then ask again", run.url),
            )
        }
    }
}

#[cfg(test)]
#[path = "workflow_tests.rs"]
mod tests;
