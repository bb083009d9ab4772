//! What the building and booting of the rehearsal cluster say while they go on.
//!
//! Progress is only ever shown; nothing may depend on its words.

use std::fmt;
use std::time::{Duration, Instant};

/// One line about what is being done, why, and for how long already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done, in words for a person.
    pub text: String,
    /// The time since the building or booting began.
    pub elapsed: Duration,
}

impl fmt::Display for Progress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.elapsed.as_secs();
        match (seconds / 60, seconds % 60) {
            (0, 0) => formatter.write_str(&self.text),
            (0, seconds) => write!(formatter, "{} ({seconds} s)", self.text),
            (minutes, seconds) => write!(formatter, "{} ({minutes} min {seconds} s)", self.text),
        }
    }
}

/// Sends progress to whoever shows it.
pub(super) struct Reporter<'a> {
    started: Instant,
    report: &'a (dyn Fn(Progress) + Send + Sync),
}

impl<'a> Reporter<'a> {
    pub(super) fn new(report: &'a (dyn Fn(Progress) + Send + Sync)) -> Self {
        Self { started: Instant::now(), report }
    }

    pub(super) fn say(&self, text: impl Into<String>) {
        (self.report)(Progress { text: text.into(), elapsed: self.started.elapsed() });
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_elapsed_time_is_shown_once_there_is_some() {
        let line = |seconds| {
            Progress { text: "building".to_owned(), elapsed: Duration::from_secs(seconds) }.to_string()
        };
        assert_eq!([line(0), line(20), line(80)], ["building", "building (20 s)", "building (1 min 20 s)"]);
    }
}
