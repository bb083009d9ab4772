//! Opens the cockpit: at once, on what the journal knows, while the cluster is reached (or a rehearsal
//! cluster is built and booted) beside it.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use super::{
    CockpitEvent, CockpitOptions, Driven, Reason, cockpit, color_depth,
    program::{OWNER, connect_options, load},
    session::{self, Options, Session},
};
use crate::{
    app::{Connection as Link, Mode, Setting},
    cli::{Place, Rehearse},
    cluster::watch::{WatchOptions, spawn},
    config::{self, Paths, Settings},
    diff::Problem,
    engine::Run,
    headless::Exit,
    journal::{Journal, RunFolder},
    observed::{Freshness, Observation},
    plan::{Environment, Plan, Step},
    rehearsal::{self, BootOptions, Progress, command::Opened},
};

/// Between two tries to reach the cluster.
const AGAIN: Duration = Duration::from_secs(5);

/// Opens the cockpit on a plan; for a rehearsal, with a cluster of its own.
pub(super) async fn open(place: &Place, state: &Path, rehearse: Option<&Rehearse>) -> ExitCode {
    match prepare(place, state, rehearse) {
        Ok((options, opener)) => run(options, opener).await,
        Err(problem) => {
            let told = format!("{}: {}\n{}\n", problem.subject, problem.reason, problem.remedy);
            // Nobody is left to tell when standard error is closed.
            let _ = io::stderr().write_all(told.as_bytes());
            Exit::Error.into()
        }
    }
}

/// Whoever reaches the cluster while the cockpit is open already.
struct Opener {
    plan: Arc<Plan>,
    environment: Environment,
    place: Place,
    state: PathBuf,
    settings: Settings,
    rehearse: Option<Rehearse>,
}

fn prepare(
    place: &Place,
    state: &Path,
    rehearse: Option<&Rehearse>,
) -> Result<(CockpitOptions, Opener), Problem> {
    let mut place = place.clone();
    if rehearse.is_some() && place.environment.is_none() {
        place.environment = Some("staging".to_owned());
    }
    let (plan, environment) = load(&place)?;
    let unusable = |error: &dyn std::error::Error| {
        Problem::new(
            "the settings",
            told_with_causes(error),
            "mend the file, or move it away to use the defaults",
        )
    };
    let paths = Paths::from_environment().map_err(|error| unusable(&error))?;
    let settings = config::load(&paths).map_err(|error| unusable(&error))?;
    let theme_name = place.theme.clone().unwrap_or_else(|| settings.theme.clone());
    let theme = config::load_theme(&paths, &theme_name).map_err(|error| unusable(&error))?.at(color_depth());
    let steps: Vec<Step> =
        plan.steps_in(&environment.name).into_iter().flat_map(|stage| stage.steps).collect();
    let mut run = Run::new(steps);
    if rehearse.is_none() {
        let folder = RunFolder::new(state, &plan.name, &environment.name.0);
        // A journal that cannot be read is told when the run is opened; the plan can be read meanwhile.
        for entry in Journal::read(&folder).unwrap_or_default() {
            run.apply(&entry);
        }
    }
    let context = place.context.clone().or_else(|| environment.context.clone()).unwrap_or_default();
    let options = CockpitOptions {
        run,
        setting: Setting::new(&plan, &environment, context, String::new()),
        mode: if place.read_only { Mode::ReadOnly } else { Mode::ReadWrite },
        theme,
        keymap: settings.keymap.clone(),
        doing: if rehearse.is_some() { "preparing the rehearsal cluster" } else { "connecting" }.to_owned(),
    };
    let opener =
        Opener { plan, environment, place, state: state.to_owned(), settings, rehearse: rehearse.cloned() };
    Ok((options, opener))
}

async fn run(options: CockpitOptions, opener: Opener) -> ExitCode {
    let (sender, events) = mpsc::channel(16);
    let cancellation = CancellationToken::new();
    let opening: JoinHandle<Option<Opened>> = tokio::spawn(opener.reach(sender, cancellation.clone()));
    let exit = cockpit(options, events).await;
    cancellation.cancel();
    let code = match exit {
        Ok(exit) => {
            if let Some(mut driver) = exit.driver {
                // A write that is under way finishes, and its outcome is journalled.
                driver.finish_writes().await;
            }
            match exit.reason {
                Reason::Quit => ExitCode::SUCCESS,
                Reason::Signal(number) => ExitCode::from(128 + u8::try_from(number).unwrap_or(0)),
                Reason::TerminalClosed | Reason::Panicked => ExitCode::FAILURE,
            }
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "{}", told_with_causes(&error));
            Exit::Error.into()
        }
    };
    match opening.await {
        Ok(Some(opened)) => opened.close().await,
        Ok(None) => {}
        Err(error) => tracing::error!(%error, "opening the run"),
    }
    code
}

