//! Walks the kustomizations that a step stands on, before any program reads them.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use super::{
    folder::{Folder, PathError, nearest_name, read_text},
    kustomization::{Contents, Entry, EntrySort, FILE_NAMES, contents, is_plugin, is_remote, plugin},
    secrets,
};
use crate::plan::{
    Diagnostic,
    diagnostic::Findings,
    node::{self, Place},
};

/// What a walk found.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// Everything that is refused or missing.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Values that no message may show.
    pub(super) secrets: Vec<String>,
    visited: BTreeSet<PathBuf>,
}

impl Walk {
    /// Walks on from one folder with a kustomization; folders that were seen are not walked again.
    pub(super) fn visit(&mut self, folder: &Folder, start: &Path) {
        let mut waiting = vec![start.to_owned()];
        while let Some(next) = waiting.pop() {
            if self.visited.insert(next.clone())
                && let Some(file) = self.kustomization_file(folder, &next)
            {
                self.read(folder, &file, &mut waiting);
            }
        }
    }

    fn kustomization_file(&mut self, folder: &Folder, here: &Path) -> Option<PathBuf> {
        let found: Vec<&str> = FILE_NAMES.into_iter().filter(|name| here.join(name).exists()).collect();
        let shown = folder.name(here);
        let mut findings = Findings::new(&shown, None);
        match found.as_slice() {
            [] => {
                let hint = format!("add one of {}", FILE_NAMES.join(", "));
                findings.report(Place::WHOLE, "", "this folder has no kustomization", hint);
            }
            [name] => match folder.resolve(here, name) {
                Ok(file) => return Some(file),
                Err(error) => findings.report(Place::WHOLE, "", error.to_string(), ""),
            },
            _ => {
                let message = format!("this folder has more than one kustomization: {}", found.join(", "));
                findings.report(Place::WHOLE, "", message, "keep one");
            }
        }
        self.diagnostics.append(&mut findings.diagnostics);
        None
    }

    fn read(&mut self, folder: &Folder, file: &Path, waiting: &mut Vec<PathBuf>) {
        let shown = folder.name(file);
        // A kustomization may hold a Secret's literals, so its lines are never shown.
        let mut findings = Findings::new(&shown, None);
        match read_text(file) {
            Err(error) => findings.report(Place::WHOLE, "", format!("it cannot be read: {error}"), ""),
            Ok(text) => match node::parse(&text) {
                Err(error) => {
                    findings.report(error.place, "", format!("this is no YAML: {}", error.message), "");
                }
                Ok(root) => {
                    let contents = contents(&root);
                    let here = file.parent().unwrap_or(file);
                    self.follow(folder, here, &contents, &mut findings, waiting);
                }
            },
        }
        self.diagnostics.append(&mut findings.diagnostics);
    }

    fn follow(
        &mut self,
        folder: &Folder,
        here: &Path,
        contents: &Contents,
        findings: &mut Findings<'_>,
        waiting: &mut Vec<PathBuf>,
    ) {
        self.secrets.extend(contents.secret_literals.iter().flat_map(|literal| secrets::of_literal(literal)));
        for refused in &contents.refused {
            let hint = "install it with helm in a step of its own";
            let message = format!("`{}` is not run: kustomize would fetch and run a chart", refused.field);
            findings.report(refused.place, refused.field, message, hint);
        }
        for entry in &contents.entries {
            if is_remote(&entry.source) {
                if !folder.allows(&entry.source) {
                    let hint =
                        "copy it into the plan's folder, or name it under `allowed_sources` in the plan";
                    let message =
                        format!("`{}` is remote: what it holds could change between two runs", entry.source);
                    findings.report(entry.place, &entry.path, message, hint);
                }
                continue;
            }
            match folder.resolve(here, &entry.source) {
                Err(error) => report_path(findings, here, entry, &error),
                Ok(found) => {
                    self.follow_plugins(folder, here, (entry, &found), findings, waiting);
                    self.follow_local(entry, found, findings, waiting);
                }
            }
        }
    }

    /// A file that configures generators or transformers names what a kustomization could; its paths are
    /// those of the kustomization that uses it.
    fn follow_plugins(
        &mut self,
        folder: &Folder,
        here: &Path,
        (entry, found): (&Entry, &Path),
        findings: &mut Findings<'_>,
        waiting: &mut Vec<PathBuf>,
    ) {
        if entry.sort != EntrySort::Resource || found.is_dir() {
            return;
        }
        let documents = read_text(found).ok().filter(|text| text.contains("builtin"));
        let documents = documents.and_then(|text| node::parse_all(&text).ok()).unwrap_or_default();
        for document in documents.iter().filter(|document| is_plugin(document)) {
            let contents = plugin(document, entry);
            self.follow(folder, here, &contents, findings, waiting);
        }
    }

    fn follow_local(
        &mut self,
        entry: &Entry,
        found: PathBuf,
        findings: &mut Findings<'_>,
        waiting: &mut Vec<PathBuf>,
    ) {
        match (entry.sort, found.is_dir()) {
            (EntrySort::Resource | EntrySort::Folder, true) => waiting.push(found),
            (EntrySort::Folder, false) => {
                let message = format!("`{}` is no folder with a kustomization", entry.source);
                findings.report(entry.place, &entry.path, message, "files are listed under `resources`");
            }
            (EntrySort::File | EntrySort::SecretFile, true) => {
                findings.report(
                    entry.place,
                    &entry.path,
                    format!("`{}` is a folder, not a file", entry.source),
                    "",
                );
            }
            (sort, false) => match read_text(&found) {
                Err(error) => {
                    findings.report(
                        entry.place,
                        &entry.path,
                        format!("`{}` cannot be read: {error}", entry.source),
                        "",
                    );
                }
                Ok(text) if sort == EntrySort::SecretFile => self.secrets.extend(secrets::of_lines(&text)),
                Ok(text) => self.secrets.extend(secrets::of_manifest(&text)),
            },
        }
    }
}

fn report_path(findings: &mut Findings<'_>, here: &Path, entry: &Entry, error: &PathError) {
    let hint = match error {
        PathError::Missing(path) => nearest_name(here, path),
        PathError::Outside(_) => {
            "copy it into the plan's folder, or name it under `allowed_sources`".to_owned()
        }
        PathError::Unreadable(..) => String::new(),
    };
    findings.report(entry.place, &entry.path, error.to_string(), hint);
}
