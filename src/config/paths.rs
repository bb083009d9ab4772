//! Where migrate-tui keeps its files, after the XDG base directories.

use std::path::PathBuf;

use etcetera::BaseStrategy;
use thiserror::Error;

/// The program's folders. None is created here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// `$XDG_CONFIG_HOME/migrate-tui`: `config.toml` and `themes/`.
    pub config: PathBuf,
    /// `$XDG_STATE_HOME/migrate-tui`: runs and logs.
    pub state: PathBuf,
    /// `$XDG_CACHE_HOME/migrate-tui`: what can be made again.
    pub cache: PathBuf,
}

/// There is no home folder.
#[derive(Debug, Error)]
#[error("no home folder is known; set HOME, or XDG_CONFIG_HOME, XDG_STATE_HOME and XDG_CACHE_HOME")]
pub struct PathsError(#[from] etcetera::HomeDirError);

impl Paths {
    /// From the environment.
    ///
    /// # Errors
    /// When no home folder is known.
    pub fn from_environment() -> Result<Self, PathsError> {
        // XDG on every system: operators look for a terminal program's files there.
        let base = etcetera::base_strategy::Xdg::new()?;
        Ok(Self {
            config: base.config_dir().join("migrate-tui"),
            state: base
                .state_dir()
                .unwrap_or_else(|| base.home_dir().join(".local/state"))
                .join("migrate-tui"),
            cache: base.cache_dir().join("migrate-tui"),
        })
    }

    /// The user's settings; may not exist.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// A theme of the user's own; may not exist.
    #[must_use]
    pub fn theme_file(&self, name: &str) -> PathBuf {
        self.config.join("themes").join(format!("{name}.toml"))
    }
}
