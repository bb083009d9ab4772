//! What is applied to the freshly booted cluster: kwok's kinds and stages, and our own manifests.
//!
//! kwok's YAML comes out of the binary, which embeds it; ours is in `rehearsal/manifests`.

use std::path::Path;
use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use kube::api::{Api, DynamicObject, Patch, PatchParams, PostParams};
use kube::core::{ApiResource, GroupVersionKind, TypeMeta};
use kube::{Client, ResourceExt};
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::time::timeout;

use super::error::BootError;
use super::module::KUBERNETES;
use super::ports::Ports;
use super::wait::{Look, until};

const FIELD_MANAGER: &str = "rehearsal";
const APPLY_LIMIT: Duration = Duration::from_mins(1);
const PRINT_LIMIT: Duration = Duration::from_mins(1);
const AT_ONCE: usize = 8;

const OURS: [&str; 5] = [
    include_str!("../../rehearsal/manifests/addresses.yaml"),
    include_str!("../../rehearsal/manifests/failures.yaml"),
    include_str!("../../rehearsal/manifests/rights.yaml"),
    include_str!("../../rehearsal/manifests/usage.yaml"),
    include_str!("../../rehearsal/manifests/volumes.yaml"),
];

/// The API server's audit policy.
pub(super) const AUDIT_POLICY: &str = include_str!("../../rehearsal/manifests/audit-policy.yaml");

/// The kinds that kwok reads.
pub(super) async fn kinds(binary: &Path) -> Result<Vec<Value>, BootError> {
    parse(&print(binary, "crds").await?)
}

/// How nodes, pods, addresses, volumes and failures are simulated, and who may do what.
pub(super) async fn contents(binary: &Path) -> Result<Vec<Value>, BootError> {
    let mut objects = parse(&print(binary, "stages").await?)?;
    objects.iter_mut().for_each(leave_failures_alone);
    for yaml in OURS {
        objects.extend(parse(yaml)?);
    }
    Ok(objects)
}

/// A simulated node, big enough for anything that is rehearsed.
pub(super) fn node(number: usize) -> Value {
    let name = format!("node-{number}");
    let resources = json!({"cpu": "64", "memory": "256Gi", "pods": "2000", "ephemeral-storage": "1Ti"});
    json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "annotations": {
                "kwok.x-k8s.io/node": "fake",
                "node.alpha.kubernetes.io/ttl": "0",
                "metrics.k8s.io/resource-metrics-path": format!("/metrics/nodes/{name}/metrics/resource"),
            },
            "labels": {
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "kubernetes.io/arch": "amd64",
                "node-role.kubernetes.io/worker": "",
                "topology.kubernetes.io/region": "rehearsal",
                "topology.kubernetes.io/zone": format!("zone-{number}"),
            },
        },
        "status": {
            "allocatable": resources,
            "capacity": resources,
            "nodeInfo": {
                "architecture": "amd64", "operatingSystem": "linux", "kubeletVersion": KUBERNETES,
                "containerRuntimeVersion": "kwok", "osImage": "simulated", "kernelVersion": "",
                "bootID": "", "kubeProxyVersion": "", "machineID": "", "systemUUID": "",
            },
        },
    })
}

/// The metrics API, which the API server finds at metrics-server's port on loopback.
pub(super) fn metrics_api(authority: &str, ports: &Ports) -> Vec<Value> {
    vec![
        json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "metrics-server", "namespace": "kube-system"},
            "spec": {"type": "ExternalName", "externalName": "localhost", "ports": [{"port": ports.metrics_server}]},
        }),
        json!({
            "apiVersion": "apiregistration.k8s.io/v1",
            "kind": "APIService",
            "metadata": {"name": "v1beta1.metrics.k8s.io"},
            "spec": {
                "service": {"name": "metrics-server", "namespace": "kube-system", "port": ports.metrics_server},
                "caBundle": authority,
                "group": "metrics.k8s.io",
                "version": "v1beta1",
                "groupPriorityMinimum": 100,
                "versionPriority": 100,
            },
        }),
    ]
}

