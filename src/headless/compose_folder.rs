//! A project's folder on disk, as the reading of compose files sees it.

use std::{
    collections::BTreeSet,
    env, fs, io,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::compose::{Found, Listing, MOST_LISTED, Request, Source, Unreadable};

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

/// Folders in folders deeper than this are not listed.
const DEEPEST: usize = 8;

/// All texts of a listing together, in bytes: more than a ConfigMap can hold.
const MOST_LISTED_TEXT: usize = 2 * 1024 * 1024;

/// Files that keep a folder in a repository, or that a desktop leaves behind.
const NO_CONTENT: [&str; 4] = [".gitkeep", ".keep", ".gitignore", ".DS_Store"];

impl ComposeFolder {
    /// Adds what is in a folder to its listing, until that is as much as is looked at.
    fn list(&self, folder: &Path, above: &str, listing: &mut Listing, depth: usize) {
        let Some(real) = self.real(folder).ok().flatten().filter(|_| depth <= DEEPEST) else {
            listing.is_whole = false;
            return;
        };
        let Ok(entries) = fs::read_dir(real) else {
            listing.is_whole = false;
            return;
        };
        let mut names: Vec<_> =
            entries.flatten().take(MOST_LISTED + 1).map(|entry| entry.file_name()).collect();
        names.sort();
        listing.is_whole &= names.len() <= MOST_LISTED;
        let mut size = 0;
        for name in names {
            let path = folder.join(&name);
            let Some(name) = name.to_str().filter(|_| listing.is_whole) else {
                listing.is_whole = false;
                return;
            };
            let inside = format!("{above}{name}");
            if self.real(&path).ok().flatten().is_some_and(|real| real.is_dir()) {
                self.list(&path, &format!("{inside}/"), listing, depth + 1);
            } else if !NO_CONTENT.contains(&name) {
                let found = self.look(&path, true);
                size += if let Found::Text(text) = &found { text.len() } else { 0 };
                listing.files.insert(inside, found);
            }
            listing.is_whole &= listing.files.len() <= MOST_LISTED && size <= MOST_LISTED_TEXT;
        }
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
            let mut listing = Listing { is_whole: with_content, ..Listing::default() };
            if with_content {
                self.list(path, "", &mut listing, 0);
            }
            return Found::Folder(Arc::new(listing));
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_folder_is_listed_as_far_as_it_is_of_use() {
        let folder = tempfile::tempdir().unwrap();
        let conf = folder.path().join("conf");
        fs::create_dir_all(conf.join("sub")).unwrap();
        for (name, bytes) in
            [("a.conf", &b"a"[..]), ("sub/b.conf", b"b"), ("c.bin", b"\0"), (".gitkeep", b"")]
        {
            fs::write(conf.join(name), bytes).unwrap();
        }
        std::os::unix::fs::symlink("/etc/hostname", conf.join("out")).unwrap();
        let source = ComposeFolder::new(folder.path(), &Request::default()).unwrap();
        let look = |content| match source.look(Path::new("conf"), content) {
            Found::Folder(listing) => listing,
            other => panic!("{other:?}"),
        };
        let listing = look(true);
        let told: Vec<String> =
            listing.files.iter().map(|(path, found)| format!("{path} {found:?}")).collect();
        assert_eq!(
            told,
            ["a.conf Text(1 bytes)", "c.bin Bytes(1)", "out Outside", "sub/b.conf Text(1 bytes)"]
        );
        assert!(listing.is_whole && !look(false).is_whole);
        for number in 0..=MOST_LISTED {
            fs::write(conf.join(format!("{number}.txt")), "x").unwrap();
        }
        assert!(!look(true).is_whole);
    }
}
