//! Keys and colours, as the operator has set them.

use super::color_depth;
use crate::{
    cli::Place,
    config::{self, LoadError, Paths, Settings},
    diff::Problem,
    ui::Theme,
    words::in_full,
};

/// The settings, and the theme brought down to what the terminal shows.
///
/// # Errors
/// What is wrong with a file, or the theme that is not there.
pub(super) fn appearance(place: &Place) -> Result<(Settings, Theme), Problem> {
    let settings_problem = |error: &dyn std::error::Error| {
        Problem::new("the settings", in_full(error), "mend or remove that file")
    };
    let paths = Paths::from_environment().map_err(|error| settings_problem(&error))?;
    let settings = config::load(&paths).map_err(|error| settings_problem(&error))?;
    let theme = config::load_theme(&paths, place.theme.as_deref().unwrap_or(&settings.theme))
        .map_err(|error| match (&place.theme, &error) {
            (Some(name), LoadError::NoTheme { .. }) => {
                Problem::new(format!("--theme {name}"), error.to_string(), "name one of them")
            }
            (None, LoadError::NoTheme { .. }) => Problem::new(
                format!("`theme` in {}", paths.config_file().display()),
                error.to_string(),
                "name one of them",
            ),
            _ => settings_problem(&error),
        })?
        .at(color_depth());
    Ok((settings, theme))
}
