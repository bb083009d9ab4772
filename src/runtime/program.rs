//! From the parsed command line to an exit code.

use std::{
    io::{self, IsTerminal, Write},
    path::Path,
    process::ExitCode,
    sync::Arc,
};

use tokio::sync::{mpsc, watch};

use super::{
    check::check,
    images::images,
    logging, minutes,
    open::{self, On},
    pipeline, preview,
    rehearsed::{Charts, asked_for, search_of},
    session::{self, OpenError, Options, Session},
};
use crate::{
    app::Mode,
    cli::{self, Change, Cli, CliCommand, OneStep, Output, Place, Rollback, StepAndText, WorkflowCommand},
    cluster::ConnectOptions,
    config::{self, Paths},
    diff::{Kind, Leftovers, Problem},
    engine::Command,
    forge::Desk,
    headless::{Exit, Format, Headless, Report, Target, init::Init, tell_of_helm},
    plan::{Environment, Plan, StepPath},
    rehearsal::{self, BootOptions, RehearsalError},
    render,
    status::{self, LookOptions, StatusExit},
    words::{count, harmless, in_full},
};

/// Runs the command, or the cockpit.
pub async fn run(cli: Cli) -> ExitCode {
    let state = session::state_folder();
    let _log = logging::start(&state);
    let place = &cli.place;
    match cli.command {
        Some(CliCommand::Plan { target, output }) => {
            change(place, &state, target, Kind::Apply, None, output).await
        }
        Some(CliCommand::Apply(Change { target, approve, output })) => {
            change(place, &state, target, Kind::Apply, approve, output).await
        }
        Some(CliCommand::Prune(Change { target, approve, output })) => {
            change(place, &state, target, Kind::Prune, approve, output).await
        }
        Some(CliCommand::Rollback(Rollback { change, with_leftovers })) => {
            let leftovers = if with_leftovers { Leftovers::Go } else { Leftovers::Stay };
            let Change { target, approve, output } = change;
            headless(place, &state, output, async |mut headless| {
                headless.change(&target, Kind::Rollback, leftovers, approve.as_deref()).await
            })
            .await
        }
        Some(CliCommand::Verify { target, output }) => {
            change(place, &state, target, Kind::Verify, None, output).await
        }
        Some(CliCommand::Resume(OneStep { step, output })) => {
            headless(place, &state, output, async |mut headless| headless.resume(&step).await).await
        }
        Some(CliCommand::Abandon(OneStep { step, output })) => {
            at_once(place, &state, output, step.clone(), Command::Abandon { step }).await
        }
        Some(CliCommand::Reopen(OneStep { step, output })) => {
            at_once(place, &state, output, step.clone(), Command::Reopen { step }).await
        }
        Some(CliCommand::Tick(StepAndText { step, note, output })) => {
            at_once(place, &state, output, step.clone(), Command::Tick { step, note }).await
        }
        Some(CliCommand::Skip(StepAndText { step, note, output })) => {
            at_once(place, &state, output, step.clone(), Command::Skip { step, reason: note }).await
        }
        Some(CliCommand::Defer(StepAndText { step, note, output })) => {
            at_once(place, &state, output, step.clone(), Command::Defer { step, reason: note }).await
        }
        Some(CliCommand::Note(StepAndText { step, note, output })) => {
            at_once(place, &state, output, step.clone(), Command::Note { step, text: note }).await
        }
        Some(CliCommand::Check { plan, pull_charts, output }) => {
            check(place, plan.as_deref(), pull_charts, output.output).await
        }
        Some(CliCommand::Workflow(WorkflowCommand::Runs { limit, output })) => {
            or_problem(pipeline::show_runs(place, limit, output).await, output)
        }
        Some(CliCommand::Workflow(WorkflowCommand::Dispatch(how))) => {
            let output = how.output;
            or_problem(pipeline::dispatch(place, &state, how).await, output)
        }
        Some(CliCommand::Init(how)) => init(place, how).await,
        Some(CliCommand::Rehearse(how)) if how.stop => {
            ended(rehearsal::command::stop(&mut io::stdout()).await)
        }
        Some(CliCommand::Rehearse(how)) if how.serve => {
            let served = if how.keep {
                rehearsal::command::serve_kept(OWNER, how.real_charts, &mut io::stdout(), say).await
            } else {
                rehearsal::command::serve(&BootOptions::default(), how.real_charts, &mut io::stdout(), say)
                    .await
            };
            ended(served)
        }
        Some(CliCommand::OwnRehearsal) => ended(rehearsal::own_kept().await),
        Some(CliCommand::Report { output }) => or_problem(minutes::show(place, &state, output), output),
        Some(CliCommand::Images { target, output }) => images(place, target.as_ref(), output).await,
        Some(CliCommand::Status { output }) => show_status(place, &state, output).await,
        Some(CliCommand::Rehearse(how)) => {
            let charts = if how.real_charts { Charts::Real } else { Charts::StandIns };
            open::open(place, &state, On::Rehearsal { keep: how.keep, charts }).await
        }
        None => open::open(place, &state, On::Cluster).await,
    }
}

