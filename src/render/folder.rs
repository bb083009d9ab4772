//! The plan's folder: what lies inside it, symbolic links followed, and how its files are named in errors.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::plan::Plan;

/// More than any manifest; a larger file is not read.
const LARGEST_FILE: u64 = 16 * 1024 * 1024;

/// The plan's folder and what else the plan allows.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    /// Canonical.
    root: PathBuf,
    /// How the folder is named in errors.
    shown: PathBuf,
    /// As the plan writes them.
    allowed: Vec<String>,
    /// Those of them that are folders here, canonical.
    allowed_roots: Vec<PathBuf>,
}

/// Why a path is not used.
#[derive(Debug, thiserror::Error)]
pub(super) enum PathError {
    #[error("`{0}` does not exist")]
    Missing(String),
    #[error("`{0}` leads out of the plan's folder")]
    Outside(String),
    #[error("`{0}` cannot be read: {1}")]
    Unreadable(String, String),
}

impl Folder {
    /// The folder of a plan; `shown` is how it is named in errors.
    pub(super) fn new(root: &Path, shown: PathBuf, allowed: Vec<String>) -> io::Result<Self> {
        let root = root.canonicalize()?;
        let allowed_roots =
            allowed.iter().filter_map(|source| root.join(source).canonicalize().ok()).collect();
        Ok(Self { root, shown, allowed, allowed_roots })
    }

    /// The folder of a plan that was read; its files are named relative to it.
    pub(super) fn of(plan: &Plan) -> io::Result<Self> {
        Self::new(&plan.folder, PathBuf::new(), plan.allowed_sources.clone())
    }

    /// The folder itself, canonical.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// How a file below the folder is named in errors.
    pub(super) fn name(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.root).map_or_else(|_| path.to_owned(), |below| self.shown.join(below))
    }

    /// Does the plan allow this source by name?
    pub(super) fn allows(&self, source: &str) -> bool {
        self.allowed.iter().any(|allowed| allowed == source)
    }

    /// The canonical path of what `path` names, seen from `from`.
    pub(super) fn resolve(&self, from: &Path, path: &str) -> Result<PathBuf, PathError> {
        let joined = from.join(path);
        // Judged by its text as well, so that a missing file outside is not told apart from one that is there.
        if Path::new(path).is_absolute() && !self.allows(path) {
            return Err(PathError::Outside(path.to_owned()));
        }
        let found = joined.canonicalize().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => PathError::Missing(path.to_owned()),
            _ => PathError::Unreadable(path.to_owned(), error.to_string()),
        })?;
        let inside =
            found.starts_with(&self.root) || self.allowed_roots.iter().any(|root| found.starts_with(root));
        if inside { Ok(found) } else { Err(PathError::Outside(path.to_owned())) }
    }
}

/// A regular file's text. Pipes and devices, which might never end, are not opened.
pub(super) fn read_text(path: &Path) -> Result<String, String> {
    let metadata = fs::metadata(path).map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("it is no regular file".to_owned());
    }
    if metadata.len() > LARGEST_FILE {
        return Err(format!("it is larger than {} MiB", LARGEST_FILE / 1024 / 1024));
    }
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
}

/// A name beside the missing one that may have been meant.
pub(super) fn nearest_name(from: &Path, path: &str) -> String {
    let wanted = from.join(path);
    let (Some(parent), Some(name)) = (wanted.parent(), wanted.file_name().and_then(|name| name.to_str()))
    else {
        return String::new();
    };
    let names: Vec<String> = fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    match similar::get_close_matches(name, &names, 1, 0.6).first() {
        Some(close) => format!("did you mean `{close}`?"),
        None => String::new(),
    }
}
