//! From a text to [`Value`]s.

use std::{collections::BTreeMap, fmt, sync::Arc};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_saphyr::{DuplicateKeyPolicy, Spanned, Tagged};

use crate::plan::node::SyntaxError;

use super::{
    notes::Notes,
    tree::{Entry, File, MergeTag, Node, Place, Trail, Value},
};

/// What aliases and `<<` may unfold into, in values, over a whole text.
const UNFOLDED: usize = 500_000;

/// Values in a text.
const MOST_VALUES: usize = 2_000_000;

/// Texts, unfolded, in bytes.
const MOST_TEXT: usize = 32 * 1024 * 1024;

type Item = Spanned<Tagged<Raw>>;

enum Raw {
    Scalar(Node),
    List(Vec<Item>),
    Map(Vec<(Spanned<String>, Item)>),
}

/// The documents of a text, empty ones left out. What is no YAML is an error in `notes`, as is a repeated key.
pub(super) fn documents(text: &str, file: &Arc<File>, notes: &mut Notes) -> Vec<Value> {
    match serde_saphyr::from_multiple_with_options::<Item>(text, options()) {
        Ok(items) => items.into_iter().map(|item| value(item, file, &Trail::Root, notes)).collect(),
        Err(error) => {
            let error = SyntaxError::of(&error, UNFOLDED);
            let mut place =
                Place { file: Arc::clone(file), line: error.place.line, column: error.place.column };
            let message = if error.message.starts_with("reference to unknown") {
                let name = alias_at(text, &place);
                format!("`*{name}` stands for nothing: no `&{name}` is before it")
            } else if error.message.starts_with("YAML merge value") {
                place = merge_key_behind(text, place);
                "`<<` takes a mapping, or a list of mappings: what it names is none".to_owned()
            } else {
                error.message
            };
            notes.error(&place, "", message, "");
            Vec::new()
        }
    }
}

/// The name of the alias at a place.
fn alias_at<'t>(text: &'t str, place: &Place) -> &'t str {
    let column = usize::try_from(place.column).unwrap_or_default();
    let line = line(text, place.line);
    let start = line.char_indices().nth(column.saturating_sub(1)).map_or(line.len(), |(at, _)| at);
    let name = line.get(start..).unwrap_or_default().trim_start_matches('*');
    name.split(|c: char| c.is_whitespace() || matches!(c, ',' | ']' | '}')).next().unwrap_or_default()
}

/// The first `<<` that names the anchor at a place: the parser says where the anchor is.
fn merge_key_behind(text: &str, place: Place) -> Place {
    let Some((_, anchor)) = line(text, place.line).split_once('&') else { return place };
    let name = anchor.split_whitespace().next().unwrap_or_default();
    let alias = format!("*{name}");
    let is_it =
        |line: &str| line.contains("<<") && line.split([' ', ',', '[', ']']).any(|word| word == alias);
    match text.lines().position(is_it) {
        Some(index) => Place { line: u64::try_from(index + 1).unwrap_or(place.line), column: 1, ..place },
        None => place,
    }
}

fn line(text: &str, number: u64) -> &str {
    let index = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
    text.lines().nth(index).unwrap_or_default()
}

fn options() -> serde_saphyr::Options {
    let mut aliases = serde_saphyr::options::AliasLimits::default();
    aliases.max_total_replayed_events = UNFOLDED;
    serde_saphyr::options! {
        with_snippet: false,
        strict_booleans: true,
        legacy_octal_numbers: true,
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        alias_limits: aliases,
        budget: serde_saphyr::budget! {
            max_total_scalar_bytes: MOST_TEXT,
            max_nodes: MOST_VALUES,
            max_events: MOST_VALUES * 2,
            max_aliases: UNFOLDED,
            max_merge_keys: UNFOLDED,
            enforce_alias_anchor_ratio: false,
        },
    }
}

fn value(item: Item, file: &Arc<File>, trail: &Trail<'_>, notes: &mut Notes) -> Value {
    let place = place(file, &item.defined);
    let Tagged(raw, tag) = item.value;
    let node = match raw {
        Raw::Scalar(node) => node,
        Raw::List(items) => Node::List(
            items
                .into_iter()
                .enumerate()
                .map(|(index, item)| value(item, file, &Trail::Index(trail, index), notes))
                .collect(),
        ),
        Raw::Map(entries) => Node::Map(map(entries, file, trail, notes)),
    };
    let tag = match tag.as_deref() {
        Some("!reset") => Some(MergeTag::Reset),
        Some("!override") => Some(MergeTag::Override),
        Some(tag) if tag.starts_with('!') => {
            notes.warn(&place, &trail.path(), format!("the tag `{tag}` means nothing to compose"), "");
            None
        }
        _ => None,
    };
    Value { tag, ..Value::new(node, place) }
}

