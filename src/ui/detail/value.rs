//! A field's value in a few lines.

use serde_json::Value;

/// More of a long value says nothing more to someone who decides.
const LINES: usize = 8;

/// Text on as few lines as it has, strings without quotes, structures as compact JSON.
pub(super) fn lines(value: &Value) -> Vec<String> {
    let text = match value {
        Value::String(text) if text.is_empty() => "\"\"".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let all = text.lines().count();
    let mut lines: Vec<String> = text.lines().take(LINES).map(str::to_owned).collect();
    if all > LINES {
        lines.push(format!("… {} more lines", all - LINES));
    }
    lines
}

/// On one line.
pub(super) fn short(value: Option<&Value>) -> String {
    value.map_or_else(|| "(not there)".to_owned(), |value| lines(value).join(" ⏎ "))
}

/// Of a changed text of several lines, only the lines that changed: with these many alike before and
/// after them left out.
pub(super) fn changed(before: &[String], after: &[String]) -> (Vec<String>, Vec<String>, usize) {
    let head = before.iter().zip(after).take_while(|(one, two)| one == two).count();
    let tail = before
        .iter()
        .skip(head)
        .rev()
        .zip(after.iter().skip(head).rev())
        .take_while(|(one, two)| one == two)
        .count();
    let middle = |lines: &[String]| {
        lines.iter().skip(head).take(lines.len().saturating_sub(head + tail)).cloned().collect::<Vec<_>>()
    };
    (middle(before), middle(after), head + tail)
}

/// All lines of a text; for [`changed`].
pub(super) fn all_lines(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) if text.contains('\n') => Some(text.lines().map(str::to_owned).collect()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::changed;

    #[test]
    fn only_the_lines_that_changed_are_shown() {
        let lines = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let (before, after, same) = changed(&lines("a b c d"), &lines("a x d"));
        assert_eq!((before, after, same), (lines("b c"), lines("x"), 2));
    }
}
