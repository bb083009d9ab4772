//! Field changes as they may be shown.

use serde_json::Value;

use super::{FieldChange, compare};
use crate::object::{MASK, Object, is_secret, quotes};

/// Client-side apply keeps the whole object here, a Secret's values in plain text included.
const LAST_APPLIED: &str = "metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]";

/// What differs between two versions of an object, masked: of a hidden value only that it is there, and
/// that it changes.
#[must_use]
pub fn shown_changes(before: Option<&Object>, after: Option<&Object>) -> Vec<FieldChange> {
    let secret = before.is_some_and(is_secret) || after.is_some_and(is_secret);
    compare(before.map(|object| &object.0), after.map(|object| &object.0))
        .into_iter()
        .map(|change| {
            let quotes = secret && is_quoting(&change, [before, after]);
            if quotes || is_hidden(secret, &change.path) { hidden(change) } else { change }
        })
        .collect()
}

fn is_hidden(secret: bool, path: &str) -> bool {
    let within = |field: &str| {
        path.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    path == LAST_APPLIED || secret && (within("data") || within("stringData"))
}

/// A label or an annotation that quotes what the Secret holds.
fn is_quoting(change: &FieldChange, secrets: [Option<&Object>; 2]) -> bool {
    let texts = [&change.before, &change.after].into_iter().flatten().map(ToString::to_string);
    let is_quoted = |text: &String| secrets.into_iter().flatten().any(|secret| quotes(secret, text));
    change.path.starts_with("metadata") && texts.into_iter().any(|text| is_quoted(&text))
}

fn hidden(change: FieldChange) -> FieldChange {
    let after = match (&change.before, &change.after) {
        (_, None) => None,
        (None, Some(_)) => Some(Value::from(MASK)),
        (Some(_), Some(_)) => Some(Value::from(format!("{MASK} (changed)"))),
    };
    FieldChange { path: change.path, before: change.before.map(|_| Value::from(MASK)), after }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::shown_changes;
    use crate::object::{MASK, Object};

    fn secret(values: &serde_json::Value, note: &str) -> Object {
        Object(json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "annotations": {
            "kubectl.kubernetes.io/last-applied-configuration": note}}, "data": values}))
    }

    #[test]
    fn that_a_hidden_value_changes_is_told_without_the_value() {
        let before = secret(&json!({"tls.crt": "b25l", "key": "c2FtZQ=="}), "CANARY-1");
        let after = secret(&json!({"tls.crt": "dHdv", "key": "c2FtZQ==", "new": "bmV3"}), "CANARY-2");
        let shown = shown_changes(Some(&before), Some(&after));
        let told: Vec<_> = shown
            .iter()
            .map(|change| (change.path.as_str(), change.before.clone(), change.after.clone()))
            .collect();
        let changed = Some(json!(format!("{MASK} (changed)")));
        assert_eq!(
            told,
            [
                ("data.new", None, Some(json!(MASK))),
                ("data[tls.crt]", Some(json!(MASK)), changed.clone()),
                (super::LAST_APPLIED, Some(json!(MASK)), changed),
            ]
        );
    }

    #[test]
    fn a_config_map_is_shown_as_it_is() {
        let map = |value: &str| {
            Object(
                json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": value}}),
            )
        };
        assert_eq!(shown_changes(Some(&map("1")), Some(&map("2")))[0].after, Some(json!("2")));
    }

    proptest! {
        #[test]
        fn no_value_of_a_secret_is_ever_shown(
            one in prop::collection::btree_map("[a-z.]{1,5}", "CANARY[0-9]{3}", 0..4),
            two in prop::collection::btree_map("[a-z.]{1,5}", "CANARY[0-9]{3}", 0..4),
            whole in any::<bool>(),
        ) {
            let (one, two) = (secret(&json!(one), "CANARY"), secret(&json!(two), "CANARY2"));
            let before = whole.then_some(&one);
            for (before, after) in [(before, Some(&two)), (Some(&two), before)] {
                let shown = shown_changes(before, after);
                let debugged = format!("{shown:?}");
                prop_assert!(!debugged.contains("CANARY"));
                prop_assert!(!serde_json::to_string(&shown).unwrap().contains("CANARY"));
            }
        }
    }
}
