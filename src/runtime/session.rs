//! Opens a run: the plan, the environment, the cluster, the journal, the driver.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::sync::{OnceCell, mpsc};

use super::{
    Driver, SubmitError,
    executor::{Executor, Hands, HelmSite, Shelf, helm_folder},
    rehearsed::check_cluster,
};
use crate::{
    app::Mode,
    cluster::{self, ConnectOptions, Connection, FailureKind, Reader, Writer, survey},
    diff::Problem,
    engine::{Author, Command, Event, Refusal, Run, Survey},
    helm::Workplace,
    journal::{Journal, JournalError, RunFolder},
    observed::Observation,
    plan::{Environment, Plan, Step},
    registry::Images,
    rehearsal::StandIns,
    render::Search,
};

/// What to open.
#[derive(Clone, Debug)]
pub(super) struct Options {
    /// Which kubeconfig, context, identity.
    pub connect: ConnectOptions,
    /// The user's state folder of migrate-tui.
    pub state: PathBuf,
    /// Put an earlier run of the same plan and environment aside.
    pub new_run: bool,
    /// Read-only: no writer is made, and nothing is written to the run's folder either.
    pub mode: Mode,
    /// Where programs are looked for.
    pub search: Search,
    /// The helm to use; `None` takes the one in `PATH`.
    pub helm: Option<PathBuf>,
    /// In a rehearsal: the charts that are taken in place of the plan's.
    pub stand_ins: Option<StandIns>,
    /// A rehearsal: the operator's own files stay as they are.
    pub rehearses: bool,
    /// Practice: be killed before the journal entry of this number.
    pub die_before_entry: Option<u64>,
}

/// Everything that a command or the cockpit works with.
pub(super) struct Session {
    /// The run.
    pub driver: Driver,
    /// May anything be written?
    pub mode: Mode,
    /// What the cluster was found to hold.
    pub survey: Survey,
    /// Number of the journal's last entry when it was opened; 0 before the first.
    pub known: u64,
}

/// Why a session could not be opened.
#[derive(Debug)]
pub(super) enum OpenError {
    /// Another process drives the run.
    Busy(Problem),
    /// Anything else.
    Problem(Problem),
}

impl OpenError {
    /// What, why, and what to do.
    #[must_use]
    pub(super) fn problem(&self) -> &Problem {
        match self {
            Self::Busy(problem) | Self::Problem(problem) => problem,
        }
    }
}

