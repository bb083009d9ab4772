//! YAML as a tree that knows where each key and value stands.
//!
//! Serde's derived types stop at the first error; a tree lets a checked conversion go on and collect
//! them all. Repeated keys are kept, so that the conversion can name both places.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_saphyr::{DuplicateKeyPolicy, Spanned, UserMessageFormatter};

/// A value and where it stands.
pub(crate) type Item = Spanned<Node>;

/// One YAML value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    /// Nothing after the colon, `~` or `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// Any number.
    Number(serde_json::Number),
    /// Any text, quoted or not.
    Text(String),
    /// A sequence.
    List(Vec<Item>),
    /// A mapping, in the order written, repeated keys included.
    Map(Vec<(Spanned<String>, Item)>),
}

impl Node {
    /// What it is, for messages.
    pub(crate) fn sort(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Boolean(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }

    /// The last value under a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Item> {
        match self {
            Self::Map(entries) => {
                entries.iter().rev().find(|(name, _)| name.value == key).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// The text, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a list; none for anything else.
    pub(crate) fn items(&self) -> &[Item] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }
}

/// A place in a text, both numbers from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    /// Line.
    pub(crate) line: u64,
    /// Column, in characters.
    pub(crate) column: u64,
}

impl Place {
    /// The first character of a text.
    pub(crate) const START: Self = Self { line: 1, column: 1 };

    /// No place in particular: the file as a whole.
    pub(crate) const WHOLE: Self = Self { line: 0, column: 0 };

    /// Where a value stands; an alias at the place of its use.
    pub(crate) fn of<T>(item: &Spanned<T>) -> Self {
        Self { line: item.referenced.line().max(1), column: item.referenced.column().max(1) }
    }
}

/// What the YAML parser refused, in its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    /// Where.
    pub(crate) place: Place,
    /// Why; never a snippet of the text.
    pub(crate) message: String,
}

impl SyntaxError {
    /// What the parser says, where aliases may unfold into so many values.
    pub(crate) fn of(error: &serde_saphyr::Error, unfolded: usize) -> Self {
        let place = error.location().map_or(Place::START, |location| Place {
            line: location.line().max(1),
            column: location.column().max(1),
        });
        let text = error.without_snippet().render_with_formatter(&UserMessageFormatter);
        // The parser wraps what it says of aliases in several ways.
        if text.contains("replay") || text.contains("alias expansions") {
            let message = format!(
                "its aliases (`*name`) unfold into more than {unfolded} values; write out what they stand for, or \
                 split the file"
            );
            return Self { place, message };
        }
        if text.contains("recursion limit") {
            return Self { place, message: "lists and mappings are nested too deeply in each other".into() };
        }
        let message = match text.rsplit_once(" at line ") {
            Some((message, rest)) if rest.starts_with(|c: char| c.is_ascii_digit()) => message.to_owned(),
            _ => text,
        };
        Self { place, message }
    }
}

/// What aliases (`*name`) may unfold into, in values, over a whole text: a few lines of them can stand for
/// more than any memory holds.
pub(crate) const UNFOLDED: usize = 10_000;

/// Texts in a plan or a kustomization, unfolded, in bytes.
const MOST_TEXT: usize = 8 * 1024 * 1024;

/// Reads one document.
///
/// `yes`, `no`, `on` and `off` are texts here, not booleans: this is for our own plan and for
/// kustomization files, never for manifests.
///
/// # Errors
/// What the YAML parser says about a text that is no YAML, or is more than one document.
pub(crate) fn parse(text: &str) -> Result<Item, SyntaxError> {
    serde_saphyr::from_str_with_options(text, options()).map_err(|error| SyntaxError::of(&error, UNFOLDED))
}

/// Reads any number of documents, as [`parse`] does.
///
/// # Errors
/// What the YAML parser says about the first that is no YAML.
pub(crate) fn parse_all(text: &str) -> Result<Vec<Item>, SyntaxError> {
    serde_saphyr::from_multiple_with_options(text, options())
        .map_err(|error| SyntaxError::of(&error, UNFOLDED))
}

fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        with_snippet: false,
        strict_booleans: true,
        legacy_octal_numbers: true,
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        alias_limits: limits(),
        budget: serde_saphyr::budget! { max_total_scalar_bytes: MOST_TEXT },
    }
}

/// The limits for aliases of every text that is read.
pub(crate) fn limits() -> serde_saphyr::options::AliasLimits {
    let mut limits = serde_saphyr::options::AliasLimits::default();
    limits.max_total_replayed_events = UNFOLDED;
    limits
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any YAML value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        Node::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Node, E> {
        serde_json::Number::from_f64(value).map(Node::Number).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Node::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::{Node, Place, parse};

    #[test]
    fn keys_and_values_know_their_place() {
        let tree = parse("name: x\nstages:\n  - id: one\n").unwrap();
        let stages = tree.value.get("stages").unwrap();
        let id = stages.value.items()[0].value.get("id").unwrap();
        assert_eq!(Place::of(id), Place { line: 3, column: 9 });
    }

    #[test]
    fn repeated_keys_are_kept_and_yes_is_a_text() {
        let Node::Map(entries) = parse("a: yes\na: 2\n").unwrap().value else { panic!("no mapping") };
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0].1.value, Node::Text("yes".into()));
        assert_eq!(Place::of(&entries[1].0), Place { line: 2, column: 1 });
    }

    #[test]
    fn a_few_aliases_are_fine() {
        let root = parse("a: &a {b: 1}\nc: [*a, *a]\n").unwrap();
        assert_eq!(root.value.get("c").unwrap().value.items().len(), 2);
    }

    #[test]
    fn a_syntax_error_has_the_parsers_words_and_place() {
        let error = parse("name: x\nstages: {\n").unwrap_err();
        assert!(error.place.line >= 2, "{error:?}");
        assert!(!error.message.is_empty() && !error.message.contains("line"), "{error:?}");
    }
}
