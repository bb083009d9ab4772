//! A key press, and how it is written: `a`, `?`, `ctrl-c`, `shift-tab`, `page-down`.

use std::{fmt, str::FromStr};

use crossterm::event::{KeyCode, KeyModifiers};
use serde::{Deserialize, Deserializer, de::Error};

/// One press: a key with its modifiers. Shift is part of the character, so it only counts with keys
/// that are not characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyPress {
    /// Which key.
    pub code: KeyCode,
    /// Held with it.
    pub modifiers: KeyModifiers,
}

impl KeyPress {
    /// In its normal form: `shift` goes into the character, `shift-tab` is one key for all terminals.
    #[must_use]
    pub fn new(code: KeyCode, modifiers: KeyModifiers) -> Self {
        let known = KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT;
        let mut modifiers = modifiers & known;
        let code = match code {
            KeyCode::Tab if modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
            KeyCode::Char(character) if modifiers.contains(KeyModifiers::SHIFT) => {
                KeyCode::Char(character.to_uppercase().next().unwrap_or(character))
            }
            other => other,
        };
        if matches!(code, KeyCode::Char(_) | KeyCode::BackTab) {
            modifiers.remove(KeyModifiers::SHIFT);
        }
        Self { code, modifiers }
    }

    /// The character, when it types one.
    #[must_use]
    pub fn typed(&self) -> Option<char> {
        match self.code {
            KeyCode::Char(character) if self.modifiers.is_empty() => Some(character),
            _ => None,
        }
    }
}

const NAMED: [(&str, KeyCode); 17] = [
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("shift-tab", KeyCode::BackTab),
    ("space", KeyCode::Char(' ')),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("page-up", KeyCode::PageUp),
    ("page-down", KeyCode::PageDown),
    ("minus", KeyCode::Char('-')),
];

impl FromStr for KeyPress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || {
            format!(
                "unknown key {text:?}; write a character, or as in \"ctrl-c\", \"shift-tab\", \"page-down\""
            )
        };
        let mut rest = text;
        let mut modifiers = KeyModifiers::NONE;
        loop {
            if let Some((_, code)) = NAMED.iter().find(|(name, _)| *name == rest) {
                return Ok(Self::new(*code, modifiers));
            }
            let mut characters = rest.chars();
            if let (Some(character), None) = (characters.next(), characters.next()) {
                return Ok(Self::new(KeyCode::Char(character), modifiers));
            }
            if let Some(number) = rest.strip_prefix('f').and_then(|number| number.parse::<u8>().ok()) {
                return if (1..=12).contains(&number) {
                    Ok(Self::new(KeyCode::F(number), modifiers))
                } else {
                    Err(unknown())
                };
            }
            let (modifier, remaining) = rest.split_once('-').ok_or_else(unknown)?;
            modifiers |= match modifier {
                "ctrl" => KeyModifiers::CONTROL,
                "alt" => KeyModifiers::ALT,
                "shift" => KeyModifiers::SHIFT,
                _ => return Err(unknown()),
            };
            rest = remaining;
        }
    }
}

impl fmt::Display for KeyPress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (modifier, name) in
            [(KeyModifiers::CONTROL, "ctrl-"), (KeyModifiers::ALT, "alt-"), (KeyModifiers::SHIFT, "shift-")]
        {
            if self.modifiers.contains(modifier) {
                f.write_str(name)?;
            }
        }
        match self.code {
            KeyCode::F(number) => write!(f, "f{number}"),
            code => match NAMED.iter().find(|(name, named)| *named == code && *name != "minus") {
                Some((name, _)) => f.write_str(name),
                None => match code {
                    KeyCode::Char(character) => write!(f, "{character}"),
                    other => write!(f, "{other:?}"),
                },
            },
        }
    }
}

impl<'de> Deserialize<'de> for KeyPress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyModifiers};

    use super::KeyPress;

    #[test]
    fn keys_are_read_and_written_alike() {
        for text in ["a", "A", "?", "-", "ctrl-c", "shift-tab", "page-down", "f5", "alt-left", "space", "/"] {
            assert_eq!(text.parse::<KeyPress>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn shift_is_part_of_a_character() {
        assert_eq!(KeyPress::new(KeyCode::Char('g'), KeyModifiers::SHIFT), "G".parse().unwrap());
        assert_eq!(KeyPress::new(KeyCode::Tab, KeyModifiers::SHIFT), "shift-tab".parse().unwrap());
    }

    #[test]
    fn an_unknown_key_is_an_error_that_says_how_to_write_one() {
        assert!("hyper-x".parse::<KeyPress>().unwrap_err().contains("ctrl-c"));
        assert!("f13".parse::<KeyPress>().is_err());
    }
}
