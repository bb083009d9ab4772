//! What ConfigMaps and Secrets hold: texts, base64, and no more than the API server takes.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};

use crate::{
    diff::Problem,
    object::{Object, is_secret},
};

/// What the API server takes of a ConfigMap's or a Secret's values, in bytes.
const MOST_BYTES: usize = 1024 * 1024;

/// What is wrong with the content of a ConfigMap or a Secret; never a value of it.
pub(super) fn of(object: &Object, origin: &str) -> Vec<Problem> {
    let is_config_map = object.group().is_empty() && object.kind() == "ConfigMap";
    if !is_config_map && !is_secret(object) {
        return Vec::new();
    }
    let subject = format!("{origin}, {}", object.key());
    let values = |field: &str| object.at(&[field]).and_then(Value::as_object);
    let mut problems = Vec::new();
    let mut total = 0;
    let encoded = if is_config_map { "binaryData" } else { "data" };
    for (name, value) in values(encoded).into_iter().flatten() {
        match value.as_str().map(decoded_length) {
            Some(Some(length)) => total += length,
            Some(None) => problems.push(Problem::new(
                &subject,
                format!("`{encoded}.{name}` is no base64"),
                if is_config_map {
                    "encode it, or move it to `data`"
                } else {
                    "encode it, or move it to `stringData`"
                },
            )),
            None => problems.push(no_text(&subject, encoded, name)),
        }
    }
    if is_config_map {
        total += texts(values("data"), &subject, &mut problems);
    }
    if total > MOST_BYTES {
        problems.push(Problem::new(
            &subject,
            format!("its values have {total} bytes; the API server takes {MOST_BYTES}"),
            "split it, or keep the large part in a volume or in the image",
        ));
    }
    problems
}

fn texts(values: Option<&Map<String, Value>>, subject: &str, problems: &mut Vec<Problem>) -> usize {
    let mut total = 0;
    for (name, value) in values.into_iter().flatten() {
        match value.as_str() {
            Some(text) => total += text.len(),
            None => problems.push(no_text(subject, "data", name)),
        }
    }
    total
}

fn no_text(subject: &str, field: &str, name: &str) -> Problem {
    Problem::new(subject, format!("`{field}.{name}` is no text"), "put the value in quotes")
}

/// Length of what a base64 text stands for. Line ends in it are ignored, as the API server does.
fn decoded_length(text: &str) -> Option<usize> {
    if !text.contains(['\n', '\r']) {
        return STANDARD.decode(text).ok().map(|bytes| bytes.len());
    }
    let joined: String = text.chars().filter(|letter| !['\n', '\r'].contains(letter)).collect();
    STANDARD.decode(joined).ok().map(|bytes| bytes.len())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::of;
    use crate::object::Object;

    fn problems(kind: &str, content: &Value) -> String {
        let mut object = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": "x"}});
        for (field, value) in content.as_object().unwrap() {
            object[field] = value.clone();
        }
        of(&Object(object), "x.yml").iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_value_that_is_no_base64_is_named_and_not_shown() {
        let told = problems(
            "Secret",
            &json!({"data": {"good": "Z29vZA==", "lines": "Z29v\nZA==\n", "pin": "CANARY!"}}),
        );
        assert_eq!(told.lines().count(), 1, "{told}");
        assert!(told.contains("Secret/x: `data.pin` is no base64") && !told.contains("CANARY"), "{told}");
        assert!(
            problems("ConfigMap", &json!({"binaryData": {"a": "?"}})).contains("`binaryData.a` is no base64")
        );
    }

    #[test]
    fn an_unquoted_number_or_boolean_is_to_be_quoted() {
        let told = problems(
            "ConfigMap",
            &json!({"data": {"debug": true, "port": 8080, "name": "web", "none": null}}),
        );
        assert_eq!(told.matches("put the value in quotes").count(), 3, "{told}");
        assert!(
            told.contains("`data.debug` is no text") && told.contains("`data.port` is no text"),
            "{told}"
        );
        let secret = problems("Secret", &json!({"data": {"pin": 40967}}));
        assert!(secret.contains("`data.pin` is no text") && !secret.contains("40967"), "{secret}");
    }

    #[test]
    fn more_than_a_mebibyte_is_too_much() {
        let text = |length: usize| "x".repeat(length);
        assert_eq!(problems("ConfigMap", &json!({"data": {"a": text(1024 * 1024)}})), "");
        let told = problems("ConfigMap", &json!({"data": {"a": text(1024 * 1024), "b": "y"}}));
        assert!(told.contains("1048577 bytes"), "{told}");
        let encoded = base64::Engine::encode(&super::STANDARD, text(1024 * 1024 + 1));
        assert!(problems("Secret", &json!({"data": {"a": encoded}})).contains("1048577 bytes"));
    }
}
