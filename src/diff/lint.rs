//! What is wrong with manifests by themselves.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Problem;
use crate::object::{Key, Object, item_step};

/// List maps within a container, with their keys: a key that repeats is answered with 500 by
/// server-side apply (seen on 1.36.3 with `env`).
const CONTAINER_LISTS: [(&str, &str, &[&str]); 4] = [
    ("env", "variable", &["name"]),
    ("ports", "port", &["containerPort", "protocol"]),
    ("volumeMounts", "mount", &["mountPath"]),
    ("volumeDevices", "device", &["devicePath"]),
];

/// What the API server would refuse with words that help nobody, or not refuse at all.
#[must_use]
pub fn lint(objects: &[&Object]) -> Vec<Problem> {
    let mut problems = twice(objects);
    for object in objects {
        if object.name().is_empty() {
            problems.push(Problem::new(
                format!("{} without a name", object.kind()),
                "what is applied needs a name; `generateName` would make another object each time",
                "give it `metadata.name`",
            ));
        }
        problems.extend(of_pod(object));
        if object.group().is_empty() && object.kind() == "Service" {
            let ports = object.at(&["spec", "ports"]);
            problems.extend(repeated(&object.key(), "spec.ports", "port", ports, &["port", "protocol"]));
        }
    }
    problems
}

/// One object rendered twice: the second would take away what the first brings.
fn twice(objects: &[&Object]) -> Vec<Problem> {
    let mut counts: BTreeMap<Key, usize> = BTreeMap::new();
    for object in objects {
        *counts.entry(object.key()).or_default() += 1;
    }
    counts
        .into_iter()
        .filter(|(_, count)| *count > 1)
        .map(|(key, count)| {
            Problem::new(
                key.to_string(),
                format!("it is rendered {count} times; each apply would undo the one before"),
                "keep one of them",
            )
        })
        .collect()
}

fn of_pod(object: &Object) -> Vec<Problem> {
    let places =
        [&["spec", "template", "spec"][..], &["spec", "jobTemplate", "spec", "template", "spec"], &["spec"]];
    let Some((place, pod)) = places.iter().find_map(|path| {
        object.at(path).filter(|pod| pod.get("containers").is_some()).map(|pod| (path, pod))
    }) else {
        return Vec::new();
    };
    let (key, place) = (object.key(), place.join("."));
    let mut problems = repeated(&key, &format!("{place}.volumes"), "volume", pod.get("volumes"), &["name"]);
    for list in ["initContainers", "containers"] {
        let at = format!("{place}.{list}");
        problems.extend(repeated(&key, &at, "container", pod.get(list), &["name"]));
        for container in pod.get(list).and_then(Value::as_array).into_iter().flatten() {
            let name = container.get("name").and_then(Value::as_str).unwrap_or_default();
            for (field, word, keys) in CONTAINER_LISTS {
                let at = format!("{at}[{name}].{field}");
                problems.extend(repeated(&key, &at, word, container.get(field), keys));
            }
        }
    }
    problems
}

fn repeated(key: &Key, place: &str, word: &str, list: Option<&Value>, keys: &[&str]) -> Vec<Problem> {
    let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
    let mut seen = BTreeSet::new();
    let mut told = BTreeSet::new();
    for item in list.and_then(Value::as_array).into_iter().flatten() {
        let step = item_step(item, &keys);
        if !seen.insert(step.clone()) {
            told.insert(crate::object::FieldPath(vec![step]).to_string());
        }
    }
    told.into_iter()
        .map(|item| {
            Problem::new(
                format!("{key} {place}{item}"),
                format!("the {word} is there twice; the API server cannot apply that"),
                "keep one of the two",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::lint;
    use crate::object::Object;

    fn deployment(container: &Value) -> Object {
        Object(json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
            "spec": {"template": {"spec": {"containers": [container]}}}}))
    }

    #[test]
    fn a_variable_that_is_there_twice_is_named() {
        let object = deployment(&json!({"name": "a", "env": [{"name": "X", "value": "1"}, {"name": "X"}]}));
        let problems = lint(&[&object]);
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].subject, "Deployment/web spec.template.spec.containers[a].env[X]");
    }

    #[test]
    fn a_port_may_be_there_once_for_each_protocol() {
        let fine =
            json!({"name": "a", "ports": [{"containerPort": 53}, {"containerPort": 53, "protocol": "UDP"}]});
        assert!(lint(&[&deployment(&fine)]).is_empty());
        let twice =
            json!({"name": "a", "ports": [{"containerPort": 53}, {"containerPort": 53, "protocol": "TCP"}]});
        assert_eq!(lint(&[&deployment(&twice)]).len(), 1);
    }

    #[test]
    fn one_object_rendered_twice_is_refused() {
        let object = deployment(&json!({"name": "a"}));
        assert!(lint(&[&object, &object])[0].reason.contains("2 times"));
    }
}
