//! Who owns which field: `metadata.managedFields` read, asked and written.

use serde_json::{Map, Value, json};

use super::{FieldPath, FieldSet, Object};

/// One entry of `metadata.managedFields`.
#[derive(Clone, Debug, PartialEq)]
pub struct Manager {
    /// The field manager's name.
    pub name: String,
    /// `Apply` or `Update`.
    pub operation: String,
    /// The subresource that it wrote through, as in `scale`.
    pub subresource: Option<String>,
    /// The version that the paths are of.
    pub api_version: String,
    /// When it last wrote, as the API server says it.
    pub time: Option<String>,
    /// The fields that it owns.
    pub fields: FieldSet,
}

impl Manager {
    /// A manager of that name and operation, which owns fields of the object itself.
    #[must_use]
    pub fn new(name: &str, operation: &str, api_version: &str, fields: FieldSet) -> Self {
        Self {
            name: name.to_owned(),
            operation: operation.to_owned(),
            subresource: None,
            api_version: api_version.to_owned(),
            time: None,
            fields,
        }
    }

    /// Is it that manager, writing the object itself (not a subresource)?
    #[must_use]
    pub fn is(&self, name: &str, operation: &str) -> bool {
        self.name == name && self.operation == operation && self.subresource.is_none()
    }

    /// Do both name the same writer?
    #[must_use]
    pub fn same_writer(&self, other: &Self) -> bool {
        self.name == other.name && self.operation == other.operation && self.subresource == other.subresource
    }

    fn to_value(&self) -> Value {
        let mut entry = Map::from_iter([
            ("manager".to_owned(), json!(self.name)),
            ("operation".to_owned(), json!(self.operation)),
            ("apiVersion".to_owned(), json!(self.api_version)),
            ("fieldsType".to_owned(), json!("FieldsV1")),
            ("fieldsV1".to_owned(), self.fields.to_value()),
        ]);
        if let Some(time) = &self.time {
            entry.insert("time".to_owned(), json!(time));
        }
        if let Some(subresource) = &self.subresource {
            entry.insert("subresource".to_owned(), json!(subresource));
        }
        Value::Object(entry)
    }
}

/// Every entry of an object's managedFields, in order.
#[must_use]
pub fn managers(object: &Object) -> Vec<Manager> {
    let entries = object.at(&["metadata", "managedFields"]).and_then(Value::as_array);
    entries.map(|entries| entries.iter().map(manager).collect()).unwrap_or_default()
}

/// The value of `metadata.managedFields` for these managers; those who own nothing are left out.
#[must_use]
pub fn managed_fields(managers: &[Manager]) -> Value {
    managers.iter().filter(|manager| !manager.fields.is_empty()).map(Manager::to_value).collect()
}

/// Sets an object's managedFields.
pub fn set_managers(object: &mut Object, managers: &[Manager]) {
    object.metadata_mut().insert("managedFields".to_owned(), managed_fields(managers));
}

/// The fields that a manager owns by that operation, through the object itself.
#[must_use]
pub fn fields_of(object: &Object, name: &str, operation: &str) -> FieldSet {
    managers(object)
        .iter()
        .filter(|manager| manager.is(name, operation))
        .fold(FieldSet::default(), |set, manager| set.union(&manager.fields))
}

/// Name and operation of those who own a path, or something within it.
#[must_use]
pub fn owners(object: &Object, path: &FieldPath) -> Vec<(String, String)> {
    managers(object)
        .into_iter()
        .filter(|manager| manager.fields.at(path).is_some())
        .map(|manager| (manager.name, manager.operation))
        .collect()
}

/// The configuration that a manager has applied, taken from the object: the values that it owns, with
/// the keys of the list items that they are in; as client-go's `ExtractInto` does.
///
/// `None` when it owns nothing, or owns it in another API version than the object is read in.
#[must_use]
pub fn own_set(object: &Object, name: &str, operation: &str) -> Option<Object> {
    let entries = managers(object);
    let mut mine = entries.iter().filter(|manager| manager.is(name, operation)).peekable();
    mine.peek()?;
    let mut fields = FieldSet::default();
    for manager in mine {
        if manager.api_version != object.api_version() {
            return None;
        }
        fields = fields.union(&manager.fields);
    }
    Some(configuration(object, &fields))
}

/// The values of an object at a set of paths, as something that can be applied: `apiVersion`, `kind`,
/// name and namespace are always in it.
#[must_use]
pub fn configuration(object: &Object, fields: &FieldSet) -> Object {
    let everyone =
        managers(object).iter().fold(FieldSet::default(), |set, manager| set.union(&manager.fields));
    let mut extract = Object(extract(&object.0, fields, Some(&everyone)));
    if let Value::Object(map) = &mut extract.0 {
        map.insert("apiVersion".to_owned(), json!(object.api_version()));
        map.insert("kind".to_owned(), json!(object.kind()));
    }
    let metadata = extract.metadata_mut();
    metadata.insert("name".to_owned(), json!(object.name()));
    if let Some(namespace) = object.namespace() {
        metadata.insert("namespace".to_owned(), json!(namespace));
    }
    extract
}

