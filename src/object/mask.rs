//! Hides what must never be seen.

use serde_json::{Map, Value};

use super::Object;

/// What stands for a hidden value.
pub const MASK: &str = "••••••";

/// Set by client-side apply; holds the whole object, a Secret's values in plain text included.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Does this object carry values that nobody may see?
#[must_use]
pub fn is_secret(object: &Object) -> bool {
    object.group().is_empty() && object.kind() == "Secret"
}

/// A copy that may be shown and journalled: every value of a Secret, and the last-applied annotation
/// of any object, replaced by [`MASK`]. Keys stay.
#[must_use]
pub fn mask(object: &Object) -> Object {
    let mut copy = object.clone();
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
    fn nothing_of_a_secret_is_left() {
        let secret = Object(json!({"apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": "s", "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "CANARY"}},
            "data": {"password": "Q0FOQVJZ"}, "stringData": {"token": "CANARY"}}));
        let shown = serde_json::to_string(&mask(&secret).0).unwrap_or_default();
        assert!(!shown.contains("CANARY") && !shown.contains("Q0FOQVJZ"), "{shown}");
        assert!(shown.contains("password") && shown.contains("token"), "{shown}");
    }
}
