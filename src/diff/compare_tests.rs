use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{FieldPath, compare, walk};
use crate::object::item_step;

fn paths(before: &Value, after: &Value) -> Vec<String> {
    compare(Some(before), Some(after)).into_iter().map(|change| change.path).collect()
}

#[test]
fn list_maps_are_matched_by_their_key() {
    let before = json!({"containers": [{"name": "a", "image": "x:1"}, {"name": "b", "image": "y"}]});
    let after = json!({"containers": [{"name": "a", "image": "x:2"}, {"name": "b", "image": "y"}]});
    assert_eq!(paths(&before, &after), ["containers[a].image"]);
}

#[test]
fn ports_are_told_apart_by_number_and_protocol() {
    let before = json!({"containers": [{"name": "a", "ports": [{"containerPort": 53}, {"containerPort": 53, "protocol": "UDP"}]}]});
    let after = json!({"containers": [{"name": "a", "ports": [{"containerPort": 53, "protocol": "TCP"}, {"containerPort": 53, "protocol": "UDP", "name": "dns"}]}]});
    assert_eq!(
        paths(&before, &after),
        ["containers[a].ports[53,TCP].protocol", "containers[a].ports[53,UDP].name"]
    );
    let before = json!({"spec": {"ports": [{"port": 80, "targetPort": 8080}]}});
    let after = json!({"spec": {"ports": [{"port": 80, "targetPort": 8081}, {"port": 443}]}});
    assert_eq!(paths(&before, &after), ["spec.ports[80,TCP].targetPort", "spec.ports[443,TCP].port"]);
}

#[test]
fn mounts_are_told_apart_by_path_and_conditions_by_type() {
    let before =
        json!({"volumeMounts": [{"mountPath": "/a", "name": "x"}, {"mountPath": "/b", "name": "x"}]});
    let after = json!({"volumeMounts": [{"mountPath": "/a", "name": "y"}, {"mountPath": "/b", "name": "x"}]});
    assert_eq!(paths(&before, &after), ["volumeMounts[/a].name"]);
}

#[test]
fn lists_whose_keys_repeat_are_compared_by_place() {
    let before = json!({"env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]});
    let after = json!({"env": [{"name": "A", "value": "1"}, {"name": "A", "value": "3"}]});
    assert_eq!(paths(&before, &after), ["env[1].value"]);
}

#[test]
fn another_order_alone_is_a_change_of_its_own() {
    let before = json!({"initContainers": [{"name": "a"}, {"name": "b"}]});
    let after = json!({"initContainers": [{"name": "b"}, {"name": "a"}]});
    let changes = compare(Some(&before), Some(&after));
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!(changes[0].path, "initContainers");
    assert_eq!(changes[0].after, Some(json!(["b", "a"])));
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
    let before = json!({"annotations": {"example.com/role": "a"}});
    assert_eq!(
        paths(&before, &json!({"annotations": {"example.com/role": "b"}})),
        ["annotations[example.com/role]"]
    );
}

/// Scalars, maps, list maps by name and plain lists, as Kubernetes objects have them.
fn values() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        any::<bool>().prop_map(Value::from),
        (0..4_i32).prop_map(Value::from),
        "[a-c]{0,2}".prop_map(Value::from)
    ];
    scalar.prop_recursive(4, 40, 4, |inner| {
        let map = prop::collection::btree_map("[a-e]|x\\.y/z", inner.clone(), 0..4)
            .prop_map(|map| Value::Object(map.into_iter().collect()));
        let list_map = prop::collection::btree_map(
            "[a-d]",
            prop::collection::btree_map("[e-g]", inner.clone(), 0..3),
            1..4,
        )
        .prop_map(|items| {
            let items: Vec<Value> = items
                .into_iter()
                .map(|(name, fields)| {
                    let mut fields: Map<String, Value> = fields.into_iter().collect();
                    fields.insert("name".into(), name.into());
                    Value::Object(fields)
                })
                .collect();
            json!({"containers": items})
        });
        let list = prop::collection::vec(inner, 0..3).prop_map(Value::Array);
        prop_oneof![4 => map, 3 => list_map, 1 => list]
    })
}

