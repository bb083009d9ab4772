//! Roles to styles. Widgets name roles; only this file knows colours.

use ratatui::style::{Modifier, Style};
use serde::{Deserialize, Deserializer, de::Error};
use thiserror::Error;

use super::colour::{self, Depth};

/// A style for each role.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are the roles; `themes/dark.toml` shows them all")]
pub struct Theme {
    pub screen: Role,
    pub text: Role,
    pub muted: Role,
    pub accent: Role,
    pub heading: Role,
    pub ok: Role,
    pub warn: Role,
    pub danger: Role,
    pub diff_added: Role,
    pub diff_removed: Role,
    pub diff_path: Role,
    pub border: Role,
    pub border_focused: Role,
    pub selected: Role,
    pub selected_focused: Role,
    pub button: Role,
    pub button_focused: Role,
    pub dialogue: Role,
    pub input: Role,
    pub badge: Role,
    pub badge_write: Role,
    pub badge_read: Role,
    pub badge_simulated: Role,
    pub bar: Role,
    pub key: Role,
}

/// One role's style.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Role(pub Style);

impl From<Role> for Style {
    fn from(role: Role) -> Self {
        role.0
    }
}

/// Why a theme cannot be used; the text names line and column.
#[derive(Debug, Error)]
#[error("{name}: {reason}")]
pub struct ThemeError {
    name: String,
    reason: String,
}

impl Theme {
    /// Names of the embedded ones.
    pub const BUILT_IN: [&'static str; 3] = ["dark", "light", "high-contrast"];

    /// An embedded theme.
    #[must_use]
    pub fn built_in(name: &str) -> Option<Result<Self, ThemeError>> {
        let text = match name {
            "dark" => include_str!("../../themes/dark.toml"),
            "light" => include_str!("../../themes/light.toml"),
            "high-contrast" => include_str!("../../themes/high-contrast.toml"),
            _ => return None,
        };
        Some(Self::parse(name, text))
    }

    /// A theme from its text; `name` is for the errors.
    ///
    /// # Errors
    /// [`ThemeError`] for anything unknown, missing or unreadable.
    pub fn parse(name: &str, text: &str) -> Result<Self, ThemeError> {
        toml::from_str(text).map_err(|error| ThemeError { name: name.to_owned(), reason: error.to_string() })
    }

    /// Brought down to what a terminal can show.
    #[must_use]
    pub fn at(mut self, depth: Depth) -> Self {
        for role in self.roles() {
            role.0 = reduce(role.0, depth);
        }
        if depth == Depth::None {
            // What colour alone would have said, modifiers say.
            let reversed = Style::new().add_modifier(Modifier::REVERSED);
            self.selected = Role(Style::new().add_modifier(Modifier::UNDERLINED));
            for role in [&mut self.selected_focused, &mut self.button_focused, &mut self.badge_write] {
                *role = Role(reversed.add_modifier(Modifier::BOLD));
            }
            for role in [&mut self.badge, &mut self.badge_read, &mut self.badge_simulated] {
                *role = Role(reversed);
            }
            self.border_focused = Role(Style::new().add_modifier(Modifier::BOLD));
            self.input = Role(Style::new().add_modifier(Modifier::UNDERLINED));
        }
        self
    }

    fn roles(&mut self) -> [&mut Role; 25] {
        [
            &mut self.screen,
            &mut self.text,
            &mut self.muted,
            &mut self.accent,
            &mut self.heading,
            &mut self.ok,
            &mut self.warn,
            &mut self.danger,
            &mut self.diff_added,
            &mut self.diff_removed,
            &mut self.diff_path,
            &mut self.border,
            &mut self.border_focused,
            &mut self.selected,
            &mut self.selected_focused,
            &mut self.button,
            &mut self.button_focused,
            &mut self.dialogue,
            &mut self.input,
            &mut self.badge,
            &mut self.badge_write,
            &mut self.badge_read,
            &mut self.badge_simulated,
            &mut self.bar,
            &mut self.key,
        ]
    }
}

fn reduce(style: Style, depth: Depth) -> Style {
    Style {
        fg: style.fg.and_then(|colour| colour::reduce(colour, depth)),
        bg: style.bg.and_then(|colour| colour::reduce(colour, depth)),
        ..style
    }
}

impl<'de> Deserialize<'de> for Role {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut style = Style::new();
        let mut background = false;
        for word in text.split_whitespace() {
            let modifier = match word {
                "on" => {
                    background = true;
                    continue;
                }
                "bold" => Some(Modifier::BOLD),
                "dim" => Some(Modifier::DIM),
                "italic" => Some(Modifier::ITALIC),
                "underlined" => Some(Modifier::UNDERLINED),
                "reversed" => Some(Modifier::REVERSED),
                _ => None,
            };
            if let Some(modifier) = modifier {
                style = style.add_modifier(modifier);
                continue;
            }
            let colour = word.parse().map_err(|_| {
                D::Error::custom(format!("{word:?} is neither a colour (red, 114, #rrggbb) nor a modifier"))
            })?;
            style = if background { style.bg(colour) } else { style.fg(colour) };
            background = false;
        }
        Ok(Self(style))
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::Color;

    use super::{Depth, Theme};

    #[test]
    fn the_built_in_themes_can_be_read() {
        for name in Theme::BUILT_IN {
            Theme::built_in(name).unwrap().unwrap();
        }
        assert!(Theme::built_in("mauve").is_none());
    }

    #[test]
    fn a_broken_theme_says_where() {
        let text = include_str!("../../themes/dark.toml").replace("#9ece6a", "greenish");
        let error = Theme::parse("mine.toml", &text).unwrap_err().to_string();
        assert!(error.contains("greenish") && error.contains("line"), "{error}");
    }

    #[test]
    fn without_colour_nothing_is_coloured() {
        let mut theme = Theme::built_in("dark").unwrap().unwrap().at(Depth::None);
        for role in theme.roles() {
            assert_eq!((role.0.fg, role.0.bg), (None, None));
        }
    }

    #[test]
    fn sixteen_colours_are_the_named_ones() {
        let mut theme = Theme::built_in("dark").unwrap().unwrap().at(Depth::Sixteen);
        for role in theme.roles() {
            for colour in [role.0.fg, role.0.bg].into_iter().flatten() {
                assert!(!matches!(colour, Color::Rgb(..) | Color::Indexed(_)), "{colour:?}");
            }
        }
    }
}