/// Batches of what the executor tells on their way.
const NEWS: usize = 64;

/// The arguments of this program that end up in owning a kept rehearsal cluster.
pub(super) const OWNER: &[&str] = &["own-rehearsal"];

/// The rehearsal's progress goes to standard error: its kubeconfig's path is what scripts read.
#[expect(clippy::needless_pass_by_value, reason = "it is handed on as a callback that takes values")]
fn say(progress: rehearsal::Progress) {
    // A closed pipe must not end the cluster.
    let _ = writeln!(io::stderr(), "{}", harmless(&progress.to_string()));
}

fn ended(result: Result<(), RehearsalError>) -> ExitCode {
    match result {
        Ok(()) => Exit::Done.into(),
        Err(error) => {
            // Nobody is left to tell when standard error is closed.
            let _ = writeln!(io::stderr(), "{}", harmless(&in_full(&error)));
            Exit::Error.into()
        }
    }
}

async fn change(
    place: &Place,
    state: &Path,
    target: Target,
    kind: Kind,
    approve: Option<String>,
    output: Output,
) -> ExitCode {
    headless(place, state, output, async |mut headless| {
        headless.change(&target, kind, Leftovers::Stay, approve.as_deref()).await
    })
    .await
}

async fn at_once(place: &Place, state: &Path, output: Output, step: StepPath, command: Command) -> ExitCode {
    headless(place, state, output, async |mut headless| headless.at_once(&step, command).await).await
}

