//! Text as it may be shown: neutralised, measured in cells, cut, wrapped; times and ages.

use std::time::Duration;

use jiff::{Timestamp, tz::TimeZone};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

pub(super) use crate::words::{clean, count};

/// Width in cells.
#[must_use]
pub(super) fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// Cut to so many cells, with `…` where something was cut.
#[must_use]
pub(super) fn fit(text: &str, cells: usize) -> String {
    let text = clean(text);
    if width(&text) <= cells {
        return text.into_owned();
    }
    let mut cut = take(&text, cells.saturating_sub(1)).to_owned();
    if cells > 0 {
        cut.push('…');
    }
    cut
}

/// Cut in the middle: the ends of pod names and images are what tells them apart.
#[must_use]
pub(super) fn fit_middle(text: &str, cells: usize) -> String {
    let text = clean(text);
    if width(&text) <= cells || cells < 8 {
        return fit(&text, cells);
    }
    let head = take(&text, (cells - 1) / 2);
    format!("{head}…{}", ending(&text, cells - 1 - width(head)))
}

/// Cut at its beginning: the end of a path says more.
#[must_use]
pub(super) fn fit_end(text: &str, cells: usize) -> String {
    let text = clean(text);
    if width(&text) <= cells || cells < 2 {
        return fit(&text, cells);
    }
    format!("…{}", ending(&text, cells - 1))
}

/// The longest end that takes at most so many cells.
fn ending(text: &str, cells: usize) -> &str {
    let mut used = 0;
    for (index, character) in text.char_indices().rev() {
        used += character.width().unwrap_or(0);
        if used > cells {
            return text.get(index + character.len_utf8()..).unwrap_or_default();
        }
    }
    text
}

/// Cut or filled with spaces to exactly so many cells.
#[must_use]
pub(super) fn pad(text: &str, cells: usize) -> String {
    let mut fitted = fit(text, cells);
    fitted.push_str(&" ".repeat(cells.saturating_sub(width(&fitted))));
    fitted
}

/// The longest beginning that takes at most so many cells.
fn take(text: &str, cells: usize) -> &str {
    let mut used = 0;
    for (index, character) in text.char_indices() {
        used += character.width().unwrap_or(0);
        if used > cells {
            return text.get(..index).unwrap_or_default();
        }
    }
    text
}

/// What is behind so many cells.
#[must_use]
pub(super) fn after(text: &str, cells: usize) -> &str {
    text.get(take(text, cells).len()..).unwrap_or_default()
}

/// Lines of at most so many cells, broken at spaces where there are any; at least one line.
#[must_use]
pub(super) fn wrap(text: &str, cells: usize) -> Vec<String> {
    let cells = cells.max(1);
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let paragraph = clean(paragraph);
        let mut line = String::new();
        for word in paragraph.split(' ') {
            let needed = width(word) + usize::from(!line.is_empty());
            if !line.is_empty() && width(&line) + needed > cells {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            let mut rest = word;
            while width(&line) + width(rest) > cells {
                let part = take(rest, (cells - width(&line).min(cells)).max(1));
                // A character wider than the line is better than no end.
                let part = if part.is_empty() { rest } else { part };
                line.push_str(part);
                lines.push(std::mem::take(&mut line));
                rest = rest.get(part.len()..).unwrap_or_default();
            }
            line.push_str(rest);
        }
        lines.push(line);
    }
    if lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

/// How long ago, in one or two letters' worth: `45s`, `12m`, `3h`, `8d`.
#[must_use]
pub(super) fn age(since: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(since).as_secs().max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..172_800 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// The time of day in UTC, as in `14:03:11Z`.
#[must_use]
pub(super) fn clock(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%H:%M:%SZ").to_string()
}

/// How long something has lasted, as a stopwatch has it: `0:42`, `1:02:03`.
#[must_use]
pub(super) fn elapsed(since: Timestamp, now: Timestamp) -> String {
    stopwatch(u64::try_from(now.duration_since(since).as_secs()).unwrap_or(0))
}

/// How long something has lasted of what it may: `0:42 of 10:00`.
#[must_use]
pub(super) fn elapsed_of(since: Timestamp, now: Timestamp, limit: Option<Duration>) -> String {
    let elapsed = elapsed(since, now);
    limit.map_or_else(|| elapsed.clone(), |limit| format!("{elapsed} of {}", stopwatch(limit.as_secs())))
}

fn stopwatch(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{age, elapsed, elapsed_of, fit, fit_end, fit_middle, pad, width, wrap};
    use crate::words::is_dangerous;

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(fit("gateway", 5), "gate…");
        assert_eq!(fit_middle("gateway-7d9c5f6b8-x2x9z", 12), "gatew…-x2x9z");
        assert_eq!(fit_end("base/gateway.yml", 9), "…eway.yml");
        assert_eq!(pad("日本", 5), "日本 ");
    }

    #[test]
    fn ages_are_short() {
        let at = |text: &str| text.parse().unwrap();
        assert_eq!(age(at("2026-11-24T14:00:00Z"), at("2026-11-24T14:03:11Z")), "3m");
        assert_eq!(age(at("2026-11-24T14:03:11Z"), at("2026-11-24T14:00:00Z")), "0s");
    }

    #[test]
    fn what_lasts_is_read_as_on_a_stopwatch() {
        let at = |text: &str| text.parse().unwrap();
        let began = at("2026-11-24T14:00:00Z");
        let limit = Some(std::time::Duration::from_mins(10));
        assert_eq!(elapsed_of(began, at("2026-11-24T14:00:42Z"), limit), "0:42 of 10:00");
        assert_eq!(elapsed(began, at("2026-11-24T15:02:03Z")), "1:02:03");
        assert_eq!(elapsed(began, at("2026-11-24T13:59:00Z")), "0:00", "a clock that went back");
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_asked(text in "\\PC{0,60}|.{0,60}", cells in 2_usize..30) {
            prop_assert!(width(&fit(&text, cells)) <= cells);
            prop_assert!(width(&fit_middle(&text, cells)) <= cells);
            prop_assert!(width(&fit_end(&text, cells)) <= cells);
            prop_assert!(!fit(&text, cells).chars().any(is_dangerous));
            for line in wrap(&text, cells) {
                prop_assert!(!line.chars().any(is_dangerous));
            }
        }
    }
}
