//! The config file's form, and what it comes to over the defaults.

use std::collections::BTreeMap;

use serde::Deserialize;
use thiserror::Error;

use super::{Action, KeyPress, Keymap};

const DEFAULTS: &str = include_str!("defaults.toml");

/// What the operator has set, over the defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Name of the theme.
    pub theme: String,
    /// Which key asks for what.
    pub keymap: Keymap,
    contexts: BTreeMap<String, Context>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    theme: Option<String>,
    #[serde(default)]
    contexts: BTreeMap<String, Context>,
    #[serde(default)]
    keys: BTreeMap<Action, Vec<KeyPress>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Context {
    #[serde(default)]
    read_only: bool,
}

/// Why a config file cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// It is not TOML, or holds something unknown. The text names line and column.
    #[error("{name}: {reason}")]
    Invalid {
        /// The file.
        name: String,
        /// What, where.
        reason: String,
    },
    /// One key would ask for two things.
    #[error("{name}: {key:?} is bound to both {first:?} and {second:?}; give one of them another key, or []")]
    Clash {
        /// The file.
        name: String,
        /// The key.
        key: String,
        /// One action.
        first: Action,
        /// The other.
        second: Action,
    },
}

impl Settings {
    /// The defaults alone.
    ///
    /// # Errors
    /// Never in a released version: a test reads them.
    pub fn defaults() -> Result<Self, ConfigError> {
        let file = read("defaults.toml", DEFAULTS)?;
        let settings = Self {
            theme: file.theme.unwrap_or_default(),
            keymap: Keymap::new(file.keys),
            contexts: file.contexts,
        };
        settings.check("defaults.toml")
    }

    /// These settings with a file's text laid over them; `name` is for the errors.
    ///
    /// # Errors
    /// [`ConfigError`], with line and column where there is one.
    pub fn overlay(mut self, name: &str, text: &str) -> Result<Self, ConfigError> {
        let file = read(name, text)?;
        if let Some(theme) = file.theme {
            self.theme = theme;
        }
        self.keymap.overlay(Keymap::new(file.keys));
        self.contexts.extend(file.contexts);
        self.check(name)
    }

    /// Has the operator said that this context is never to be written to?
    #[must_use]
    pub fn is_read_only(&self, context: &str) -> bool {
        self.contexts.get(context).is_some_and(|context| context.read_only)
    }

    fn check(self, name: &str) -> Result<Self, ConfigError> {
        match self.keymap.clash() {
            Some((key, first, second)) => {
                Err(ConfigError::Clash { name: name.to_owned(), key: key.to_string(), first, second })
            }
            None => Ok(self),
        }
    }
}

fn read(name: &str, text: &str) -> Result<File, ConfigError> {
    toml::from_str(text)
        .map_err(|error| ConfigError::Invalid { name: name.to_owned(), reason: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::Settings;
    use crate::config::{Action, Screen};

    #[test]
    fn the_defaults_bind_every_action() {
        let settings = Settings::defaults().unwrap();
        for action in Action::ALL {
            assert!(!settings.keymap.keys_for(action).is_empty(), "{action:?}");
        }
    }

    #[test]
    fn a_file_replaces_only_what_it_names() {
        let text =
            "theme = \"light\"\n[keys]\napply = [\"ctrl-a\"]\n[contexts.production]\nread_only = true\n";
        let settings = Settings::defaults().unwrap().overlay("config.toml", text).unwrap();
        assert_eq!(settings.theme, "light");
        assert_eq!(settings.keymap.hint(Action::Apply), "ctrl-a");
        assert_eq!(settings.keymap.hint(Action::RollBack), "r");
        assert!(settings.is_read_only("production"));
        assert!(!settings.is_read_only("staging-eu"));
    }

    #[test]
    fn a_key_may_ask_for_one_thing_on_each_screen() {
        let keymap = Settings::defaults().unwrap().keymap;
        let press = "r".parse().unwrap();
        assert_eq!(keymap.resolve(press, Screen::Cockpit), Some(Action::RollBack));
        assert_eq!(keymap.resolve(press, Screen::Init), Some(Action::Reload));
    }

    #[test]
    fn errors_say_where() {
        for (text, wanted) in [
            ("themes = 1\n", "line 1"),
            ("\n[keys]\nexplode = [\"e\"]\n", "line 3"),
            ("[contexts.a]\nreadonly = true\n", "readonly"),
            ("[keys]\napply = [\"hyper-a\"]\n", "unknown key"),
            ("[keys]\napply = [\"r\"]\n", "bound to both"),
            ("[keys]\nfilter = [\"w\"]\n", "bound to both"),
        ] {
            let error = Settings::defaults().unwrap().overlay("config.toml", text).unwrap_err().to_string();
            assert!(error.contains(wanted) && error.starts_with("config.toml"), "{error}");
        }
    }
}
