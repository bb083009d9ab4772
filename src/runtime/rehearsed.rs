//! A rehearsal's cluster under the cockpit.

use std::path::PathBuf;

use tokio::sync::mpsc;

use super::{CockpitEvent, open::chain, program::OWNER};
use crate::{
    diff::Problem,
    observed::Observation,
    rehearsal::{self, BootOptions, command::Opened},
};

/// What is different there.
#[derive(Clone)]
pub(super) struct Rehearsed {
    pub(super) kubeconfig: PathBuf,
    /// Its own programs are found before the operator's.
    pub(super) programs: PathBuf,
    /// Its charts stand in for the real ones: `HOST:PORT`.
    pub(super) registry: String,
}

impl Rehearsed {
    pub(super) fn on(opened: &Opened) -> Result<Self, Problem> {
        let services = opened.services().map_err(|error| problem(&error))?;
        Ok(Self {
            kubeconfig: opened.kubeconfig_path(),
            programs: services.programs,
            registry: services.registry,
        })
    }
}

/// Builds and boots what is missing, and says how far that is; `keep` for a cluster that stays.
pub(super) async fn rehearse(keep: bool, sender: &mpsc::Sender<CockpitEvent>) -> Result<Opened, Problem> {
    let doing = "the rehearsal cluster is being built and booted".to_owned();
    // The cockpit has been left: nobody needs to know any more.
    let _ = sender.send(CockpitEvent::Doing(doing)).await;
    let sender = sender.clone();
    let say = move |progress: rehearsal::Progress| {
        // A line that finds no room is followed by others.
        let _ = sender.try_send(CockpitEvent::Observed(vec![Observation::Rehearsal(progress.to_string())]));
    };
    let opened = if keep {
        rehearsal::command::open_kept(OWNER, say).await
    } else {
        rehearsal::command::open(&BootOptions::default(), say).await
    };
    opened.map_err(|error| problem(&error))
}

fn problem(error: &dyn std::error::Error) -> Problem {
    Problem::new(
        "the rehearsal cluster",
        chain(error),
        "nothing was changed; any other cluster will do as well: --kubeconfig FILE",
    )
}
