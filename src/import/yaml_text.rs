//! YAML as text: quotes only where they are needed, blocks for what has lines, comments broken between words.

use std::fmt::Write as _;

use super::yaml::{Entry, Map, Yaml};
use crate::words;

/// Comments are broken at this width.
const WIDTH: usize = 110;

/// One document, with a comment above it.
pub(super) fn document(comment: &str, map: &Map) -> String {
    let mut out = String::new();
    put_comment(&mut out, comment, 0);
    put_map(&mut out, map, 0, false);
    out
}

fn put_comment(out: &mut String, comment: &str, indent: usize) {
    for line in comment.lines() {
        for part in wrapped(&words::clean(line), WIDTH.saturating_sub(indent + 2)) {
            let _ = writeln!(out, "{:indent$}# {part}", "");
        }
    }
}

/// The text in lines of at most so many characters, broken between words.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// `is_inside_item`: the cursor stands behind a list's dash already.
fn put_map(out: &mut String, map: &Map, indent: usize, mut is_inside_item: bool) {
    for Entry { comment, key, value } in &map.entries {
        if !is_inside_item {
            put_comment(out, comment, indent);
            let _ = write!(out, "{:indent$}", "");
        }
        is_inside_item = false;
        let _ = write!(out, "{}:", scalar(key, false));
        put_value(out, value, indent);
    }
}

/// What stands behind `key:` or `-`, with the end of its line.
fn put_value(out: &mut String, value: &Yaml, indent: usize) {
    match value {
        Yaml::Text(text) if is_block(text) => put_block(out, text, indent + 2),
        Yaml::Map(map) if !map.is_on_one_line && !map.is_empty() => {
            out.push('\n');
            put_map(out, map, indent + 2, false);
        }
        Yaml::List(list) if !list.is_empty() => {
            out.push('\n');
            for item in list {
                put_item(out, item, indent + 2);
            }
        }
        other => {
            let _ = writeln!(out, " {}", on_one_line(other, false));
        }
    }
}

fn put_item(out: &mut String, item: &Yaml, indent: usize) {
    match item {
        Yaml::Map(map) if !map.is_on_one_line && !map.is_empty() => {
            if let Some(first) = map.entries.first() {
                put_comment(out, &first.comment, indent);
            }
            let _ = write!(out, "{:indent$}- ", "");
            put_map(out, map, indent + 2, true);
        }
        other => {
            if let Yaml::Map(map) = other
                && let Some(first) = map.entries.first()
            {
                put_comment(out, &first.comment, indent);
            }
            let _ = write!(out, "{:indent$}-", "");
            put_value(out, other, indent);
        }
    }
}

fn on_one_line(value: &Yaml, is_inside: bool) -> String {
    match value {
        Yaml::Plain(text) => text.clone(),
        Yaml::Text(text) => scalar(text, is_inside),
        Yaml::List(list) | Yaml::Row(list) => {
            let items: Vec<String> = list.iter().map(|item| on_one_line(item, true)).collect();
            format!("[{}]", items.join(", "))
        }
        Yaml::Map(map) => {
            let pair =
                |entry: &Entry| format!("{}: {}", scalar(&entry.key, true), on_one_line(&entry.value, true));
            let pairs: Vec<String> = map.entries.iter().map(pair).collect();
            format!("{{{}}}", pairs.join(", "))
        }
    }
}

/// Has it lines that a block can hold as they are?
fn is_block(text: &str) -> bool {
    let odd = |c: char| words::is_dangerous(c) && c != '\n' && c != '\t';
    text.contains('\n')
        && !text.chars().any(odd)
        && !text.starts_with([' ', '\t', '\n'])
        && !text.lines().any(|line| line.ends_with([' ', '\t']))
}

fn put_block(out: &mut String, text: &str, indent: usize) {
    let chomping = match text.len() - text.trim_end_matches('\n').len() {
        0 => "-",
        1 => "",
        _ => "+",
    };
    let _ = writeln!(out, " |{chomping}");
    for line in text.lines() {
        if line.is_empty() {
            out.push('\n');
        } else {
            let _ = writeln!(out, "{:indent$}{line}", "");
        }
    }
}

/// A text on one line, quoted where it would otherwise be read as something else.
pub(super) fn scalar(text: &str, is_inside: bool) -> String {
    if is_plain(text) && !(is_inside && text.contains([',', '[', ']', '{', '}'])) {
        return text.to_owned();
    }
    let is_simple = !text.chars().any(words::is_dangerous);
    if is_simple && text.contains('"') && !text.contains('\'') {
        return format!("'{text}'");
    }
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            other if words::is_dangerous(other) && u32::from(other) > 0xffff => {
                let _ = write!(quoted, "\\U{:08x}", u32::from(other));
            }
            other if words::is_dangerous(other) => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(other));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

fn is_plain(text: &str) -> bool {
    let is_word = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "<<", "="];
    let starts_as_number = text.trim_start_matches(['+', '-', '.']).starts_with(|c: char| c.is_ascii_digit());
    // A dash begins an item of a list, and a document, unless a word follows.
    let is_flag = text.trim_start_matches('-').starts_with(|c: char| c.is_ascii_alphabetic());
    let number = |c: char| c.is_ascii_hexdigit() || "xXoO_.:+-".contains(c);
    let is_number = starts_as_number && text.chars().all(number);
    !text.is_empty()
        && text == text.trim()
        && !text.chars().any(words::is_dangerous)
        && !text.starts_with(|c: char| "?:,[]{}#&*!|>'\"%@`=~<".contains(c))
        && (is_flag || !text.starts_with('-'))
        && !text.ends_with(':')
        && !text.contains(": ")
        && !text.contains(" #")
        && !is_word.contains(&text.to_ascii_lowercase().as_str())
        && !is_number
        && !matches!(text.to_ascii_lowercase().as_str(), ".inf" | "+.inf" | ".nan")
}
