//! What is wrong with the input, or worth knowing: collected, all of it.

use crate::{
    plan::{Diagnostic, diagnostic::sorted},
    words::clean,
};

use super::{Origin, Refused};

/// Errors and warnings so far.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) errors: Vec<Diagnostic>,
    pub(super) warnings: Vec<Diagnostic>,
}

impl Notes {
    /// Adds an error. The hint may be empty. Neither may quote what can be secret.
    pub(super) fn error(
        &mut self,
        place: impl Into<Origin>,
        path: &str,
        message: impl AsRef<str>,
        hint: impl AsRef<str>,
    ) {
        self.errors.push(diagnostic(&place.into(), path, message.as_ref(), hint.as_ref()));
    }

    /// Adds a warning.
    pub(super) fn warn(
        &mut self,
        place: impl Into<Origin>,
        path: &str,
        message: impl AsRef<str>,
        hint: impl AsRef<str>,
    ) {
        self.warnings.push(diagnostic(&place.into(), path, message.as_ref(), hint.as_ref()));
    }

    /// The warnings, or else the errors with them; each in the order of files and lines, each once.
    pub(super) fn finish(self) -> Result<Vec<Diagnostic>, Refused> {
        let (errors, warnings) = (sorted(self.errors), sorted(self.warnings));
        if errors.is_empty() { Ok(warnings) } else { Err(Refused { errors, warnings }) }
    }
}

fn diagnostic(place: &Origin, path: &str, message: &str, hint: &str) -> Diagnostic {
    Diagnostic {
        file: (*place.file).into(),
        line: place.line,
        column: place.column,
        path: clean(path).into_owned(),
        message: clean(message).into_owned(),
        hint: Some(clean(hint).into_owned()).filter(|hint| !hint.is_empty()),
        source: None,
    }
}
