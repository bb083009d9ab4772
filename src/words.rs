//! Text as it may be shown, on a screen or in a pipe: neutralised, counted, dated. Pure.

use std::borrow::Cow;

use jiff::{Timestamp, tz::TimeZone};

/// One line from a cluster, a file or a program with everything that could steer a terminal made visible
/// and harmless, ends of lines included.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    replaced(text, is_dangerous)
}

/// The same for a text of several lines: their ends stay. Whatever is printed goes through this.
#[must_use]
pub fn harmless(text: &str) -> Cow<'_, str> {
    replaced(text, |character| character != '\n' && is_dangerous(character))
}

/// An error with all its causes, on one line, for where only a text can go.
#[must_use]
pub fn in_full(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// A JSON document with everything that could steer a terminal as an escape sequence of JSON: whoever
/// parses it reads the same.
#[must_use]
pub fn harmless_json(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if character != '\n' && is_dangerous(character) {
            escaped.extend(['\\', 'u']);
            escaped.extend(format!("{:04x}", u32::from(character)).chars());
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// Controls, and what turns the direction of writing or hides in no width at all.
#[must_use]
pub fn is_dangerous(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn replaced(text: &str, is_bad: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&is_bad) {
        return Cow::Borrowed(text);
    }
    text.chars().map(|character| if is_bad(character) { visible(character) } else { character }).collect()
}

fn visible(character: char) -> char {
    match character {
        '\t' => ' ',
        '\n' | '\r' | '\u{2028}' | '\u{2029}' => '⏎',
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)).unwrap_or('�'),
        _ => '�',
    }
}

/// `1 object`, `14 objects`.
#[must_use]
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// As in `a, b and 4 more`: the first so many of them.
#[must_use]
pub fn few(names: &[impl ToString], at_most: usize) -> String {
    let shown: Vec<String> = names.iter().take(at_most).map(ToString::to_string).collect();
    let more = names.len().saturating_sub(at_most);
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

/// A moment to the second, as in `2026-11-24T14:03:11Z`.
#[must_use]
pub fn moment(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The text with a mask for who logs in, and how, in each address; as wide as what it hides, so that a caret below
/// it stands where it stood.
#[must_use]
pub fn without_credentials(text: &str) -> String {
    let mut parts = text.split("://");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        shown.push_str("://");
        let end = part.find(|letter: char| letter == '/' || letter.is_whitespace()).unwrap_or(part.len());
        let (host, rest) = part.split_at(end);
        match host.rsplit_once('@') {
            Some((login, host)) => {
                shown.extend(std::iter::repeat_n('•', login.chars().count()));
                shown.extend(["@", host, rest]);
            }
            None => shown.push_str(part),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{clean, harmless, harmless_json, is_dangerous, moment};

    #[test]
    fn escape_sequences_are_made_visible() {
        assert_eq!(clean("a\u{1b}[31mb\u{7}\u{9b}c\u{202e}d\n"), "a␛[31mb␇�c�d⏎");
        assert_eq!(harmless("a\u{1b}]0;title\u{7}\r\nb"), "a␛]0;title␇⏎\nb");
    }

    #[test]
    fn a_moment_has_no_more_than_seconds() {
        assert_eq!(moment("2026-11-24T14:03:11.123456789Z".parse().unwrap()), "2026-11-24T14:03:11Z");
    }

    proptest! {
        #[test]
        fn json_means_the_same_and_steers_nothing(text in "\\PC{0,20}|[\u{0}-\u{9f}\u{202e}\"\\\\]{0,20}") {
            let written = serde_json::to_string_pretty(&[&text]).unwrap();
            let escaped = harmless_json(&written);
            prop_assert!(!escaped.chars().any(|character| character != '\n' && is_dangerous(character)));
            let read: Vec<String> = serde_json::from_str(&escaped).unwrap();
            prop_assert_eq!(&read[0], &text);
        }
    }
}
