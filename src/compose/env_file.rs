//! The grammar of env files: `NAME=value` lines, quotes, comments, `export`, variables in values.

use super::interpolate::{InterpolationError, interpolate};

/// One variable of an env file.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct EnvLine {
    pub(super) name: String,
    /// None: named alone, its value is that of the surroundings.
    pub(super) value: Option<String>,
    /// From 1.
    pub(super) line: u64,
    /// Variables that its value names.
    pub(super) variables: Vec<String>,
}

/// What is wrong in an env file; never quotes a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EnvError {
    pub(super) line: u64,
    pub(super) message: String,
}

/// Reads an env file. Values may name variables: `surroundings` first, then what the file set before.
///
/// Every line that can be read is; what cannot is in the second list.
pub(super) fn env_file(
    text: &str,
    surroundings: &dyn Fn(&str) -> Option<String>,
) -> (Vec<EnvLine>, Vec<EnvError>) {
    let mut found: Vec<EnvLine> = Vec::new();
    let mut errors = Vec::new();
    let mut lines = Lines::new(text);
    while let Some((number, line)) = lines.next() {
        match variable(number, line, &mut lines, surroundings, &found) {
            Ok(variable) => found.extend(variable),
            Err(message) => errors.push(EnvError { line: number, message }),
        }
    }
    (found, errors)
}

/// Reads an env file of `format: raw`: what is behind `=` is the value, as it is.
pub(super) fn raw_env_file(text: &str) -> (Vec<EnvLine>, Vec<EnvError>) {
    let mut found = Vec::new();
    let mut errors = Vec::new();
    for (number, line) in Lines::new(text) {
        let trimmed = line.trim_start();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let (name, value) = match trimmed.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (trimmed, None),
        };
        match checked(name.trim()) {
            Ok(name) => found.push(EnvLine { name, value, line: number, variables: Vec::new() }),
            Err(message) => errors.push(EnvError { line: number, message }),
        }
    }
    (found, errors)
}

fn variable(
    number: u64,
    line: &str,
    lines: &mut Lines<'_>,
    surroundings: &dyn Fn(&str) -> Option<String>,
    before: &[EnvLine],
) -> Result<Option<EnvLine>, String> {
    let line = line.trim_start();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let line = match line.strip_prefix("export") {
        Some(rest) if rest.starts_with([' ', '\t']) => rest.trim_start(),
        _ => line,
    };
    let Some((name, rest)) = line.split_once(['=', ':']) else {
        let name = line.split(" #").next().unwrap_or(line);
        let name = checked(name.trim_end())?;
        return Ok(Some(EnvLine { name, value: None, line: number, variables: Vec::new() }));
    };
    let name = checked(name.trim_end())?;
    let behind = rest;
    let rest = rest.trim_start_matches([' ', '\t']);
    let (text, has_variables) = match rest.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let inner = rest.get(1..).unwrap_or_default();
            let text = quoted(inner, quote, lines).ok_or_else(|| {
                format!("the value of `{name}` begins with the quote {quote}, which has no end")
            })?;
            (text, quote == '"')
        }
        _ => (bare(behind), true),
    };
    if !has_variables {
        return Ok(Some(EnvLine { name, value: Some(text), line: number, variables: Vec::new() }));
    }
    let lookup = |wanted: &str| {
        surroundings(wanted).or_else(|| {
            before.iter().rev().find(|line| line.name == wanted).and_then(|line| line.value.clone())
        })
    };
    let outcome = interpolate(&text, &lookup).map_err(|error| problem(&name, &error))?;
    let variables = outcome.used.into_iter().map(|(name, _)| name).collect();
    Ok(Some(EnvLine { name, value: Some(outcome.text), line: number, variables }))
}

fn problem(name: &str, error: &InterpolationError) -> String {
    format!("in the value of `{name}`: {error}; a literal dollar sign is `$$`, or stands in single quotes")
}

fn checked(name: &str) -> Result<String, String> {
    if name.is_empty() {
        return Err("a line begins with `=`: the name of the variable is missing".into());
    }
    if name.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("this is no `NAME=value`: there is a blank in the name".into());
    }
    Ok(name.to_owned())
}

/// Up to a comment, without blanks around.
fn bare(rest: &str) -> String {
    let mut end = rest.len();
    let mut before = '=';
    for (index, c) in rest.char_indices() {
        if c == '#' && before.is_whitespace() {
            end = index;
            break;
        }
        before = c;
    }
    rest.get(..end).unwrap_or(rest).trim().to_owned()
}

