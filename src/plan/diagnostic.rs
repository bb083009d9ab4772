//! What is wrong with a plan, said so that a person can find it and mend it.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::node::Place;
use crate::words::without_credentials;

/// One error, with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// The file, as the caller named it.
    pub file: PathBuf,
    /// From 1; 0 when it is about the file as a whole.
    pub line: u64,
    /// In characters, from 1; 0 when it is about the file as a whole.
    pub column: u64,
    /// The path within the document, as in `stages[0].steps[2].title`; empty for the whole of it.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What would mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The line itself. Never set for files that may hold a Secret.
    #[serde(skip)]
    pub source: Option<String>,
}

impl Diagnostic {
    /// Is it about the file as a whole, and no place in it?
    #[must_use]
    pub fn is_of_the_whole(&self) -> bool {
        self.line == 0
    }

    /// As in `plan.yaml:12:7`; without a place in it, the file alone.
    #[must_use]
    pub fn location(&self) -> String {
        let file = self.file.display();
        if self.is_of_the_whole() {
            file.to_string()
        } else {
            format!("{file}:{}:{}", self.line, self.column)
        }
    }
}

/// `plan.yaml:12:7: message` (without a place, of the whole file: `plan.yaml: message`), then the line with a caret, then the hint.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.location(), self.message)?;
        if let Some(source) = &self.source {
            let number = self.line.to_string();
            let before = usize::try_from(self.column.saturating_sub(1)).unwrap_or_default();
            // Tabs are kept, so that the caret stands below its character whatever their width.
            let indent: String =
                source.chars().take(before).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
            write!(f, "\n {number} | {source}\n {:width$} | {indent}^", "", width = number.len())?;
        }
        if !self.path.is_empty() {
            write!(f, "\n   at: {}", self.path)?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\n hint: {hint}")?;
        }
        Ok(())
    }
}

/// The text that is being read, and what was found wrong with it so far.
pub(crate) struct Findings<'a> {
    file: &'a Path,
    /// `None` for a text whose lines must not be shown.
    text: Option<&'a str>,
    /// In the order found.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl<'a> Findings<'a> {
    /// Nothing found yet.
    pub(crate) fn new(file: &'a Path, text: Option<&'a str>) -> Self {
        Self { file, text, diagnostics: Vec::new() }
    }

    /// Adds an error. The hint may be empty.
    pub(crate) fn report(
        &mut self,
        place: Place,
        path: &str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let hint = Some(hint.into()).filter(|hint| !hint.is_empty());
        let line_index = place.line.checked_sub(1).and_then(|line| usize::try_from(line).ok());
        let source = self
            .text
            .zip(line_index)
            .and_then(|(text, line)| text.lines().nth(line))
            .map(without_credentials);
        self.diagnostics.push(Diagnostic {
            file: self.file.to_owned(),
            line: place.line,
            column: place.column,
            path: path.to_owned(),
            message: without_credentials(&message.into()),
            hint,
            source,
        });
    }
}

/// The errors in the order of their places, each once.
pub(crate) fn sorted(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostics.sort_by(|one, two| (&one.file, one.line, one.column).cmp(&(&two.file, two.line, two.column)));
    diagnostics.dedup();
    diagnostics
}

/// `did you mean …?` when one of the names is close, else the list of them.
pub(crate) fn suggestion(word: &str, names: &[&str]) -> String {
    match similar::get_close_matches(word, names, 1, 0.6).first() {
        Some(close) => format!("did you mean `{close}`?"),
        None if names.is_empty() => String::new(),
        None => format!("known here: {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Diagnostic, suggestion};

    #[test]
    fn the_caret_stands_below_its_character() {
        let diagnostic = Diagnostic {
            file: "plan.yaml".into(),
            line: 12,
            column: 3,
            path: "stages".into(),
            message: "unknown field `stagez`".into(),
            hint: Some("did you mean `stages`?".into()),
            source: Some("  stagez: []".into()),
        };
        assert_eq!(
            diagnostic.to_string(),
            "plan.yaml:12:3: unknown field `stagez`\n 12 |   stagez: []\n    |   ^\n   at: stages\n hint: did you mean `stages`?"
        );
    }

    #[test]
    fn only_a_close_name_is_suggested() {
        assert_eq!(suggestion("kustomise", &["manual", "kustomize"]), "did you mean `kustomize`?");
        assert_eq!(suggestion("bogus", &["manual", "kustomize"]), "known here: manual, kustomize");
    }
}
