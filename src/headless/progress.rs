//! What is told while a change is made.

use std::io::Write;

use tokio::sync::mpsc;

use crate::{
    diff::{Change, Kind},
    engine::{AttemptNumber, Event, RowState, Run},
    observed::Observation,
    readiness::{NOT_GONE, Readiness},
    words::harmless,
};

/// Tells what helm is at and what is slow to go, a line each, until nothing more can come.
pub async fn tell_of_helm(mut news: mpsc::Receiver<Vec<Observation>>, mut output: impl Write) {
    let mut last = None;
    while let Some(batch) = news.recv().await {
        for line in batch.iter().filter_map(helm_at) {
            if last.as_ref() != Some(&line) {
                // Progress is a courtesy: a closed pipe must not stop a change half way.
                let _ = writeln!(output, "{}", harmless(&line));
            }
            last = Some(line);
        }
    }
}

/// As in `release web: pulling chart oci://registry.example/web 1.2.3`.
fn helm_at(observation: &Observation) -> Option<String> {
    match observation {
        Observation::Progress(key, Readiness::Progressing { reason }) if key.is("helm.sh", "Release") => {
            Some(format!("release {}: {reason}", key.name))
        }
        // What was just deleted goes in a moment; a finalizer may hold it for as long as it likes.
        Observation::Progress(key, Readiness::Progressing { reason })
            if reason.starts_with(NOT_GONE) && reason.contains("finalizer") =>
        {
            Some(format!("{key}: {reason}"))
        }
        _ => None,
    }
}

/// A line for an event that a person waiting wants to know of.
pub(super) fn told(run: &Run, event: &Event) -> Option<String> {
    let row = |attempt: &AttemptNumber, row: usize| {
        let (intent, state) = run.attempt(*attempt)?.rows.get(row)?;
        Some((intent.key.to_string(), intent.change, state))
    };
    match event {
        Event::RowDone { attempt, row: index, .. } => {
            let (key, change, state) = row(attempt, *index)?;
            let warnings = match state {
                RowState::Done { warnings, .. } if !warnings.is_empty() => {
                    format!(" (warning: {})", warnings.join("; "))
                }
                _ => String::new(),
            };
            let verb = match change {
                Change::Create => "created",
                Change::Change => "changed",
                Change::Adopt => "adopted",
                Change::Replace => "replaced",
                Change::Same => "same",
                Change::Delete => "deleted",
                Change::Revert => "reverted",
                Change::Recreate => "created again",
            };
            Some(format!("{key} {verb}{warnings}"))
        }
        // Why, and what to do, is told once: at the end.
        Event::RowFailed { attempt, row: index, .. } => {
            let (key, _, _) = row(attempt, *index)?;
            Some(format!("{key} refused"))
        }
        Event::Written { .. } => Some("all written; waiting".to_owned()),
        Event::Prepared { attempt, problems, .. } if problems.is_empty() => {
            let attempt = run.attempt(*attempt).filter(|attempt| attempt.kind == Kind::Verify)?;
            let limit = attempt.limit(run.step(&attempt.step)?.deadline)?.as_secs();
            Some(format!(
                "{}: compared; readiness and gates are asked, for {limit} s each at most",
                attempt.step
            ))
        }
        Event::ObjectsReady { .. } => Some("all ready".to_owned()),
        Event::GatePassed { attempt, gate, detail, simulated, .. } => {
            let step = run.step(&run.attempt(*attempt)?.step)?;
            let note = if *simulated { " (by simulated pods)" } else { "" };
            Some(format!("gate: {}: {detail}{note}", step.gates.get(*gate)?))
        }
        Event::Recovered { attempt, .. } => {
            let attempt = run.attempt(*attempt)?;
            Some(format!("{} (attempt {}): {}", attempt.step, attempt.number, attempt.told_origin()?))
        }
        Event::Surveyed { gaps } => gaps.told(),
        Event::CancelRequested { .. } => Some("stopping between objects".to_owned()),
        _ => None,
    }
}
