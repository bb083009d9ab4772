//! Field by field, with list maps by their merge key.

use std::collections::BTreeSet;

use serde_json::Value;

use super::FieldChange;

/// Lists of maps that have a merge key other than `name`, by the field that holds them
/// (`x-kubernetes-list-map-keys` in the Kubernetes `OpenAPI`).
const MERGE_KEYS: [(&str, &[&str]); 9] = [
    ("ports", &["containerPort", "port", "protocol"]),
    ("volumeMounts", &["mountPath"]),
    ("volumeDevices", &["devicePath"]),
    ("conditions", &["type"]),
    ("ownerReferences", &["uid"]),
    ("hostAliases", &["ip"]),
    ("topologySpreadConstraints", &["topologyKey", "whenUnsatisfiable"]),
    ("imagePullSecrets", &["name"]),
    ("resourceClaims", &["name"]),
];

/// Every leaf that differs. Items of a list map are matched by merge key, other lists as a whole when
/// their lengths differ and by index otherwise.
#[must_use]
pub fn compare(before: Option<&Value>, after: Option<&Value>) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    walk("", "", before, after, &mut changes);
    changes
}

fn walk(
    path: &str,
    field: &str,
    before: Option<&Value>,
    after: Option<&Value>,
    changes: &mut Vec<FieldChange>,
) {
    if before == after {
        return;
    }
    let nothing = empty(before.or(after));
    // What is added or removed whole is told leaf by leaf, as what is changed is.
    let (one, two) = (before.or(nothing.as_ref()), after.or(nothing.as_ref()));
    match (one, two) {
        (Some(Value::Object(one)), Some(Value::Object(two))) if !(one.is_empty() && two.is_empty()) => {
            let names: BTreeSet<&String> = one.keys().chain(two.keys()).collect();
            for name in names {
                walk(&join(path, name), name, one.get(name), two.get(name), changes);
            }
        }
        (Some(Value::Array(one)), Some(Value::Array(two))) if !(one.is_empty() && two.is_empty()) => {
            match (keyed(field, one), keyed(field, two)) {
                (Some(one), Some(two)) => {
                    let mut keys: Vec<&String> = one.iter().map(|(key, _)| key).collect();
                    keys.extend(
                        two.iter()
                            .map(|(key, _)| key)
                            .filter(|key| !one.iter().any(|(known, _)| known == *key)),
                    );
                    for key in keys {
                        let find = |items: &[(String, Value)]| {
                            items.iter().find(|(known, _)| known == key).map(|(_, item)| item.clone())
                        };
                        walk(
                            &format!("{path}[{key}]"),
                            "",
                            find(&one).as_ref(),
                            find(&two).as_ref(),
                            changes,
                        );
                    }
                }
                _ if one.len() == two.len() => {
                    for (index, (one, two)) in one.iter().zip(two).enumerate() {
                        walk(&format!("{path}[{index}]"), "", Some(one), Some(two), changes);
                    }
                }
                _ => changes.push(change(path, before, after)),
            }
        }
        _ => changes.push(change(path, before, after)),
    }
}

/// The empty value of a container's sort; `None` for a scalar.
fn empty(value: Option<&Value>) -> Option<Value> {
    match value? {
        Value::Object(_) => Some(Value::Object(serde_json::Map::new())),
        Value::Array(items) if keyed_by_name(items) => Some(Value::Array(Vec::new())),
        _ => None,
    }
}

fn keyed_by_name(items: &[Value]) -> bool {
    !items.is_empty() && items.iter().all(Value::is_object)
}

fn change(path: &str, before: Option<&Value>, after: Option<&Value>) -> FieldChange {
    FieldChange { path: path.to_owned(), before: before.cloned(), after: after.cloned() }
}

/// `metadata.annotations[example.com/role]`: a name with a dot in it is bracketed.
fn join(path: &str, name: &str) -> String {
    if name.contains(['.', '/']) {
        format!("{path}[{name}]")
    } else if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// The items of a list map with their keys; `None` when it is none, or keys repeat.
fn keyed(field: &str, items: &[Value]) -> Option<Vec<(String, Value)>> {
    let keys = MERGE_KEYS.iter().find(|(name, _)| *name == field).map_or(&["name"][..], |(_, keys)| keys);
    let mut seen = BTreeSet::new();
    let mut found = Vec::with_capacity(items.len());
    for item in items {
        let parts: Vec<String> = keys
            .iter()
            .filter_map(|key| match item.get(key)? {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            })
            .collect();
        let key = parts.join(",");
        if parts.is_empty() || !seen.insert(key.clone()) {
            return None;
        }
        found.push((key, item.clone()));
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::compare;

    #[test]
    fn list_maps_are_matched_by_their_key() {
        let before = json!({"containers": [{"name": "a", "image": "x:1"}, {"name": "b", "image": "y"}]});
        let after = json!({"containers": [{"name": "b", "image": "y"}, {"name": "a", "image": "x:2"}]});
        let changes = compare(Some(&before), Some(&after));
        assert_eq!(changes.len(), 1, "{changes:?}");
        assert_eq!(changes[0].path, "containers[a].image");
    }

    #[test]
    fn an_added_and_a_removed_item_are_told_leaf_by_leaf() {
        let before = json!({"env": [{"name": "A", "value": "1"}]});
        let after = json!({"env": [{"name": "B", "value": "2"}]});
        let changes = compare(Some(&before), Some(&after));
        let paths: Vec<&str> = changes.iter().map(|change| change.path.as_str()).collect();
        assert_eq!(paths, ["env[A].name", "env[A].value", "env[B].name", "env[B].value"]);
        assert!(changes[0].after.is_none() && changes[2].before.is_none());
    }

    #[test]
    fn a_new_object_is_told_leaf_by_leaf() {
        let changes = compare(None, Some(&json!({"spec": {"replicas": 2, "args": ["-v"], "empty": {}}})));
        let paths: Vec<&str> = changes.iter().map(|change| change.path.as_str()).collect();
        assert_eq!(paths, ["spec.args", "spec.empty", "spec.replicas"]);
    }

    #[test]
    fn a_dotted_name_is_bracketed() {
        let changes = compare(
            Some(&json!({"annotations": {"example.com/role": "a"}})),
            Some(&json!({"annotations": {"example.com/role": "b"}})),
        );
        assert_eq!(changes[0].path, "annotations[example.com/role]");
    }
}
