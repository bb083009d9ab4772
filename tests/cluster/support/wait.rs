//! Waiting for what is expected to be seen.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval, timeout};

const LIMIT: Duration = Duration::from_mins(1);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Looks until `look` returns what is expected; panics with the last reason why not after a minute.
pub async fn wait_until<T, F>(what: &str, look: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, String>>,
{
    wait_until_within(LIMIT, what, look).await
}

/// The same, with another limit.
pub async fn wait_until_within<T, F>(limit: Duration, what: &str, mut look: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, String>>,
{
    let mut last = "nothing yet".to_owned();
    let looking = async {
        let mut ticks = interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match look().await {
                Ok(value) => return value,
                Err(reason) => last = reason,
            }
        }
    };
    let Ok(value) = timeout(limit, looking).await else {
        panic!("waited {} s for {what}; the last look showed: {last}", limit.as_secs());
    };
    value
}
