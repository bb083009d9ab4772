//! What is wanted, and what is there.

use std::collections::BTreeMap;

use super::{Fingerprint, RelativePath};
use crate::diff::Problem;

/// Larger is no manifest, and no plan.
const LARGEST: usize = 4 * 1024 * 1024;

/// The files that are wanted, checked against each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree(BTreeMap<RelativePath, String>);

/// What is at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// A file.
    File {
        /// Of its bytes.
        fingerprint: Fingerprint,
        /// Its text; none when it is no UTF-8.
        text: Option<String>,
    },
    /// Something through which, or over which, nothing is written: a folder, a symbolic link.
    Blocked(Problem),
}

impl Found {
    /// The content's fingerprint, where there is a file.
    #[must_use]
    pub fn fingerprint(&self) -> Option<&Fingerprint> {
        match self {
            Self::File { fingerprint, .. } => Some(fingerprint),
            Self::Nothing | Self::Blocked(_) => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::File { text, .. } => text.as_deref(),
            Self::Nothing | Self::Blocked(_) => None,
        }
    }
}

impl Tree {
    /// Checks wanted files, given by path.
    ///
    /// # Errors
    /// All that is wrong: a path that may not be written, two that one file system takes for the same, a file where
    /// another needs a folder, a name that ends in `.new`, a text of more than 4 MiB.
    pub fn new<P: AsRef<str>>(files: impl IntoIterator<Item = (P, String)>) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut tree = BTreeMap::new();
        // Files and their folders in lower case, with how they are written.
        let mut taken: BTreeMap<String, Taken> = BTreeMap::new();
        for (path, text) in files {
            let path: RelativePath = match path.as_ref().parse() {
                Ok(path) => path,
                Err(error) => {
                    let subject = format!("the file {:?}", path.as_ref());
                    problems.push(Problem::new(subject, error.to_string(), "rename what it is named after"));
                    continue;
                }
            };
            let mut wrong = |reason: String, remedy: &str| {
                problems.push(Problem::new(format!("the file {path}"), reason, remedy));
            };
            if path.is_beside() {
                wrong("a name that ends in `.new` is for the text beside an edited file".into(), RENAME);
            } else if text.len() > LARGEST {
                wrong(format!("it has {} bytes, and {LARGEST} at most are written", text.len()), "split it");
            } else if let Some(other) = take(&mut taken, &path) {
                wrong(format!("{other} is there too, and some file systems take both for one"), RENAME);
            } else {
                tree.insert(path, text);
            }
        }
        if problems.is_empty() { Ok(Self(tree)) } else { Err(problems) }
    }

    /// Each file and its text, in the order of their paths.
    pub fn files(&self) -> impl Iterator<Item = (&RelativePath, &str)> {
        self.0.iter().map(|(path, text)| (path, text.as_str()))
    }

    /// The wanted text of a file.
    #[must_use]
    pub fn text(&self, path: &RelativePath) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }
}

const RENAME: &str = "rename what one of them is named after";

struct Taken {
    written: String,
    is_file: bool,
}

/// Takes the names of a file and its folders; what is in the way otherwise.
fn take(taken: &mut BTreeMap<String, Taken>, path: &RelativePath) -> Option<String> {
    let whole = path.as_str();
    let ends = whole.match_indices('/').map(|(at, _)| at).chain([whole.len()]);
    for end in ends {
        let written = whole.get(..end).unwrap_or(whole);
        let is_file = end == whole.len();
        match taken.get(&written.to_lowercase()) {
            Some(other) if is_file || other.is_file || other.written != written => {
                return Some(other.written.clone());
            }
            Some(_) => {}
            None => {
                taken.insert(written.to_lowercase(), Taken { written: written.to_owned(), is_file });
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::Tree;

    fn problems(paths: &[&str]) -> Vec<String> {
        let files = paths.iter().map(|path| (*path, String::new()));
        Tree::new(files).err().unwrap_or_default().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn names_that_some_file_system_takes_for_one_are_refused() {
        assert_eq!(problems(&["a/x.yml", "a/y.yml", "b/x.yml"]), Vec::<String>::new());
        let found = problems(&["base/Web.yml", "base/web.yml"]);
        assert_eq!(
            found,
            [
                "the file base/web.yml: base/Web.yml is there too, and some file systems take both for one; rename what one of them is named after"
            ]
        );
        assert_eq!(problems(&["Base/x.yml", "base/y.yml"]).len(), 1, "folders too");
        assert_eq!(problems(&["a", "a/b"]).len(), 1, "a file where a folder must be");
        assert_eq!(problems(&["a/b", "A"]).len(), 1);
    }

    #[test]
    fn every_wrong_path_is_told() {
        assert_eq!(problems(&["../x", "/etc/x", "fine.yml", "x.new"]).len(), 3);
    }
}
