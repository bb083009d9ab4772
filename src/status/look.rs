//! One look at run and cluster.

use std::{path::Path, sync::Arc, time::Duration};

use jiff::Timestamp;

use crate::{
    cluster::{
        ConnectOptions, Connection, Reader, Search, survey,
        watch::{gather, other_cluster},
    },
    engine::{Author, Command, Entry, Event, Run, SCHEMA_VERSION, Survey},
    forge::Desk,
    gate::GateKeeper,
    helm::histories,
    journal::{Journal, JournalError, RunFolder},
    observed::{Freshness, Observation, Observed, Runs},
    overview::{Overview, Source},
    plan::{Environment, Plan, Step},
    registry::Images,
    rehearsal::StandIns,
    render,
};

/// How long the cluster may take to answer; what has not come by then is stale.
const TIME_LIMIT: Duration = Duration::from_secs(15);

/// The same for the forge, which is not worth a wait.
const FORGE_TIME_LIMIT: Duration = Duration::from_secs(3);

/// What is looked at.
#[derive(Clone, Copy, Debug)]
pub struct LookOptions<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The environment in it.
    pub environment: &'a Environment,
    /// Which kubeconfig, context, identity.
    pub connect: &'a ConnectOptions,
    /// The user's state folder of migrate-tui.
    pub state: &'a Path,
    /// Where helm is looked for, which tells what became of releases.
    pub search: &'a render::Search,
    /// The helm that the operator names.
    pub helm: Option<&'a Path>,
    /// Who asks for the workflow's runs; `None` asks nobody.
    pub forge: Option<&'a Desk>,
    /// In a rehearsal: what is asked for in place of the plan's images.
    pub stand_ins: Option<&'a StandIns>,
}

/// Looks at the run's journal and at the cluster, once. Writes nothing.
///
/// # Errors
/// [`JournalError`] when there is a journal that cannot be read. A cluster that cannot be reached is no
/// error: the overview says so.
pub async fn look(options: &LookOptions<'_>) -> Result<Overview, JournalError> {
    let LookOptions { plan, environment, state, .. } = *options;
    let folder = RunFolder::new(state, &plan.name, &environment.name.0);
    let is_driven = folder.is_driven();
    let entries = if folder.is_begun() { Journal::read(&folder)? } else { Vec::new() };
    let steps: Vec<Step> =
        plan.steps_in(&environment.name).into_iter().flat_map(|stage| stage.steps).collect();
    let mut run = Run::new(steps.clone());
    for entry in &entries {
        run.apply(entry);
    }
    // What nobody drives any more is interrupted; the run itself learns so at its next start.
    if !is_driven && run.active().is_some() {
        imagine(&mut run, next_session());
    }
    let runs = async {
        match options.forge.filter(|_| plan.tells_runs()) {
            Some(desk) => told_soon(desk).await,
            None => Runs::default(),
        }
    };
    let (Seen { context, mut observed, survey }, runs) = tokio::join!(see(options, &steps, &run), runs);
    observed.runs = runs;
    // As it would be taken over by whoever drives the run next.
    for event in run.decide(Command::Recover(survey)).unwrap_or_default() {
        imagine(&mut run, event);
    }
    let source = Source { plan, environment, run: &run, observed: &observed, context: &context, is_driven };
    let mut overview = Overview::of(&source);
    // The look itself is no entry.
    overview.journal.sequence = entries.last().map_or(0, |entry| entry.sequence);
    overview.journal.last_entry_at = entries.last().map(|entry| entry.at);
    overview.journal.last_author = entries.last().map(|entry| entry.author.clone());
    Ok(overview)
}

/// The newest run, if it is told soon.
async fn told_soon(desk: &Desk) -> Runs {
    tokio::time::timeout(FORGE_TIME_LIMIT, desk.look(1)).await.unwrap_or_else(|_| {
        let reason = format!("GitHub does not answer in {} s", FORGE_TIME_LIMIT.as_secs());
        Runs { freshness: Freshness::Stale { since: Timestamp::now(), reason }, ..Runs::default() }
    })
}

/// Folds an event that the next start would journal.
fn imagine(run: &mut Run, event: Event) {
    let author = Author { user: String::new(), host: String::new() };
    let (sequence, at) = (run.sequence() + 1, run.last_entry_at().unwrap_or_default());
    run.apply(&Entry { version: SCHEMA_VERSION, sequence, previous: String::new(), at, author, event });
}

fn next_session() -> Event {
    Event::SessionStarted { program: env!("CARGO_PKG_VERSION").to_owned(), plan_digest: String::new() }
}

/// What one look at the cluster came to.
struct Seen {
    /// The context in use.
    context: String,
    observed: Observed,
    survey: Survey,
}

async fn see(options: &LookOptions<'_>, steps: &[Step], run: &Run) -> Seen {
    let LookOptions { plan, environment, connect, .. } = *options;
    let mut connect = connect.clone();
    connect.context = connect.context.or_else(|| environment.context.clone());
    let connection = match Connection::open(&connect).await {
        Ok(connection) => connection,
        Err(error) => {
            let (observed, survey) = nothing(&format!("{error}; {}", error.remedy()));
            return Seen { context: connect.context.unwrap_or_default(), observed, survey };
        }
    };
    let context = connection.context().to_owned();
    // Six lists at once make a large future.
    let looking = Box::pin(async {
        // Who may not read its identity cannot tell; what else fails, the lists will say.
        let identity = connection.identity(&environment.namespace).await;
        if let (Some(pinned), Ok(found)) = (run.cluster(), &identity)
            && let Some(reason) = other_cluster(pinned, found)
        {
            return nothing(&reason);
        }
        let reader = Reader::new(connection);
        let surveying = async {
            let cluster = identity.map_err(|failure| failure.to_string())?;
            let search = Search::new(&plan.name, environment, steps, &cluster);
            let known = |reference: &str, is_closed| run.knows_record(reference, is_closed);
            survey(&reader, &search, &known).await.map_err(|problem| problem.to_string())
        };
        let connection = reader.connection();
        let releases = histories(options.search, options.helm, connection, (steps, &environment.namespace));
        let locks = async {
            let keeper = GateKeeper::new(reader.clone(), environment.namespace.clone()).await;
            let plan = Arc::new(plan.clone());
            let images = Images::new(plan.clone(), options.search.clone(), options.stand_ins.cloned());
            keeper.of_plan(plan).of_images(Arc::new(images)).locks(steps).await
        };
        let (mut observed, survey, locks, releases) =
            tokio::join!(gather(&reader, &environment.namespace), surveying, locks, releases);
        observed.fold_all(locks);
        observed.fold_all(releases);
        (observed, survey.unwrap_or_else(unreadable))
    });
    let seen = tokio::time::timeout(TIME_LIMIT, looking).await;
    let (observed, survey) =
        seen.unwrap_or_else(|_| nothing(&format!("no answer in {} s", TIME_LIMIT.as_secs())));
    Seen { context, observed, survey }
}

fn nothing(reason: &str) -> (Observed, Survey) {
    (unreachable(reason), unreadable(reason.to_owned()))
}

fn unreadable(reason: String) -> Survey {
    Survey { unreadable: Some(reason), ..Survey::default() }
}

/// Nothing could be seen, and why.
fn unreachable(reason: &str) -> Observed {
    let mut observed = Observed::default();
    let since = Timestamp::now();
    for kind in ["Pod", "Deployment", "HorizontalPodAutoscaler", "Ingress"] {
        let freshness = Freshness::Stale { since, reason: reason.to_owned() };
        observed.fold(Observation::Freshness { kind, freshness });
    }
    observed
}
