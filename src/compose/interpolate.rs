//! `$VARIABLE` and `${VARIABLE…}` in a text: the grammar of the specification, the whole of it.
//!
//! ```text
//!  $$            a dollar sign
//!  $NAME  ${NAME}
//!  ${NAME:-word} ${NAME-word}    word when it is unset or empty, when it is unset
//!  ${NAME:?word} ${NAME?word}    an error
//!  ${NAME:+word} ${NAME+word}    word when it is set and not empty, when it is set
//! ```
//! A word may have variables of its own.

use std::{iter::Peekable, str::Chars};

/// How deep `${A:-${B:-…}}` may go.
const DEEPEST: usize = 32;

/// What became of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    /// With the variables put in.
    pub(super) text: String,
    /// The variables that counted, in order, each with what it was.
    pub(super) used: Vec<(String, Use)>,
}

/// What a variable was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// It has a value.
    Set,
    /// The text's default stands for it, or a replacement for nothing.
    Default,
    /// It is empty, as nothing sets it.
    Unset,
}

/// Why a text cannot be interpolated. Quotes names of variables, never the text, which may hold a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum InterpolationError {
    /// A `$` that begins nothing.
    #[error("a `$` is followed by no name of a variable")]
    Stray,
    /// `${` without `}`, with the name and operator that are there.
    #[error("`${{{0}` is never closed with `}}`")]
    Open(String),
    /// `${1}`, `${a b}`, with the name that is there.
    #[error("`${{{0}`: {1}")]
    Malformed(String, &'static str),
    /// Defaults in defaults in defaults.
    #[error("variables are nested too deeply")]
    Deep,
    /// `${NAME:?word}`.
    #[error("the variable `{name}` is required, and is {state}{}", if message.is_empty() { String::new() } else { format!(": {message}") })]
    Required { name: String, state: &'static str, message: String },
}

impl InterpolationError {
    /// Is the text wrong, and not a variable?
    pub(super) fn is_about_the_grammar(&self) -> bool {
        !matches!(self, Self::Required { .. })
    }
}

/// Puts variables into a text. `lookup` says what each is.
pub(super) fn interpolate(
    text: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<Outcome, InterpolationError> {
    let mut reader = Reader { rest: text.chars().peekable(), lookup, used: Vec::new(), open: String::new() };
    let text = reader.run(0, true)?;
    Ok(Outcome { text, used: reader.used })
}

struct Reader<'t> {
    rest: Peekable<Chars<'t>>,
    lookup: &'t dyn Fn(&str) -> Option<String>,
    used: Vec<(String, Use)>,
    /// The `${NAME:-` that was opened last.
    open: String,
}

impl Reader<'_> {
    /// Up to the end, or below the top to the closing brace. What does not count is read and dropped.
    fn run(&mut self, depth: usize, counts: bool) -> Result<String, InterpolationError> {
        if depth > DEEPEST {
            return Err(InterpolationError::Deep);
        }
        let mut out = String::new();
        loop {
            match self.rest.next() {
                None if depth == 0 => return Ok(out),
                None => return Err(InterpolationError::Open(self.open.clone())),
                Some('}') if depth > 0 => return Ok(out),
                Some('$') => match self.rest.peek() {
                    Some('$') => {
                        self.rest.next();
                        out.push('$');
                    }
                    Some('{') => {
                        self.rest.next();
                        out.push_str(&self.braced(depth, counts)?);
                    }
                    Some(c) if begins_name(*c) => {
                        let name = self.name();
                        out.push_str(&self.value(&name, counts));
                    }
                    _ => return Err(InterpolationError::Stray),
                },
                Some(other) => out.push(other),
            }
        }
    }

    fn braced(&mut self, depth: usize, counts: bool) -> Result<String, InterpolationError> {
        if !self.rest.peek().is_some_and(|c| begins_name(*c)) {
            let name = self.name();
            return Err(match self.rest.peek() {
                None => InterpolationError::Open(name),
                Some('}') => InterpolationError::Malformed(name + "}", "no name of a variable is in it"),
                _ => InterpolationError::Malformed(name, "no name of a variable is in it"),
            });
        }
        let name = self.name();
        let open = || InterpolationError::Open(name.clone());
        let mut operator = self.rest.next().ok_or_else(open)?;
        if operator == '}' {
            return Ok(self.value(&name, counts));
        }
        let empty_is_unset = operator == ':';
        if empty_is_unset {
            operator = self.rest.next().ok_or_else(open)?;
        }
        if matches!(operator, '-' | '+' | '?') {
            self.open = format!("{name}{}{operator}", if empty_is_unset { ":" } else { "" });
        }
        let found = (self.lookup)(&name);
        let is_set = found.as_ref().is_some_and(|value| !(empty_is_unset && value.is_empty()));
        match operator {
            '-' => {
                let word = self.run(depth + 1, counts && !is_set)?;
                self.note(&name, if is_set { Use::Set } else { Use::Default }, counts);
                Ok(if is_set { found.unwrap_or_default() } else { word })
            }
            '+' => {
                let word = self.run(depth + 1, counts && is_set)?;
                self.note(&name, if is_set { Use::Set } else { Use::Default }, counts);
                Ok(if is_set { word } else { String::new() })
            }
            '?' => {
                let before = self.rest.clone();
                self.run(depth + 1, counts && !is_set)?;
                if counts && !is_set {
                    let state = if found.is_some() { "empty" } else { "not set" };
                    // As it is written: what is put in may be a secret.
                    let length = before.clone().count() - self.rest.clone().count();
                    let message = before.take(length.saturating_sub(1)).collect();
                    return Err(InterpolationError::Required { name, state, message });
                }
                Ok(self.value(&name, counts))
            }
            _ => Err(InterpolationError::Malformed(
                name,
                "behind the name is something that compose does not know",
            )),
        }
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(c) = self.rest.next_if(|c| *c == '_' || c.is_ascii_alphanumeric()) {
            name.push(c);
        }
        name
    }

    fn value(&mut self, name: &str, counts: bool) -> String {
        let found = (self.lookup)(name);
        self.note(name, if found.is_some() { Use::Set } else { Use::Unset }, counts);
        found.unwrap_or_default()
    }

    fn note(&mut self, name: &str, what: Use, counts: bool) {
        if counts {
            self.used.push((name.to_owned(), what));
        }
    }
}

