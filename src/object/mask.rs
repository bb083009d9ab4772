//! Hides what must never be seen.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};

use super::Object;

/// Shorter texts are no secrets: half of all labels would have one in them.
const SHORTEST: usize = 4;

/// What stands for a hidden value.
pub const MASK: &str = "••••••";

/// Set by client-side apply; holds the whole object, a Secret's values in plain text included.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Does this object carry values that nobody may see?
#[must_use]
pub fn is_secret(object: &Object) -> bool {
    object.group().is_empty() && object.kind() == "Secret"
}

/// Does this text quote what a Secret holds, plain or as it is kept? It then stands in a label or an annotation
/// of it, where nobody would look for it.
#[must_use]
pub fn quotes(secret: &Object, text: &str) -> bool {
    let held = |field: &str| secret.at(&[field]).and_then(Value::as_object).into_iter().flatten();
    let kept = held("data").filter_map(|(_, value)| value.as_str());
    let plain = kept.clone().filter_map(|value| String::from_utf8(STANDARD.decode(value).ok()?).ok());
    let given = held("stringData").filter_map(|(_, value)| value.as_str());
    let mut all = kept.map(str::to_owned).chain(plain).chain(given.map(str::to_owned));
    all.any(|value| value.trim().chars().count() >= SHORTEST && text.contains(value.trim()))
}

/// A copy that may be shown and journalled: every value of a Secret, and the last-applied annotation
/// of any object, replaced by [`MASK`]. Keys stay.
#[must_use]
pub fn mask(object: &Object) -> Object {
    let mut copy = object.clone();
    if is_secret(object) {
        for place in ["/metadata/labels", "/metadata/annotations"] {
            if let Some(Value::Object(texts)) = copy.0.pointer_mut(place) {
                let quoting = texts
                    .values_mut()
                    .filter(|value| value.as_str().is_some_and(|text| quotes(object, text)));
                quoting.for_each(|value| *value = Value::from(MASK));
            }
        }
    }
    if is_secret(object)
        && let Value::Object(map) = &mut copy.0
    {
        for field in ["data", "stringData"] {
            match map.get_mut(field) {
                Some(Value::Object(values)) => hide_all(values),
                Some(other) => *other = Value::from(MASK),
                None => {}
            }
        }
    }
    if let Some(Value::Object(annotations)) = copy.0.pointer_mut("/metadata/annotations")
        && let Some(value) = annotations.get_mut(LAST_APPLIED)
    {
        *value = Value::from(MASK);
    }
    copy
}

fn hide_all(values: &mut Map<String, Value>) {
    for value in values.values_mut() {
        *value = Value::from(MASK);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::mask;
    use crate::object::Object;

    #[test]
    fn what_quotes_a_secret_is_hidden_in_its_labels_and_annotations() {
        let secret = Object(json!({"apiVersion": "v1", "kind": "Secret", "data": {"password": "Q0FOQVJZ"},
            "metadata": {"name": "s", "labels": {"a": "CANARY", "app": "web"},
                "annotations": {"url": "x://u:CANARY@db", "note": "kept"}}}));
        let shown = serde_json::to_string(&mask(&secret).0).unwrap_or_default();
        assert!(!shown.contains("CANARY") && shown.contains("web") && shown.contains("kept"), "{shown}");
    }

    #[test]
    fn nothing_of_a_secret_is_left() {
        let secret = Object(json!({"apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": "s", "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "CANARY"}},
            "data": {"password": "Q0FOQVJZ"}, "stringData": {"token": "CANARY"}}));
        let shown = serde_json::to_string(&mask(&secret).0).unwrap_or_default();
        assert!(!shown.contains("CANARY") && !shown.contains("Q0FOQVJZ"), "{shown}");
        assert!(shown.contains("password") && shown.contains("token"), "{shown}");
    }
}
