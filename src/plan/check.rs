//! From the tree to a checked plan, collecting every error on the way.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::{
    Diagnostic, Environment, EnvironmentName, Plan, Stage, StageId,
    check_environment::environments,
    check_step::{StepScope, step},
    check_text::templated,
    check_workflow::workflow,
    cursor::Cursor,
    diagnostic::{Findings, sorted},
    node::{self, Place},
    reference::Reference,
    shape::{PLAN, STAGE},
    words::{label_error, to_label},
};

/// What could be read of a plan file.
pub(crate) struct Reading {
    /// The plan, when it has no error.
    pub(crate) plan: Option<Plan>,
    /// What its steps name in the plan's folder, also when there are errors elsewhere.
    pub(crate) references: Vec<Reference>,
    /// Folders and remote bases that it allows.
    pub(crate) allowed_sources: Vec<String>,
    /// Every error, in the order of the file.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl Plan {
    /// Reads a plan file's text; `file` is how errors name it, `folder` what its paths are relative to.
    ///
    /// Whether the named files exist is not looked at here: [`crate::render::load`] does that too.
    ///
    /// # Errors
    /// Every error that the text has.
    pub fn parse(text: &str, file: &Path, folder: PathBuf) -> Result<Self, Vec<Diagnostic>> {
        let reading = read(text, file, folder);
        reading.plan.ok_or(reading.diagnostics)
    }
}

/// Reads a plan file's text.
pub(crate) fn read(text: &str, file: &Path, folder: PathBuf) -> Reading {
    let mut findings = Findings::new(file, Some(text));
    let mut references = Vec::new();
    let mut plan = None;
    match node::parse(text) {
        Err(error) => {
            findings.report(error.place, "", format!("this is no YAML: {}", error.message), "");
        }
        Ok(root) => plan = document(&Cursor::root(&root), &mut findings, &mut references),
    }
    let diagnostics = sorted(findings.diagnostics);
    let allowed_sources = plan.as_ref().map(|plan| plan.allowed_sources.clone()).unwrap_or_default();
    let plan = plan.filter(|_| diagnostics.is_empty()).map(|plan| Plan {
        folder,
        digest: hex::encode(Sha256::digest(text.as_bytes())),
        ..plan
    });
    Reading { plan, references, allowed_sources, diagnostics }
}

fn document(root: &Cursor<'_>, findings: &mut Findings<'_>, references: &mut Vec<Reference>) -> Option<Plan> {
    let fields = root.fields(findings, &PLAN)?;
    let name = fields.get("name").and_then(|field| label(&field, findings, "the plan's name"));
    let title = fields.get("title").and_then(|field| field.text(findings).map(str::to_owned));
    let environments =
        fields.get("environments").map(|field| environments(&field, findings)).unwrap_or_default();
    let mut allowed_sources = Vec::new();
    if let Some(field) = fields.get("allowed_sources") {
        allowed_sources.extend(
            field.list(findings, "source").iter().filter_map(|item| item.text(findings).map(str::to_owned)),
        );
    }
    let workflow = fields.get("workflow").and_then(|field| workflow(&field, findings));
    let stages = fields.get("stages").map(|field| stages(&field, findings, &environments, references));
    Some(Plan {
        name: name.unwrap_or_default(),
        title: title.unwrap_or_default(),
        folder: PathBuf::new(),
        digest: String::new(),
        environments,
        stages: stages.unwrap_or_default(),
        allowed_sources,
        workflow,
    })
}

fn stages(
    cursor: &Cursor<'_>,
    findings: &mut Findings<'_>,
    environments: &[Environment],
    references: &mut Vec<Reference>,
) -> Vec<Stage> {
    let mut stages = Vec::new();
    let mut ids = Unique::new("stage id");
    for item in cursor.list(findings, "stage") {
        let Some(fields) = item.fields(findings, &STAGE) else { continue };
        let id = fields.get("id").and_then(|field| {
            let id = label(&field, findings, "a stage's id")?;
            ids.see(&id, &field, findings);
            Some(id)
        });
        let id = StageId(id.unwrap_or_default());
        let title = fields.get("title").and_then(|field| templated(&field, findings, environments));
        let summary = fields.get("summary").and_then(|field| templated(&field, findings, environments));
        let mut scope =
            StepScope { stage: &id, environments, references: &mut *references, ids: Unique::new("step id") };
        let steps = fields.get("steps").map(|field| field.list(findings, "step")).unwrap_or_default();
        let steps = steps.iter().filter_map(|one| step(one, findings, &mut scope)).collect();
        stages.push(Stage {
            id,
            title: title.unwrap_or_default(),
            summary: summary.unwrap_or_default(),
            steps,
        });
    }
    stages
}

/// A text that must be a DNS label.
pub(super) fn label(cursor: &Cursor<'_>, findings: &mut Findings<'_>, what: &str) -> Option<String> {
    let text = cursor.text(findings)?;
    if let Some(error) = label_error(text) {
        let nearest = to_label(text);
        let hint = if nearest.is_empty() { String::new() } else { format!("`{nearest}` would do") };
        cursor.report(findings, format!("`{text}` cannot be {what}: {error}"), hint);
    }
    Some(text.to_owned())
}

/// Texts that may be there once only.
pub(super) struct Unique {
    what: &'static str,
    seen: Vec<(String, Place)>,
}

impl Unique {
    pub(super) fn new(what: &'static str) -> Self {
        Self { what, seen: Vec::new() }
    }

    /// Reports a text that was seen before.
    pub(super) fn see(&mut self, text: &str, cursor: &Cursor<'_>, findings: &mut Findings<'_>) {
        if let Some((_, first)) = self.seen.iter().find(|(seen, _)| seen == text) {
            let message = format!("the {} `{text}` is used twice; first in line {}", self.what, first.line);
            cursor.report(findings, message, "give each its own");
        } else {
            self.seen.push((text.to_owned(), cursor.place()));
        }
    }
}

/// The environment names, for hints.
pub(super) fn names(environments: &[Environment]) -> Vec<&str> {
    environments
        .iter()
        .map(|environment| &environment.name)
        .map(|EnvironmentName(name)| name.as_str())
        .collect()
}
