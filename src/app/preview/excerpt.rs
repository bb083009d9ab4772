//! Lines of the compose files, as they may be shown.
//!
//! A word of a line is shown only where the report has it too: in the value of a key that stands there, or as a name.
//! Of a key whose value is not in the report nothing but its name is left, and no comment is.

use std::collections::{BTreeMap, BTreeSet};

use crate::compose::may_be_secret;

/// In place of what is not shown.
const HIDDEN: &str = "···";

/// Keys whose value is no secret, unless it looks like one: for files that could not be read to their end.
const PLAIN: [&str; 21] = [
    "image",
    "restart",
    "build",
    "context",
    "dockerfile",
    "container_name",
    "hostname",
    "network_mode",
    "file",
    "service",
    "driver",
    "version",
    "name",
    "condition",
    "working_dir",
    "platform",
    "extends",
    "ports",
    "profiles",
    "depends_on",
    "include",
];

/// Keys below which anything can be secret.
const DARK: [&str; 11] = [
    "environment",
    "args",
    "content",
    "labels",
    "annotations",
    "options",
    "driver_opts",
    "secrets",
    "configs",
    "command",
    "entrypoint",
];

/// A place in a file, and the text that stands there for the report.
#[derive(Clone, Debug)]
pub struct Vetted<'a> {
    /// The file.
    pub file: &'a str,
    /// From 1.
    pub line: u64,
    /// In characters, from 1.
    pub column: u64,
    /// As in `services.web.ports[0]`.
    pub path: &'a str,
    /// Its value, or what is said about it; none where that may be secret.
    pub shown: Option<&'a str>,
}

/// The lines of files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpts {
    files: BTreeMap<String, Vec<String>>,
    carets: BTreeMap<(String, u64, u64), usize>,
}

