//! Reads a plan from the disk and looks at everything that it names there.

use std::path::Path;

use serde_json::Value;

use super::{
    folder::{Folder, PathError, nearest_name, read_text},
    graph::Walk,
    objects::yaml_value,
};
use crate::{
    diff::Problem,
    plan::{
        Diagnostic, Plan, Reference, ReferenceSort,
        diagnostic::{Findings, sorted},
        node::Place,
        read,
    },
};

/// Reads and checks a plan, its paths and its kustomizations included. A folder stands for the `plan.yaml`
/// in it.
///
/// # Errors
/// Everything that is wrong, in the order of files and lines.
pub fn load(path: &Path) -> Result<Plan, Vec<Diagnostic>> {
    let file = if path.is_dir() { path.join("plan.yaml") } else { path.to_owned() };
    let failed = |message: String, hint: &str| {
        let mut findings = Findings::new(&file, None);
        findings.report(Place::WHOLE, "", message, hint);
        findings.diagnostics
    };
    let text = read_text(&file).map_err(|error| {
        let hint = "name the plan with --plan FILE, or start this where a plan.yaml is";
        failed(format!("the plan cannot be read: {error}"), hint)
    })?;
    let shown = file.parent().unwrap_or(Path::new("")).to_owned();
    let parent = if shown.as_os_str().is_empty() { Path::new(".") } else { &shown };
    let root =
        parent.canonicalize().map_err(|error| failed(format!("its folder cannot be read: {error}"), ""))?;
    let reading = read(&text, &file, root.clone());
    let folder = Folder::new(&root, shown, reading.allowed_sources)
        .map_err(|error| failed(format!("its folder cannot be read: {error}"), ""))?;
    let mut diagnostics = reading.diagnostics;
    diagnostics.extend(look(&folder, &file, &text, &reading.references));
    match reading.plan {
        Some(plan) if diagnostics.is_empty() => Ok(plan),
        _ => Err(sorted(diagnostics)),
    }
}

/// Looks at each path that the plan names, and walks the kustomizations below.
fn look(folder: &Folder, file: &Path, text: &str, references: &[Reference]) -> Vec<Diagnostic> {
    let mut findings = Findings::new(file, Some(text));
    let mut walk = Walk::default();
    // What is wrong in several environments alike is said once.
    let mut found: Vec<(&Reference, (String, String), Vec<&str>)> = Vec::new();
    for reference in references {
        let Some(error) = look_at(folder, reference, &mut walk) else { continue };
        let same =
            found.iter_mut().find(|(first, known, _)| first.place == reference.place && *known == error);
        match same {
            Some((_, _, environments)) => environments.push(&reference.environment.0),
            None => found.push((reference, error, vec![&reference.environment.0])),
        }
    }
    for (reference, (message, hint), environments) in found {
        let message = format!("{message} (in {})", environments.join(", "));
        findings.report(reference.place, &reference.document_path, message, hint);
    }
    findings.diagnostics.append(&mut walk.diagnostics);
    findings.diagnostics
}

/// Why a file of values is none.
fn unreadable_values(found: &Path, path: &str) -> Option<(String, String)> {
    let hint = "write it as helm reads it: one mapping";
    let text = match read_text(found) {
        Ok(text) => text,
        Err(error) => return Some((format!("`{path}` cannot be read: {error}"), String::new())),
    };
    let message = match yaml_value(&text) {
        Ok(Value::Object(_) | Value::Null) => return None,
        Ok(_) => format!("`{path}` holds no values: it is no mapping"),
        Err(error) => format!(
            "`{path}` is no YAML: {} (line {}, column {})",
            error.message, error.place.line, error.place.column
        ),
    };
    Some((message, hint.to_owned()))
}

/// What is wrong with a path and what would mend it.
fn look_at(folder: &Folder, reference: &Reference, walk: &mut Walk) -> Option<(String, String)> {
    let path = reference.path.to_string_lossy();
    let found = match folder.resolve(folder.root(), &path) {
        Ok(found) => found,
        Err(error) => {
            let hint = match &error {
                PathError::Missing(_) => nearest_name(folder.root(), &path),
                _ => "copy it into the plan's folder".to_owned(),
            };
            return Some((error.to_string(), hint));
        }
    };
    match (reference.sort, found.is_dir()) {
        (ReferenceSort::Manifests, _) | (ReferenceSort::File, false) => None,
        (ReferenceSort::File, true) => Some((format!("`{path}` is a folder"), "name a file".to_owned())),
        (ReferenceSort::Values, false) => unreadable_values(&found, &path),
        (ReferenceSort::Values, true) => {
            Some((format!("`{path}` is a folder"), "name the files of values one by one".to_owned()))
        }
        (ReferenceSort::Chart, _) if found.join("Chart.yaml").is_file() => None,
        (ReferenceSort::Chart, _) => Some((
            format!("`{path}` is no chart: it has no Chart.yaml"),
            "name a folder with a chart, an oci:// address, or a `repository` with it".to_owned(),
        )),
        (ReferenceSort::Kustomization, true) => {
            walk.visit(folder, &found);
            None
        }
        (ReferenceSort::Kustomization, false) => Some((
            format!("`{path}` is no folder"),
            "name the folder that holds the kustomization".to_owned(),
        )),
    }
}

/// The text of a file that a step of a plan names.
///
/// # Errors
/// A [`Problem`] when it is not there any more, or leads out of the plan's folder by now.
pub fn file_text(plan: &Plan, path: &Path) -> Result<String, Problem> {
    let unusable = |reason: String| {
        Problem::new(path.display().to_string(), reason, "put the file back into the plan's folder")
    };
    let folder = Folder::of(plan).map_err(|error| unusable(error.to_string()))?;
    let found = folder
        .resolve(folder.root(), &path.to_string_lossy())
        .map_err(|error| unusable(error.to_string()))?;
    read_text(&found).map_err(unusable)
}
