//! What reading needs from outside.

use std::path::{Path, PathBuf};

use super::Found;

/// Where texts and variables come from. Paths are relative to the project's folder, without `.`, with `..` only
/// in front; a file that the operator named may be absolute.
pub trait Source {
    /// The text of a file.
    ///
    /// # Errors
    /// [`Unreadable`].
    fn text(&self, path: &Path) -> Result<String, Unreadable>;

    /// What is at a path; its content only when `with_content`.
    fn look(&self, path: &Path, with_content: bool) -> Found;

    /// A variable of the process.
    fn variable(&self, name: &str) -> Option<String>;
}

/// Why a file has no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// Nothing is there.
    Missing,
    /// It is no UTF-8 text, from this line on.
    NoText(u64),
    /// Anything else, in words that fit behind `cannot be read: `.
    Other(String),
}

/// What to read. Everything is as on the command line of compose.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `-f`, in order; empty: `COMPOSE_FILE`, or the file that compose would find, with its override.
    pub files: Vec<PathBuf>,
    /// `--env-file`, in order; empty: `.env` of the project's folder, where there is one.
    pub env_files: Vec<PathBuf>,
    /// `--profile`; `*` is all. `COMPOSE_PROFILES` is added.
    pub profiles: Vec<String>,
    /// `-p`.
    pub name: Option<String>,
    /// The project folder's own name: what the project is called when nothing names it.
    pub folder_name: String,
    /// How many folders above the project's are the operator's too (the repository's): what `extends`, `include`
    /// and `env_file` name there is read. Beyond, nothing is.
    pub above: usize,
}