impl Excerpts {
    /// Of texts by the names of their files, with everything that the report says of them. `has_errors`: they could not
    /// be read, and what is said is not all that is in them.
    #[must_use]
    pub fn of(texts: &BTreeMap<String, String>, vetted: &[Vetted<'_>], has_errors: bool) -> Self {
        let names: BTreeSet<&str> = vetted.iter().flat_map(|one| segments(one.path)).collect();
        let mut excerpts = Self::default();
        for (file, text) in texts {
            let mut lines: BTreeMap<u64, Vec<&Vetted<'_>>> = BTreeMap::new();
            for one in vetted.iter().filter(|one| one.file == file) {
                lines.entry(one.line).or_default().push(one);
            }
            let mut last: (usize, &[&Vetted<'_>]) = (0, &[]);
            let mut above: Vec<(usize, String)> = Vec::new();
            let masked = text.lines().zip(1..).map(|(line, number)| {
                let here = lines.get(&number);
                let indent = line.len() - line.trim_start().len();
                let is_below = indent > last.0 || (indent == last.0 && line.trim_start().starts_with('-'));
                if let Some(here) = here {
                    last = (indent, here);
                } else if !line.trim().is_empty() && !is_below {
                    last = (indent, &[]);
                }
                let is_dark = is_dark(&mut above, line);
                let about = if has_errors { here.map_or(&[][..], Vec::as_slice) } else { last.1 };
                let masked = Masking { about, names: &names, is_dark, has_errors }.mask(line);
                for one in here.into_iter().flatten() {
                    let caret = caret(line, &masked, one.column);
                    excerpts.carets.insert((file.clone(), one.line, one.column), caret);
                }
                masked
            });
            let masked: Vec<String> = masked.collect();
            excerpts.files.insert(file.clone(), masked);
        }
        excerpts
    }

    /// The lines around one, each with its number.
    pub fn around(&self, file: &str, line: u64, lines: u64) -> impl Iterator<Item = (u64, &str)> {
        let first = line.saturating_sub(lines).max(1);
        let all = self.files.get(file).map(Vec::as_slice).unwrap_or_default();
        (first..=line.saturating_add(lines)).filter_map(|number| {
            let index = usize::try_from(number - 1).ok()?;
            Some((number, all.get(index)?.as_str()))
        })
    }

    /// How many characters stand before a place, as the line is shown.
    #[must_use]
    pub fn caret(&self, file: &str, line: u64, column: u64) -> Option<usize> {
        self.carets.get(&(file.to_owned(), line, column)).copied()
    }
}

/// Where both are still alike, the place itself; else the end of what is.
fn caret(line: &str, masked: &str, column: u64) -> usize {
    let alike = line.chars().zip(masked.chars()).take_while(|(one, two)| one == two).count();
    usize::try_from(column.saturating_sub(1)).map_or(alike, |column| column.min(alike))
}

/// The names in a path.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split(['.', '[', ']', '"']).filter(|name| !name.is_empty())
}

/// Is it a name of something, and has nothing more to say?
fn is_name_only(path: &str) -> bool {
    let names: Vec<&str> = segments(path).collect();
    matches!(names.as_slice(), ["networks" | "volumes", _] | ["services", _, "networks" | "depends_on", _])
}

/// Is this line below a key of those? `above`: the keys that it is below.
fn is_dark(above: &mut Vec<(usize, String)>, line: &str) -> bool {
    let inner = line.trim_start();
    if inner.is_empty() || inner.starts_with('#') {
        return true;
    }
    let indent = line.len() - inner.len();
    above.retain(|(other, _)| *other < indent);
    let is_dark = above.iter().any(|(_, key)| DARK.contains(&key.as_str()) || key.starts_with("x-"));
    if let Some((key, _)) = inner.trim_start_matches("- ").split_once(':') {
        above.push((indent, key.to_owned()));
    }
    is_dark
}

struct Masking<'a> {
    about: &'a [&'a Vetted<'a>],
    names: &'a BTreeSet<&'a str>,
    is_dark: bool,
    has_errors: bool,
}

impl Masking<'_> {
    fn mask(&self, line: &str) -> String {
        let is_secret = self.about.iter().any(|one| one.shown.is_none() && !is_name_only(one.path));
        let code = without_comment(line);
        if code.trim().is_empty() {
            return if line.trim().is_empty() { String::new() } else { format!("{code}#") };
        }
        let (head, key, rest) = split(code);
        let is_plain = self.has_errors && !self.is_dark && PLAIN.contains(&key) && !may_be_secret(line);
        if is_plain {
            return code.to_owned();
        }
        let key_end = head.len() + key.len();
        let is_header = rest.trim_end() == ":";
        let is_name = self.is_name(key) || (is_header && !is_secret && !(self.has_errors && self.is_dark));
        if is_secret || (self.has_errors && self.about.is_empty()) {
            let shown = if is_name { code.get(..key_end).unwrap_or_default() } else { head };
            let rest = if is_name { value(rest) } else { HIDDEN.to_owned() };
            return format!("{shown}{rest}");
        }
        let mut masked = if is_name { code.get(..key_end).unwrap_or_default() } else { head }.to_owned();
        masked.push_str(&self.words(if is_name { rest } else { code.get(head.len()..).unwrap_or_default() }));
        masked
    }

    fn is_name(&self, key: &str) -> bool {
        let is_variable = key.contains('_')
            && key.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        let is_known = |name: &str| self.names.contains(name);
        !key.is_empty()
            && (key == "<<"
                || is_known(key)
                || (is_variable && !self.is_said(key))
                || DARK.contains(&key)
                || PLAIN.contains(&key)
                || key.split('.').all(is_known))
    }

    fn is_said(&self, word: &str) -> bool {
        self.about.iter().any(|one| one.shown.is_some_and(|shown| shown.contains(word)))
    }

