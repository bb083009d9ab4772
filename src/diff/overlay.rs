//! What an apply comes to, worked out here: for who may not ask the API server.

use serde_json::Value;

use crate::object::{FieldPath, ListShape, Lists, Object, item_step, meaning};

/// The live object with the rendering's fields laid over it: only what the rendering names changes, so
/// what the API server defaults is no difference. Items of list maps are matched by merge key.
#[must_use]
pub fn overlay(live: &Object, rendered: &Object) -> Object {
    let mut copy = live.clone();
    let lists = Lists::of(&[live]);
    lay(&lists, &FieldPath::default(), &mut copy.0, &meaning(rendered).0);
    copy
}

fn lay(lists: &Lists, path: &FieldPath, under: &mut Value, over: &Value) {
    let shape = (under.is_array() && over.is_array()).then(|| lists.shape(path, &[under, over]));
    match (under, over, shape) {
        (Value::Object(under), Value::Object(over), _) => {
            for (name, value) in over {
                if is_left_out(name, value) && !under.contains_key(name) {
                    continue;
                }
                let below = path.join(format!("f:{name}"));
                lay(lists, &below, under.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (Value::Array(under), Value::Array(over), Some(ListShape::Map(keys))) => {
            for item in over {
                let step = item_step(item, &keys);
                match under.iter_mut().find(|known| item_step(known, &keys) == step) {
                    Some(known) => lay(lists, &path.join(step), known, item),
                    None => under.push(item.clone()),
                }
            }
        }
        // Equally long lists of maps without keys: what is defaulted within an item is no difference.
        (Value::Array(under), Value::Array(over), _) if under.len() == over.len() => {
            for (index, (under, over)) in under.iter_mut().zip(over).enumerate() {
                lay(lists, &path.join(format!("i:{index}")), under, over);
            }
        }
        (under, over, _) => *under = over.clone(),
    }
}

/// Maps of texts. An empty map elsewhere can have a meaning: `emptyDir: {}`, `podSelector: {}`.
const TEXT_MAPS: [&str; 10] = [
    "annotations",
    "binaryData",
    "data",
    "hard",
    "labels",
    "limits",
    "matchLabels",
    "nodeSelector",
    "parameters",
    "requests",
];

/// Does the API server leave it out when it is written?
fn is_left_out(name: &str, value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty() && TEXT_MAPS.contains(&name),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::overlay;
    use crate::{diff::shown_changes, object::Object};

    #[test]
    fn what_the_api_server_defaults_is_no_difference() {
        let live = Object(
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a", "uid": "1"},
            "spec": {"clusterIP": "10.0.0.1", "ports": [{"port": 80, "protocol": "TCP", "targetPort": 8080}]}}),
        );
        let rendered = Object(json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"},
            "spec": {"ports": [{"port": 80, "targetPort": 8081}]}}));
        let changes = shown_changes(Some(&live), Some(&overlay(&live, &rendered)));
        let paths: Vec<&str> = changes.iter().map(|change| change.path.as_str()).collect();
        assert_eq!(paths, ["spec.ports[80,TCP].targetPort"]);
    }

    #[test]
    fn what_is_empty_is_no_difference_where_it_is_left_out() {
        let live = Object(json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"},
            "spec": {"template": {"spec": {"containers": [{"name": "a", "image": "a:1", "resources": {},
                "args": ["x"]}], "volumes": [{"name": "v", "hostPath": {"path": "/"}}]}}}}));
        let mut rendered = live.clone();
        let pod = &mut rendered.0["spec"]["template"]["spec"];
        pod["tolerations"] = json!([]);
        pod["nodeSelector"] = json!({});
        pod["containers"][0]["env"] = json!([]);
        pod["containers"][0]["resources"] = json!({"limits": {}});
        rendered.0["spec"]["template"]["metadata"] = json!({"creationTimestamp": null});
        rendered.0["metadata"]["annotations"] = json!({});
        let mut live = live;
        live.0["spec"]["template"]["metadata"] = json!({"labels": {"app": "a"}});
        assert_eq!(shown_changes(Some(&live), Some(&overlay(&live, &rendered))), []);
        // What is there and goes, and an empty map that means something, is told.
        let pod = &mut rendered.0["spec"]["template"]["spec"];
        pod["containers"][0]["args"] = json!([]);
        pod["volumes"] = json!([{"name": "v", "emptyDir": {}}]);
        let changes = shown_changes(Some(&live), Some(&overlay(&live, &rendered)));
        let paths: Vec<&str> = changes.iter().map(|change| change.path.as_str()).collect();
        assert_eq!(
            paths,
            ["spec.template.spec.containers[a].args", "spec.template.spec.volumes[v].emptyDir"]
        );
    }
}
