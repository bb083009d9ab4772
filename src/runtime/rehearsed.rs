//! A rehearsal's cluster under the cockpit.

use std::{io, path::PathBuf};

use tokio::sync::mpsc;

use super::{CockpitEvent, program::OWNER};
use crate::{
    cli::Place,
    cluster::Connection,
    diff::Problem,
    observed::Observation,
    rehearsal::{
        self, BootOptions, StandIns,
        command::{Opened, STAND_INS},
    },
    render::Search,
    words::in_full,
};

/// Which charts a rehearsal takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charts {
    /// Its own, in place of the plan's.
    StandIns,
    /// The plan's.
    Real,
}

/// What is different there.
#[derive(Clone)]
pub(super) struct Rehearsed {
    pub(super) kubeconfig: PathBuf,
    /// The charts there, and programs that are found before the operator's.
    pub(super) stand_ins: StandIns,
}

impl Rehearsed {
    pub(super) fn on(opened: &Opened) -> Result<Self, Problem> {
        let stand_ins = opened.stand_ins().map_err(|error| problem(&error))?;
        Ok(Self { kubeconfig: opened.kubeconfig_path(), stand_ins })
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

/// Says that a kept cluster goes on, once the cockpit is left.
pub(super) fn tell_kept(charts: Charts) -> Result<(), Problem> {
    rehearsal::command::tell_kept(charts == Charts::Real, &mut io::stdout()).map_err(|error| problem(&error))
}

/// The stand-ins that the operator asks for, whatever the cluster.
pub(super) fn asked_for(place: &Place) -> Result<Option<StandIns>, Problem> {
    let found = place.stand_ins.as_deref().map(StandIns::of).transpose();
    found.map_err(|error| {
        let remedy = format!("start a rehearsal anew (rehearse --serve), or unset {STAND_INS}");
        Problem::new("the stand-in charts", in_full(&error), remedy)
    })
}

/// Where programs are looked for: a rehearsal's own come after the operator's.
pub(super) fn search_of(stand_ins: Option<&StandIns>) -> Search {
    stand_ins.map_or_else(Search::default, |own| Search::last_in(&own.services().programs))
}

/// Stand-ins are for their own rehearsal's cluster, and never for another.
pub(super) fn check_cluster(stand_ins: &StandIns, connection: &Connection) -> Result<(), Problem> {
    let meant = &stand_ins.services().api_server;
    if connection.server().trim_end_matches('/') == meant {
        return Ok(());
    }
    let reason = format!("it is not the rehearsal ({meant}) whose stand-in charts are asked for");
    let remedy = format!("use that rehearsal's kubeconfig, or unset {STAND_INS}");
    Err(Problem::new(format!("the cluster at {}", connection.server()), reason, remedy))
}

fn problem(error: &dyn std::error::Error) -> Problem {
    Problem::new(
        "the rehearsal cluster",
        in_full(error),
        "nothing was changed; any other cluster will do as well: --kubeconfig FILE",
    )
}
