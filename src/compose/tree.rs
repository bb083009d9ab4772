//! YAML as a tree whose every key and value knows its file, its line, and what its text named.

use std::{collections::BTreeMap, fmt, path::PathBuf, sync::Arc};

use super::Origin;

/// A file that is being read, in one role: included twice, it is two of these.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct File {
    /// As it is shown.
    pub(super) name: Arc<str>,
    /// What its relative paths are relative to, itself relative to the project's folder; empty for that folder.
    pub(super) base: PathBuf,
}

/// A place in a file, both numbers from 1; 0 is the file as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: Arc<File>,
    pub(super) line: u64,
    pub(super) column: u64,
}

impl Place {
    /// No place in particular.
    pub(super) fn whole(file: &Arc<File>) -> Self {
        Self { file: Arc::clone(file), line: 0, column: 0 }
    }

    /// As the model says it.
    pub(super) fn origin(&self) -> Origin {
        Origin { file: Arc::clone(&self.file.name), line: self.line, column: self.column }
    }
}

impl From<&Place> for Origin {
    fn from(place: &Place) -> Self {
        place.origin()
    }
}

impl From<&Origin> for Origin {
    fn from(origin: &Origin) -> Self {
        origin.clone()
    }
}

/// `compose.yaml:12`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.origin().fmt(f)
    }
}

/// A mapping; each key once.
pub(super) type Map = BTreeMap<String, Entry>;

/// A key's place and its value.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) place: Place,
    pub(super) value: Value,
}

/// A value.
#[derive(Clone)]
pub(super) struct Value {
    pub(super) node: Node,
    pub(super) place: Place,
    /// `!reset` or `!override`.
    pub(super) tag: Option<MergeTag>,
    /// Of a text with variables: what was written.
    pub(super) written: Option<Arc<Written>>,
}

/// What a text with variables was before they were put in.
#[derive(Clone)]
pub(super) struct Written {
    pub(super) text: String,
    /// Names in it, in order.
    pub(super) variables: Vec<String>,
}

/// What the specification's own tags ask of a merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MergeTag {
    /// The earlier value goes.
    Reset,
    /// This value stands instead of the earlier one.
    Override,
}

/// One YAML value.
#[derive(Clone)]
pub(super) enum Node {
    Null,
    Boolean(bool),
    Number(serde_json::Number),
    Text(String),
    List(Vec<Value>),
    Map(Map),
}

impl Value {
    /// A value without a tag.
    pub(super) fn new(node: Node, place: Place) -> Self {
        Self { node, place, tag: None, written: None }
    }

    /// What it is, for messages.
    pub(super) fn sort(&self) -> &'static str {
        match self.node {
            Node::Null => "nothing",
            Node::Boolean(_) => "a boolean",
            Node::Number(_) => "a number",
            Node::Text(_) => "a text",
            Node::List(_) => "a list",
            Node::Map(_) => "a mapping",
        }
    }

    /// Is it one of texts, numbers and booleans?
    pub(super) fn is_scalar(&self) -> bool {
        matches!(self.node, Node::Boolean(_) | Node::Number(_) | Node::Text(_))
    }

    /// The value under a key.
    pub(super) fn get(&self, key: &str) -> Option<&Entry> {
        self.map()?.get(key)
    }

    pub(super) fn map(&self) -> Option<&Map> {
        match &self.node {
            Node::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The items of a list; none for anything else.
    pub(super) fn items(&self) -> &[Self] {
        match &self.node {
            Node::List(items) => items,
            _ => &[],
        }
    }

    /// A scalar as a text, as compose writes numbers and booleans.
    pub(super) fn scalar(&self) -> Option<String> {
        match &self.node {
            Node::Text(text) => Some(text.clone()),
            Node::Boolean(value) => Some(value.to_string()),
            Node::Number(number) => Some(number_text(number)),
            _ => None,
        }
    }

    /// A scalar as it was written, before variables were put in: what may be shown.
    pub(super) fn as_written(&self) -> String {
        match &self.written {
            Some(written) => written.text.clone(),
            None => self.scalar().unwrap_or_else(|| self.sort().to_owned()),
        }
    }

    /// Names of variables that were put in.
    pub(super) fn variables(&self) -> &[String] {
        self.written.as_ref().map_or(&[], |written| &written.variables)
    }
}

/// `1`, not `1.0`.
fn number_text(number: &serde_json::Number) -> String {
    match (number.is_f64(), number.as_f64()) {
        (true, Some(value)) => value.to_string(),
        _ => number.to_string(),
    }
}

/// Only what it is and where: a value may be a secret.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.sort(), self.place)
    }
}

/// A path while a tree is walked: it becomes a text only where it is said.
#[derive(Clone, Copy, Debug)]
pub(super) enum Trail<'a> {
    /// The whole.
    Root,
    /// A key below.
    Key(&'a Trail<'a>, &'a str),
    /// An item below.
    Index(&'a Trail<'a>, usize),
}

impl Trail<'_> {
    /// As in `services.web.ports[0]`.
    pub(super) fn path(&self) -> String {
        match self {
            Self::Root => String::new(),
            Self::Key(trail, key) => below(&trail.path(), key),
            Self::Index(trail, index) => format!("{}[{index}]", trail.path()),
        }
    }
}

/// A key's path below another's: `services.web.ports`, with quotes where a key could be taken for a path.
#[must_use]
pub fn below(path: &str, key: &str) -> String {
    let is_plain = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    match (path.is_empty(), is_plain) {
        (true, true) => key.to_owned(),
        (true, false) => format!("{key:?}"),
        (false, true) => format!("{path}.{key}"),
        (false, false) => format!("{path}.{key:?}"),
    }
}
