//! What no message may quote: values that are not plainly harmless, and what Secrets hold.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::object::MASK;

/// As many letters in a row are taken for a piece of a value; a shorter value counts as a whole.
const PIECE: usize = 6;

/// Shorter texts are no secrets, and would blot out half of a message.
const SHORTEST: usize = 4;

/// A word of as many small letters, as in `debug` or `registry`.
const LONGEST_WORD: usize = 8;

/// Names of values that are never harmless.
const SECRET_NAMES: [&str; 7] = ["password", "passwd", "secret", "token", "key", "credential", "auth"];

/// What no message may quote. A chart may cut a value, write it in small letters or in base64, so pieces of it count.
#[derive(Clone, Default)]
pub struct Hidden {
    /// In small letters.
    pieces: BTreeSet<String>,
}

/// Nothing of it is ever shown.
impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hidden")
    }
}

impl Hidden {
    /// Of merged values, as JSON; what is `known` anyway, as a release's name, is not hidden.
    #[must_use]
    pub fn of(values: &str, known: &[&str]) -> Self {
        let mut hidden = Self::default();
        hidden.collect(&serde_json::from_str(values).unwrap_or_default(), false, known);
        hidden
    }

    /// And of these texts, whatever they look like.
    #[must_use]
    pub fn and(mut self, texts: &[String]) -> Self {
        for text in texts {
            self.hide(text);
        }
        self
    }

    /// The text with a mask for each word that has a piece of what is hidden in it.
    #[must_use]
    pub fn in_text(&self, text: &str) -> String {
        let mut shown = String::with_capacity(text.len());
        for word in text.split_inclusive(|letter: char| letter.is_whitespace()) {
            let bare = word.trim_end();
            match self.shown(bare) {
                Some(masked) => shown.extend([&masked, word.get(bare.len()..).unwrap_or_default()]),
                None => shown.push_str(word),
            }
        }
        shown
    }

    /// A word, masked; `None` when it may be shown.
    fn shown(&self, word: &str) -> Option<String> {
        let letters: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
        let has_piece = (SHORTEST..=PIECE).any(|length| {
            letters.windows(length).any(|piece| self.pieces.contains(&piece.iter().collect::<String>()))
        });
        let around: String = word.chars().take_while(|letter| "\"'`([{<".contains(*letter)).collect();
        has_piece.then(|| format!("{around}{MASK}"))
    }

    fn collect(&mut self, value: &Value, is_secret: bool, known: &[&str]) {
        match value {
            Value::String(text) if is_secret => self.hide(text),
            Value::Number(number) if is_secret => self.hide(&number.to_string()),
            Value::String(text) if known.contains(&text.as_str()) || is_harmless(text) => {}
            Value::String(text) => {
                let parts = text.split(|letter: char| !letter.is_alphanumeric());
                let parts = parts.filter(|part| !known.contains(part) && !is_harmless(part));
                for part in parts {
                    self.hide(part);
                }
                self.encode(text);
            }
            Value::Number(number) => {
                let text = number.to_string();
                if text.len() > SHORTEST {
                    self.hide(&text);
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.collect(item, is_secret, known);
                }
            }
            Value::Object(map) => {
                for (name, value) in map {
                    let name = name.to_lowercase();
                    let named = SECRET_NAMES.iter().any(|part| name.contains(part));
                    self.collect(value, is_secret || named, known);
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn hide(&mut self, text: &str) {
        if text.chars().count() >= SHORTEST {
            self.pieces_of(text);
            self.encode(text);
        }
    }

    fn encode(&mut self, text: &str) {
        if text.chars().count() >= SHORTEST {
            self.pieces_of(STANDARD.encode(text).trim_end_matches('='));
        }
    }

    fn pieces_of(&mut self, text: &str) {
        for word in text.split_whitespace() {
            let letters: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
            let length = letters.len().min(PIECE);
            if length >= SHORTEST {
                self.pieces.extend(letters.windows(length).map(|piece| piece.iter().collect::<String>()));
            }
        }
    }
}

/// A word, a version, an amount, a time: nothing that anyone would keep secret.
fn is_harmless(text: &str) -> bool {
    let is_word = text.len() <= LONGEST_WORD && text.chars().all(|letter| letter.is_ascii_lowercase());
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let others = text.chars().filter(|letter| letter.is_alphabetic()).count();
    let is_amount = text.chars().next().is_some_and(|first| first.is_ascii_digit() || first == 'v')
        && others <= 2
        && digits <= 6
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || ".-+".contains(letter))
        && (others > 0 || text.contains('.') || digits < SHORTEST);
    text.chars().count() < SHORTEST || is_word || is_amount
}

#[cfg(test)]
mod tests {
    use super::Hidden;

    #[test]
    fn a_value_is_hidden_whole_cut_in_small_letters_and_in_base64() {
        let values = r#"{"conn": "postgres://user:ConnPW77@db/x", "pin": 409671, "words": "Correct horse battery",
            "adminPassword": "plainword", "level": "debug", "tag": "1.27.4", "size": "10Gi", "release": "shop-web-1"}"#;
        let hidden = Hidden::of(values, &["shop-web-1"]);
        for quoted in [
            "bad value \"postgres://user:ConnPW77@db/x\"",
            "bad value ConnPW7",
            "bad value connpw77",
            "bad value 409671",
            "bad value Correct",
            "bad value plainwo",
            "bad value UXPlainWordXY",
            "bad value cGxhaW53b3Jk",
        ] {
            let shown = hidden.in_text(quoted);
            assert!(shown.starts_with("bad value ") && shown.contains("••••••"), "{shown}");
            assert!(!shown.to_lowercase().contains("conn") && !shown.contains("409"), "{shown}");
        }
        let said = "release shop-web-1 with debug 1.27.4 and 10Gi\nis not there";
        assert_eq!(hidden.in_text(said), said);
    }

    #[test]
    fn what_secrets_hold_is_hidden_whatever_it_looks_like() {
        let hidden = Hidden::default().and(&["hunter".to_owned()]);
        assert_eq!(hidden.in_text("it said: hunter"), "it said: ••••••");
    }
}