impl From<Problem> for OpenError {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<JournalError> for OpenError {
    fn from(error: JournalError) -> Self {
        let problem = error.problem();
        if matches!(error, JournalError::Busy { .. }) { Self::Busy(problem) } else { Self::Problem(problem) }
    }
}

/// The environment of that name, or the only one there is.
///
/// # Errors
/// A [`Problem`] that lists the environments.
pub(super) fn choose_environment(plan: &Plan, name: Option<&str>) -> Result<Environment, Problem> {
    let known: Vec<&str> = plan.environments.iter().map(|environment| environment.name.0.as_str()).collect();
    let found = match (name, plan.environments.as_slice()) {
        (Some(name), _) => plan.environment(name),
        (None, [only]) => Some(only),
        (None, _) => None,
    };
    found.cloned().ok_or_else(|| {
        let reason = name.map_or_else(
            || "it has several environments and none was chosen".to_owned(),
            |name| format!("it has no environment {name:?}"),
        );
        Problem::new(
            format!("plan {}", plan.name),
            reason,
            format!("choose one with --environment: {}", known.join(", ")),
        )
    })
}

/// Connects, and asks which cluster it is.
///
/// # Errors
/// A [`Problem`]: no kubeconfig, no such context, no answer, credentials refused.
pub(super) async fn connect(
    options: &ConnectOptions,
    environment: &Environment,
) -> Result<Connection, Problem> {
    let mut options = options.clone();
    options.context = options.context.or_else(|| environment.context.clone());
    Connection::open(&options)
        .await
        .map_err(|error| Problem::new("the cluster", error.to_string(), error.remedy()))
}

impl Session {
    /// Opens a run on a plan that is loaded already.
    ///
    /// # Errors
    /// [`OpenError`]: the cluster cannot be reached, is another one than the run is pinned to, or the
    /// journal cannot be used.
    pub(super) async fn open(
        plan: Arc<Plan>,
        environment: Environment,
        connection: Connection,
        options: &Options,
        observations: Option<mpsc::Sender<Vec<Observation>>>,
    ) -> Result<Self, OpenError> {
        if let Some(stand_ins) = &options.stand_ins {
            check_cluster(stand_ins, &connection)?;
        }
        let (cluster, user) = tokio::join!(connection.identity(&environment.namespace), connection.user());
        let cluster = cluster.map_err(|failure| {
            Problem::new(
                format!("the cluster at {} (context {})", connection.server(), connection.context()),
                failure.to_string(),
                match failure.kind {
                    FailureKind::Unreachable | FailureKind::TimedOut => {
                        "check the network and VPN, and that the context names the right server"
                    }
                    kind => kind.remedy(),
                },
            )
        })?;
        let folder = RunFolder::new(&options.state, &plan.name, &environment.name.0);
        if options.new_run && options.mode == Mode::ReadWrite && folder.is_begun() {
            folder.set_aside(&jiff::Timestamp::now().as_second().to_string())?;
        }
        let (mut journal, entries) = match options.mode {
            Mode::ReadWrite => Journal::open(&folder)?,
            Mode::ReadOnly => Journal::look_on(&folder)?,
        };
        if let Some(sequence) = options.die_before_entry {
            journal.die_before(sequence);
        }
        if options.mode == Mode::ReadWrite {
            Workplace::clear(&helm_folder(folder.path()));
        }
        let digester = match options.mode {
            Mode::ReadWrite => folder.digester()?,
            // Digests of a local comparison are never confirmed, so any key does.
            Mode::ReadOnly => crate::object::Digester::new([0; 32]),
        };
        let author = Author {
            user: user.unwrap_or_else(login_name),
            host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
        };
        let hands = match options.mode {
            Mode::ReadWrite => Hands::Writer(Writer::new(connection.clone())),
            Mode::ReadOnly => Hands::Reader(Reader::new(connection.clone())),
        };
        let steps: Vec<Step> =
            plan.steps_in(&environment.name).into_iter().flat_map(|stage| stage.steps).collect();
        let executor = Executor {
            plan: plan.clone(),
            steps: steps.clone(),
            cluster: cluster.clone(),
            author: author.clone(),
            environment: environment.clone(),
            hands,
            search: options.search.clone(),
            renderer: OnceCell::new(),
            digester,
            folder,
            observations,
            shelf: Shelf::default(),
            helm: HelmSite::new(options.helm.clone(), options.stand_ins.clone()),
            rehearses: options.rehearses,
            images: Arc::new(Images::new(plan.clone(), options.search.clone(), options.stand_ins.clone())),
        };
        let mut driver = Driver::new(Run::new(steps.clone()), journal, &entries, author, executor.perform());
        let failed = |error: SubmitError| {
            let (reason, remedy) = match &error {
                SubmitError::Refused(Refusal::OtherCluster { .. }) => {
                    let remedy = "use the right context (--context), or start another run with --new-run";
                    (error.to_string(), remedy)
                }
                SubmitError::Journal(error) => (error.to_string(), error.remedy()),
                _ => (error.to_string(), "start it again; nothing was changed"),
            };
            Problem::new(format!("the run of {} in {}", plan.name, environment.name), reason, remedy)
        };
        if entries.is_empty() {
            driver
                .begin(Event::RunStarted {
                    plan: plan.name.clone(),
                    plan_digest: plan.digest.clone(),
                    environment: environment.name.clone(),
                })
                .map_err(failed)?;
        }
        // The cluster first: on another one not even a session is journalled.
        driver.submit(Command::MeetCluster(cluster.clone())).map_err(failed)?;
        let session = Command::StartSession {
            program: env!("CARGO_PKG_VERSION").to_owned(),
            plan_digest: plan.digest.clone(),
        };
        driver.submit(session).map_err(failed)?;
        let search = cluster::Search::new(&plan.name, &environment, &steps, &cluster);
        let known = |reference: &str, is_closed| driver.run().knows_record(reference, is_closed);
        let found = survey(&Reader::new(connection), &search, &known).await?;
        driver.submit(Command::Recover(found.clone())).map_err(failed)?;
        let known = entries.last().map_or(0, |entry| entry.sequence);
        Ok(Self { driver, mode: options.mode, survey: found, known })
    }
}

/// The user's state folder of migrate-tui (XDG Base Directory Specification).
#[must_use]
pub(super) fn state_folder() -> PathBuf {
    use etcetera::BaseStrategy;
    etcetera::choose_base_strategy().map_or_else(
        |_| PathBuf::from(".migrate-tui"),
        |base| base.state_dir().unwrap_or_else(|| base.data_dir()).join("migrate-tui"),
    )
}

/// The plan to use when none is named: `plan.yaml` here, or the shipped one in a checkout.
#[must_use]
pub(super) fn default_plan() -> PathBuf {
    let own = Path::new("plan.yaml");
    if own.exists() { own.to_owned() } else { PathBuf::from("plans/phase-2/plan.yaml") }
}

/// Who is logged in here, for as long as the API server has not been asked.
pub(super) fn login_name() -> String {
    std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).unwrap_or_else(|_| "unknown".to_owned())
}
