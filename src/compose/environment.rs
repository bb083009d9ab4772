//! The variables that texts are interpolated with, and what became of each.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Source, Unreadable, VariableSource,
    env_file::env_file,
    interpolate::{Outcome, Use},
    notes::Notes,
    tree::{File, Place},
};

/// Variables: of the process, and below them of env files.
#[derive(Clone)]
pub(super) struct Environment<'s> {
    source: &'s dyn Source,
    of_files: BTreeMap<String, (String, Place)>,
}

impl<'s> Environment<'s> {
    /// Only the process.
    pub(super) fn new(source: &'s dyn Source) -> Self {
        Self { source, of_files: BTreeMap::new() }
    }

    /// A variable's value.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        self.source.variable(name).or_else(|| self.of_files.get(name).map(|(value, _)| value.clone()))
    }

    /// Where its value comes from.
    pub(super) fn origin(&self, name: &str) -> Option<VariableSource> {
        if self.source.variable(name).is_some() {
            return Some(VariableSource::Process);
        }
        self.of_files.get(name).map(|(_, place)| VariableSource::File(place.origin()))
    }

    /// This one with what env files add: what is set here stays. Of several files the last one counts.
    pub(super) fn extended(
        &self,
        files: &[PathBuf],
        are_required: bool,
        named_at: Option<&Place>,
        notes: &mut Notes,
    ) -> Self {
        let mut added = BTreeMap::new();
        for path in files {
            let file = Arc::new(File { name: path.display().to_string().into(), base: PathBuf::new() });
            let whole = Place::whole(&file);
            let text = match self.source.text(path) {
                Ok(text) => text,
                Err(Unreadable::Missing) if !are_required => continue,
                Err(problem) => {
                    unreadable(path, &problem, named_at.unwrap_or(&whole), "", notes);
                    continue;
                }
            };
            let lookup = |name: &str| {
                self.get(name).or_else(|| added.get(name).map(|(value, _): &(String, Place)| value.clone()))
            };
            let (lines, errors) = env_file(&text, &lookup);
            for error in errors {
                let place = Place { file: Arc::clone(&file), line: error.line, column: 1 };
                notes.error(&place, "", error.message, "");
            }
            for line in lines {
                let place = Place { file: Arc::clone(&file), line: line.line, column: 1 };
                if let Some(value) = line.value {
                    added.insert(line.name, (value, place));
                }
            }
        }
        added.extend(self.of_files.clone());
        Self { source: self.source, of_files: added }
    }
}

/// A file that something names and that cannot be read.
pub(super) fn unreadable(path: &Path, problem: &Unreadable, place: &Place, at: &str, notes: &mut Notes) {
    let path = path.display();
    match problem {
        Unreadable::Missing => {
            notes.error(place, at, format!("`{path}` is not there"), "create it, or take out what names it");
        }
        Unreadable::NoText(line) => {
            let origin = super::Origin { file: path.to_string().into(), line: *line, column: 1 };
            notes.error(&origin, at, "this is no UTF-8 text", "save it as UTF-8");
        }
        Unreadable::Other(why) => notes.error(place, at, format!("`{path}` cannot be read: {why}"), ""),
    }
}

/// What is known of every variable that was met.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) sources: BTreeMap<String, VariableSource>,
    unset: BTreeMap<String, (Place, usize)>,
}

impl Seen {
    /// Notes the variables of one text.
    pub(super) fn note(&mut self, outcome: &Outcome, environment: &Environment<'_>, place: &Place) {
        for (name, what) in &outcome.used {
            let source = match what {
                Use::Set => environment.origin(name).unwrap_or(VariableSource::Unset),
                Use::Default => VariableSource::Default,
                Use::Unset => VariableSource::Unset,
            };
            if *what == Use::Unset {
                self.unset.entry(name.clone()).or_insert_with(|| (place.clone(), 0)).1 += 1;
            }
            match self.sources.get(name) {
                Some(VariableSource::Process | VariableSource::File(_)) => {}
                Some(VariableSource::Unset) if *what == Use::Default => {}
                _ => {
                    self.sources.insert(name.clone(), source);
                }
            }
        }
    }

    /// A warning for each that nothing sets.
    pub(super) fn warn(&self, notes: &mut Notes) {
        for (name, (place, times)) in &self.unset {
            let more = if *times > 1 { format!(", here and at {} more", times - 1) } else { String::new() };
            notes.warn(
                place,
                "",
                format!("nothing sets the variable `{name}`; it is empty{more}"),
                format!("set it in `.env` or in the environment, or give a default: `${{{name}:-…}}`"),
            );
        }
    }
}
