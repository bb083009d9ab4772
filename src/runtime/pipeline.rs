//! The forge, beside the open cockpit and beside the commands.

use std::{io, path::Path, process::ExitCode, sync::Arc};

use jiff::Timestamp;
use tokio::sync::mpsc;

use super::{
    CockpitEvent,
    notes::Notes,
    program::{load, load_plan},
    rehearsed::asked_for,
    session::OpenError,
};
use crate::{
    cli::{Output, Place, WorkflowDispatch},
    diff::Problem,
    forge::{Desk, Wanted, tell_runs},
    headless::{DispatchReport, RunsReport},
    plan::{Environment, Plan, Step, StepPath},
    workflow::Dispatch,
};

/// Asks in flight.
const ASKS: usize = 8;

/// What the open cockpit asks of the forge.
#[derive(Clone, Debug, PartialEq)]
pub enum ForgeAsk {
    /// A run's jobs.
    Look(u64),
    /// What a run would be.
    Show,
    /// Start one, as it was confirmed.
    Start {
        /// The step whose notes tell of it.
        step: StepPath,
        /// What was confirmed.
        dispatch: Box<Dispatch>,
    },
}

/// Follows the runs of a plan's workflow for as long as the cockpit is open, and answers what it asks.
pub(super) fn beside_cockpit(
    (plan, environment): (&Plan, &Environment),
    is_rehearsal: bool,
    events: mpsc::Sender<CockpitEvent>,
) -> mpsc::Sender<ForgeAsk> {
    let desk = Desk::of_plan(plan);
    let desk = Arc::new(if is_rehearsal { desk.in_rehearsal() } else { desk });
    let (looks, looked_at) = mpsc::channel(ASKS);
    let (news, mut told) = mpsc::channel(1);
    tokio::spawn(tell_runs(desk.clone(), plan.tells_runs(), looked_at, news));
    let (asks, asked) = mpsc::channel(ASKS);
    let wanted = Wanted { environment: environment.name.0.clone(), ..Wanted::default() };
    tokio::spawn(answer(desk, wanted, (asked, looks), events.clone()));
    tokio::spawn(async move {
        while let Some(batch) = told.recv().await {
            if events.send(CockpitEvent::Observed(batch)).await.is_err() {
                return;
            }
        }
    });
    asks
}

async fn answer(
    desk: Arc<Desk>,
    wanted: Wanted,
    (mut asked, looks): (mpsc::Receiver<ForgeAsk>, mpsc::Sender<u64>),
    events: mpsc::Sender<CockpitEvent>,
) {
    while let Some(ask) = asked.recv().await {
        let event = match ask {
            ForgeAsk::Look(run) => {
                // Whoever follows the runs ends with the cockpit.
                let _ = looks.send(run).await;
                continue;
            }
            ForgeAsk::Show => CockpitEvent::DispatchShown(desk.propose(&wanted).await.map(Box::new)),
            ForgeAsk::Start { step, dispatch } => {
                let ended = desk.dispatch(&dispatch).await;
                let (is_started, told) = match &ended {
                    Ok(sent) => (true, sent.told(&dispatch)),
                    Err(unsent) => (false, unsent.told()),
                };
                if let Some(run) = ended.ok().and_then(|sent| sent.run) {
                    let _ = looks.send(run.id).await;
                }
                CockpitEvent::Dispatched { step, is_started, told }
            }
        };
        if events.send(event).await.is_err() {
            return;
        }
    }
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

/// Shows what a run would be, or starts it.
pub(super) async fn dispatch(
    place: &Place,
    state: &Path,
    how: WorkflowDispatch,
) -> Result<ExitCode, Problem> {
    let output = how.output;
    let report = dispatched(place, state, how).await?;
    if let Err(error) = report.print(output.output, Timestamp::now(), &mut io::stdout().lock()) {
        tracing::warn!(%error, "printing what was started");
    }
    Ok(report.exit().into())
}

async fn dispatched(place: &Place, state: &Path, how: WorkflowDispatch) -> Result<DispatchReport, Problem> {
    let (plan, environment) = load(place)?;
    let step = step_of(&plan, &environment, how.step)?;
    let desk = Desk::of_plan(&plan);
    let desk = if asked_for(place)?.is_some() { desk.in_rehearsal() } else { desk };
    let wanted =
        Wanted { reference: how.reference, inputs: how.inputs, environment: environment.name.0.clone() };
    let shown = match desk.propose(&wanted).await {
        Ok(shown) => shown,
        Err(problem) => return Ok(DispatchReport::refused(step, None, problem)),
    };
    let Some(approved) = how.approve else { return Ok(DispatchReport::shown(step, shown)) };
    if place.read_only {
        let problem =
            Problem::new("--read-only", "nothing is started here", "leave it out, and approve it again");
        return Ok(DispatchReport::refused(step, Some(shown), problem));
    }
    if !shown.digest().is_named_by(&approved) {
        return Ok(DispatchReport::moved(step, &approved, shown));
    }
    let mut notes = match Notes::open((&plan, &environment), state, step.clone()) {
        Ok(notes) => notes,
        Err(OpenError::Busy(problem)) => return Ok(DispatchReport::busy(step, shown, problem)),
        Err(OpenError::Problem(problem)) => return Err(problem),
    };
    notes.write(format!("asked for a {}", shown.told()))?;
    let ended = desk.dispatch(&shown).await;
    let told = match &ended {
        Ok(sent) => sent.told(&shown),
        Err(unsent) => unsent.told(),
    };
    if let Err(problem) = notes.write(told) {
        tracing::warn!(%problem, "noting what became of it");
    }
    Ok(DispatchReport::ended(step, shown, &approved, ended))
}

/// The step that tells of it: the one that is named, else the first that waits for a run.
fn step_of(plan: &Plan, environment: &Environment, named: Option<StepPath>) -> Result<StepPath, Problem> {
    let steps: Vec<Step> =
        plan.steps_in(&environment.name).into_iter().flat_map(|stage| stage.steps).collect();
    let found = match &named {
        Some(named) => steps.iter().find(|step| step.path == *named),
        None => steps.iter().find(|step| step.waits_for_runs()),
    };
    found.map(|step| step.path.clone()).ok_or_else(|| {
        let reason = named.map_or_else(
            || "no step of the plan waits for a run, and the journal keeps it with one".to_owned(),
            |named| format!("there is no step {named} in {}", environment.name),
        );
        Problem::new(
            "workflow dispatch",
            reason,
            "name the step that it is for: --step week-2/pipeline-apply",
        )
    })
}