/// The object without the values at a set of paths. Maps and lists that this empties go with them.
#[must_use]
pub fn without_fields(object: &Object, fields: &FieldSet) -> Object {
    Object(remove(&object.0, fields).unwrap_or_else(|| Value::Object(Map::new())))
}

/// Those paths of a set that the object has a value at.
#[must_use]
pub fn present(object: &Object, fields: &FieldSet) -> FieldSet {
    let mut set = FieldSet::default();
    for path in fields.paths() {
        if value_at(&object.0, &path).is_some() {
            set.insert(&path);
        }
    }
    set
}

/// The value at a path.
#[must_use]
pub fn value_at<'a>(value: &'a Value, path: &FieldPath) -> Option<&'a Value> {
    path.0.iter().try_fold(value, |value, step| child(value, step))
}

fn manager(entry: &Value) -> Manager {
    let text = |field: &str| entry.get(field).and_then(Value::as_str).map(str::to_owned);
    Manager {
        name: text("manager").unwrap_or_default(),
        operation: text("operation").unwrap_or_default(),
        subresource: text("subresource").filter(|name| !name.is_empty()),
        api_version: text("apiVersion").unwrap_or_default(),
        time: text("time"),
        fields: entry.get("fieldsV1").map(FieldSet::from_value).unwrap_or_default(),
    }
}

fn child<'a>(value: &'a Value, step: &str) -> Option<&'a Value> {
    let (sort, text) = step.split_once(':')?;
    match (sort, value) {
        ("f", Value::Object(map)) => map.get(text),
        ("i", Value::Array(items)) => items.get(text.parse::<usize>().ok()?),
        ("k" | "v", Value::Array(items)) => items.iter().find(|item| is_item(item, step)),
        _ => None,
    }
}

/// Is this list item the one that a step names?
fn is_item(item: &Value, step: &str) -> bool {
    match step.split_once(':') {
        Some(("k", text)) => match serde_json::from_str(text) {
            Ok(Value::Object(keys)) => {
                keys.iter().all(|(name, wanted)| match item.get(name) {
                    Some(value) => value == wanted,
                    // The one merge key with a default (ports); a rendered item may leave it out.
                    None => name == "protocol" && wanted == "TCP",
                })
            }
            _ => false,
        },
        Some(("v", text)) => serde_json::from_str::<Value>(text).is_ok_and(|wanted| wanted == *item),
        _ => false,
    }
}

fn extract(value: &Value, fields: &FieldSet, everyone: Option<&FieldSet>) -> Value {
    let below = |step: &str| {
        everyone.and_then(|set| set.children().find(|(name, _)| *name == step)).map(|(_, set)| set)
    };
    if fields.children().next().is_none() {
        // Owned as a whole (a scalar, something atomic), unless others own single fields within it:
        // then it is a map that was applied empty.
        let granular = everyone.is_some_and(|set| set.children().next().is_some());
        return match value {
            Value::Object(_) if granular => Value::Object(Map::new()),
            Value::Array(_) if granular => Value::Array(Vec::new()),
            whole => whole.clone(),
        };
    }
    match value {
        Value::Object(map) => Value::Object(
            fields
                .children()
                .filter_map(|(step, set)| {
                    let name = step.strip_prefix("f:")?;
                    Some((name.to_owned(), extract(map.get(name)?, set, below(step))))
                })
                .collect(),
        ),
        Value::Array(items) => Value::Array(
            items
                .iter()
                .enumerate()
                .filter_map(|(index, item)| {
                    let (step, set) = fields
                        .children()
                        .find(|(step, _)| is_item(item, step) || *step == format!("i:{index}"))?;
                    let mut taken = extract(item, set, below(step));
                    if let (Value::Object(taken), Some(Ok(Value::Object(keys)))) =
                        (&mut taken, step.strip_prefix("k:").map(serde_json::from_str))
                    {
                        taken.extend(keys);
                    }
                    Some(taken)
                })
                .collect(),
        ),
        scalar => scalar.clone(),
    }
}