/// Applies objects, several at a time; one whose kind is not served yet is tried again.
pub(super) async fn apply(client: &Client, objects: Vec<Value>, logs: &Path) -> Result<(), BootError> {
    stream::iter(objects.into_iter().map(|object| apply_one(client, object, logs)))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

async fn apply_one(client: &Client, object: Value, logs: &Path) -> Result<(), BootError> {
    let object: DynamicObject =
        serde_json::from_value(object).map_err(|error| BootError::Manifests(error.to_string()))?;
    let types = object.types.clone().unwrap_or_default();
    let api = api(client, &types, object.metadata.namespace.as_deref());
    let name = object.name_any();
    let parameters = PatchParams::apply(FIELD_MANAGER).force();
    until("the API server's taking the cluster's own objects", APPLY_LIMIT, logs, || async {
        let result = if types.kind == "Node" {
            // Applied, a node would lose its status, and with it its capacity.
            api.create(&PostParams::default(), &object).await
        } else {
            api.patch(&name, &parameters, &Patch::Apply(&object)).await
        };
        match result {
            Ok(_) => Look::Done(()),
            Err(kube::Error::Api(status)) if status.code == 404 || status.code >= 500 => {
                Look::NotYet(format!("{} {name}: {}", types.kind, status.message))
            }
            Err(error @ kube::Error::Api(_)) => Look::Failed(BootError::Refused {
                what: format!("{} {name}", types.kind),
                source: Box::new(error),
            }),
            Err(error) => Look::NotYet(error.to_string()),
        }
    })
    .await
}

fn api(client: &Client, types: &TypeMeta, namespace: Option<&str>) -> Api<DynamicObject> {
    let (group, version) = types.api_version.split_once('/').unwrap_or(("", &types.api_version));
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, &types.kind));
    match namespace {
        Some(namespace) => Api::namespaced_with(client.clone(), namespace, &resource),
        None => Api::all_with(client.clone(), &resource),
    }
}

async fn print(binary: &Path, set: &'static str) -> Result<String, BootError> {
    let start = |source| BootError::Start { part: "manifests", binary: binary.to_owned(), source };
    let output = Command::new(binary)
        .args(["manifests", set])
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = timeout(PRINT_LIMIT, output)
        .await
        .map_err(|_| start(std::io::ErrorKind::TimedOut.into()))?
        .map_err(start)?;
    if !output.status.success() {
        return Err(BootError::Manifests(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn parse(yaml: &str) -> Result<Vec<Value>, BootError> {
    // Without this, YAML's `0644` would not be the number that Kubernetes reads.
    let options = serde_saphyr::options! { legacy_octal_numbers: true };
    let documents: Vec<Value> = serde_saphyr::from_multiple_with_options(yaml, options)
        .map_err(|error| BootError::Manifests(error.to_string()))?;
    Ok(documents.into_iter().filter(|document| !document.is_null()).collect())
}

/// Makes kwok's own pod stages spare the pods that are to fail, and wait for those that are to be slow:
/// `rehearsal.migrate-tui/ready-after: 5s`.
fn leave_failures_alone(object: &mut Value) {
    let name = object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
    let is_ready = name == "pod-ready";
    if !(is_ready || name == "pod-complete") {
        return;
    }
    if let Some(Value::Array(expressions)) = object.pointer_mut("/spec/selector/matchExpressions") {
        expressions.push(json!({
            "key": r#".metadata.annotations["rehearsal.migrate-tui/fail"]"#,
            "operator": "NotIn",
            "values": ["image-pull", "crash-loop", "not-ready", "exit"],
        }));
        expressions.push(json!({
            "key": r#"select( [ .spec.containers[].image | contains("does-not-exist") ] | any ) | .metadata.name"#,
            "operator": "DoesNotExist",
        }));
    }
    if let (true, Some(Value::Object(spec))) = (is_ready, object.get_mut("spec")) {
        let annotation = r#".metadata.annotations["rehearsal.migrate-tui/ready-after"]"#;
        spec.insert(
            "delay".to_owned(),
            json!({"durationMilliseconds": 0, "durationFrom": {"expressionFrom": annotation}}),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_manifests_are_objects_with_names() {
        let objects: Vec<_> = OURS.iter().flat_map(|yaml| parse(yaml).unwrap()).collect();
        assert!(objects.len() > 10);
        for object in objects {
            for field in ["/apiVersion", "/kind", "/metadata/name"] {
                assert!(object.pointer(field).is_some_and(Value::is_string), "{field} in {object}");
            }
        }
    }
}
