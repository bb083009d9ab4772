//! Opens the cockpit at once, and what it drives as soon as that is there.
//!
//! The plan is loaded first: without one there is nothing to show. Everything else (a rehearsal
//! cluster, the connection, the run) comes in while the cockpit is open.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    CockpitEvent, CockpitOptions, Driven, Driver, Exit as Left, Reason,
    appearance::appearance,
    cockpit,
    follow::follow,
    pipeline::beside_cockpit,
    program::{connect_options, load},
    rehearsed::{Charts, Rehearsed, asked_for, rehearse, search_of, tell_kept},
    session::{self, Options, Session},
};
use crate::{
    app::{Mode, Setting},
    cli::Place,
    cluster::{
        Reader,
        watch::{self as watches, WatchOptions},
    },
    config::Settings,
    diff::Problem,
    engine::Run,
    gate::{GateKeeper, tell_locks},
    headless::Exit,
    helm::histories,
    journal::{Journal, RunFolder},
    plan::{Environment, Plan, Step},
    registry::Images,
    words::{harmless, in_full},
};

/// Where a rehearsal is run unless the operator says otherwise.
const PRACTICE: &str = "staging";

/// Batches of observations on their way.
const BATCHES: usize = 64;

/// How long an answer of a registry does while nobody waits for it.
const IMAGES_STAY: Duration = Duration::from_mins(5);

/// Between two tries to reach the cluster.
const AGAIN: Duration = Duration::from_secs(5);

/// Which cluster the cockpit is opened on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum On {
    /// The kubeconfig's.
    Cluster,
    /// A rehearsal's, which ends with the cockpit unless it is kept.
    Rehearsal { keep: bool, charts: Charts },
}

/// Opens the cockpit and stays until the operator leaves.
pub(super) async fn open(place: &Place, state: &Path, on: On) -> ExitCode {
    match opened(place, state, on).await {
        Ok(code) => code,
        Err(problem) => {
            // Nothing better is left to tell it with.
            let _ = writeln!(io::stderr(), "{}", harmless(&problem.to_string()));
            Exit::Error.into()
        }
    }
}

async fn opened(place: &Place, state: &Path, on: On) -> Result<ExitCode, Problem> {
    let mut place = place.clone();
    if on != On::Cluster && place.environment.is_none() {
        // Practice needs no choice; the environment's own cluster is not met.
        place.environment = Some(PRACTICE.to_owned());
    }
    let (plan, environment) = load(&place)?;
    let (settings, theme) = appearance(&place)?;
    // A rehearsal has its own context; the kubeconfig's current one is known once it is read.
    let named = place.context.clone().or_else(|| environment.context.clone());
    let context = named.filter(|_| on == On::Cluster).unwrap_or_default();
    let (sender, events) = mpsc::channel(16);
    let options = CockpitOptions {
        run: known_run(&plan, &environment, (on == On::Cluster).then_some(state)),
        setting: Setting::new(&plan, &environment, context, String::new()),
        mode: if place.read_only { Mode::ReadOnly } else { Mode::ReadWrite },
        theme,
        keymap: settings.keymap.clone(),
        doing: "connecting".to_owned(),
        forge: beside_cockpit((&plan, &environment), on != On::Cluster, sender.clone()),
    };
    let opener = Opener {
        place,
        state: state.to_owned(),
        plan,
        environment,
        settings,
        sender,
        cancellation: CancellationToken::new(),
    };
    let cancellation = opener.cancellation.clone();
    let tasks = TaskTracker::new();
    tasks.spawn(opener.run(on));
    tasks.close();
    let left = cockpit(options, events).await;
    let code = match left {
        Ok(Left { reason, driver }) => {
            wind_down(driver).await;
            code(reason)
        }
        Err(error) => {
            cancellation.cancel();
            tasks.wait().await;
            return Err(Problem::new(
                "the terminal",
                in_full(&error),
                "start it in a terminal; nothing was changed",
            ));
        }
    };
    cancellation.cancel();
    // The rehearsal cluster's parts are stopped, and what watches ends.
    tasks.wait().await;
    if let On::Rehearsal { keep: true, charts } = on {
        tell_kept(charts)?;
    }
    Ok(code)
}

pub(super) fn code(reason: Reason) -> ExitCode {
    match reason {
        Reason::Quit => Exit::Done.into(),
        Reason::Signal(number) => ExitCode::from(128 + u8::try_from(number).unwrap_or(0)),
        Reason::TerminalClosed | Reason::Panicked => Exit::Error.into(),
    }
}

async fn wind_down(driver: Option<Driver>) {
    let Some(mut driver) = driver else { return };
    if !driver.is_idle() {
        let _ = writeln!(io::stderr(), "what is in flight finishes; the next start says what is left …");
    }
    driver.wind_down().await;
}

/// The run as its journal has it, before anything can be driven; empty when it cannot be read, which
/// opening it will tell.
fn known_run(plan: &Plan, environment: &Environment, state: Option<&Path>) -> Run {
    let steps: Vec<Step> =
        plan.steps_in(&environment.name).into_iter().flat_map(|stage| stage.steps).collect();
    let mut run = Run::new(steps);
    if let Some(folder) = state.map(|state| RunFolder::new(state, &plan.name, &environment.name.0))
        && let Ok((_, entries)) = Journal::look_on(&folder)
    {
        for entry in &entries {
            run.apply(entry);
        }
    }
    run
}

