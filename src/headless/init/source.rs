//! What is wanted: read from compose files.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    env,
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::{Input, pipeline};
use crate::{
    app::preview::{Excerpts, Vetted},
    compose::{self, Found, Project, Reading, Request, Unreadable},
    diff::Problem,
    headless::ComposeFolder,
    import::{self, Fate, Gap, Gaps, Question},
    plan::Diagnostic,
    scaffold::Tree,
    words::count,
};

/// The wanted files, and what is told of how they came about.
pub(super) struct Source {
    pub(super) tree: Result<Tree, Vec<Problem>>,
    pub(super) told: Told,
    /// Lines of the files; none where they are not asked for.
    pub(super) excerpts: Excerpts,
}

/// Nothing could be read.
pub(super) struct Unread {
    pub(super) errors: Vec<Diagnostic>,
    pub(super) warnings: Vec<Diagnostic>,
    pub(super) excerpts: Excerpts,
}

/// What was read, and what became of it.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// The files, in order.
    pub read: Vec<String>,
    /// How much is in them.
    pub holds: String,
    /// What a person should know of the input.
    pub warnings: Vec<Diagnostic>,
    /// What became of every key of the input.
    pub gaps: Gaps,
    /// What only a person can decide.
    pub questions: Vec<Question>,
}

/// Reads the compose files and makes of them what is wanted; keeps their lines, as far as they may be shown, where that
/// is asked for.
pub(super) fn read(input: &Input, keeps_lines: bool) -> Result<Source, Unread> {
    let (folder, request) = request(input);
    let folder = ComposeFolder::new(&folder, &request).map_err(|error| Unread {
        errors: vec![of_the_whole(&folder, format!("it cannot be opened: {error}"))],
        warnings: Vec::new(),
        excerpts: Excerpts::default(),
    })?;
    let source = Kept { folder, texts: keeps_lines.then(RefCell::default) };
    let Reading { project, warnings } = compose::read(&source, &request).map_err(|refused| {
        let excerpts = source.excerpts(&[], &[&refused.errors[..], &refused.warnings].concat(), true);
        Unread { errors: refused.errors, warnings: refused.warnings, excerpts }
    })?;
    let mut told = Told { read: files(&project), holds: holds(&project), warnings, ..Told::default() };
    let options = import::Options {
        namespace: input.namespace.clone().unwrap_or_default(),
        registry: input.registry.clone(),
    };
    let tree = import::import(&project, &options).and_then(|mut imported| {
        imported.files.insert(pipeline::PATH.to_owned(), pipeline::file(&imported.pipeline));
        (told.gaps, told.questions) = (imported.gaps, imported.questions);
        Tree::new(imported.files)
    });
    let excerpts = source.excerpts(&told.gaps.keys, &told.warnings, false);
    Ok(Source { tree, told, excerpts })
}

/// A folder that remembers the texts which were read of it.
struct Kept {
    folder: ComposeFolder,
    texts: Option<RefCell<BTreeMap<String, String>>>,
}

impl Kept {
    /// The lines of what was read, as far as they may be shown.
    fn excerpts(&self, keys: &[Gap], diagnostics: &[Diagnostic], has_errors: bool) -> Excerpts {
        let Some(texts) = &self.texts else { return Excerpts::default() };
        let files: Vec<String> = diagnostics.iter().map(|one| one.file.display().to_string()).collect();
        let keys = keys.iter().map(|gap| Vetted {
            file: &gap.origin.file,
            line: gap.origin.line,
            column: gap.origin.column,
            path: &gap.path,
            shown: gap.shown.as_deref(),
        });
        let said = diagnostics.iter().zip(&files).map(|(one, file)| Vetted {
            file,
            line: one.line,
            column: one.column,
            path: &one.path,
            shown: Some(&one.message),
        });
        Excerpts::of(&texts.borrow(), &keys.chain(said).collect::<Vec<_>>(), has_errors)
    }
}

impl compose::Source for Kept {
    fn text(&self, path: &Path) -> Result<String, Unreadable> {
        let text = self.folder.text(path)?;
        if let Some(texts) = &self.texts {
            texts.borrow_mut().insert(path.display().to_string(), text.clone());
        }
        Ok(text)
    }

    fn look(&self, path: &Path, with_content: bool) -> Found {
        self.folder.look(path, with_content)
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.folder.variable(name)
    }
}

/// The project's folder, and what to read in it: as compose does, the folder of the first file.
fn request(input: &Input) -> (PathBuf, Request) {
    let absolute = |path: &Path| env::current_dir().map_or_else(|_| path.to_owned(), |here| here.join(path));
    let into = real(&absolute(&input.into));
    let folder = match input.files.first() {
        Some(first) => real(absolute(first).parent().unwrap_or(&into)),
        None => into.clone(),
    };
    let named = |path: &PathBuf| {
        let path = absolute(path);
        let real = path.parent().map(real).zip(path.file_name()).map(|(above, name)| above.join(name));
        let real = real.unwrap_or(path);
        real.strip_prefix(&folder).map(Path::to_owned).unwrap_or(real)
    };
    let request = Request {
        files: input.files.iter().map(named).collect(),
        env_files: input.env_files.iter().map(named).collect(),
        profiles: input.profiles.clone(),
        name: input.name.clone(),
        folder_name: folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        above: folder.strip_prefix(&into).map_or(0, |below| below.components().count()),
    };
    (folder, request)
}

/// With symbolic links followed, where it is there.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn of_the_whole(file: &Path, message: String) -> Diagnostic {
    Diagnostic {
        file: file.to_owned(),
        line: 0,
        column: 0,
        path: String::new(),
        message,
        hint: Some("name a folder or a file that is there".into()),
        source: None,
    }
}

/// The files that something was written in.
fn files(project: &Project) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let files = project.keys.iter().map(|key| key.origin.file.to_string());
    files.filter(|file| seen.insert(file.clone())).collect()
}

fn holds(project: &Project) -> String {
    let parts = [
        (project.services.len(), "service", "services"),
        (project.volumes.len(), "volume", "volumes"),
        (project.secrets.len(), "secret", "secrets"),
        (project.configs.len(), "config", "configs"),
    ];
    let parts = parts.into_iter().filter(|(number, ..)| *number > 0);
    let mut parts: Vec<String> = parts.map(|(number, one, many)| count(number, one, many)).collect();
    if !project.inactive.is_empty() {
        parts.push(format!("{} in no active profile", count(project.inactive.len(), "service", "services")));
    }
    parts.join(", ")
}

impl Told {
    /// The keys that nothing stands for, as one line each.
    pub(super) fn not_mapped(&self) -> impl Iterator<Item = String> {
        let gaps = self.gaps.keys.iter().filter(|gap| gap.fate == Fate::NotMapped);
        gaps.map(|gap| format!("{}: {}: {}", gap.origin, gap.path, gap.text))
    }
}