/// What is left of a value; `None` when the set takes all of it.
fn remove(value: &Value, fields: &FieldSet) -> Option<Value> {
    if fields.is_empty() {
        return Some(value.clone());
    }
    // Nothing below is named: it goes whole.
    fields.children().next()?;
    match value {
        Value::Object(map) => {
            let left: Map<String, Value> = map
                .iter()
                .filter_map(|(name, value)| {
                    let step = format!("f:{name}");
                    match fields.children().find(|(child, _)| *child == step) {
                        Some((_, set)) => remove(value, set),
                        None => Some(value.clone()),
                    }
                    .map(|value| (name.clone(), value))
                })
                .collect();
            (!left.is_empty() || map.is_empty()).then_some(Value::Object(left))
        }
        Value::Array(items) => {
            let left: Vec<Value> = items
                .iter()
                .filter_map(|item| match fields.children().find(|(step, _)| is_item(item, step)) {
                    // An item that is taken itself goes whole: without its keys it would be nothing.
                    Some((_, set)) if set.is_member() => None,
                    Some((_, set)) => remove(item, set),
                    None => Some(item.clone()),
                })
                .collect();
            (!left.is_empty() || items.is_empty()).then_some(Value::Array(left))
        }
        scalar => Some(scalar.clone()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{managers, own_set, owners, set_managers, without_fields};
    use crate::object::{FieldPath, FieldSet, Object};

    /// As an API server 1.36 writes it: applied by us, a sidecar by `kubectl edit`, scaled by an HPA.
    fn deployment() -> Object {
        Object(json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "web", "namespace": "n", "uid": "u", "labels": {"app": "web"}, "managedFields": [
                {"manager": "migrate-tui", "operation": "Apply", "apiVersion": "apps/v1", "fieldsType": "FieldsV1",
                 "time": "2026-11-25T00:00:00Z", "fieldsV1": {
                    "f:metadata": {"f:labels": {"f:app": {}}},
                    "f:spec": {"f:selector": {}, "f:template": {
                        "f:metadata": {"f:labels": {"f:app": {}}},
                        "f:spec": {
                            "f:containers": {"k:{\"name\":\"web\"}": {".": {}, "f:name": {}, "f:image": {},
                                "f:ports": {"k:{\"containerPort\":80,\"protocol\":\"TCP\"}": {".": {}, "f:containerPort": {}}}}},
                            "f:volumes": {"k:{\"name\":\"tmp\"}": {".": {}, "f:name": {}, "f:emptyDir": {}}}}}}}},
                {"manager": "kubectl-edit", "operation": "Update", "apiVersion": "apps/v1", "fieldsType": "FieldsV1",
                 "fieldsV1": {"f:spec": {"f:template": {"f:spec": {
                    "f:containers": {"k:{\"name\":\"side\"}": {".": {}, "f:name": {}, "f:image": {}}},
                    "f:volumes": {"k:{\"name\":\"tmp\"}": {"f:emptyDir": {"f:medium": {}}}}}}}}},
                {"manager": "kube-controller-manager", "operation": "Update", "subresource": "scale",
                 "apiVersion": "apps/v1", "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {"f:replicas": {}}}}]},
            "spec": {"replicas": 9, "selector": {"matchLabels": {"app": "web"}}, "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [
                    {"name": "side", "image": "s:1"},
                    {"name": "web", "image": "w:1", "imagePullPolicy": "Always",
                     "ports": [{"containerPort": 80, "protocol": "TCP"}]}],
                 "volumes": [{"name": "tmp", "emptyDir": {"medium": "Memory"}}]}}}
        }))
    }

    #[test]
    fn our_own_set_is_what_we_applied() {
        let own = own_set(&deployment(), "migrate-tui", "Apply").unwrap();
        assert_eq!(
            own.0,
            json!({"apiVersion": "apps/v1", "kind": "Deployment",
                "metadata": {"name": "web", "namespace": "n", "labels": {"app": "web"}},
                "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": {
                    "metadata": {"labels": {"app": "web"}},
                    "spec": {"containers": [{"name": "web", "image": "w:1",
                            "ports": [{"containerPort": 80, "protocol": "TCP"}]}],
                        "volumes": [{"name": "tmp", "emptyDir": {}}]}}}})
        );
        assert_eq!(own_set(&deployment(), "nobody", "Apply"), None);
    }

    #[test]
    fn an_owner_is_found_by_path() {
        let replicas = FieldPath::of_fields(&["spec", "replicas"]);
        assert_eq!(
            owners(&deployment(), &replicas),
            [("kube-controller-manager".to_owned(), "Update".to_owned())]
        );
    }

    #[test]
    fn managed_fields_go_back_as_they_were_read() {
        let mut copy = deployment();
        let entries = managers(&copy);
        set_managers(&mut copy, &entries);
        assert_eq!(copy, deployment());
    }

    #[test]
    fn fields_are_taken_out_with_the_items_that_they_name() {
        let fields = FieldSet::from_value(&json!({"f:spec": {"f:replicas": {}, "f:template": {"f:spec": {
            "f:containers": {"k:{\"name\":\"side\"}": {".": {}, "f:name": {}, "f:image": {}}},
            "f:volumes": {"k:{\"name\":\"tmp\"}": {".": {}}}}}}}));
        let left = without_fields(&deployment(), &fields);
        assert_eq!(left.at(&["spec", "replicas"]), None);
        let spec = left.at(&["spec", "template", "spec"]).unwrap();
        assert_eq!(spec["containers"][0]["name"], "web");
        assert_eq!(spec.get("volumes"), None);
    }
}
