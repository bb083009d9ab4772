//! YAML documents that a helm of the third generation writes one after the other without a mark between.

/// The text with a mark before each key at its margin that the document has already.
pub(super) fn separated(text: &str) -> String {
    let mut seen = Vec::new();
    let mut separated = String::with_capacity(text.len());
    for line in text.lines() {
        if line.starts_with("---") {
            seen.clear();
        } else if let Some(key) = key_at_margin(line) {
            if seen.contains(&key) {
                separated.push_str("---\n");
                seen.clear();
            }
            seen.push(key);
        }
        separated.push_str(line);
        separated.push('\n');
    }
    separated
}

fn key_at_margin(line: &str) -> Option<&str> {
    let (key, _) = line.split_once(':')?;
    let is_key =
        key.starts_with(|first: char| first.is_ascii_alphabetic()) && !key.contains(char::is_whitespace);
    is_key.then_some(key)
}

#[cfg(test)]
mod tests {
    use super::separated;

    #[test]
    fn a_document_begins_where_a_key_comes_again() {
        let one = "# of ours\napiVersion: v1\nkind: A\nspec:\n  kind: inner\n";
        let both = format!("{one}{one}");
        assert_eq!(separated(&both).matches("---\n").count(), 1);
        let marked = format!("---\n{one}---\n{one}");
        assert_eq!(separated(&marked), marked);
    }
}
