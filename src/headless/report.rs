//! What a command prints when it is over.

use std::io::{self, Write};

use serde::Serialize;

use super::{Exit, proposal_text, write_problem};
use crate::{
    diff::{Kind, Problem, Proposal},
    engine::{Attempt, AttemptNumber, RowState, Run},
    object::Digest,
    plan::StepPath,
    words::{harmless, harmless_json},
};

/// How it is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON document.
    Json,
}

/// The outcome of a command.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// As the process exits.
    pub exit_code: u8,
    /// One sentence.
    pub summary: String,
    /// What `--approve` must name; `None` when there is nothing to approve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// The open checklist item that an apply of a stage stops before; `None` when there is none in its way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stops_before: Option<StepPath>,
    /// What was shown, in order.
    pub proposals: Vec<Proposal>,
    /// Where the steps stand now.
    pub steps: Vec<StepReport>,
    #[serde(skip)]
    pub(super) exit: Exit,
}

/// Where a step stands.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepReport {
    /// The step.
    pub step: StepPath,
    /// As in `done`.
    pub standing: String,
    /// Its latest attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<AttemptReport>,
}

/// An attempt in numbers, with what went wrong.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AttemptReport {
    /// Its number.
    pub number: AttemptNumber,
    /// Apply, prune, roll back, verify.
    pub kind: Kind,
    /// As in `applying`.
    pub phase: String,
    /// Rows written.
    pub written: usize,
    /// Rows in all.
    pub rows: usize,
    /// Fields left to others by a rollback.
    pub conflicts: usize,
    /// What went wrong, each with what to do.
    pub problems: Vec<Problem>,
    /// Shown anew after it was approved: what of it was not, in sentences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unlike: Vec<String>,
}

impl Report {
    pub(super) fn new(exit: Exit, summary: impl Into<String>) -> Self {
        Self {
            exit_code: exit as u8,
            summary: summary.into(),
            digest: None,
            stops_before: None,
            proposals: Vec::new(),
            steps: Vec::new(),
            exit,
        }
    }

    /// A command that could not be begun.
    #[must_use]
    pub fn failed(exit: Exit, problem: &Problem) -> Self {
        Self::new(exit, format!("{}\n  why: {}\n  do:  {}", problem.subject, problem.reason, problem.remedy))
    }

    /// How the process exits.
    #[must_use]
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// Prints it.
    ///
    /// # Errors
    /// Whatever the output answers.
    pub fn print(&self, format: Format, output: &mut dyn Write) -> io::Result<()> {
        print(self, format, |output| self.write(output), output)
    }

    fn write(&self, output: &mut dyn Write) -> io::Result<()> {
        let mut told: Vec<&Problem> = Vec::new();
        for proposal in &self.proposals {
            proposal_text::write(proposal, output)?;
            told.extend(&proposal.problems);
        }
        for step in &self.steps {
            writeln!(output, "{}: {}", step.step, step.standing)?;
            let Some(attempt) = &step.attempt else { continue };
            for unlike in &attempt.unlike {
                writeln!(output, "  not as approved: {unlike}")?;
            }
            for problem in &attempt.problems {
                if !told.contains(&problem) {
                    write_problem(problem, output)?;
                    told.push(problem);
                }
            }
        }
        if let Some(item) = &self.stops_before {
            writeln!(
                output,
                "it stops before {item}, a checklist item that is open: tick, skip or defer it, then go on"
            )?;
        }
        writeln!(output, "{}", self.summary)?;
        if let Some(digest) = &self.digest {
            writeln!(output, "digest {digest}")?;
        }
        Ok(())
    }
}

/// Prints an outcome, neutralised: as JSON, or as the text that is written of it.
///
/// # Errors
/// Whatever the output answers.
pub fn print<T: Serialize>(
    outcome: &T,
    format: Format,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    output: &mut dyn Write,
) -> io::Result<()> {
    let text = match format {
        Format::Json => harmless_json(&serde_json::to_string_pretty(outcome)?),
        Format::Text => {
            let mut text = Vec::new();
            write(&mut text)?;
            harmless(&String::from_utf8_lossy(&text)).trim_end().to_owned()
        }
    };
    writeln!(output, "{text}")
}

impl StepReport {
    pub(super) fn of(run: &Run, step: &StepPath) -> Self {
        Self {
            step: step.clone(),
            standing: run.standing(step).word().to_owned(),
            attempt: run.latest(step).map(AttemptReport::of),
        }
    }
}

impl AttemptReport {
    fn of(attempt: &Attempt) -> Self {
        Self {
            number: attempt.number,
            kind: attempt.kind,
            phase: attempt.phase.to_string(),
            written: attempt.rows.iter().filter(|(_, state)| matches!(state, RowState::Done { .. })).count(),
            rows: attempt.rows.len(),
            conflicts: attempt.rows.iter().map(|(row, _)| row.conflicts).sum(),
            problems: attempt.problems.clone(),
            unlike: attempt.unlike.clone(),
        }
    }
}