/// Everything that happens beside the open cockpit.
struct Opener {
    place: Place,
    state: PathBuf,
    plan: Arc<Plan>,
    environment: Environment,
    settings: Settings,
    sender: mpsc::Sender<CockpitEvent>,
    cancellation: CancellationToken,
}

impl Opener {
    async fn run(self, on: On) {
        let cancellation = self.cancellation.clone();
        let opening = async {
            let rehearsal = match on {
                On::Cluster => None,
                On::Rehearsal { keep, .. } => Some(rehearse(keep, &self.sender).await?),
            };
            let rehearsed = rehearsal.as_ref().map(Rehearsed::on).transpose()?;
            Ok::<_, Problem>((self.reach(rehearsed, on).await, rehearsal))
        };
        let opened = tokio::select! {
            () = cancellation.cancelled() => return,
            opened = opening => opened,
        };
        let (watching, rehearsal) = match opened {
            Ok((watching, rehearsal)) => (Some(watching), rehearsal),
            Err(problem) => {
                self.tell(CockpitEvent::ConnectFailed(problem)).await;
                (None, None)
            }
        };
        cancellation.cancelled().await;
        if let Some(watching) = watching {
            watching.shut_down().await;
        }
        if let Some(rehearsal) = rehearsal {
            rehearsal.close().await;
        }
    }

    async fn tell(&self, event: CockpitEvent) {
        // The cockpit has been left: nobody needs to know any more.
        let _ = self.sender.send(event).await;
    }

    /// Connects, again and again: the VPN comes back, credentials are renewed, a driver leaves.
    async fn reach(&self, rehearsed: Option<Rehearsed>, on: On) -> watches::Watches {
        loop {
            match self.connect(rehearsed.clone(), on).await {
                Ok(watching) => return watching,
                Err(problem) => self.tell(CockpitEvent::ConnectFailed(problem)).await,
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// Opens the run on the cluster and hands it to the cockpit, with watches.
    async fn connect(&self, rehearsed: Option<Rehearsed>, on: On) -> Result<watches::Watches, Problem> {
        let mut connect = connect_options(&self.place);
        let mut environment = self.environment.clone();
        let mut state = self.state.clone();
        let mut stand_ins = asked_for(&self.place)?;
        if let Some(Rehearsed { kubeconfig, stand_ins: own }) = rehearsed {
            stand_ins = Some(own);
            // Its journal goes where the cluster is: the next rehearsal is another cluster.
            state = kubeconfig.with_file_name("state");
            connect.kubeconfig = Some(kubeconfig);
            // A rehearsal has its own contexts; the environment's is another cluster's.
            environment.context = None;
        }
        let search = search_of(stand_ins.as_ref());
        if matches!(on, On::Rehearsal { charts: Charts::Real, .. }) {
            stand_ins = None;
        }
        let connection = session::connect(&connect, &environment).await?;
        let context = connection.context().to_owned();
        self.tell(CockpitEvent::Doing(format!("connecting to {context}"))).await;
        let is_read_only = self.place.read_only || self.settings.is_read_only(&context);
        let mode = if is_read_only { Mode::ReadOnly } else { Mode::ReadWrite };
        let options = Options {
            connect,
            state,
            new_run: self.place.new_run,
            mode,
            search: search.clone(),
            helm: self.place.helm.clone(),
            rehearses: stand_ins.is_some() || on != On::Cluster,
            stand_ins,
            die_before_entry: self.place.die_before_entry,
        };
        let (observed, observations) = mpsc::channel(BATCHES);
        let session = Session::open(
            self.plan.clone(),
            environment.clone(),
            connection.clone(),
            &options,
            Some(observed.clone()),
        )
        .await
        .map_err(|error| error.problem().clone())?;
        let reader = Reader::new(connection.clone());
        let images = Images::new(self.plan.clone(), search.clone(), options.stand_ins.clone());
        let keeper = GateKeeper::new(reader, environment.namespace.clone()).await.of_plan(self.plan.clone());
        let keeper = keeper.of_images(Arc::new(images.remembering(IMAGES_STAY)));
        let asking = tell_locks(keeper, session.driver.run().steps().to_vec(), observed.clone());
        let mut watching = watches::spawn(
            WatchOptions {
                connection: connection.clone(),
                namespace: environment.namespace.clone(),
                pinned: session.driver.run().cluster().cloned(),
            },
            observed.clone(),
            &self.cancellation,
        );
        watching.also(asking);
        let author = session.driver.author();
        let driver = format!("{}@{}", author.user, author.host);
        let mut setting = Setting::new(&self.plan, &environment, context, driver);
        setting.ends_cluster = matches!(on, On::Rehearsal { keep: false, .. });
        let (helm, steps) = (self.place.helm.clone(), session.driver.run().steps().to_vec());
        tokio::spawn(async move {
            let releases =
                histories(&search, helm.as_deref(), &connection, (&steps, &environment.namespace)).await;
            // The cockpit may have been left meanwhile.
            let _ = observed.send(releases).await;
        });
        let Session { driver, survey, known, .. } = session;
        self.tell(CockpitEvent::Connected(Box::new(Driven { driver, setting, mode, observations }))).await;
        if mode == Mode::ReadOnly {
            let folder = RunFolder::new(&options.state, &self.plan.name, &environment.name.0);
            tokio::spawn(follow(folder, known, survey, self.sender.clone()));
        }
        Ok(watching)
    }
}
