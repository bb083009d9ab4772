//! The name of a file below a repository's root.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A part of a path, in bytes: with what is put around it while it is written, below every file system's 255.
const LONGEST_PART: usize = 200;
/// A whole path, in bytes.
const LONGEST: usize = 1_000;

/// What is added to the name of a file that was edited, for the text that is wanted instead.
const BESIDE: &str = ".new";

/// A file's path below the repository's root, with `/` between its parts. It cannot leave the root, and is the
/// same on every file system: letters, digits, `-`, `_` and `.` alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RelativePath(String);

/// Why a text is no path of a file that may be written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PathError {
    /// Nothing, or nothing between two slashes.
    #[error("{0:?} has an empty part")]
    Empty(String),
    /// It begins at the root of the file system.
    #[error("{0:?} is an absolute path")]
    Absolute(String),
    /// `.` or `..`.
    #[error("{0:?} leads out of the repository, or nowhere")]
    Dots(String),
    /// Something else than letters, digits, `-`, `_` and `.`.
    #[error("{0:?} has a character that is no letter, digit, `-`, `_` or `.`")]
    Character(String),
    /// Git's own folder, or this program's.
    #[error("{0:?} belongs to Git, or to the record of what was written")]
    Reserved(String),
    /// Too long for some file system.
    #[error("{0:?} is too long: a part has at most {LONGEST_PART} bytes, the whole {LONGEST}")]
    Long(String),
}

impl RelativePath {
    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its folders from the root, and its name.
    #[must_use]
    pub fn split(&self) -> (Vec<&str>, &str) {
        let mut parts: Vec<&str> = self.0.split('/').collect();
        let name = parts.pop().unwrap_or_default();
        (parts, name)
    }

    /// Where the wanted text goes when this file was edited: `NAME.new`.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self(format!("{}{BESIDE}", self.0))
    }

    /// Is it such a name?
    #[must_use]
    pub fn is_beside(&self) -> bool {
        self.0.ends_with(BESIDE)
    }
}

impl FromStr for RelativePath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let named = || text.chars().take(LONGEST_PART).collect::<String>();
        if text.starts_with('/') {
            return Err(PathError::Absolute(named()));
        }
        if text.len() > LONGEST {
            return Err(PathError::Long(named()));
        }
        for part in text.split('/') {
            let is_reserved = [".git", ".migrate-tui"].iter().any(|own| part.eq_ignore_ascii_case(own));
            if part.is_empty() {
                return Err(PathError::Empty(named()));
            } else if part == "." || part == ".." {
                return Err(PathError::Dots(named()));
            } else if !part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')) {
                return Err(PathError::Character(named()));
            } else if is_reserved {
                return Err(PathError::Reserved(named()));
            } else if part.len() > LONGEST_PART {
                return Err(PathError::Long(named()));
            }
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for RelativePath {
    type Error = PathError;

    fn try_from(text: String) -> Result<Self, PathError> {
        text.parse()
    }
}

impl From<RelativePath> for String {
    fn from(path: RelativePath) -> Self {
        path.0
    }
}

impl fmt::Display for RelativePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{PathError, RelativePath};

    #[test]
    fn a_path_stays_below_the_root() {
        let refused = |text: &str| text.parse::<RelativePath>().unwrap_err();
        assert!(matches!(refused("/etc/passwd"), PathError::Absolute(_)));
        for text in ["..", "../x", "a/../../x", "./a", "a/."] {
            assert!(matches!(refused(text), PathError::Dots(_)), "{text}");
        }
        for text in ["", "a//b", "a/"] {
            assert!(matches!(refused(text), PathError::Empty(_)), "{text}");
        }
        for text in ["a\\b", "a\u{1b}[31m", "a\nb", "a\0b", "C:x", "ä", "a b"] {
            assert!(matches!(refused(text), PathError::Character(_)), "{text:?}");
        }
        for text in [".git/hooks/pre-commit", "sub/.GIT/config", ".migrate-tui/init.json"] {
            assert!(matches!(refused(text), PathError::Reserved(_)), "{text}");
        }
        assert!(matches!(refused(&"a".repeat(201)), PathError::Long(_)));
        assert!(matches!(refused(&"a/".repeat(600)), PathError::Long(_)));
        for text in [".github/workflows/deploy.yml", "kubernetes/base/web-deployment.yml", ".gitignore"] {
            assert_eq!(text.parse::<RelativePath>().unwrap().as_str(), text);
        }
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_joins_to_below_the_root(text in "[a./]{0,8}|\\PC{0,12}") {
            if let Ok(path) = text.parse::<RelativePath>() {
                let parts = std::path::Path::new(path.as_str()).components();
                prop_assert!(parts.into_iter().all(|part| matches!(part, std::path::Component::Normal(_))));
            }
        }
    }
}
