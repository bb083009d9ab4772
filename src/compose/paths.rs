//! Paths, by their text alone.

use std::path::{Component, Path, PathBuf};

/// A path as it was written, below the folder of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Location {
    /// Relative to the project's folder, without `.`; `..` only in front.
    Relative(PathBuf),
    /// Absolute, of the home folder, of Windows: never looked at.
    Outside,
}

impl Location {
    /// The path, where it is below the project's folder.
    pub(super) fn inside(&self) -> Option<&Path> {
        self.within(0)
    }

    /// The path, where it is at most so many folders above the project's.
    pub(super) fn within(&self, above: usize) -> Option<&Path> {
        match self {
            Self::Relative(path) if rises(path) <= above => Some(path),
            _ => None,
        }
    }
}

/// Where a written path leads.
pub(super) fn locate(base: &Path, written: &str) -> Location {
    let has_control = written.chars().any(char::is_control);
    if has_control || written.starts_with('~') || is_windows(written) || base.is_absolute() {
        return Location::Outside;
    }
    let path = Path::new(written);
    if path.is_absolute() { Location::Outside } else { Location::Relative(flat(&base.join(path))) }
}

/// `C:\x`, `C:/x`, `\\server\x`.
pub(super) fn is_windows(path: &str) -> bool {
    let mut characters = path.chars();
    let begins = (characters.next(), characters.next(), characters.next());
    path.starts_with(r"\\")
        || matches!(begins, (Some(drive), Some(':'), Some('\\' | '/')) if drive.is_ascii_alphabetic())
}

/// Without `.`, and without `..` behind a name.
pub(super) fn flat(path: &Path) -> PathBuf {
    let mut flat = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if flat.file_name().is_some() => {
                flat.pop();
            }
            other => flat.push(other),
        }
    }
    flat
}

/// The folder of a file.
pub(super) fn folder(path: &Path) -> PathBuf {
    path.parent().map(Path::to_path_buf).unwrap_or_default()
}

fn rises(path: &Path) -> usize {
    path.components().take_while(|component| *component == Component::ParentDir).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_paths() {
        let at = |base: &str, written: &str| match locate(Path::new(base), written) {
            Location::Relative(path) => path.display().to_string(),
            Location::Outside => "outside".into(),
        };
        assert_eq!(at("", "./a/../b/./c"), "b/c");
        assert_eq!(at("sub", "../x"), "x");
        assert_eq!(at("sub", "../../x"), "../x");
        assert_eq!(at("..", "../x"), "../../x");
        for written in ["/etc/passwd", "~/x", "~", r"C:\x", "c:/x", r"\\server\share", "a\u{0}b", "a\nb"] {
            assert_eq!(at("", written), "outside", "{written}");
        }
        assert!(locate(Path::new(""), "../../x").within(1).is_none());
        assert!(locate(Path::new(""), "../x").within(1).is_some());
        assert!(locate(Path::new(""), "../x").inside().is_none());
    }
}
