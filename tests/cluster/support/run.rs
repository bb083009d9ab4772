//! Boots the cluster, runs the trials, shuts the cluster down.

use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::Duration;

use libtest_mimic::{Arguments, Trial};
use tokio::runtime::Runtime;
use tokio::time::timeout;

use super::Cluster;

/// Trials wait for the cluster far more than they compute, so there are more of them than cores.
const THREADS: usize = 8;
/// A net for what hangs: the longest goes through four weeks and back, beside seven others on two cores.
const TRIAL_LIMIT: Duration = Duration::from_mins(12);

static RUNTIME: OnceLock<Runtime> = OnceLock::new();
static CLUSTER: OnceLock<Result<Cluster, String>> = OnceLock::new();

/// The runtime that all trials share.
pub fn runtime() -> &'static Runtime {
    RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap()
    })
}

/// Runs the trials that the arguments ask for, on one cluster.
pub fn run(trials: Vec<Trial>) -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(THREADS);
    let none = trials.iter().all(|trial| arguments.is_filtered_out(trial) || arguments.is_ignored(trial));
    if arguments.list || none {
        return libtest_mimic::run(&arguments, trials).exit_code();
    }
    let cluster = CLUSTER.get_or_init(|| runtime().block_on(Cluster::boot()));
    let conclusion = libtest_mimic::run(&arguments, trials);
    if let Ok(cluster) = cluster {
        runtime().block_on(cluster.shut_down());
    }
    conclusion.exit_code()
}

/// A trial on the cluster. It fails by panicking, or by not coming to an end.
pub fn trial<F: Future<Output = ()>>(
    name: &'static str,
    body: impl FnOnce(&'static Cluster) -> F + Send + 'static,
) -> Trial {
    Trial::test(name, move || {
        let cluster = match CLUSTER.get() {
            Some(Ok(cluster)) => cluster,
            Some(Err(reason)) => return Err(format!("no rehearsal cluster: {reason}").into()),
            None => return Err("the cluster is booted before the trials".into()),
        };
        runtime()
            .block_on(async { timeout(TRIAL_LIMIT, body(cluster)).await })
            .map_err(|_| format!("`{name}` took longer than {} s", TRIAL_LIMIT.as_secs()).into())
    })
}
