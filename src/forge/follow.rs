//! Tells of a workflow's runs for as long as anyone listens: gently.

use std::{sync::Arc, time::Duration};

use tokio::sync::mpsc;

use super::Desk;
use crate::observed::{Freshness, Observation, Runs};

/// Runs that the pane shows.
const SHOWN: usize = 15;
/// While a run is at work, and otherwise. What has not changed costs nothing of the rate limit, with a token.
const BUSY: Duration = Duration::from_secs(20);
const QUIET: Duration = Duration::from_mins(1);
/// Without a token every question costs one of sixty an hour, and a look is two.
const UNSIGNED: Duration = Duration::from_mins(3);
/// Where there is no workflow to ask about, git and the plan's repository are looked at again so often.
const NOWHERE: Duration = Duration::from_mins(2);
/// Runs whose jobs are kept in sight at most.
const LOOKED_AT: usize = 3;

/// Sends what is known of the runs, again and again; sooner, and with its jobs, when someone looks at a run.
/// `must_tell`: also when there is no workflow to ask about, and why.
pub async fn tell_runs(
    desk: Arc<Desk>,
    must_tell: bool,
    mut looks: mpsc::Receiver<u64>,
    news: mpsc::Sender<Vec<Observation>>,
) {
    let mut looked_at: Vec<u64> = Vec::new();
    let mut last: Option<Runs> = None;
    loop {
        let (mut told, is_signed) = match desk.forge().await {
            Ok(forge) => (forge.look(SHOWN, &looked_at, desk.is_rehearsal()).await, forge.api.is_signed()),
            Err(problem) => (super::desk::nowhere(&problem), false),
        };
        if let (Freshness::Stale { since, .. }, Some(last)) = (&mut told.freshness, &last) {
            // The rows are from then; and so is the moment, however often it was tried since.
            told.rows.clone_from(&last.rows);
            if let Freshness::Stale { since: first, .. } = &last.freshness {
                *since = *first;
            }
        }
        let pause = pause(&told, is_signed);
        if (must_tell || told.of.is_some()) && last.as_ref() != Some(&told) {
            let batch = vec![Observation::Runs(Box::new(told.clone()))];
            if news.send(batch).await.is_err() {
                return;
            }
        }
        last = Some(told);
        tokio::select! {
            () = news.closed() => return,
            () = tokio::time::sleep(pause) => {}
            Some(run) = looks.recv() => {
                looked_at.retain(|other| *other != run);
                looked_at.insert(0, run);
                looked_at.truncate(LOOKED_AT);
            }
        }
    }
}

/// How long to wait before it is asked again.
fn pause(told: &Runs, is_signed: bool) -> Duration {
    let is_busy = told.rows.iter().any(|(_, row)| !row.state.is_over());
    match told.of {
        None => NOWHERE,
        Some(_) if !is_signed => UNSIGNED,
        Some(_) if is_busy => BUSY,
        Some(_) => QUIET,
    }
}
