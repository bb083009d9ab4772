//! The forge, beside the open cockpit and beside the commands.

use std::{io, process::ExitCode, sync::Arc};

use jiff::Timestamp;
use tokio::sync::mpsc;

use super::{CockpitEvent, program::load_plan};
use crate::{
    cli::{Output, Place},
    diff::Problem,
    forge::{Desk, tell_runs},
    headless::RunsReport,
    plan::Plan,
};

/// Asks in flight.
const ASKS: usize = 8;

/// Follows the runs of a plan's workflow for as long as the cockpit is open; gives who can be asked for more.
pub(super) fn follow_runs(
    plan: &Plan,
    is_rehearsal: bool,
    events: &mpsc::Sender<CockpitEvent>,
) -> mpsc::Sender<u64> {
    let desk = Desk::of_plan(plan);
    let desk = Arc::new(if is_rehearsal { desk.in_rehearsal() } else { desk });
    let (looks, looked_at) = mpsc::channel(ASKS);
    let (news, mut told) = mpsc::channel(1);
    tokio::spawn(tell_runs(desk, plan.tells_runs(), looked_at, news));
    let events = events.clone();
    tokio::spawn(async move {
        while let Some(batch) = told.recv().await {
            if events.send(CockpitEvent::Observed(batch)).await.is_err() {
                return;
            }
        }
    });
    looks
}

/// Prints the newest runs.
pub(super) async fn show_runs(place: &Place, limit: u16, output: Output) -> Result<ExitCode, Problem> {
    let plan = load_plan(place)?;
    let report = RunsReport::of(Desk::of_plan(&plan).look(usize::from(limit)).await);
    if let Err(error) = report.print(output.output, Timestamp::now(), &mut io::stdout().lock()) {
        tracing::warn!(%error, "printing the runs");
    }
    Ok(report.exit().into())
}
