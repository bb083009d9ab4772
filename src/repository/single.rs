//! One file that is there already: read, and replaced whole.

use std::path::Path;

use super::{
    error,
    folder::Folder,
    look,
    walk::{Stop, Walk},
};
use crate::{
    diff::Problem,
    scaffold::{Fingerprint, Found, RelativePath},
};

/// The text of a file below `root`; `None` when it is not there. Symbolic links are not followed.
///
/// # Errors
/// [`Problem`] when something else is in its place, or it is no text.
pub fn text_of(root: &Path, path: &RelativePath) -> Result<Option<String>, Problem> {
    let folder = Folder::open(root).map_err(|error| error::io("opening", &root.display(), &error))?;
    match look::one(&mut Walk::from(&folder), path) {
        Found::Nothing => Ok(None),
        Found::File { text: Some(text), .. } => Ok(Some(text)),
        Found::File { text: None, .. } => {
            Err(Problem::new(path.as_str(), "it is no UTF-8", "correct the file"))
        }
        Found::Blocked(problem) => Err(problem),
    }
}

/// Writes a file anew when its text is still the one with this fingerprint: beside it first, then in its place, with
/// its mode. Was it still?
///
/// # Errors
/// [`Problem`] when it cannot be written; it is as it was then.
pub fn replace(root: &Path, path: &RelativePath, before: &Fingerprint, text: &str) -> Result<bool, Problem> {
    let root = Folder::open(root).map_err(|error| error::io("opening", &root.display(), &error))?;
    let mut walk = Walk::from(&root);
    let (folders, name) = path.split();
    if look::one(&mut walk, path).fingerprint() != Some(before) {
        return Ok(false);
    }
    let folder = match walk.to(&folders, false) {
        Ok(folder) => folder,
        Err(Stop::Nothing) => return Ok(false),
        Err(Stop::Blocked(problem)) => return Err(problem),
    };
    folder.replace(name, text.as_bytes(), false).map_err(|error| error::io("writing", path, &error))?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::{replace, text_of};
    use crate::scaffold::{Fingerprint, RelativePath};

    fn path(text: &str) -> RelativePath {
        text.parse().unwrap()
    }

    #[test]
    fn a_file_is_replaced_while_it_is_what_was_read_and_keeps_its_mode() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("a/k.yml");
        fs::create_dir(root.path().join("a")).unwrap();
        fs::write(&file, "one").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let one = Fingerprint::of(b"one");
        assert_eq!(text_of(root.path(), &path("a/k.yml")).unwrap().as_deref(), Some("one"));
        assert_eq!(text_of(root.path(), &path("a/none.yml")).unwrap(), None);
        assert!(replace(root.path(), &path("a/k.yml"), &one, "two").unwrap());
        assert!(!replace(root.path(), &path("a/k.yml"), &one, "three").unwrap());
        assert_eq!(fs::read_to_string(&file).unwrap(), "two");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(root.path().join("a")).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn nothing_is_written_through_a_link() {
        let (root, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(other.path().join("k.yml"), "one").unwrap();
        std::os::unix::fs::symlink(other.path(), root.path().join("folder")).unwrap();
        std::os::unix::fs::symlink(other.path().join("k.yml"), root.path().join("k.yml")).unwrap();
        for name in ["k.yml", "folder/k.yml"] {
            assert!(
                text_of(root.path(), &path(name)).unwrap_err().reason.contains("symbolic link"),
                "{name}"
            );
            let replaced = replace(root.path(), &path(name), &Fingerprint::of(b"one"), "two");
            assert!(!replaced.unwrap_or(false), "{name}");
        }
        assert_eq!(fs::read_to_string(other.path().join("k.yml")).unwrap(), "one");
    }
}
