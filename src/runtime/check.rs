//! `migrate-tui check`.

use std::{
    fmt::Display,
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use serde::Serialize;

use super::{
    rehearsed::{asked_for, search_of},
    session,
};
use crate::{
    cli::Place,
    headless::{self, Exit, Format, WorkflowCheck},
    helm::check_charts,
    render::{self, Renderer},
    words::harmless,
};

pub(super) async fn check(place: &Place, plan: Option<&Path>, pulls: bool, format: Format) -> ExitCode {
    let path = plan.map(Path::to_owned).or_else(|| place.plan.clone()).unwrap_or_else(session::default_plan);
    if let Some(found) = WorkflowCheck::of(&path) {
        return told(&found, found.diagnostics.is_empty(), format);
    }
    let renderer = Renderer::detect(None).await;
    let mut found = render::check(&path, renderer.as_ref()).await;
    if let Ok(plan) = render::load(&path) {
        // A rehearsal that is over has no helm to offer any more.
        let search = search_of(asked_for(place).ok().flatten().as_ref());
        let helm = (&search, place.helm.as_deref());
        let (charts, problems) = check_charts(&plan, helm, pulls, say).await;
        found.charts = charts;
        found.problems.extend(problems);
    }
    told(&found, found.is_clean(), format)
}

fn told(found: &(impl Serialize + Display), is_clean: bool, format: Format) -> ExitCode {
    let text = |output: &mut dyn Write| write!(output, "{found}");
    if let Err(error) = headless::print(found, format, text, &mut io::stdout().lock()) {
        tracing::warn!(%error, "printing the check");
    }
    ExitCode::from(if is_clean { Exit::Done } else { Exit::Error })
}

fn say(line: &str) {
    // Progress is a courtesy.
    let _ = writeln!(io::stderr(), "{}", harmless(line));
}
