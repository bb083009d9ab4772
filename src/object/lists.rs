//! How the items of a list are told apart: by merge keys, by value, or not at all.

use serde_json::{Map, Value};

use super::{FieldPath, FieldSet, Object, managers};

/// How a list is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListShape {
    /// Items have keys; each is compared with its counterpart.
    Map(Vec<String>),
    /// Items are scalars; each is there or not.
    Set,
    /// As a whole.
    Atomic,
}

/// Merge keys of the built-in kinds (`x-kubernetes-list-map-keys`), by the list's field name.
const KEYS: [(&str, &[&str]); 19] = [
    ("containers", &["name"]),
    ("initContainers", &["name"]),
    ("ephemeralContainers", &["name"]),
    ("env", &["name"]),
    ("volumes", &["name"]),
    ("volumeMounts", &["mountPath"]),
    ("volumeDevices", &["devicePath"]),
    ("imagePullSecrets", &["name"]),
    ("hostAliases", &["ip"]),
    ("topologySpreadConstraints", &["topologyKey", "whenUnsatisfiable"]),
    ("resourceClaims", &["name"]),
    ("schedulingGates", &["name"]),
    ("conditions", &["type"]),
    ("ownerReferences", &["uid"]),
    ("webhooks", &["name"]),
    ("versions", &["name"]),
    ("validations", &["name"]),
    ("matchConditions", &["name"]),
    ("secrets", &["name"]),
];

/// What is known of an object's lists: from its owners, who name items by key, and from the table below.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    owned: FieldSet,
}

impl Lists {
    /// What these versions of an object tell.
    #[must_use]
    pub fn of(objects: &[&Object]) -> Self {
        let owned = objects
            .iter()
            .flat_map(|object| managers(object))
            .fold(FieldSet::default(), |set, manager| set.union(&manager.fields));
        Self { owned }
    }

    /// The shape of the list at a path; `versions` are its values, which must all fit.
    #[must_use]
    pub fn shape(&self, path: &FieldPath, versions: &[&Value]) -> ListShape {
        let steps: Vec<&str> =
            self.owned.at(path).map(|set| set.children().map(|(step, _)| step).collect()).unwrap_or_default();
        let learned = steps.iter().find_map(|step| step.strip_prefix("k:")).and_then(key_names);
        if let Some(keys) = learned.or_else(|| built_in(path))
            && versions.iter().all(|list| has_keys(list, &keys))
        {
            return ListShape::Map(keys);
        }
        let is_set = steps.iter().any(|step| step.starts_with("v:")) || ends_in(path, "finalizers");
        if is_set && versions.iter().all(|list| is_distinct(list)) {
            return ListShape::Set;
        }
        ListShape::Atomic
    }
}

/// The step that names an item by its keys.
#[must_use]
pub fn item_step(item: &Value, keys: &[String]) -> String {
    let map: Map<String, Value> =
        keys.iter().map(|key| (key.clone(), key_value(item, key).unwrap_or_default())).collect();
    format!("k:{}", Value::Object(map))
}

/// A merge key's value; the protocol of a port has a default.
fn key_value(item: &Value, key: &str) -> Option<Value> {
    item.get(key).cloned().or_else(|| (key == "protocol").then(|| Value::from("TCP")))
}

fn key_names(keys: &str) -> Option<Vec<String>> {
    match serde_json::from_str(keys) {
        Ok(Value::Object(map)) => Some(map.keys().cloned().collect()),
        _ => None,
    }
}

fn built_in(path: &FieldPath) -> Option<Vec<String>> {
    let name = path.0.last()?.strip_prefix("f:")?;
    let keys: &[&str] = if name == "ports" {
        let of_container = path.0.iter().any(|step| step.ends_with("ontainers"));
        if of_container { &["containerPort", "protocol"] } else { &["port", "protocol"] }
    } else {
        KEYS.iter().find(|(field, _)| *field == name).map(|(_, keys)| *keys)?
    };
    Some(keys.iter().map(|key| (*key).to_owned()).collect())
}

fn has_keys(list: &Value, keys: &[String]) -> bool {
    let Some(items) = list.as_array() else { return false };
    let complete =
        items.iter().all(|item| item.is_object() && keys.iter().all(|key| key_value(item, key).is_some()));
    let steps: Vec<String> = items.iter().map(|item| item_step(item, keys)).collect();
    complete && all_distinct(&steps)
}

fn is_distinct(list: &Value) -> bool {
    list.as_array().is_some_and(|items| {
        items.iter().all(|item| !item.is_object() && !item.is_array())
            && all_distinct(&items.iter().map(Value::to_string).collect::<Vec<_>>())
    })
}

fn all_distinct(texts: &[String]) -> bool {
    let mut sorted: Vec<&String> = texts.iter().collect();
    sorted.sort_unstable();
    sorted.windows(2).all(|pair| pair.first() != pair.last())
}

fn ends_in(path: &FieldPath, field: &str) -> bool {
    path.0.last().and_then(|step| step.strip_prefix("f:")) == Some(field)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{ListShape, Lists};
    use crate::object::{FieldPath, Object};

    #[test]
    fn keys_are_learned_from_owners_and_known_for_built_in_lists() {
        let object = Object(json!({"metadata": {"managedFields": [{"manager": "a", "operation": "Apply",
            "fieldsV1": {"f:spec": {"f:rules": {"k:{\"id\":\"x\"}": {".": {}}}, "f:names": {"v:\"a\"": {}}}}}]}}));
        let lists = Lists::of(&[&object]);
        let shape = |fields: &[&str], value| lists.shape(&FieldPath::of_fields(fields), &[&value]);
        assert_eq!(shape(&["spec", "rules"], json!([{"id": "x"}])), ListShape::Map(vec!["id".into()]));
        assert_eq!(shape(&["spec", "names"], json!(["a", "b"])), ListShape::Set);
        assert_eq!(
            shape(&["spec", "containers"], json!([{"name": "w"}])),
            ListShape::Map(vec!["name".into()])
        );
        assert_eq!(shape(&["spec", "containers"], json!([{"name": "w"}, {"name": "w"}])), ListShape::Atomic);
        assert_eq!(shape(&["spec", "command"], json!(["a"])), ListShape::Atomic);
    }
}
