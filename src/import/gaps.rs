//! The ledger: what became of every key of the input.

use std::collections::BTreeMap;

use serde::Serialize;

use super::advice;
use crate::compose::{KeySort, Origin, Project};

/// What became of a key, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Fate {
    /// It was used up in reading the files.
    Read,
    /// The manifests say the same.
    Mapped,
    /// The manifests come close.
    Approximated,
    /// Nothing in the manifests stands for it.
    NotMapped,
}

impl Fate {
    /// As it is written.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Mapped => "mapped",
            Self::Approximated => "approximated",
            Self::NotMapped => "not mapped",
        }
    }
}

/// One key of the input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// As in `services.web.ports[0]`.
    pub path: String,
    /// Where it was written.
    pub origin: Origin,
    /// Its value on one line; none where it may be secret.
    pub shown: Option<String>,
    /// What became of it.
    pub fate: Fate,
    /// To what it was mapped, how it was approximated, or what to do about it.
    pub text: String,
}

impl Gap {
    /// The service it is about; none for what is about the whole project.
    #[must_use]
    pub fn service(&self) -> Option<String> {
        let rest = self.path.strip_prefix("services.")?;
        if !rest.starts_with('"') {
            return rest.split(['.', '[']).next().map(str::to_owned);
        }
        // A name with dots in it stands in quotes.
        let inner = rest.strip_prefix('"')?;
        let end = inner
            .match_indices('"')
            .map(|(at, _)| at)
            .find(|at| !inner.get(..*at).unwrap_or_default().ends_with('\\'))?;
        Some(inner.get(..end)?.replace("\\\"", "\""))
    }
}

/// A decision that no key of the input asked for, as a request where none was said.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Note {
    /// The service it is about.
    pub service: String,
    /// What was decided, and why.
    pub text: String,
}

/// The whole ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Gaps {
    /// Every key, in the order of files and lines.
    pub keys: Vec<Gap>,
    /// Decisions without a key.
    pub notes: Vec<Note>,
}

impl Gaps {
    /// How many keys have this fate.
    #[must_use]
    pub fn count(&self, fate: Fate) -> usize {
        self.keys.iter().filter(|gap| gap.fate == fate).count()
    }
}

/// The ledger while it is being filled.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    marks: BTreeMap<String, (Fate, String)>,
    notes: Vec<Note>,
}

impl Ledger {
    pub(super) fn mapped(&mut self, path: &str, to: impl Into<String>) {
        self.mark(path, Fate::Mapped, to.into());
    }

    pub(super) fn approximated(&mut self, path: &str, how: impl Into<String>) {
        self.mark(path, Fate::Approximated, how.into());
    }

    pub(super) fn not_mapped(&mut self, path: &str, advice: impl Into<String>) {
        self.mark(path, Fate::NotMapped, advice.into());
    }

    pub(super) fn note(&mut self, service: &str, text: impl Into<String>) {
        self.notes.push(Note { service: service.to_owned(), text: text.into() });
    }

    /// Of two marks of the same path the worse one counts, and both are told.
    pub(super) fn mark(&mut self, path: &str, fate: Fate, text: String) {
        let (held, told) = self.marks.entry(path.to_owned()).or_insert((fate, String::new()));
        *held = (*held).max(fate);
        if told.is_empty() {
            *told = text;
        } else if !told.contains(&text) {
            told.push_str("; ");
            told.push_str(&text);
        }
    }

    /// The mark of this path, or of the nearest one above it.
    fn nearest(&self, path: &str) -> Option<&(Fate, String)> {
        let mut above = path;
        loop {
            if let Some(mark) = self.marks.get(above) {
                return Some(mark);
            }
            above = above.get(..above.rfind(['.', '['])?)?;
        }
    }

    /// Every key with its fate; a known key that nobody marked is not mapped.
    /// `may_show`: may this value be written?
    pub(super) fn close(mut self, project: &Project, may_show: impl Fn(&str) -> bool) -> Gaps {
        let mut keys = Vec::with_capacity(project.keys.len());
        for key in &project.keys {
            let (fate, text) = match key.sort {
                KeySort::Consumed(what) => (Fate::Read, what.to_owned()),
                KeySort::Extension => (Fate::Read, "an extension, which compose itself ignores".to_owned()),
                KeySort::Unknown => (
                    Fate::NotMapped,
                    "the Compose Specification does not know this key; see whether it is misspelt".to_owned(),
                ),
                KeySort::Known => self
                    .nearest(&key.path)
                    .cloned()
                    .unwrap_or_else(|| (Fate::NotMapped, advice::on(&key.path).to_owned())),
            };
            keys.push(Gap {
                path: key.path.clone(),
                origin: key.origin.clone(),
                shown: key.shown.clone().filter(|shown| may_show(shown)),
                fate,
                text,
            });
        }
        self.notes.sort();
        self.notes.dedup();
        Gaps { keys, notes: self.notes }
    }
}
