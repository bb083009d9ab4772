//! Objects that the trials apply, and what of live ones is compared.

use std::path::Path;

use migrate_tui::object::{Object, identity_free};
use serde_json::{Value, json};

use super::kubectl;

pub fn namespace(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
}

pub fn config_map(name: &str, data: Value) -> Value {
    let mut object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}});
    object["data"] = data;
    object
}

/// A Deployment of two pods; its environment as `[["NAME", "value"], …]`.
pub fn deployment(name: &str, image: &str, environment: &[(&str, &str)]) -> Value {
    let environment: Vec<Value> =
        environment.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [{
                    "name": "main", "image": image, "env": environment,
                    "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}},
                }]},
            },
        },
    })
}

pub fn autoscaler(name: &str, least: u32, most: u32) -> Value {
    json!({
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": name},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
            "minReplicas": least, "maxReplicas": most,
            "metrics": [{"type": "Resource", "resource": {
                "name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}],
        },
    })
}

/// Every object of these kinds in a namespace (and the namespace), as `kubectl get -o json` shows it,
/// without what belongs to one incarnation and without our own bookkeeping.
pub async fn snapshot(kubeconfig: &Path, namespace: &str, kinds: &str) -> Vec<Value> {
    let shown = kubectl(kubeconfig, ["get", kinds, "-n", namespace, "-o", "json"]).await.expect_success();
    let list: Value = serde_json::from_str(&shown).unwrap();
    let bookkeeping = |object: &Object| {
        object.name().starts_with("migrate-tui-inventory-")
            || object.name().starts_with("migrate-tui-record-")
    };
    let mut objects: Vec<Value> = list["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|item| Object(item.clone()))
        .filter(|object| !bookkeeping(object))
        .map(|object| identity_free(&object).0)
        .collect();
    objects.sort_by_key(|object| format!("{}/{}", object["kind"], object["metadata"]["name"]));
    objects
}

/// One live object, whole.
pub async fn live(kubeconfig: &Path, namespace: &str, object: &str) -> Value {
    let arguments = ["get", object, "-n", namespace, "-o", "json", "--show-managed-fields"];
    serde_json::from_str(&kubectl(kubeconfig, arguments).await.expect_success()).unwrap()
}

/// Who owns what of an object itself, without times.
pub fn owners(object: &Value) -> Vec<Value> {
    let entries = object["metadata"]["managedFields"].as_array().into_iter().flatten();
    entries
        .filter(|entry| entry["subresource"].is_null() && entry["manager"] != "kube-controller-manager")
        .map(|entry| json!([entry["manager"], entry["operation"], entry["fieldsV1"]]))
        .collect()
}
