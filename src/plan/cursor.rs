//! Walks the tree of a plan and reports what is missing, unknown, repeated or of the wrong type.
//!
//! Every method goes on after an error: it answers with `None` or with what could be read.

use super::{
    diagnostic::{Findings, suggestion},
    node::{Item, Node, Place},
    shape::Shape,
};

/// One value and its path within the document.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'n> {
    item: &'n Item,
    /// As in `stages[0].title`.
    pub(super) path: String,
}

/// The fields of a mapping whose names were checked.
#[derive(Clone, Debug)]
pub(super) struct Fields<'n> {
    cursor: Cursor<'n>,
    /// Names that the shape does not know, with their values.
    pub(super) unknown: Vec<&'n str>,
}

impl<'n> Cursor<'n> {
    /// The whole document.
    pub(super) fn root(item: &'n Item) -> Self {
        Self { item, path: String::new() }
    }

    /// Where the value stands.
    pub(super) fn place(&self) -> Place {
        Place::of(self.item)
    }

    /// The value.
    pub(super) fn node(&self) -> &'n Node {
        &self.item.value
    }

    /// Reports an error at this value.
    pub(super) fn report(
        &self,
        findings: &mut Findings<'_>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        findings.report(self.place(), &self.path, message, hint);
    }

    fn below(&self, item: &'n Item, name: &str) -> Self {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Self { item, path }
    }

    /// The mapping's entries, each repeated key reported.
    pub(super) fn entries(&self, findings: &mut Findings<'_>, what: &str) -> Option<Vec<(&'n str, Self)>> {
        let Node::Map(entries) = &self.item.value else {
            let sort = self.item.value.sort();
            self.report(findings, format!("{what} is a mapping of fields, not {sort}"), "");
            return None;
        };
        let mut found: Vec<(&'n str, Self)> = Vec::new();
        for (key, value) in entries {
            let name = key.value.as_str();
            if let Some((first, _)) = entries.iter().find(|(other, _)| other.value == name)
                && Place::of(first) != Place::of(key)
            {
                let line = Place::of(first).line;
                let path = self.below(value, name).path;
                findings.report(
                    Place::of(key),
                    &path,
                    format!("`{name}` is here twice; first in line {line}"),
                    "keep one",
                );
                continue;
            }
            found.push((name, self.below(value, name)));
        }
        Some(found)
    }

    /// The fields of a mapping: unknown and missing ones are reported.
    pub(super) fn fields(&self, findings: &mut Findings<'_>, shape: &Shape) -> Option<Fields<'n>> {
        let fields = self.fields_with_unknown(findings, shape)?;
        for name in &fields.unknown {
            fields.report_unknown(
                findings,
                name,
                &format!("unknown field `{name}` in {}", shape.what),
                &shape.names(),
            );
        }
        Some(fields)
    }

    /// Like [`Self::fields`], leaving it to the caller to report unknown names.
    pub(super) fn fields_with_unknown(
        &self,
        findings: &mut Findings<'_>,
        shape: &Shape,
    ) -> Option<Fields<'n>> {
        let entries = self.entries(findings, shape.what)?;
        let names = shape.names();
        let unknown: Vec<&str> =
            entries.iter().map(|(name, _)| *name).filter(|name| !names.contains(name)).collect();
        for name in shape.required {
            if !entries.iter().any(|(present, _)| present == name) {
                self.report(findings, format!("{} lacks `{name}`", shape.what), "");
            }
        }
        Some(Fields { cursor: self.clone(), unknown })
    }

    /// A text that is not empty.
    pub(super) fn text(&self, findings: &mut Findings<'_>) -> Option<&'n str> {
        match &self.item.value {
            Node::Text(text) if !text.trim().is_empty() => Some(text),
            Node::Text(_) | Node::Null => {
                self.report(findings, "a text is expected here, and there is none", "");
                None
            }
            Node::Number(_) | Node::Boolean(_) => {
                let sort = self.item.value.sort();
                self.report(findings, format!("a text is expected here, not {sort}"), "put it in quotes");
                None
            }
            other => {
                self.report(findings, format!("a text is expected here, not {}", other.sort()), "");
                None
            }
        }
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self, findings: &mut Findings<'_>) -> Option<bool> {
        if let Node::Boolean(value) = self.item.value {
            return Some(value);
        }
        self.report(
            findings,
            format!("`true` or `false` is expected here, not {}", self.item.value.sort()),
            "",
        );
        None
    }

    /// The items of a list with at least one.
    pub(super) fn list(&self, findings: &mut Findings<'_>, of_what: &str) -> Vec<Self> {
        match &self.item.value {
            Node::List(items) if items.is_empty() => {
                self.report(findings, format!("this list is empty; it needs at least one {of_what}"), "");
            }
            Node::List(_) => {}
            other => {
                let message = format!("a list of {of_what}s is expected here, not {}", other.sort());
                self.report(findings, message, "begin each item with `- `");
            }
        }
        self.items()
    }

    /// The items of a list, which may be empty; none for anything else.
    pub(super) fn items(&self) -> Vec<Self> {
        let item = |(index, item)| Self { item, path: format!("{}[{index}]", self.path) };
        self.item.value.items().iter().enumerate().map(item).collect()
    }

    /// One of the given words.
    pub(super) fn choice<T: Copy>(&self, findings: &mut Findings<'_>, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text(findings)?;
        let found = choices.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            self.report(
                findings,
                format!("`{text}` is none of {}", words.join(", ")),
                suggestion(text, &words),
            );
        }
        found
    }
}

impl<'n> Fields<'n> {
    /// A field, if it is there.
    pub(super) fn get(&self, name: &str) -> Option<Cursor<'n>> {
        match &self.cursor.item.value {
            Node::Map(entries) => entries
                .iter()
                .find(|(key, _)| key.value == name)
                .map(|(_, value)| self.cursor.below(value, name)),
            _ => None,
        }
    }

    /// The mapping itself.
    pub(super) fn whole(&self) -> &Cursor<'n> {
        &self.cursor
    }

    /// Reports an error at a field's key.
    pub(super) fn report_key(&self, findings: &mut Findings<'_>, name: &str, message: &str, hint: &str) {
        let place = match &self.cursor.item.value {
            Node::Map(entries) => {
                entries.iter().find(|(key, _)| key.value == name).map(|(key, _)| Place::of(key))
            }
            _ => None,
        };
        let path = self.get(name).map_or_else(|| self.cursor.path.clone(), |field| field.path);
        findings.report(place.unwrap_or_else(|| self.cursor.place()), &path, message, hint);
    }

    /// Reports an unknown name, with the known ones that may have been meant.
    pub(super) fn report_unknown(
        &self,
        findings: &mut Findings<'_>,
        name: &str,
        message: &str,
        known: &[&str],
    ) {
        let hint = suggestion(name, known);
        self.report_key(findings, name, message, &hint);
    }
}