/// Writes a value to a place, making what leads there.
fn put(under: &mut Value, steps: &[String], value: Option<&Value>) {
    let Some((step, rest)) = steps.split_first() else {
        *under = value.cloned().unwrap_or_else(|| empty(under));
        return;
    };
    let (sort, name) = step.split_at(2);
    match sort {
        "f:" => {
            if !under.is_object() {
                *under = json!({});
            }
            let map = under.as_object_mut().unwrap();
            if rest.is_empty() && value.is_none() {
                map.remove(name);
            } else {
                put(map.entry(name).or_insert(json!({})), rest, value);
            }
        }
        "k:" => {
            if !under.is_array() {
                *under = json!([]);
            }
            let list = under.as_array_mut().unwrap();
            let keys = ["name".to_owned()];
            let place = list.iter().position(|item| item_step(item, &keys) == *step).unwrap_or_else(|| {
                list.push(serde_json::from_str(name).unwrap());
                list.len() - 1
            });
            if rest == ["f:name"] && value.is_none() {
                // The key goes last in the caller's order, or first: either way the item goes.
                list.remove(place);
            } else if list[place].get("name").is_some() {
                put(&mut list[place], rest, value);
            }
        }
        _ => put(&mut under[name.parse::<usize>().unwrap()], rest, value),
    }
}

fn empty(value: &Value) -> Value {
    if value.is_array() { json!([]) } else { json!({}) }
}

/// Without what is empty, and with list maps in the order of their names.
fn tidy(value: &Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.iter()
                .map(|(name, value)| (name.clone(), tidy(value)))
                .filter(|(_, value)| !hollow(value))
                .collect(),
        ),
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(tidy).collect();
            if items.iter().all(|item| item.get("name").is_some_and(Value::is_string)) {
                items.sort_by_key(|item| item["name"].as_str().unwrap_or_default().to_owned());
            }
            Value::Array(items)
        }
        other => other.clone(),
    }
}

fn hollow(value: &Value) -> bool {
    value.as_object().is_some_and(Map::is_empty) || value.as_array().is_some_and(Vec::is_empty)
}

proptest! {
    #[test]
    fn equal_values_have_no_changes_and_others_have_some(one in values(), two in values()) {
        prop_assert!(compare(Some(&one), Some(&one)).is_empty());
        prop_assert_eq!(compare(Some(&one), Some(&two)).is_empty(), one == two);
    }

    #[test]
    fn the_way_back_is_the_mirror(one in values(), two in values()) {
        let mut there = Vec::new();
        walk(&FieldPath::default(), Some(&one), Some(&two), &mut there);
        let mut back: Vec<_> = Vec::new();
        walk(&FieldPath::default(), Some(&two), Some(&one), &mut back);
        let mut mirrored: Vec<_> = back.into_iter().map(|(path, before, after)| (path, after, before)).collect();
        there.sort_by(|a, b| a.0.cmp(&b.0));
        mirrored.sort_by(|a, b| a.0.cmp(&b.0));
        prop_assert_eq!(there, mirrored);
    }

    #[test]
    fn before_with_the_changes_is_after(one in values(), two in values()) {
        let (one, two) = (json!({"a": one}), json!({"a": two}));
        let mut changes = Vec::new();
        walk(&FieldPath::default(), Some(&one), Some(&two), &mut changes);
        let mut made = one.clone();
        // What goes makes room for what comes.
        changes.sort_by_key(|(_, _, after)| after.is_some());
        for (path, _, after) in &changes {
            put(&mut made, &path.0, after.as_ref());
        }
        prop_assert_eq!(tidy(&made), tidy(&two), "{:?}", changes);
    }
}
