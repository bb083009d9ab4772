//! A value on the way into the model: with the place of its key, its path, and readers that say what is wrong.

use std::{fmt::Display, str::FromStr, time::Duration};

use super::{
    Placed,
    notes::Notes,
    tree::{Node, Place, Value, below},
    units,
};

/// A value, where its key stands, and its path.
#[derive(Clone, Debug)]
pub(super) struct At<'v> {
    pub(super) value: &'v Value,
    pub(super) place: &'v Place,
    pub(super) path: String,
}

impl<'v> At<'v> {
    /// A value at its own place.
    pub(super) fn new(value: &'v Value, path: String) -> Self {
        Self { value, place: &value.place, path }
    }

    /// What is under a key; none where nothing is.
    pub(super) fn get(&self, key: &str) -> Option<At<'v>> {
        let entry = self.value.get(key)?;
        if matches!(entry.value.node, Node::Null) {
            return None;
        }
        Some(At { value: &entry.value, place: &entry.place, path: below(&self.path, key) })
    }

    /// The items of a list. Anything else is an error.
    pub(super) fn items(&self, notes: &mut Notes) -> Vec<At<'v>> {
        match &self.value.node {
            Node::List(items) => items
                .iter()
                .enumerate()
                .map(|(index, item)| At::new(item, format!("{}[{index}]", self.path)))
                .collect(),
            Node::Null => Vec::new(),
            _ => {
                self.expected("a list", "begin each item with `- `", notes);
                Vec::new()
            }
        }
    }

    /// Keys and values of a mapping. Anything else is an error.
    pub(super) fn entries(&self, notes: &mut Notes) -> Vec<(&'v str, At<'v>)> {
        match &self.value.node {
            Node::Map(map) => map
                .iter()
                .map(|(key, entry)| {
                    let path = below(&self.path, key);
                    (key.as_str(), At { value: &entry.value, place: &entry.place, path })
                })
                .collect(),
            Node::Null => Vec::new(),
            _ => {
                self.expected("a mapping", "", notes);
                Vec::new()
            }
        }
    }

    /// Is there a mapping?
    pub(super) fn is_map(&self) -> bool {
        matches!(self.value.node, Node::Map(_))
    }

    /// A text; numbers and booleans are taken as one.
    pub(super) fn text(&self, notes: &mut Notes) -> Option<String> {
        let text = self.value.scalar();
        if text.is_none() {
            self.expected("a text", "", notes);
        }
        text
    }

    /// A text with its place.
    pub(super) fn placed_text(&self, notes: &mut Notes) -> Option<Placed<String>> {
        self.text(notes).map(|text| self.placed(text))
    }

    /// `true`, `false`, and what compose takes for them.
    pub(super) fn boolean(&self, notes: &mut Notes) -> Option<bool> {
        let text = self.value.scalar().map(|text| text.to_lowercase());
        match text.as_deref() {
            Some("true" | "yes" | "y" | "on" | "1") => Some(true),
            Some("false" | "no" | "n" | "off" | "0") => Some(false),
            _ => {
                self.expected("`true` or `false`", "", notes);
                None
            }
        }
    }

    /// A whole number.
    pub(super) fn number<N: FromStr>(&self, notes: &mut Notes) -> Option<N> {
        let number = self.value.scalar().and_then(|text| text.trim().parse().ok());
        if number.is_none() {
            self.expected("a whole number", "", notes);
        }
        number
    }

    fn measured<T>(
        &self,
        read: fn(&str) -> Option<T>,
        what: &str,
        hint: &str,
        notes: &mut Notes,
    ) -> Option<T> {
        let found = self.value.scalar().and_then(|text| read(&text));
        if found.is_none() {
            self.expected(what, hint, notes);
        }
        found
    }

    /// A duration.
    pub(super) fn duration(&self, notes: &mut Notes) -> Option<Duration> {
        self.measured(units::duration, "a duration", "write it as in `1m30s`, `500ms`", notes)
    }

    /// A size in bytes.
    pub(super) fn bytes(&self, notes: &mut Notes) -> Option<u64> {
        self.measured(units::bytes, "a size", "write it as in `512m`, `1.5g`", notes)
    }

    /// Thousandths of a CPU.
    pub(super) fn cpus(&self, notes: &mut Notes) -> Option<u64> {
        self.measured(units::cpus, "a number of CPUs", "write it as in `0.5`", notes)
    }

    /// A file's mode: a number as it is, a text as octal.
    pub(super) fn mode(&self, notes: &mut Notes) -> Option<u32> {
        let found = match &self.value.node {
            Node::Number(number) => number.as_u64().and_then(|mode| u32::try_from(mode).ok()),
            _ => self.value.scalar().and_then(|text| units::mode(&text)),
        };
        let found = found.filter(|mode| *mode <= 0o7777);
        if found.is_none() {
            self.expected("a file's mode", "write it in octal, as in `0440`", notes);
        }
        found
    }

    /// Words of a command: a list as it is, a text as a shell would split it.
    pub(super) fn words(&self, notes: &mut Notes) -> Option<Vec<String>> {
        if let Node::List(_) = self.value.node {
            return Some(self.texts(notes));
        }
        let text = self.text(notes)?;
        let words = shlex::split(&text);
        if words.is_none() {
            self.error("its quotes have no end", "close them, or write a list", notes);
        }
        words
    }

    /// A list of texts.
    pub(super) fn texts(&self, notes: &mut Notes) -> Vec<String> {
        self.items(notes).iter().filter_map(|item| item.text(notes)).collect()
    }

    /// A list of texts, each with its place.
    pub(super) fn placed_texts(&self, notes: &mut Notes) -> Vec<Placed<String>> {
        self.items(notes).iter().filter_map(|item| item.placed_text(notes)).collect()
    }

    /// A list or mapping of names with texts, each with its place.
    pub(super) fn placed_pairs(
        &self,
        notes: &mut Notes,
    ) -> std::collections::BTreeMap<String, Placed<String>> {
        self.entries(notes)
            .into_iter()
            .filter_map(|(name, value)| {
                let text = match value.value.node {
                    Node::Null => Some(String::new()),
                    _ => value.text(notes),
                };
                text.map(|text| (name.to_owned(), value.placed(text)))
            })
            .collect()
    }

    /// A value of the model that was read from this.
    pub(super) fn placed<T>(&self, value: T) -> Placed<T> {
        Placed { value, origin: self.place.origin(), path: self.path.clone() }
    }

    /// An error at this value.
    pub(super) fn error(&self, message: impl AsRef<str>, hint: impl AsRef<str>, notes: &mut Notes) {
        let place = if self.value.is_scalar() { &self.value.place } else { self.place };
        notes.error(place, &self.path, message, hint);
    }

    /// An error: this is not what it has to be.
    pub(super) fn expected(&self, what: impl Display, hint: &str, notes: &mut Notes) {
        let found = if self.value.is_scalar() && !self.may_be_secret(&self.value.as_written()) {
            format!("`{}`", self.value.as_written())
        } else {
            self.value.sort().to_owned()
        };
        let message = format!("{what} is expected here, not {found}");
        notes.error(&self.value.place, &self.path, message, hint);
    }

    fn may_be_secret(&self, written: &str) -> bool {
        const HOLD_SECRETS: [&str; 4] = ["environment", "args", "options", "content"];
        let key = self.path.rsplit('.').next().unwrap_or_default();
        let is_inside = self.path.split('.').any(|key| HOLD_SECRETS.contains(&key));
        is_inside || super::secret::may_be_secret(key) || super::secret::may_be_secret(written)
    }

    /// One of these words.
    pub(super) fn choice<T: Copy>(&self, choices: &[(&str, T)], notes: &mut Notes) -> Option<T> {
        let text = self.text(notes)?;
        let found = choices.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            let hint = crate::plan::diagnostic::suggestion(&text, &words);
            self.error(format!("`{}` is not known here", self.value.as_written()), hint, notes);
        }
        found
    }
}
