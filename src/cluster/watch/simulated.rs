//! Are the pods simulated?

use crate::{
    cluster::{Failure, FailureKind, Reader},
    object::Object,
};

/// Marks a node that kwok simulates, with its pods (kwok, `--manage-nodes-with-annotation-selector`).
const ANNOTATION: &str = "kwok.x-k8s.io/node";

/// Does any node of the cluster simulate its pods? Probes, images and policies prove nothing there.
///
/// An identity that may not list nodes gets its answer from the names of the nodes that the
/// namespace's pods run on; when that tells nothing either, it is `false`: unknown.
///
/// # Errors
/// [`Failure`] when the cluster cannot be asked.
pub async fn is_simulated(reader: &Reader, namespace: &str) -> Result<bool, Failure> {
    match reader.list("v1", "Node", None, None).await {
        Ok(nodes) => Ok(nodes.iter().any(simulates)),
        Err(failure) if failure.kind == FailureKind::Forbidden => {
            match reader.list("v1", "Pod", Some(namespace), None).await {
                Ok(pods) => Ok(pods.iter().any(|pod| {
                    pod.text(&["spec", "nodeName"]).is_some_and(|node| node.starts_with("kwok-"))
                })),
                Err(failure) if failure.kind == FailureKind::Forbidden => Ok(false),
                Err(failure) => Err(failure),
            }
        }
        Err(failure) => Err(failure),
    }
}

fn simulates(node: &Object) -> bool {
    node.at(&["metadata", "annotations", ANNOTATION]).is_some()
        || node.text(&["spec", "providerID"]).is_some_and(|id| id.starts_with("kwok:"))
}
