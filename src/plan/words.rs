//! The small grammars in a plan: names, durations, `${variables}`.

use std::time::Duration;

/// Why a text is not an RFC 1123 label, when it is none.
pub(super) fn label_error(text: &str) -> Option<&'static str> {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.is_empty() {
        Some("it is empty")
    } else if text.len() > 63 {
        Some("it is longer than 63 characters")
    } else if !text.chars().all(inner) {
        Some("only lower-case letters, digits and `-` are allowed")
    } else if text.starts_with('-') || text.ends_with('-') {
        Some("it starts or ends with `-`")
    } else {
        None
    }
}

/// Why a text is not an object's name (labels joined by dots), when it is none.
pub(super) fn name_error(text: &str) -> Option<&'static str> {
    if text.len() > 253 {
        Some("it is longer than 253 characters")
    } else {
        text.split('.').find_map(label_error)
    }
}

/// The label nearest to a text, for a hint; empty when nothing of it is left.
pub(super) fn to_label(text: &str) -> String {
    let mut label = String::new();
    for c in text.chars().map(|c| c.to_ascii_lowercase()) {
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            label.push(c);
        } else if !label.ends_with('-') && !label.is_empty() {
            label.push('-');
        }
        if label.len() >= 63 {
            break;
        }
    }
    label.trim_end_matches('-').to_owned()
}

/// `90s`, `5m`, `2h`, or such parts in a row: `1m30s`. More than nothing, at most a day.
pub(super) fn duration(text: &str) -> Result<Duration, &'static str> {
    const DAY_SECONDS: u64 = 86_400;
    let (mut seconds, mut digits) = (0_u64, String::new());
    for c in text.chars() {
        let unit = match c {
            '0'..='9' => {
                digits.push(c);
                continue;
            }
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            _ => return Err("it is not a duration"),
        };
        let count: u64 = digits.parse().map_err(|_| "it is not a duration")?;
        seconds = seconds.saturating_add(count.saturating_mul(unit));
        digits.clear();
    }
    match seconds {
        _ if !digits.is_empty() => Err("it lacks a unit"),
        0 => Err("it must be more than nothing"),
        1..=DAY_SECONDS => Ok(Duration::from_secs(seconds)),
        _ => Err("it is more than a day"),
    }
}

/// A piece of a text with variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// As it is.
    Plain(&'a str),
    /// `${name}`.
    Variable(&'a str),
}

/// May this name a variable? Lower-case letters, digits and `_`, a letter first.
pub(super) fn is_variable_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// Takes a text apart at its variables.
///
/// `$${name}` stands for the text `${name}`, and `${{ … }}` (GitHub's own) is left as it is.
///
/// # Errors
/// What follows a `${` that is neither a variable nor one of those two.
pub(super) fn pieces(text: &str) -> Result<Vec<Piece<'_>>, &str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(literal) = before.strip_suffix('$') {
            found.extend([Piece::Plain(literal), Piece::Plain("${")]);
            rest = after;
        } else if after.starts_with('{') {
            found.extend([Piece::Plain(before), Piece::Plain("${")]);
            rest = after;
        } else {
            match after.split_once('}') {
                Some((name, remainder)) if is_variable_name(name) => {
                    found.extend([Piece::Plain(before), Piece::Variable(name)]);
                    rest = remainder;
                }
                Some((name, _)) => return Err(name),
                None => return Err(after),
            }
        }
    }
    found.push(Piece::Plain(rest));
    Ok(found)
}

/// The text with its variables filled in; what cannot be filled stays as it is.
pub(super) fn fill<'v>(text: &str, value_of: impl Fn(&str) -> Option<&'v str>) -> String {
    let Ok(pieces) = pieces(text) else { return text.to_owned() };
    let mut filled = String::with_capacity(text.len());
    for piece in pieces {
        match piece {
            Piece::Plain(plain) => filled.push_str(plain),
            Piece::Variable(name) => match value_of(name) {
                Some(value) => filled.push_str(value),
                None => filled.extend(["${", name, "}"]),
            },
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{duration, fill, label_error, name_error, pieces, to_label};

    #[test]
    fn durations_need_a_unit_and_stay_within_a_day() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("1h30m"), Ok(Duration::from_mins(90)));
        for bad in ["", "5", "m", "5x", "5m3", "0s", "25h", "-5m", "1.5m", "99999999999999999999h"] {
            assert!(duration(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn labels_and_names_follow_rfc_1123() {
        assert_eq!(label_error("week-1"), None);
        for bad in ["", "Week", "a_b", "-a", "a-", "a.b", &"x".repeat(64)] {
            assert!(label_error(bad).is_some(), "{bad:?}");
        }
        assert_eq!(name_error("a.b-c.d"), None);
        assert!(name_error("a..b").is_some());
        assert_eq!(to_label("Week 1: Manifests!"), "week-1-manifests");
    }

    #[test]
    fn variables_are_filled_and_escapes_kept() {
        let value = |name: &str| (name == "host").then_some("h.example");
        assert_eq!(fill("https://${host}/x", value), "https://h.example/x");
        assert_eq!(
            fill("$${host} ${{ github.sha }} $5 ${other}", value),
            "${host} ${{ github.sha }} $5 ${other}"
        );
        assert_eq!(pieces("a ${Host} b"), Err("Host"));
        assert_eq!(pieces("a ${host"), Err("host"));
    }

    #[test]
    fn a_filled_value_is_not_filled_again() {
        assert_eq!(fill("${a}", |name| (name == "a").then_some("${a}")), "${a}");
    }
}
