//! Waiting for what the cluster will show sooner or later: looking often, with a limit and a reason.

use std::path::Path;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval, timeout};

use super::error::BootError;

const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What one look showed.
pub(super) enum Look<T> {
    /// It is there.
    Done(T),
    /// It is not there yet, and this is what is there instead.
    NotYet(String),
    /// It will never be there.
    Failed(BootError),
}

impl<T> Look<T> {
    /// Counts any failure as "not yet".
    pub(super) fn from_result<E: std::fmt::Display>(result: Result<T, E>) -> Self {
        result.map_or_else(|error| Self::NotYet(error.to_string()), Self::Done)
    }
}

/// Looks until it is there, for `limit` at most.
pub(super) async fn until<T, F>(
    waiting_for: &'static str,
    limit: Duration,
    logs: &Path,
    mut look: impl FnMut() -> F,
) -> Result<T, BootError>
where
    F: Future<Output = Look<T>>,
{
    let mut last = "none".to_owned();
    let looking = async {
        let mut ticks = interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match look().await {
                Look::Done(value) => return Ok(value),
                Look::NotYet(now) => last = now,
                Look::Failed(error) => return Err(error),
            }
        }
    };
    match timeout(limit, looking).await {
        Ok(result) => result,
        Err(_) => Err(BootError::TooLong { waiting_for, limit, last, logs: logs.to_owned() }),
    }
}