fn map(
    entries: Vec<(Spanned<String>, Item)>,
    file: &Arc<File>,
    trail: &Trail<'_>,
    notes: &mut Notes,
) -> BTreeMap<String, Entry> {
    let mut map: BTreeMap<String, Entry> = BTreeMap::new();
    for (key, item) in entries {
        let place = place(file, &key.defined);
        let trail = Trail::Key(trail, &key.value);
        if let Some(first) = map.get(&key.value) {
            let message = format!("`{}` is here twice; first in line {}", key.value, first.place.line);
            notes.error(&place, &trail.path(), message, "keep one");
            continue;
        }
        let value = value(item, file, &trail, notes);
        map.insert(key.value, Entry { place, value });
    }
    map
}

fn place(file: &Arc<File>, location: &serde_saphyr::Location) -> Place {
    Place { file: Arc::clone(file), line: location.line().max(1), column: location.column().max(1) }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any YAML value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Scalar(Node::Null))
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Scalar(Node::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        Raw::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Scalar(Node::Boolean(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Scalar(Node::Number(value.into())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Scalar(Node::Number(value.into())))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Raw, E> {
        serde_json::Number::from_f64(value)
            .map(|number| Raw::Scalar(Node::Number(number)))
            .ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Scalar(Node::Text(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    fn read(text: &str) -> (Value, Notes) {
        let file = Arc::new(File { name: "c.yaml".into(), base: "".into() });
        let mut notes = Notes::default();
        let value = documents(text, &file, &mut notes).remove(0);
        (value, notes)
    }

    fn at<'v>(value: &'v Value, path: &[&str]) -> &'v Entry {
        let (last, before) = path.split_last().unwrap();
        before.iter().fold(value, |value, key| &value.get(key).unwrap().value).get(last).unwrap()
    }

    #[test]
    fn what_is_merged_in_stands_where_it_was_written() {
        let text = "x-a: &a\n  image: one\n  tty: true\nx-b: &b {init: true, tty: false}\nservices:\n  web:\n    <<: [*a, *b]\n    image: two\n  db:\n    <<: *a\n";
        let (root, notes) = read(text);
        assert!(notes.errors.is_empty(), "{notes:?}");
        let image = at(&root, &["services", "web", "image"]);
        assert_eq!((image.value.scalar().unwrap().as_str(), image.place.line), ("two", 8));
        let tty = at(&root, &["services", "web", "tty"]);
        assert_eq!((tty.value.scalar().unwrap().as_str(), tty.place.line), ("true", 3));
        assert_eq!(at(&root, &["services", "web", "init"]).place.line, 4);
        assert_eq!(at(&root, &["services", "db", "image"]).place.line, 2);
    }

    #[test]
    fn scalars_are_what_compose_takes_them_for() {
        let (root, _) = read(
            "a: yes\nb: on\nc: 22:22\nd: 0440\ne: 0o440\nf: 1.0\ng: 08:30:00\nh: true\ni: 3.10\nj: 1e3\n",
        );
        let text = |key: &str| root.get(key).unwrap().value.scalar().unwrap();
        let all: Vec<String> = "abcdefghij".chars().map(|key| text(&key.to_string())).collect();
        assert_eq!(all, ["yes", "on", "22:22", "288", "288", "1", "08:30:00", "true", "3.1", "1000"]);
    }

    #[test]
    fn reset_and_override_are_seen_on_every_sort_of_value() {
        let (root, notes) = read(
            "a: !reset null\nb: !override [1]\nc: !reset\nd: !override {x: 1}\ne: !reset \"\"\nf: !odd 1\n",
        );
        let tag = |key: &str| root.get(key).unwrap().value.tag;
        assert_eq!(tag("a"), Some(MergeTag::Reset));
        assert_eq!(tag("b"), Some(MergeTag::Override));
        assert_eq!(tag("c"), Some(MergeTag::Reset));
        assert_eq!(tag("d"), Some(MergeTag::Override));
        assert_eq!(tag("e"), Some(MergeTag::Reset));
        assert_eq!(tag("f"), None);
        assert_eq!(notes.warnings.len(), 1);
    }

    #[test]
    fn a_repeated_key_is_named_with_both_lines() {
        let (_, notes) = read("a: 1\nb: 2\na: 3\n");
        assert_eq!(notes.errors[0].message, "`a` is here twice; first in line 1");
        assert_eq!(notes.errors[0].line, 3);
    }

    #[test]
    fn a_bomb_is_refused() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let before = format!("*a{}", level - 1);
            writeln!(text, "a{level}: &a{level} [{}]", vec![before; 9].join(", ")).unwrap();
        }
        let file = Arc::new(File { name: "c.yaml".into(), base: "".into() });
        let mut notes = Notes::default();
        assert!(documents(&text, &file, &mut notes).is_empty());
        assert!(notes.errors[0].message.contains("500000"), "{notes:?}");
    }
}
