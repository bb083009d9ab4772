//! Reads the user's files. The only I/O of this module tree.

use std::{io, path::PathBuf};

use thiserror::Error;

use super::{ConfigError, Paths, Settings};
use crate::ui::{Theme, ThemeError};

/// Why the settings cannot be had.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The file is there but cannot be read.
    #[error("{}: cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It holds something wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The theme holds something wrong.
    #[error(transparent)]
    Theme(#[from] ThemeError),
    /// No such theme.
    #[error("there is no theme {name:?}; there are {}, and those that you put into {}", known.join(", "), folder.display())]
    NoTheme {
        /// The name asked for.
        name: String,
        /// Every name that there is.
        known: Vec<String>,
        /// Where users' themes are.
        folder: PathBuf,
    },
}

/// The defaults with the user's file over them, if there is one.
///
/// # Errors
/// [`LoadError`] when the file is there and cannot be used.
pub fn load(paths: &Paths) -> Result<Settings, LoadError> {
    let settings = Settings::defaults()?;
    let path = paths.config_file();
    match read(path.clone())? {
        Some(text) => Ok(settings.overlay(&path.display().to_string(), &text)?),
        None => Ok(settings),
    }
}

/// The theme of that name: the user's own before the built-in ones.
///
/// # Errors
/// [`LoadError`] when there is none, or it cannot be used.
pub fn load_theme(paths: &Paths, name: &str) -> Result<Theme, LoadError> {
    // A name, never a path: `../` must not lead out of the folder.
    let plain = name.chars().all(|character| character.is_alphanumeric() || "-_".contains(character));
    let path = paths.theme_file(name);
    if plain && let Some(text) = read(path.clone())? {
        return Ok(Theme::parse(&path.display().to_string(), &text)?);
    }
    Theme::built_in(name).transpose()?.ok_or_else(|| no_theme(paths, name))
}

fn no_theme(paths: &Paths, name: &str) -> LoadError {
    let folder = paths.config.join("themes");
    let mut known: Vec<String> = Theme::BUILT_IN.map(str::to_owned).to_vec();
    let files = std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut own: Vec<String> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
        .filter(|name| !known.contains(name))
        .collect();
    own.sort();
    known.append(&mut own);
    LoadError::NoTheme { name: name.to_owned(), known, folder }
}

fn read(path: PathBuf) -> Result<Option<String>, LoadError> {
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(LoadError::Unreadable { path, source }),
    }
}
