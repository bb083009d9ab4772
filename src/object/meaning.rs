//! What of an object is its meaning, and what is the API server's own bookkeeping.

use serde_json::Value;

use super::Object;

/// `metadata` fields that the API server keeps for itself (API conventions, "Metadata").
const SERVER_METADATA: [&str; 7] = [
    "managedFields",
    "generation",
    "resourceVersion",
    "uid",
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "selfLink",
];

/// Set by the deployment controller on each rollout; a rollback counts it up, which changes nothing.
const REVISION: &str = "deployment.kubernetes.io/revision";

/// The object without status and server bookkeeping: what two reads of an unchanged object share.
///
/// A pod's death moves its Deployment's `resourceVersion` and status, not its meaning: so a digest
/// over this can be confirmed on a busy cluster.
#[must_use]
pub fn meaning(object: &Object) -> Object {
    let mut copy = object.clone();
    if let Value::Object(map) = &mut copy.0 {
        map.remove("status");
    }
    let metadata = copy.metadata_mut();
    for field in SERVER_METADATA {
        metadata.remove(field);
    }
    if let Some(Value::Object(annotations)) = metadata.get_mut("annotations") {
        annotations.remove(REVISION);
    }
    // The API server leaves a map without content out.
    for field in ["annotations", "labels"] {
        if metadata.get(field).and_then(Value::as_object).is_some_and(serde_json::Map::is_empty) {
            metadata.remove(field);
        }
    }
    copy
}

/// The meaning without what the API server allocates to one incarnation of an object: cluster IPs,
/// node ports and health-check ports of a Service, the bound volume's name of a claim.
///
/// Two objects that are equal here are "exactly what was there" even when one was created again.
#[must_use]
pub fn identity_free(object: &Object) -> Object {
    let mut copy = meaning(object);
    let kind = (copy.group().to_owned(), copy.kind().to_owned());
    let Some(Value::Object(spec)) = copy.0.get_mut("spec") else {
        return copy;
    };
    match (kind.0.as_str(), kind.1.as_str()) {
        ("", "Service") => {
            for field in ["clusterIP", "clusterIPs", "healthCheckNodePort"] {
                spec.remove(field);
            }
            if let Some(Value::Array(ports)) = spec.get_mut("ports") {
                for port in ports.iter_mut().filter_map(Value::as_object_mut) {
                    port.remove("nodePort");
                }
            }
        }
        ("", "PersistentVolumeClaim") => {
            spec.remove("volumeName");
        }
        _ => {}
    }
    copy
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{identity_free, meaning};
    use crate::object::Object;

    #[test]
    fn a_status_change_and_a_new_revision_keep_the_meaning() {
        let before = Object(json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "a", "resourceVersion": "1", "annotations": {"deployment.kubernetes.io/revision": "1"}},
            "spec": {"replicas": 1}, "status": {"replicas": 1}}));
        let after = Object(json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "a", "resourceVersion": "9", "annotations": {"deployment.kubernetes.io/revision": "2"}},
            "spec": {"replicas": 1}, "status": {"replicas": 0}}));
        assert_eq!(meaning(&before), meaning(&after));
    }

    #[test]
    fn a_service_created_again_is_the_same_but_for_its_addresses() {
        let one = Object(json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"},
            "spec": {"clusterIP": "10.96.0.7", "clusterIPs": ["10.96.0.7"], "ports": [{"port": 80, "nodePort": 31000}]}}));
        let two = Object(json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"},
            "spec": {"clusterIP": "10.96.0.9", "clusterIPs": ["10.96.0.9"], "ports": [{"port": 80, "nodePort": 32000}]}}));
        assert_ne!(meaning(&one), meaning(&two));
        assert_eq!(identity_free(&one), identity_free(&two));
    }
}
