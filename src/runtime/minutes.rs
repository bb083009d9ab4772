//! `migrate-tui report`: the minutes of a run, from its journal alone.

use std::{
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use super::program::load;
use crate::{
    cli::Place,
    diff::Problem,
    headless::{Exit, Format, Report},
    journal::{Journal, RunFolder},
    report::{MigrationReport, markdown, report},
    words::{harmless, harmless_json},
};

/// Prints the report; neither a cluster nor the run's lock is needed.
pub(super) fn print(place: &Place, state: &Path, format: Format) -> ExitCode {
    let told = tell(place, state).and_then(|report| text(&report, format));
    match told {
        Ok(text) => {
            if let Err(error) = writeln!(io::stdout().lock(), "{}", text.trim_end()) {
                tracing::warn!(%error, "printing the report");
            }
            Exit::Done.into()
        }
        Err(problem) => {
            let failed = Report::failed(Exit::Error, &problem);
            if let Err(error) = failed.print(format, &mut io::stdout().lock()) {
                tracing::warn!(%error, "printing the report");
            }
            failed.exit().into()
        }
    }
}

fn tell(place: &Place, state: &Path) -> Result<MigrationReport, Problem> {
    let (plan, environment) = load(place)?;
    let folder = RunFolder::new(state, &plan.name, &environment.name.0);
    let entries =
        if folder.is_begun() { Journal::read(&folder).map_err(|error| error.problem())? } else { Vec::new() };
    Ok(report(&plan, &environment, &entries))
}

fn text(report: &MigrationReport, format: Format) -> Result<String, Problem> {
    match format {
        Format::Text => Ok(harmless(&markdown(report)).into_owned()),
        Format::Json => match serde_json::to_string_pretty(report) {
            Ok(text) => Ok(harmless_json(&text)),
            Err(error) => Err(Problem::new("the report", error.to_string(), "report this as a bug")),
        },
    }
}
