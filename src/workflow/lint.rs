//! What is wrong with a workflow: where, why, and what to write instead.

use std::path::Path;

use super::{actions, images, kubectl, read::Workflow, secrets, structure};
use crate::plan::{
    Diagnostic,
    diagnostic::{Findings, sorted},
    node::{self, Place},
};

/// Is this text a workflow, and no plan?
#[must_use]
pub fn is_workflow(text: &str) -> bool {
    node::parse(text).is_ok_and(|root| root.value.get("jobs").is_some() && root.value.get("stages").is_none())
}

/// Everything that is wrong with a workflow, in the order of places. `file`: as it is to be named.
#[must_use]
pub fn lint(file: &Path, text: &str) -> Vec<Diagnostic> {
    let mut findings = Findings::new(file, Some(text));
    let root = match node::parse(text) {
        Ok(root) => root,
        Err(error) => {
            findings.report(error.place, "", error.message, "");
            return findings.diagnostics;
        }
    };
    let workflow = Workflow::read(&root);
    structure::lint(&workflow, &mut findings);
    actions::lint(&workflow, &mut findings);
    kubectl::lint(&workflow, &mut findings);
    images::lint(&workflow, &mut findings);
    // A line with a secret in it is not shown.
    let mut hidden = Findings::new(file, None);
    secrets::lint(&workflow, &mut findings, &mut hidden);
    let hidden_lines: Vec<u64> = hidden.diagnostics.iter().map(|found| found.line).collect();
    let mut diagnostics = findings.diagnostics;
    for found in diagnostics.iter_mut().filter(|found| hidden_lines.contains(&found.line)) {
        found.source = None;
    }
    diagnostics.extend(hidden.diagnostics);
    sorted(diagnostics)
}

/// The place of a finding about the whole.
pub(super) const WHOLE: Place = Place::WHOLE;
