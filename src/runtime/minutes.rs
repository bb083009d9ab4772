//! `migrate-tui report`: the minutes of a run, from its journal alone.

use std::{io, path::Path, process::ExitCode};

use super::program::load;
use crate::{
    cli::{Output, Place},
    diff::Problem,
    headless::{self, Exit},
    journal::{Journal, RunFolder},
    report::{MigrationReport, markdown, report},
};

/// Prints the report; neither a cluster nor the run's lock is needed.
pub(super) fn show(place: &Place, state: &Path, output: Output) -> Result<ExitCode, Problem> {
    let told = tell(place, state)?;
    let text = |output: &mut dyn io::Write| output.write_all(markdown(&told).as_bytes());
    if let Err(error) = headless::print(&told, output.output, text, &mut io::stdout().lock()) {
        tracing::warn!(%error, "printing the report");
    }
    Ok(Exit::Done.into())
}

fn tell(place: &Place, state: &Path) -> Result<MigrationReport, Problem> {
    let (plan, environment) = load(place)?;
    let folder = RunFolder::new(state, &plan.name, &environment.name.0);
    let entries =
        if folder.is_begun() { Journal::read(&folder).map_err(|error| error.problem())? } else { Vec::new() };
    Ok(report(&plan, &environment, &entries))
}
