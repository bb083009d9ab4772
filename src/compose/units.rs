//! Durations, sizes, shares of CPUs, modes: as compose writes them.

use std::time::Duration;

/// `1h30m`, `1.5s`, `500ms`, `2d`; `0` needs no unit.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    let mut seconds = 0.0_f64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let (number, behind) = number(rest)?;
        let end = behind.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(behind.len());
        let (unit, behind) = behind.split_at_checked(end)?;
        seconds += number
            * match unit {
                "ns" => 1e-9,
                "us" | "µs" | "μs" => 1e-6,
                "ms" => 1e-3,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                "d" => 86400.0,
                "w" => 604_800.0,
                _ => return None,
            };
        rest = behind;
    }
    Duration::try_from_secs_f64(seconds).ok().map(|exact| {
        // What floating point adds below a nanosecond's thousandth is no part of it.
        Duration::from_nanos(u64::try_from((exact.as_nanos() + 5) / 10 * 10).unwrap_or(u64::MAX))
    })
}

/// `128m`, `1.5gb`, `64Mi`, `1024`; steps of 1,024.
pub(super) fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = number(text.trim())?;
    let unit = unit.trim().to_lowercase();
    let unit = unit.strip_suffix('b').unwrap_or(&unit);
    let unit = unit.strip_suffix('i').unwrap_or(unit);
    let power = match unit {
        "" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        "p" => 5,
        _ => return None,
    };
    whole(number * 1024_f64.powi(power))
}

/// `0.5` is 500 thousandths.
pub(super) fn cpus(text: &str) -> Option<u64> {
    let (number, rest) = number(text.trim())?;
    if rest.is_empty() { whole((number * 1000.0).round()) } else { None }
}

/// Octal, as in `0440`, `0o440`, `440`.
pub(super) fn mode(text: &str) -> Option<u32> {
    let digits = text.trim().trim_start_matches("0o");
    u32::from_str_radix(digits, 8).ok().filter(|mode| *mode <= 0o7777)
}

fn number(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    digits.parse().ok().filter(|number: &f64| number.is_finite()).map(|number| (number, rest))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
fn whole(number: f64) -> Option<u64> {
    (0.0..9.0e18).contains(&number).then_some(number as u64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations() {
        for (text, wanted) in [
            ("1h30m", 5_400_000),
            ("1m30s", 90_000),
            ("1.5s", 1_500),
            ("500ms", 500),
            ("0", 0),
            ("0s", 0),
            ("2d", 172_800_000),
            ("10s500ms", 10_500),
        ] {
            assert_eq!(duration(text), Some(Duration::from_millis(wanted)), "{text}");
        }
        for text in ["", "10", "s", "1x", "-1s", "1 s", "1.2.3s"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn sizes() {
        for (text, wanted) in [
            ("1024", 1024),
            ("128m", 128 << 20),
            ("1.5gb", 3 << 29),
            ("64Mi", 64 << 20),
            ("64MiB", 64 << 20),
            ("2K", 2048),
            ("1 GB", 1 << 30),
            ("10b", 10),
        ] {
            assert_eq!(bytes(text), Some(wanted), "{text}");
        }
        for text in ["", "m", "-1", "1x", "1..2m", "99999999p"] {
            assert_eq!(bytes(text), None, "{text}");
        }
    }

    #[test]
    fn shares_and_modes() {
        assert_eq!(cpus("0.5"), Some(500));
        assert_eq!(cpus("2"), Some(2000));
        assert_eq!(cpus("0.001"), Some(1));
        assert_eq!(cpus("half"), None);
        assert_eq!(mode("0440"), Some(0o440));
        assert_eq!(mode("0o1777"), Some(0o1777));
        assert_eq!(mode("0999"), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_them_panic(text in "\\PC{0,12}|[0-9.hmsx-]{0,24}") {
            let _ = (duration(&text), bytes(&text), cpus(&text), mode(&text));
        }
    }
}