impl Opener {
    /// Reaches the cluster, again and again, hands the run to the cockpit and keeps its watches until
    /// the cockpit is closed. Gives back the rehearsal cluster that is to be closed then.
    async fn reach(
        self,
        sender: mpsc::Sender<CockpitEvent>,
        cancellation: CancellationToken,
    ) -> Option<Opened> {
        let mut rehearsal = None;
        tokio::select! {
            () = cancellation.cancelled() => {}
            () = self.open(&sender, &mut rehearsal, &cancellation) => cancellation.cancelled().await,
        }
        rehearsal
    }

    async fn open(
        &self,
        sender: &mpsc::Sender<CockpitEvent>,
        rehearsal: &mut Option<Opened>,
        cancellation: &CancellationToken,
    ) {
        let mut options = Options {
            connect: connect_options(&self.place),
            state: self.state.clone(),
            new_run: self.place.new_run,
            mode: if self.place.read_only { Mode::ReadOnly } else { Mode::ReadWrite },
            die_before_entry: self.place.die_before_entry,
        };
        if let Some(how) = &self.rehearse {
            match boot(how, sender).await {
                Ok(opened) => {
                    let kubeconfig = opened.kubeconfig_path();
                    // The run of a rehearsal goes with its cluster.
                    options.state = kubeconfig.parent().unwrap_or(&self.state).join("state");
                    options.connect.kubeconfig = Some(kubeconfig);
                    *rehearsal = Some(opened);
                }
                Err(problem) => {
                    tell(sender, CockpitEvent::ConnectFailed(problem)).await;
                    return;
                }
            }
        }
        loop {
            match self.connect(&options, cancellation).await {
                Ok(driven) => {
                    tell(sender, CockpitEvent::Connected(Box::new(driven))).await;
                    return;
                }
                Err(problem) => tell(sender, CockpitEvent::ConnectFailed(problem)).await,
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    async fn connect(&self, options: &Options, cancellation: &CancellationToken) -> Result<Driven, Problem> {
        let connection = session::connect(&options.connect, &self.environment).await?;
        let mut options = options.clone();
        if self.settings.is_read_only(connection.context()) {
            options.mode = Mode::ReadOnly;
        }
        let (sender, news) = mpsc::channel(64);
        let session = Session::open(
            self.plan.clone(),
            self.environment.clone(),
            connection.clone(),
            &options,
            Some(sender.clone()),
        )
        .await
        .map_err(|error| error.problem().clone())?;
        let watched = WatchOptions {
            connection: connection.clone(),
            namespace: self.environment.namespace.clone(),
            pinned: session.driver.run().cluster().cloned(),
        };
        let watches = spawn(watched, sender, cancellation);
        let (link_sender, link) = watch::channel(Link::Live);
        let (forward, observations) = mpsc::channel(64);
        let ended = cancellation.clone();
        tokio::spawn(async move {
            relay(news, forward, link_sender, &ended).await;
            watches.shut_down().await;
        });
        let author = session.driver.author();
        let setting = Setting::new(
            &self.plan,
            &self.environment,
            connection.context().to_owned(),
            format!("{}@{}", author.user, author.host),
        );
        Ok(Driven { driver: session.driver, observations, connection: link, setting, mode: options.mode })
    }
}

/// Hands observations on, and reads from the pods' freshness whether the cluster answers.
async fn relay(
    mut news: mpsc::Receiver<Vec<Observation>>,
    forward: mpsc::Sender<Vec<Observation>>,
    link: watch::Sender<Link>,
    ended: &CancellationToken,
) {
    loop {
        let batch = tokio::select! {
            () = ended.cancelled() => return,
            batch = news.recv() => match batch { Some(batch) => batch, None => return },
        };
        for observation in &batch {
            if let Observation::Freshness { kind: "Pod", freshness } = observation {
                link.send_if_modified(|link| {
                    let now = match freshness {
                        Freshness::Stale { since, reason } => {
                            Link::Stale { since: *since, reason: reason.clone() }
                        }
                        _ => Link::Live,
                    };
                    let changed = *link != now;
                    *link = now;
                    changed
                });
            }
        }
        if forward.send(batch).await.is_err() {
            return;
        }
    }
}

/// Builds and boots the rehearsal cluster, telling the cockpit's panes how it goes.
async fn boot(how: &Rehearse, sender: &mpsc::Sender<CockpitEvent>) -> Result<Opened, Problem> {
    let progress = |progress: Progress| {
        let line = progress.to_string();
        // The screen may be behind for a moment; the next line says more anyway.
        let _ = sender.try_send(CockpitEvent::Doing(line.clone()));
        let _ = sender.try_send(CockpitEvent::Observed(vec![Observation::Rehearsal(line)]));
    };
    let opened = if how.keep {
        rehearsal::command::open_kept(OWNER, progress).await
    } else {
        rehearsal::command::open(&BootOptions::default(), progress).await
    };
    opened.map_err(|error| {
        Problem::new(
            "the rehearsal cluster",
            told_with_causes(&error),
            "mend that, or take any other cluster: migrate-tui --kubeconfig FILE",
        )
    })
}

async fn tell(sender: &mpsc::Sender<CockpitEvent>, event: CockpitEvent) {
    if sender.send(event).await.is_err() {
        tracing::debug!("the cockpit is closed already");
    }
}

pub(super) fn told_with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
