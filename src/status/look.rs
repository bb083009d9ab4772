//! One look at run and cluster.

use std::{fs::File, path::Path, time::Duration};

use jiff::Timestamp;

use crate::{
    cluster::{
        ConnectOptions, Connection, Reader,
        watch::{gather, other_cluster},
    },
    diff::ClusterIdentity,
    engine::{Author, Entry, Event, Run, SCHEMA_VERSION},
    journal::{Journal, JournalError, RunFolder},
    observed::{Freshness, Observation, Observed},
    overview::{Overview, Source},
    plan::{Environment, Plan, Step},
};

/// How long the cluster may take to answer; what has not come by then is stale.
const TIME_LIMIT: Duration = Duration::from_secs(15);

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
}

/// Looks at the run's journal and at the cluster, once. Writes nothing.
///
/// # Errors
/// [`JournalError`] when there is a journal that cannot be read. A cluster that cannot be reached is no
/// error: the overview says so.
pub async fn look(options: &LookOptions<'_>) -> Result<Overview, JournalError> {
    let LookOptions { plan, environment, connect, state } = *options;
    let folder = RunFolder::new(state, &plan.name, &environment.name.0);
    let is_driven = is_driven(&folder);
    let entries = if folder.is_begun() { Journal::read(&folder)? } else { Vec::new() };
    let steps: Vec<Step> =
        plan.steps_in(&environment.name).into_iter().flat_map(|stage| stage.steps).collect();
    let mut run = Run::new(steps.clone());
    for entry in &entries {
        run.apply(entry);
    }
    // What nobody drives any more is interrupted; the run itself learns so at its next start.
    if !is_driven && run.active().is_some() {
        let mut interrupted = Run::new(steps);
        for entry in entries.iter().chain(entries.last().map(next_session).as_ref()) {
            interrupted.apply(entry);
        }
        run = interrupted;
    }
    let (context, observed) = observe(connect, environment, run.cluster()).await;
    let source = Source { plan, environment, run: &run, observed: &observed, context: &context, is_driven };
    let mut overview = Overview::of(&source);
    // The look itself is no entry.
    overview.journal.sequence = entries.last().map_or(0, |entry| entry.sequence);
    Ok(overview)
}

/// Does another process hold the run's journal? Only asked, never kept: the lock is shared and let go
/// at once.
fn is_driven(folder: &RunFolder) -> bool {
    let Ok(file) = File::open(folder.journal()) else {
        return false;
    };
    matches!(file.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock))
}

/// The entry that a next start would write after the last one.
fn next_session(last: &Entry) -> Entry {
    Entry {
        version: SCHEMA_VERSION,
        sequence: last.sequence + 1,
        previous: String::new(),
        at: last.at,
        author: Author { user: last.author.user.clone(), host: last.author.host.clone() },
        event: Event::SessionStarted {
            program: env!("CARGO_PKG_VERSION").to_owned(),
            plan_digest: String::new(),
        },
    }
}

/// The context in use, and what the cluster shows.
async fn observe(
    connect: &ConnectOptions,
    environment: &Environment,
    pinned: Option<&ClusterIdentity>,
) -> (String, Observed) {
    let mut options = connect.clone();
    options.context = options.context.or_else(|| environment.context.clone());
    let connection = match Connection::open(&options).await {
        Ok(connection) => connection,
        Err(error) => {
            let reason = format!("{error}; {}", error.remedy());
            return (options.context.unwrap_or_default(), unreachable(&reason));
        }
    };
    let context = connection.context().to_owned();
    // Six lists at once make a large future.
    let looking = Box::pin(async {
        // Who may not read its identity cannot tell; what else fails, the lists will say.
        if let Some(pinned) = pinned
            && let Ok(found) = connection.identity(&environment.namespace).await
            && let Some(reason) = other_cluster(pinned, &found)
        {
            return unreachable(&reason);
        }
        gather(&Reader::new(connection), &environment.namespace).await
    });
    let observed = tokio::time::timeout(TIME_LIMIT, looking).await;
    let observed =
        observed.unwrap_or_else(|_| unreachable(&format!("no answer in {} s", TIME_LIMIT.as_secs())));
    (context, observed)
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
