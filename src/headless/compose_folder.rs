//! A project's folder on disk, as the reading of compose files sees it.

use std::{
    collections::BTreeSet,
    env, fs, io,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::compose::{Found, Request, Source, Unreadable};

/// Compose and env files over this are refused, in bytes.
const MOST_TEXT: u64 = 32 * 1024 * 1024;

/// Mounted files over this are not looked into, in bytes.
const MOST_CONTENT: u64 = 256 * 1024;

/// A folder, what the operator named wherever it is, and the process' variables.
///
/// Links are followed; what leaves the operator's folders is not read, whoever points there.
#[derive(Clone, Debug)]
pub struct ComposeFolder {
    folder: PathBuf,
    outermost: PathBuf,
    named: BTreeSet<PathBuf>,
}

impl ComposeFolder {
    /// The project's folder, and what a request says of it.
    ///
    /// # Errors
    /// A folder that is not there.
    pub fn new(folder: &Path, request: &Request) -> io::Result<Self> {
        let folder = folder.canonicalize()?;
        let outermost = folder.ancestors().nth(request.above).unwrap_or(&folder).to_path_buf();
        let named = request.files.iter().chain(&request.env_files).cloned().collect();
        Ok(Self { folder, outermost, named })
    }

    /// Where a path leads, links followed; none when that is outside.
    fn real(&self, path: &Path) -> io::Result<Option<PathBuf>> {
        let real = self.folder.join(path).canonicalize()?;
        let is_allowed = real.starts_with(&self.outermost) || self.named.contains(path);
        Ok(is_allowed.then_some(real))
    }
}

impl Source for ComposeFolder {
    fn text(&self, path: &Path) -> Result<String, Unreadable> {
        let real = self.real(path).map_err(|error| unreadable(&error))?;
        let real =
            real.ok_or_else(|| Unreadable::Other("it is a link that leads outside of the project".into()))?;
        let metadata = fs::metadata(&real).map_err(|error| unreadable(&error))?;
        if !metadata.is_file() {
            return Err(Unreadable::Other("it is no file".into()));
        }
        if metadata.len() > MOST_TEXT {
            return Err(Unreadable::Other(format!("it has more than {MOST_TEXT} bytes")));
        }
        let bytes = read(&real, MOST_TEXT).map_err(|error| unreadable(&error))?;
        String::from_utf8(bytes).map_err(|error| {
            let read = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
            Unreadable::NoText(
                1 + u64::try_from(read.filter(|byte| **byte == b'\n').count()).unwrap_or_default(),
            )
        })
    }

    fn look(&self, path: &Path, with_content: bool) -> Found {
        let real = match self.real(path) {
            Ok(Some(real)) => real,
            Ok(None) => return Found::Outside,
            Err(_) => return Found::Nothing,
        };
        let Ok(metadata) = fs::metadata(&real) else { return Found::Nothing };
        if metadata.is_dir() {
            return Found::Folder;
        }
        let size = metadata.len();
        if !with_content || !metadata.is_file() || size > MOST_CONTENT {
            return Found::Bytes(size);
        }
        match read(&real, MOST_CONTENT).map(String::from_utf8) {
            Ok(Ok(text)) if !text.contains('\0') => Found::Text(Arc::from(text)),
            _ => Found::Bytes(size),
        }
    }

    fn variable(&self, name: &str) -> Option<String> {
        env::var(name).ok()
    }
}

fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unreadable(error: &io::Error) -> Unreadable {
    match error.kind() {
        io::ErrorKind::NotFound => Unreadable::Missing,
        kind => Unreadable::Other(kind.to_string()),
    }
}
