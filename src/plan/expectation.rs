//! What must hold of a JSON text: a path into it, and what is wanted there.

use std::fmt;

use serde_json::{Number, Value};

/// One expectation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// Where to look.
    pub path: JsonPath,
    /// What must be there.
    pub wanted: Wanted,
}

/// What must be at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// This text, number or boolean.
    Equals(Value),
    /// A number of at least this, also one that is written as a text; of a list, its length.
    AtLeast(Number),
}

/// A path into JSON, as in `data.activeTargets[*].health`: field names joined by dots; `[0]` is the first
/// item of a list, `[*]` every item, of which there must be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonPath(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Field(String),
    Item(usize),
    Every,
}

/// A value that a path leads to.
struct Found<'v> {
    place: String,
    value: &'v Value,
    /// The object that it is a field of.
    holder: Option<&'v Value>,
}

impl JsonPath {
    /// Reads a path.
    ///
    /// # Errors
    /// What is no path about it, in words.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let mut parts = Vec::new();
        for (index, piece) in text.split('.').enumerate() {
            let (name, items) =
                piece.split_once('[').map_or((piece, None), |(name, rest)| (name, Some(rest)));
            match (name, items) {
                ("", Some(_)) if index == 0 => {}
                ("", _) => return Err("a field's name is missing"),
                (name, _) if name.contains(']') => return Err("a `]` without its `[`"),
                (name, _) => parts.push(Part::Field(name.to_owned())),
            }
            for item in items.into_iter().flat_map(|items| items.split('[')) {
                parts.push(match item.strip_suffix(']') {
                    Some("*") => Part::Every,
                    Some(number) => {
                        Part::Item(number.parse().map_err(|_| "in brackets stands a number or `*`")?)
                    }
                    None => return Err("a `[` without its `]`"),
                });
            }
        }
        Ok(Self(parts))
    }

    fn find<'v>(&self, body: &'v Value) -> Result<Vec<Found<'v>>, String> {
        let mut found = vec![Found { place: String::new(), value: body, holder: None }];
        for part in &self.0 {
            let mut next = Vec::new();
            for Found { place, value, .. } in found {
                let here = if place.is_empty() { "the answer" } else { &place };
                match part {
                    Part::Field(name) => {
                        let below = value.get(name.as_str());
                        let joined = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
                        let below = below.ok_or_else(|| format!("{here} has no {name}"))?;
                        next.push(Found { place: joined, value: below, holder: Some(value) });
                    }
                    Part::Item(index) => {
                        let below =
                            value.get(*index).ok_or_else(|| format!("{here} has no item [{index}]"))?;
                        next.push(Found { place: format!("{place}[{index}]"), value: below, holder: None });
                    }
                    Part::Every => {
                        let items = value.as_array().ok_or_else(|| format!("{here} is no list"))?;
                        if items.is_empty() {
                            return Err(format!("{here} is an empty list"));
                        }
                        next.extend(items.iter().enumerate().map(|(index, value)| Found {
                            place: format!("{place}[{index}]"),
                            value,
                            holder: None,
                        }));
                    }
                }
            }
            found = next;
        }
        Ok(found)
    }
}

impl Expectation {
    /// Does it hold of a body? How many values were looked at.
    ///
    /// # Errors
    /// The first value that is not as wanted, with its place and, where the object that it is in says
    /// why, those words.
    pub fn check(&self, body: &Value) -> Result<usize, String> {
        let found = self.path.find(body)?;
        let mut wrong = found.iter().filter(|one| !self.wanted.holds(one.value));
        let Some(first) = wrong.next() else { return Ok(found.len()) };
        let more = wrong.count();
        let more = if more > 0 { format!("; {more} more are not as wanted") } else { String::new() };
        let why = first.holder.and_then(words).map(|words| format!(" ({words})")).unwrap_or_default();
        Err(format!("{} is {}, wanted {}{why}{more}", first.place, shown(first.value), self.wanted))
    }
}

impl Wanted {
    fn holds(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Equals(Value::Number(wanted)), Value::Number(found)) => wanted.as_f64() == found.as_f64(),
            (Self::Equals(wanted), found) => wanted == found,
            (Self::AtLeast(wanted), found) => {
                let found = match found {
                    Value::Number(number) => number.as_f64(),
                    Value::String(text) => text.parse().ok(),
                    Value::Array(items) => u32::try_from(items.len()).ok().map(f64::from),
                    _ => None,
                };
                found.zip(wanted.as_f64()).is_some_and(|(found, wanted)| found >= wanted)
            }
        }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equals(value) => value.fmt(f),
            Self::AtLeast(number) => write!(f, "at least {number}"),
        }
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.0.iter().enumerate() {
            match part {
                Part::Field(name) if index == 0 => f.write_str(name)?,
                Part::Field(name) => write!(f, ".{name}")?,
                Part::Item(number) => write!(f, "[{number}]")?,
                Part::Every => f.write_str("[*]")?,
            }
        }
        Ok(())
    }
}

