//! Objects for the tests, as the API server returns them.

use serde_json::{Value, json};

use crate::object::Object;

/// A pod of the Deployment `gateway` with the given containers' statuses.
pub(crate) fn pod(name: &str, phase: &str, container_statuses: &Value) -> Object {
    let containers: Vec<Value> = container_statuses
        .as_array()
        .into_iter()
        .flatten()
        .map(|status| json!({"name": status["name"], "image": status["image"]}))
        .collect();
    Object(json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": "staging", "creationTimestamp": "2026-11-24T10:00:00Z"},
        "spec": {"nodeName": "node-1", "containers": containers},
        "status": {"phase": phase, "containerStatuses": container_statuses,
            "conditions": [{"type": "PodScheduled", "status": "True"}]}}))
}

/// A pod whose only container runs and is ready.
pub(crate) fn ready_pod(name: &str) -> Object {
    let mut pod = pod(
        name,
        "Running",
        &json!([{"name": "nginx", "ready": true, "restartCount": 0,
        "image": "nginx:1.29", "state": {"running": {"startedAt": "2026-11-24T10:00:01Z"}}}]),
    );
    pod.0["status"]["conditions"] = json!([{"type": "Ready", "status": "True"}]);
    pod
}

/// A pod whose only container waits for the given reason.
pub(crate) fn waiting_pod(name: &str, reason: &str, message: &str) -> Object {
    pod(
        name,
        "Pending",
        &json!([{"name": "nginx", "ready": false, "restartCount": 0,
        "image": "ghcr.io/acme/gateway:1.4.2", "state": {"waiting": {"reason": reason, "message": message}}}]),
    )
}

/// A pod whose only container crashes again and again.
pub(crate) fn crashing_pod(name: &str) -> Object {
    pod(
        name,
        "Running",
        &json!([{"name": "nginx", "ready": false, "restartCount": 4, "image": "nginx:1.29",
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 1m20s restarting failed container"}},
        "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled", "message": "cannot allocate"}}}]),
    )
}

/// A warning about an object.
pub(crate) fn event(kind: &str, name: &str, reason: &str, message: &str) -> Object {
    Object(json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": format!("{name}.17")},
        "involvedObject": {"kind": kind, "name": name}, "type": "Warning",
        "reason": reason, "message": message, "lastTimestamp": "2026-11-24T10:00:02Z"}))
}
