//! `workflow dispatch`: what a run would be, and what became of it.

use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;

use super::{Exit, Format, problem_text::write_problem, report::print, runs::write_run};
use crate::{
    diff::Problem,
    forge::{Sent, Unsent},
    observed::RunRow,
    plan::StepPath,
    scaffold::Fingerprint,
    workflow::{Dispatch, NO_WAY_BACK},
};

/// A dispatch that is shown, or done.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DispatchReport {
    /// As the process exits.
    pub exit_code: u8,
    /// One sentence.
    pub summary: String,
    /// The step whose notes tell of it.
    pub step: StepPath,
    /// What would be sent, or was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dispatch: Option<Dispatch>,
    /// What `--approve` must name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<Fingerprint>,
    /// The run that was started, when it was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<RunRow>,
    /// Its page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Why not, and what to do.
    pub problems: Vec<Problem>,
    #[serde(skip)]
    exit: Exit,
}

impl DispatchReport {
    fn new(exit: Exit, summary: impl Into<String>, step: StepPath, dispatch: Option<Dispatch>) -> Self {
        Self {
            exit_code: exit as u8,
            summary: summary.into(),
            step,
            digest: dispatch.as_ref().map(Dispatch::digest),
            dispatch,
            run: None,
            url: None,
            problems: Vec::new(),
            exit,
        }
    }

    /// It is shown, and waits for an approval.
    #[must_use]
    pub fn shown(step: StepPath, dispatch: Dispatch) -> Self {
        let summary = format!(
            "nothing was sent; to start this run, repeat with --approve {}",
            dispatch.digest().short()
        );
        Self::new(Exit::Unapproved, summary, step, Some(dispatch))
    }

    /// Another one was approved.
    #[must_use]
    pub fn moved(step: StepPath, approved: &str, now: Dispatch) -> Self {
        let digest = now.digest();
        let summary =
            format!("{approved} was approved, {} is what stands now; nothing was sent", digest.short());
        Self::new(Exit::Moved, summary, step, Some(now))
    }

    /// It may not be sent.
    #[must_use]
    pub fn refused(step: StepPath, dispatch: Option<Dispatch>, problem: Problem) -> Self {
        let problems = vec![problem];
        Self { problems, ..Self::new(Exit::Refused, "nothing was sent", step, dispatch) }
    }

    /// Another process holds the journal.
    #[must_use]
    pub fn busy(step: StepPath, dispatch: Dispatch, problem: Problem) -> Self {
        let problems = vec![problem];
        Self { problems, ..Self::new(Exit::Busy, "nothing was sent", step, Some(dispatch)) }
    }

    /// It was sent, or was not.
    #[must_use]
    pub fn ended(step: StepPath, dispatch: Dispatch, approved: &str, ended: Result<Sent, Unsent>) -> Self {
        match ended {
            Ok(sent) => {
                let summary = match (&sent.run, sent.odd(&dispatch)) {
                    (_, Some(odd)) => odd,
                    (Some(run), None) => format!("run #{} was started", run.number),
                    (None, None) => "it was sent; its run does not show yet".to_owned(),
                };
                let report = Self::new(Exit::Done, summary, step, Some(dispatch));
                Self { run: sent.run, url: Some(sent.url), digest: None, ..report }
            }
            Err(Unsent::Moved(now)) => Self::moved(step, approved, *now),
            Err(Unsent::Problem(problem)) => Self::refused(step, Some(dispatch), problem),
            Err(Unsent::Unknown(problem)) => {
                let problems = vec![problem];
                Self { problems, ..Self::new(Exit::Failed, "no run was seen to start", step, Some(dispatch)) }
            }
        }
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
    pub fn print(&self, format: Format, now: Timestamp, output: &mut dyn Write) -> io::Result<()> {
        print(self, format, |output| self.write(now, output), output)
    }

    fn write(&self, now: Timestamp, output: &mut dyn Write) -> io::Result<()> {
        if let Some(dispatch) = &self.dispatch {
            for (name, value) in dispatch.lines() {
                writeln!(output, "{name:<11}{value}")?;
            }
            if let Some(newest) = &dispatch.newest {
                writeln!(output, "the newest run so far:")?;
                write_run(newest, now, "  ", output)?;
            }
        }
        for problem in &self.problems {
            write_problem(problem, output)?;
        }
        if self.exit == Exit::Unapproved {
            writeln!(output, "{}", NO_WAY_BACK.join(" "))?;
        }
        writeln!(output, "{}", self.summary)?;
        if let Some(url) = &self.url {
            writeln!(output, "{url}")?;
        }
        self.digest.as_ref().map_or(Ok(()), |digest| writeln!(output, "digest {digest}"))
    }
}