fn begins_name(c: char) -> bool {
    c == '_' || c.is_ascii_alphabetic()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lookup(name: &str) -> Option<String> {
        match name {
            "A" => Some("a".into()),
            "EMPTY" => Some(String::new()),
            "DOLLAR" => Some("$A".into()),
            _ => None,
        }
    }

    fn text(input: &str) -> String {
        match interpolate(input, &lookup) {
            Ok(outcome) => outcome.text,
            Err(error) => format!("error: {error}"),
        }
    }

    #[test]
    fn every_form_of_the_specification() {
        for (input, wanted) in [
            ("plain", "plain"),
            ("$A-${A}", "a-a"),
            ("$$A $${A}", "$A ${A}"),
            ("$DOLLAR", "$A"),
            ("${UNSET:-d}|${UNSET-d}|${EMPTY:-d}|${EMPTY-d}|${A:-d}|${A-d}", "d|d|d||a|a"),
            ("${UNSET:+r}|${UNSET+r}|${EMPTY:+r}|${EMPTY+r}|${A:+r}|${A+r}", "|||r|r|r"),
            ("${A:?e}|${A?e}|${EMPTY?e}", "a|a|"),
            ("${UNSET:-${OTHER:-${A}}}", "a"),
            ("${UNSET:-$A/$$x}", "a/$x"),
            ("${A:-${UNSET:?never reached}}", "a"),
            ("${UNSET:-}", ""),
            ("${UNSET:-a:b-c?d+e}", "a:b-c?d+e"),
            ("{{.Name}} }", "{{.Name}} }"),
            ("$UNSET.", "."),
            ("${UNSET:?set it, $A}", "error: the variable `UNSET` is required, and is not set: set it, $A"),
            ("${EMPTY:?}", "error: the variable `EMPTY` is required, and is empty"),
            ("a $ b", "error: a `$` is followed by no name of a variable"),
            ("cost: 5$", "error: a `$` is followed by no name of a variable"),
            ("${A", "error: `${A` is never closed with `}`"),
            ("${A:-secret", "error: `${A:-` is never closed with `}`"),
            ("${", "error: `${` is never closed with `}`"),
        ] {
            assert_eq!(text(input), wanted, "{input}");
        }
        for input in ["${}", "${1}", "${A/b/c}", "${A b}", "${A:x}", "${-a}"] {
            let outcome = interpolate(input, &lookup);
            assert!(matches!(outcome, Err(InterpolationError::Malformed(..))), "{input}");
        }
    }

    #[test]
    fn what_counted_is_told() {
        let used = interpolate("$A ${B:-$C} ${A:-$D} $E", &lookup).unwrap().used;
        let used: Vec<(&str, Use)> = used.iter().map(|(name, what)| (name.as_str(), *what)).collect();
        assert_eq!(
            used,
            [("A", Use::Set), ("C", Use::Unset), ("B", Use::Default), ("A", Use::Set), ("E", Use::Unset)]
        );
    }

    #[test]
    fn nesting_has_an_end() {
        let deep = "${A-".repeat(100_000);
        assert_eq!(interpolate(&deep, &lookup), Err(InterpolationError::Deep));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[$A{}:?+\\-\\\\é ]{0,40}") {
            let _ = interpolate(&text, &lookup);
        }

        #[test]
        fn a_text_without_a_dollar_stays(text in "[^$]{0,60}") {
            prop_assert_eq!(interpolate(&text, &lookup).unwrap().text, text);
        }
    }
}
