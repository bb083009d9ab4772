//! One object, as the JSON that the API server speaks.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Key;

/// A Kubernetes object as JSON, with the accessors that everything here needs.
///
/// Shape: a JSON object with `apiVersion`, `kind` and `metadata`; any of them may still be missing,
/// and the accessors then answer with an empty text or `None`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Object(pub Value);

impl Object {
    /// `apiVersion`, as in `apps/v1`; empty when missing.
    #[must_use]
    pub fn api_version(&self) -> &str {
        self.text(&["apiVersion"]).unwrap_or_default()
    }

    /// API group: the part of `apiVersion` before the slash, empty for the core group.
    #[must_use]
    pub fn group(&self) -> &str {
        self.api_version().split_once('/').map_or("", |(group, _)| group)
    }

    /// `kind`; empty when missing.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.text(&["kind"]).unwrap_or_default()
    }

    /// `metadata.name`; empty when missing.
    #[must_use]
    pub fn name(&self) -> &str {
        self.text(&["metadata", "name"]).unwrap_or_default()
    }

    /// `metadata.namespace`, when set.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.text(&["metadata", "namespace"])
    }

    /// `metadata.uid`, when the API server has given one.
    #[must_use]
    pub fn uid(&self) -> Option<&str> {
        self.text(&["metadata", "uid"])
    }

    /// `metadata.resourceVersion`, when the API server has given one.
    #[must_use]
    pub fn resource_version(&self) -> Option<&str> {
        self.text(&["metadata", "resourceVersion"])
    }

    /// Group, kind, namespace and name.
    #[must_use]
    pub fn key(&self) -> Key {
        Key {
            group: self.group().to_owned(),
            kind: self.kind().to_owned(),
            namespace: self.namespace().map(str::to_owned),
            name: self.name().to_owned(),
        }
    }

    /// The value at a path of field names, when every step of it is there.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(&self.0, |value, field| value.get(field))
    }

    /// The text at a path of field names.
    #[must_use]
    pub fn text(&self, path: &[&str]) -> Option<&str> {
        self.at(path).and_then(Value::as_str)
    }

    /// `metadata` as a map to write into; made when it was missing or no map.
    pub fn metadata_mut(&mut self) -> &mut Map<String, Value> {
        child_map(child_map_root(&mut self.0), "metadata")
    }
}

fn child_map_root(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    match value {
        Value::Object(map) => map,
        _ => unreachable_map(),
    }
}

fn child_map<'a>(map: &'a mut Map<String, Value>, field: &str) -> &'a mut Map<String, Value> {
    child_map_root(map.entry(field).or_insert_with(|| Value::Object(Map::new())))
}

fn unreachable_map() -> ! {
    unreachable!("the value was made a map just above")
}