/// The longest text of an answer that is repeated, in characters.
const LONGEST: usize = 120;

/// A value in a few words.
fn shown(value: &Value) -> String {
    match value {
        Value::Object(_) => "an object".to_owned(),
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::String(text) => format!("{:?}", cut(text)),
        other => other.to_string(),
    }
}

/// What an object says of its own state, as Prometheus' targets do in `lastError`.
fn words(holder: &Value) -> Option<String> {
    holder.as_object()?.iter().find_map(|(name, value)| {
        let lower = name.to_lowercase();
        let is_telling = ["error", "message", "reason"].iter().any(|word| lower.ends_with(word));
        let text = value.as_str().filter(|text| is_telling && !text.is_empty())?;
        Some(format!("{name}: {}", cut(text)))
    })
}

fn cut(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST { line } else { line.chars().take(LONGEST).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Expectation, JsonPath, Wanted};

    fn equals(path: &str, value: Value) -> Expectation {
        Expectation { path: JsonPath::parse(path).unwrap(), wanted: Wanted::Equals(value) }
    }

    fn at_least(path: &str, number: u32) -> Expectation {
        Expectation { path: JsonPath::parse(path).unwrap(), wanted: Wanted::AtLeast(number.into()) }
    }

    fn targets() -> Value {
        json!({"status": "success", "data": {"activeTargets": [
            {"scrapePool": "podMonitor/shop/shop/0", "health": "up", "lastError": ""},
            {"scrapePool": "podMonitor/shop/shop/0", "health": "down", "lastError": "connection refused"},
            {"scrapePool": "podMonitor/shop/shop/0", "health": "unknown", "lastError": ""}]}})
    }

    #[test]
    fn paths_are_names_and_items_and_nothing_else() {
        for path in
            ["database", "data.activeTargets[*].health", "[0].name", "a[1][*].b", "data.result[0].value[1]"]
        {
            assert_eq!(JsonPath::parse(path).unwrap().to_string(), path);
        }
        for bad in ["", ".a", "a.", "a..b", "a[", "a[]", "a[x]", "a[-1]", "a]b", "a[0]b", "a.[0]"] {
            assert!(JsonPath::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_target_must_be_up_and_the_first_that_is_not_says_why() {
        let said = equals("data.activeTargets[*].health", json!("up")).check(&targets()).unwrap_err();
        assert_eq!(
            said,
            "data.activeTargets[1].health is \"down\", wanted \"up\" (lastError: connection refused); 1 more are not as wanted"
        );
        assert_eq!(
            equals("data.activeTargets[*].scrapePool", json!("podMonitor/shop/shop/0")).check(&targets()),
            Ok(3)
        );
    }

    #[test]
    fn nothing_to_look_at_is_not_as_wanted() {
        let none = json!({"data": {"activeTargets": []}});
        let up = equals("data.activeTargets[*].health", json!("up"));
        assert_eq!(up.check(&none), Err("data.activeTargets is an empty list".to_owned()));
        assert_eq!(up.check(&json!([])), Err("the answer has no data".to_owned()));
        assert_eq!(
            up.check(&json!({"data": {"activeTargets": {}}})),
            Err("data.activeTargets is no list".to_owned())
        );
        assert!(at_least("data.activeTargets", 1).check(&none).is_err());
    }

    #[test]
    fn at_least_counts_numbers_samples_and_lists() {
        let body = json!({"value": [1_764_000_000.0, "3"], "count": 2.5, "list": [1, 2], "text": "NaN"});
        for (path, number, holds) in [
            ("value[1]", 3, true),
            ("value[1]", 4, false),
            ("count", 2, true),
            ("list", 2, true),
            ("list", 3, false),
            ("text", 0, false),
        ] {
            assert_eq!(at_least(path, number).check(&body).is_ok(), holds, "{path} {number}");
        }
        assert!(equals("count", json!(2.5)).check(&body).is_ok());
        assert!(equals("value[1]", json!(3)).check(&body).is_err());
    }
}
