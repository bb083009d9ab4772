//! `workflow runs`: what the forge tells of the workflow's runs.

use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;

use super::{Exit, Format, report::print};
use crate::{
    observed::{Freshness, RunRow, Runs, WorkflowOf},
    words::moment,
};

/// The runs, or why there are none to tell of.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunsReport {
    /// Which workflow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow: Option<WorkflowOf>,
    /// Something to know of the asking; or why it could not be asked, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Newest first.
    pub runs: Vec<RunRow>,
    /// The rows are what the forge has now.
    #[serde(skip)]
    is_told: bool,
}

impl RunsReport {
    /// Of one look.
    #[must_use]
    pub fn of(runs: Runs) -> Self {
        let is_told = runs.freshness == Freshness::Live;
        let note = match runs.freshness {
            Freshness::Stale { reason, .. } => Some(reason),
            _ => runs.note,
        };
        Self { workflow: runs.of, note, runs: runs.rows.into_iter().map(|(_, row)| row).collect(), is_told }
    }

    /// How the process exits.
    #[must_use]
    pub fn exit(&self) -> Exit {
        if self.is_told { Exit::Done } else { Exit::Error }
    }

    /// Prints it.
    ///
    /// # Errors
    /// Whatever the output answers.
    pub fn print(&self, format: Format, now: Timestamp, output: &mut dyn Write) -> io::Result<()> {
        print(self, format, |output| self.write(now, output), output)
    }

    fn write(&self, now: Timestamp, output: &mut dyn Write) -> io::Result<()> {
        if let Some(workflow) = &self.workflow {
            writeln!(output, "{workflow}")?;
        }
        for run in &self.runs {
            write_run(run, now, "", output)?;
        }
        if self.is_told && self.runs.is_empty() {
            writeln!(output, "no run yet")?;
        }
        self.note
            .as_ref()
            .map_or(Ok(()), |note| writeln!(output, "{} {note}", if self.is_told { "i" } else { "?" }))
    }
}

/// A run on a line, where it failed on another, its page on a third.
pub(crate) fn write_run(
    run: &RunRow,
    now: Timestamp,
    indent: &str,
    output: &mut dyn Write,
) -> io::Result<()> {
    let again = if run.attempt > 1 { format!(" (attempt {})", run.attempt) } else { String::new() };
    writeln!(
        output,
        "{indent}{} #{}{again} {}: {}, {}@{}, {} by {}, {}, {} s",
        run.state.sign(),
        run.number,
        run.title,
        run.state.word(),
        run.branch,
        run.short_commit(),
        run.event,
        run.actor,
        moment(run.created),
        run.seconds(now),
    )?;
    if let Some(failure) = run.failure() {
        writeln!(output, "{indent}    failed at {failure}")?;
    }
    if run.url.is_empty() { Ok(()) } else { writeln!(output, "{indent}    {}", run.url) }
}
