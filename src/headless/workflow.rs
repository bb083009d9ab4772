//! `check` of a GitHub workflow.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::{
    plan::Diagnostic,
    words::count,
    workflow::{is_workflow, lint},
};

/// What was found in a workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WorkflowCheck {
    /// As the caller named it.
    pub workflow: PathBuf,
    /// In the order of places.
    pub diagnostics: Vec<Diagnostic>,
}

impl WorkflowCheck {
    /// Checks the file, if there is a workflow in it and no plan: one in `.github/workflows`, or with `jobs` in it.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let is_among_workflows = path.parent().is_some_and(|folder| folder.ends_with(".github/workflows"));
        let text = std::fs::read_to_string(path).ok()?;
        (is_among_workflows || is_workflow(&text))
            .then(|| Self { workflow: path.to_owned(), diagnostics: lint(path, &text) })
    }
}

impl fmt::Display for WorkflowCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for diagnostic in &self.diagnostics {
            writeln!(f, "{diagnostic}\n")?;
        }
        let found = match self.diagnostics.len() {
            0 => "nothing to object to".to_owned(),
            number => count(number, "finding", "findings"),
        };
        write!(f, "{}: {found}", self.workflow.display())
    }
}