    /// Word by word; what is not shown is one mark, with everything between.
    fn words(&self, text: &str) -> String {
        let mut masked = String::new();
        let mut hidden_from = None;
        let mut rest = text;
        while let Some(start) = rest.find(is_of_a_word) {
            let (between, tail) = rest.split_at(start);
            let end = tail.find(|c| !is_of_a_word(c)).unwrap_or(tail.len());
            let (word, tail) = tail.split_at(end);
            let before = text.get(..text.len() - word.len() - tail.len()).unwrap_or_default();
            if self.may_show(before, word) {
                hidden_from = None;
                masked.push_str(between);
                masked.push_str(word);
            } else if hidden_from.is_none() {
                hidden_from = Some(());
                masked.push_str(between);
                masked.push_str(HIDDEN);
            }
            rest = tail;
        }
        masked.push_str(rest);
        masked
    }

    fn may_show(&self, before: &str, word: &str) -> bool {
        let is_alone = |marks: &[char]| before.ends_with(marks) && !before.contains(['"', '\'']);
        let dollars = before.trim_end_matches('{').chars().rev().take_while(|c| *c == '$').count();
        let bare = word.trim_start_matches(['-', '+', '?']);
        self.is_said(bare)
            || bare.is_empty()
            || (before.ends_with('!') && matches!(word, "override" | "reset"))
            || (dollars % 2 == 1 && bare.len() == word.len())
            || (is_alone(&['&', '*'])
                && before.trim_end_matches(['&', '*']).trim_end().ends_with([':', '-', '[', ',']))
            || self.about.iter().any(|one| segments(one.path).any(|name| name == word))
    }
}

fn is_of_a_word(character: char) -> bool {
    !character.is_whitespace() && !"\"'{}[],:=&*|>!@()$;#".contains(character)
}

/// What stands before the first word, the word where it is a key, and what follows it.
fn split(code: &str) -> (&str, &str, &str) {
    let start = code.find(|c: char| !c.is_whitespace() && !"-\"'".contains(c)).unwrap_or(code.len());
    let (head, tail) = code.split_at(start);
    let is_key_end = |(at, c): &(usize, char)| {
        let next = tail.get(at + c.len_utf8()..).and_then(|rest| rest.chars().next());
        *c == '=' || (*c == ':' && next.is_none_or(char::is_whitespace))
    };
    let Some((end, _)) = tail.char_indices().find(is_key_end) else { return (head, "", tail) };
    let (key, rest) = tail.split_at(end);
    let key = key.trim_end_matches(['"', '\'']);
    if key.contains(char::is_whitespace) {
        (head, "", tail)
    } else {
        (head, key, tail.get(key.len()..).unwrap_or(rest))
    }
}

/// A value that is not shown: but for an anchor before it, what begins below it, or the variable that it is.
fn value(rest: &str) -> String {
    let inner = rest.trim_start_matches(['"', '\'']);
    let (mark, value) = inner.split_at(inner.find([':', '=']).map_or(0, |at| at + 1));
    let quote = rest.get(..rest.len() - inner.len()).unwrap_or_default();
    let bare = value.trim().trim_matches(['"', '\'']);
    let variable = bare.strip_prefix("${").map(|name| {
        let end = name.find(|c: char| !c.is_ascii_uppercase() && !c.is_ascii_digit() && c != '_');
        name.split_at(end.unwrap_or(name.len()))
    });
    let gap = if value.starts_with(' ') { " " } else { "" };
    match variable {
        _ if matches!(bare, "" | "|" | ">" | "|-" | ">-") => rest.to_owned(),
        Some((name, "}")) if !name.is_empty() => format!("{quote}{mark}{gap}${{{name}}}"),
        _ => format!("{quote}{mark}{gap}{HIDDEN}"),
    }
}

