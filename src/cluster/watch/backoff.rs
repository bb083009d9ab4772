//! How long to wait before trying again.

use std::time::Duration;

/// Growing pauses with jitter, so that many cockpits do not come back at once after an outage.
#[derive(Clone, Debug)]
pub(super) struct Backoff {
    first: Duration,
    longest: Duration,
    tries: u32,
}

impl Backoff {
    pub(super) fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, tries: 0 }
    }

    /// The next pause: doubled each time up to the longest, then spread over ±25 %.
    pub(super) fn next(&mut self) -> Duration {
        let pause =
            self.first.saturating_mul(1_u32.checked_shl(self.tries).unwrap_or(u32::MAX)).min(self.longest);
        self.tries = self.tries.saturating_add(1).min(16);
        spread(pause)
    }

    pub(super) fn reset(&mut self) {
        self.tries = 0;
    }
}

/// A pause spread over ±25 %.
pub(super) fn spread(pause: Duration) -> Duration {
    // Without randomness the pause is merely not spread.
    let share = getrandom::u32().map_or(0.5, |random| f64::from(random) / f64::from(u32::MAX));
    pause.mul_f64(0.75 + share / 2.0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Backoff;

    #[test]
    fn pauses_double_up_to_the_longest_and_are_spread() {
        let mut backoff = Backoff::new(Duration::from_millis(400), Duration::from_secs(10));
        let pauses: Vec<u128> = (0..40).map(|_| backoff.next().as_millis()).collect();
        assert!((300..=500).contains(&pauses[0]), "{pauses:?}");
        assert!((600..=1000).contains(&pauses[1]), "{pauses:?}");
        assert!(pauses.iter().all(|pause| *pause <= 12_500), "{pauses:?}");
        assert!(pauses[39] >= 7_500, "{pauses:?}");
        backoff.reset();
        assert!(backoff.next() <= Duration::from_millis(500));
    }
}
