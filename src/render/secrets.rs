//! Which values no message may show: collected from what a rendering reads, hidden in what a program says.

use std::cmp::Reverse;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::object::MASK;

/// Shorter texts than this would blot out half of a message and are no secrets.
const SHORTEST: usize = 4;

/// The value of `key=value`; the whole where no `=` is, since kustomize quotes it.
pub(super) fn of_literal(literal: &str) -> Vec<String> {
    let value = literal.split_once('=').map_or(literal, |(_, value)| value);
    kept([value, value.trim_matches(['"', '\''])])
}

/// Every line of a file, and what follows each `=` or `:` in it.
pub(super) fn of_lines(text: &str) -> Vec<String> {
    const AROUND: [char; 8] = ['"', '\'', '{', '}', '[', ']', ',', ' '];
    let mut found = Vec::new();
    for line in text.lines() {
        let mut rest = line.trim();
        found.extend(kept([rest]));
        while let Some((_, value)) = rest.split_once(['=', ':']) {
            rest = value.trim();
            found.extend(kept([rest, rest.trim_matches(AROUND)]));
        }
    }
    found
}

/// The values of the Secrets in a manifest; when it is no YAML, any that may be one.
pub(super) fn of_manifest(text: &str) -> Vec<String> {
    if !text.contains("Secret") {
        return Vec::new();
    }
    let options = serde_saphyr::options! {
        with_snippet: false,
        legacy_octal_numbers: true,
        alias_limits: crate::plan::node::limits(),
    };
    let Ok(documents) = serde_saphyr::from_multiple_with_options::<Value>(text, options) else {
        return of_lines(text);
    };
    let mut found = Vec::new();
    for document in &documents {
        collect(document, &mut found);
    }
    found
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) if map.get("kind").and_then(Value::as_str) == Some("Secret") => {
            for values in ["data", "stringData"].iter().filter_map(|field| map.get(*field)?.as_object()) {
                for text in values.values().filter_map(Value::as_str) {
                    found.extend(kept([text]));
                    found.extend(of_lines(text));
                }
            }
        }
        Value::Object(map) => map.values().for_each(|value| collect(value, found)),
        Value::Array(items) => items.iter().for_each(|value| collect(value, found)),
        _ => {}
    }
}

fn kept<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.into_iter().filter(|text| text.len() >= SHORTEST).map(str::to_owned).collect()
}

/// The text with every one of the values hidden, plain and as base64, the longest first.
pub(crate) fn hide(text: &str, secrets: &[String]) -> String {
    let mut hidden: Vec<String> = secrets.iter().map(|secret| STANDARD.encode(secret)).collect();
    hidden.extend_from_slice(secrets);
    hidden.sort_unstable_by_key(|secret| Reverse(secret.len()));
    hidden.iter().fold(text.to_owned(), |text, secret| text.replace(secret, MASK))
}

#[cfg(test)]
mod tests {
    use super::{hide, of_lines, of_literal, of_manifest};

    #[test]
    fn what_a_secret_is_made_of_is_hidden() {
        let manifest = "kind: List\nitems:\n- kind: Secret\n  stringData: {a: CANARY1, b: \"x: CANARY2\"}\n";
        let mut secrets = of_manifest(manifest);
        secrets.extend(of_manifest("kind: Secret\ndata: {a: CANARY3\n"));
        secrets.extend(of_literal("password=CANARY4"));
        secrets.extend(of_literal("CANARY5"));
        secrets.extend(of_lines("TOKEN=\"CANARY6\"\n"));
        let said = "CANARY1 CANARY2 CANARY3 CANARY4 CANARY5 CANARY6 Q0FOQVJZNA== and more";
        let shown = hide(said, &secrets);
        assert!(
            !shown.contains("CANARY") && !shown.contains("Q0FO") && shown.contains("and more"),
            "{shown}"
        );
    }
}