/// Up to where a comment begins.
fn without_comment(line: &str) -> &str {
    let mut quote = None;
    let mut before = ' ';
    for (at, character) in line.char_indices() {
        match (quote, character) {
            (None, '#') if before.is_whitespace() => return line.get(..at).unwrap_or_default(),
            (None, '"' | '\'') if !before.is_alphanumeric() => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            _ => {}
        }
        before = character;
    }
    line
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Excerpts, Vetted};

    const SECRET: &str = "hunter2";

    fn shown(text: &str, vetted: &[(u64, &str, Option<&str>)], has_errors: bool) -> Vec<String> {
        let texts = BTreeMap::from([("compose.yaml".to_owned(), text.to_owned())]);
        let vetted: Vec<Vetted<'_>> = vetted
            .iter()
            .map(|(line, path, shown)| Vetted {
                file: "compose.yaml",
                line: *line,
                column: 1,
                path,
                shown: *shown,
            })
            .collect();
        let excerpts = Excerpts::of(&texts, &vetted, has_errors);
        let lines =
            excerpts.around("compose.yaml", 1, 100).map(|(_, line)| line.to_owned()).collect::<Vec<_>>();
        assert!(!lines.concat().contains(SECRET), "{lines:?}");
        lines
    }

    #[test]
    fn what_the_report_says_is_shown_and_nothing_else_is() {
        let text = "services: # hunter2\n  web: &web\n    image: \"nginx:${TAG:-hunter2}\"\n    environment:\n      \
                    PASSWORD: hunter2\n      - OTHER=hunter2 x\n    ports: ['8080:80', hunter2]\n    command: >-\n      \
                    run hunter2\n# hunter2\n";
        let vetted = [
            (3, "services.web.image", Some("nginx:1.29")),
            (5, "services.web.environment.PASSWORD", None),
            (6, "services.web.environment.OTHER", None),
            (7, "services.web.ports[0]", Some("8080:80")),
            (8, "services.web.command", None),
        ];
        assert_eq!(
            shown(text, &vetted, false),
            [
                "services: ",
                "  web: &web",
                "    image: \"nginx:${TAG:···}\"",
                "    environment:",
                "      PASSWORD: ···",
                "      - OTHER=···",
                "    ports: ['8080:80', ···]",
                "    command: >-",
                "      ···",
                "#"
            ]
        );
    }

    #[test]
    fn a_variable_in_place_of_a_secret_is_named() {
        let text =
            "      PASSWORD: \"${DB_PASSWORD}\"\n      TOKEN: ${TOKEN:-hunter2}\n      KEY: $$hunter2\n";
        let vetted = [(1, "e.PASSWORD", None), (2, "e.TOKEN", None), (3, "e.KEY", None)];
        assert_eq!(
            shown(text, &vetted, false),
            ["      PASSWORD: ${DB_PASSWORD}", "      TOKEN: ···", "      KEY: ···"]
        );
    }

    #[test]
    fn what_follows_a_secret_is_not_taken_for_it() {
        let text = "    environment:\n      - TOKEN=hunter2\n    ports: !override\n      - hunter2\n    other: hunter2\n";
        let vetted = [(2, "services.web.environment.TOKEN", None)];
        assert_eq!(
            shown(text, &vetted, false),
            ["    environment:", "      - TOKEN=···", "    ports: !override", "      - ···", "    ···"]
        );
    }

    #[test]
    fn of_a_broken_file_names_and_plain_values_are_shown() {
        let text = "services:\n  web:\n    image: nginx:1.29\n    environment:\n      API_TOKEN: \"hunter2\n      image: hunter2\n      \
                    hunter2:\n    mem_limit: 12 parsecs\n";
        let vetted = [(8, "services.web.mem_limit", Some("a size is expected here, not `12 parsecs`"))];
        assert_eq!(
            shown(text, &vetted, true),
            [
                "services:",
                "  web:",
                "    image: nginx:1.29",
                "    environment:",
                "      API_TOKEN: ···",
                "      image: ···",
                "      ···",
                "    mem_limit: 12 parsecs"
            ]
        );
    }
}