/// What is inside of quotes, over lines when need be. In double quotes `\n`, `\r`, `\t` and an escaped character
/// are what they are; `\$` is a dollar sign that names nothing.
fn quoted(first: &str, quote: char, lines: &mut Lines<'_>) -> Option<String> {
    let mut out = String::new();
    let mut rest = first;
    loop {
        let mut characters = rest.chars();
        while let Some(c) = characters.next() {
            match c {
                '\\' if quote == '"' => match characters.next() {
                    Some('n') => out.push('\n'),
                    Some('r') => out.push('\r'),
                    Some('t') => out.push('\t'),
                    Some('$') => out.push_str("$$"),
                    Some(other @ ('"' | '\\' | '\'')) => out.push(other),
                    Some(other) => out.extend(['\\', other]),
                    None => out.push('\\'),
                },
                '\\' if characters.as_str().starts_with(quote) => {
                    characters.next();
                    out.push(quote);
                }
                _ if c == quote => return Some(out),
                other => out.push(other),
            }
        }
        out.push('\n');
        rest = lines.next()?.1;
    }
}

struct Lines<'t> {
    rest: std::str::Lines<'t>,
    number: u64,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Self {
        Self { rest: text.strip_prefix('\u{feff}').unwrap_or(text).lines(), number: 0 }
    }
}

impl<'t> Iterator for Lines<'t> {
    type Item = (u64, &'t str);

    fn next(&mut self) -> Option<Self::Item> {
        self.number += 1;
        Some((self.number, self.rest.next()?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Vec<(String, Option<String>)> {
        let surroundings = |name: &str| (name == "OUTER").then(|| "outer".to_owned());
        let (lines, errors) = env_file(text, &surroundings);
        assert!(errors.is_empty(), "{errors:?}");
        lines.into_iter().map(|line| (line.name, line.value)).collect()
    }

    #[test]
    fn every_form() {
        for (text, wanted) in [
            ("A=1", "1"),
            ("A = 1 ", "1"),
            ("export A=1", "1"),
            ("A: 1", "1"),
            ("A=", ""),
            ("A=one two # comment", "one two"),
            ("A=one#two", "one#two"),
            ("A=#x", "#x"),
            ("A= # comment", ""),
            ("A='one # $OUTER'", "one # $OUTER"),
            ("A='it\\'s'", "it's"),
            ("A=\"one # $OUTER\" # comment", "one # outer"),
            ("A=\"a\\nb\\t\\\"c\\\" \\$OUTER\"", "a\nb\t\"c\" $OUTER"),
            ("A=$OUTER/${NONE:-none}", "outer/none"),
            ("A=\"one\ntwo\"", "one\ntwo"),
            ("A='one\ntwo'", "one\ntwo"),
            ("A=a=b:c", "a=b:c"),
            ("A=p$$w", "p$w"),
        ] {
            assert_eq!(read(text), [("A".to_owned(), Some(wanted.to_owned()))], "{text}");
        }
    }

    #[test]
    fn a_value_sees_the_surroundings_first_and_then_the_file() {
        let lines = read("OUTER=inner\nB=$OUTER\nC=1\nD=$C\nC=2\nE=$C\nALONE\n\n# no\n");
        let value = |name: &str| lines.iter().find(|line| line.0 == name).unwrap().1.clone();
        assert_eq!(value("B").as_deref(), Some("outer"));
        assert_eq!(value("D").as_deref(), Some("1"));
        assert_eq!(value("E").as_deref(), Some("2"));
        assert_eq!(value("ALONE"), None);
    }

    #[test]
    fn errors_name_the_line_and_the_name_and_no_value() {
        let (lines, errors) = env_file("A=1\n=2\nB=\"hunter2\nC\n", &|_| None);
        assert_eq!(lines.len(), 1);
        assert_eq!(errors.iter().map(|error| error.line).collect::<Vec<_>>(), [2, 3]);
        assert!(errors.iter().all(|error| !error.message.contains("hunter2")), "{errors:?}");
        assert!(env_file("two words=1\n", &|_| None).1[0].message.contains("blank"));
        assert!(env_file("A=x${\n", &|_| None).1[0].message.contains("`A`"));
    }

    #[test]
    fn raw_is_raw() {
        let (lines, _) = raw_env_file("A='x' # $B\n#no\nC\n");
        assert_eq!(lines[0].value.as_deref(), Some("'x' # $B"));
        assert_eq!(lines[1].value, None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[A=:'\"#$\\\\{}\\n é]{0,60}") {
            let _ = env_file(&text, &|_| None);
            let _ = raw_env_file(&text);
        }
    }
}
