//! Are the pods simulated?

use serde_json::Value;

use crate::{
    cluster::{Failure, FailureKind, Reader},
    object::Object,
};

/// Marks a node that kwok simulates, with its pods (kwok, `--manage-nodes-with-annotation-selector`).
const ANNOTATION: &str = "kwok.x-k8s.io/node";

/// Does any node of the cluster simulate its pods? Probes, images and policies prove nothing there.
///
/// An identity that may not list nodes gets its answer from the namespace's pods; when they tell nothing
/// either, it is `false`: unknown.
///
/// # Errors
/// [`Failure`] when the cluster cannot be asked.
pub async fn is_simulated(reader: &Reader, namespace: &str) -> Result<bool, Failure> {
    match reader.list("v1", "Node", None, None).await {
        Ok(nodes) => Ok(nodes.iter().any(simulates)),
        Err(failure) if failure.kind == FailureKind::Forbidden => {
            match reader.list("v1", "Pod", Some(namespace), None).await {
                Ok(pods) => Ok(pods.iter().any(runs_nowhere)),
                Err(failure) if failure.kind == FailureKind::Forbidden => Ok(false),
                Err(failure) => Err(failure),
            }
        }
        Err(failure) => Err(failure),
    }
}

/// Is a container of it ready that no kubelet has given an id? Each has one before it runs.
fn runs_nowhere(pod: &Object) -> bool {
    let all = pod.at(&["status", "containerStatuses"]).and_then(Value::as_array);
    let is_ready = |status: &&Value| status.get("ready").and_then(Value::as_bool) == Some(true);
    let id =
        |status: &Value| status.get("containerID").and_then(Value::as_str).unwrap_or_default().to_owned();
    all.into_iter().flatten().filter(is_ready).any(|status| id(status).is_empty())
}

fn simulates(node: &Object) -> bool {
    node.at(&["metadata", "annotations", ANNOTATION]).is_some()
        || node.text(&["spec", "providerID"]).is_some_and(|id| id.starts_with("kwok:"))
}