/// Opens the run and hands it to a command; prints what comes of it.
async fn headless(
    place: &Place,
    state: &Path,
    output: Output,
    command: impl AsyncFnOnce(Headless<'_>) -> Report,
) -> ExitCode {
    let report = match open_run(place, state).await {
        Ok(mut session) => {
            let mut progress = io::stderr();
            let headless = Headless {
                driver: &mut session.driver,
                progress: &mut progress,
                stop: stop_signal(),
                mode: session.mode,
            };
            command(headless).await
        }
        Err(OpenError::Busy(problem)) => Report::failed(Exit::Busy, &problem),
        Err(OpenError::Problem(problem)) => Report::failed(Exit::Error, &problem),
    };
    print(&report, output.output)
}

pub(super) fn print(report: &Report, format: Format) -> ExitCode {
    if let Err(error) = report.print(format, &mut io::stdout().lock()) {
        tracing::warn!(%error, "printing the report");
    }
    report.exit().into()
}

async fn open_run(place: &Place, state: &Path) -> Result<Session, OpenError> {
    let (plan, environment) = load(place)?;
    let stand_ins = asked_for(place)?;
    let mut options = Options {
        connect: connect_options(place),
        state: state.to_owned(),
        new_run: place.new_run,
        mode: if place.read_only { Mode::ReadOnly } else { Mode::ReadWrite },
        search: search_of(stand_ins.as_ref()),
        helm: place.helm.clone(),
        rehearses: stand_ins.is_some(),
        stand_ins,
        die_before_entry: place.die_before_entry,
    };
    let connection = session::connect(&options.connect, &environment).await?;
    if is_read_only(connection.context())? {
        options.mode = Mode::ReadOnly;
    }
    let (observed, news) = mpsc::channel(NEWS);
    tokio::spawn(tell_of_helm(news, io::stderr()));
    Session::open(plan, environment, connection, &options, Some(observed)).await
}

/// Does the configuration make this context read-only?
fn is_read_only(context: &str) -> Result<bool, Problem> {
    let unusable = |error: &dyn std::error::Error| {
        let remedy = "mend the file, or move it away to use the defaults";
        Problem::new("the settings", in_full(error), remedy)
    };
    let paths = Paths::from_environment().map_err(|error| unusable(&error))?;
    let settings = config::load(&paths).map_err(|error| unusable(&error))?;
    Ok(settings.is_read_only(context))
}

/// Prints where things stand. Reads only, whatever the mode.
async fn show_status(place: &Place, state: &Path, output: Output) -> ExitCode {
    let connect = connect_options(place);
    let looked = async {
        let (plan, environment) = load(place)?;
        let stand_ins = asked_for(place)?;
        let stand_ins = stand_ins.as_ref();
        let search = &search_of(stand_ins);
        let helm = place.helm.as_deref();
        let forge = Some(&Desk::of_plan(&plan));
        let (plan, environment, connect) = (&plan, &environment, &connect);
        let options = LookOptions { plan, environment, connect, state, search, helm, forge, stand_ins };
        status::look(&options).await.map_err(|error| error.problem())
    };
    match looked.await {
        Ok(overview) => {
            if let Err(error) = status::print(&overview, output.output, &mut io::stdout().lock()) {
                tracing::warn!(%error, "printing the status");
            }
            StatusExit::of(&overview).into()
        }
        Err(problem) => print(&Report::failed(Exit::Error, &problem), output.output),
    }
}

/// Loads the plan and chooses the environment; a broken plan says every error at once.
pub(super) fn load(place: &Place) -> Result<(Arc<Plan>, Environment), Problem> {
    let plan = load_plan(place)?;
    let environment = session::choose_environment(&plan, place.environment.as_deref())?;
    Ok((Arc::new(plan), environment))
}

/// Loads the plan.
pub(super) fn load_plan(place: &Place) -> Result<Plan, Problem> {
    let path = place.plan.clone().unwrap_or_else(session::default_plan);
    render::load(&path).map_err(|diagnostics| {
        let subject = format!("the plan {}", path.display());
        if let [only] = diagnostics.as_slice()
            && let (true, Some(hint)) = (only.is_of_the_whole(), &only.hint)
        {
            return Problem::new(subject, only.message.clone(), hint.clone());
        }
        let errors: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
        Problem::new(
            subject,
            format!("it has {}:\n{}", count(errors.len(), "error", "errors"), errors.join("\n")),
            "mend it; `migrate-tui check` lists them as well",
        )
    })
}

/// The command's own exit code, or the problem printed.
fn or_problem(ended: Result<ExitCode, Problem>, output: Output) -> ExitCode {
    ended.unwrap_or_else(|problem| print(&Report::failed(Exit::Error, &problem), output.output))
}

pub(super) fn connect_options(place: &Place) -> ConnectOptions {
    ConnectOptions {
        kubeconfig: place.kubeconfig.clone(),
        context: place.context.clone(),
        impersonate: place.impersonate.clone(),
    }
}

/// Becomes true on Ctrl-C or SIGTERM: what runs is then stopped between objects.
fn stop_signal() -> watch::Receiver<bool> {
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        let terminate = async {
            match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
                Ok(mut signal) => drop(signal.recv().await),
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            () = terminate => {}
        }
        // Kept open afterwards: a dropped sender would read as "never".
        sender.send_replace(true);
        sender.closed().await;
    });
    receiver
}

/// Shows or writes what compose files come to.
async fn init(place: &Place, how: cli::Init) -> ExitCode {
    if how.wants_screen() && io::stdin().is_terminal() && io::stdout().is_terminal() {
        return preview::open(place, how.input).await;
    }
    let (is_read_only, die_before) = (place.read_only, place.die_before_entry);
    let format = how.output.unwrap_or_default();
    let run = move || {
        let die_before = die_before.and_then(|number| usize::try_from(number).ok());
        let report = Init { input: &how.input, is_read_only, die_before, for_screen: false }.run();
        if let Err(error) = report.print(format, how.input.diff, &mut io::stdout().lock()) {
            tracing::warn!(%error, "printing the report");
        }
        report.exit()
    };
    match tokio::task::spawn_blocking(run).await {
        Ok(exit) => exit.into(),
        Err(error) => {
            let problem = Problem::new("init", error.to_string(), "report this as a bug");
            print(&Report::failed(Exit::Error, &problem), Format::Text)
        }
    }
}
