//! What an object must lose to be created again.

use serde_json::{Map, Value};

use crate::object::Object;

/// `metadata` of one incarnation.
const INCARNATION: [&str; 9] = [
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "managedFields",
    "selfLink",
    "generateName",
];

/// Labels that the Job controller puts on a Job and its pods, with the Job's uid.
const JOB_LABELS: [&str; 4] =
    ["controller-uid", "batch.kubernetes.io/controller-uid", "job-name", "batch.kubernetes.io/job-name"];

/// The object as it can be posted: without uid, version and status; a Job without its controller's
/// labels and selector; a claim without its volume. Owner references are the caller's to judge.
#[must_use]
pub fn for_creation(object: &Object) -> Object {
    let mut copy = object.clone();
    let metadata = copy.metadata_mut();
    for field in INCARNATION {
        metadata.remove(field);
    }
    if let Some(Value::Object(annotations)) = metadata.get_mut("annotations") {
        annotations.remove("deployment.kubernetes.io/revision");
        annotations.retain(|name, _| !name.starts_with("pv.kubernetes.io/"));
    }
    if let Value::Object(map) = &mut copy.0 {
        map.remove("status");
    }
    match (object.group(), object.kind()) {
        ("batch", "Job") => strip_job(&mut copy),
        ("", "PersistentVolumeClaim") => {
            if let Some(spec) = spec_mut(&mut copy) {
                spec.remove("volumeName");
            }
        }
        _ => {}
    }
    copy
}

/// The object without the addresses and ports that may meanwhile be someone else's.
#[must_use]
pub fn without_allocations(object: &Object) -> Object {
    let mut copy = object.clone();
    if !(object.group().is_empty() && object.kind() == "Service") {
        return copy;
    }
    if let Some(spec) = spec_mut(&mut copy) {
        if spec.get("clusterIP").and_then(Value::as_str) != Some("None") {
            spec.remove("clusterIP");
            spec.remove("clusterIPs");
        }
        spec.remove("healthCheckNodePort");
        for port in spec.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Value::Object(port) = port {
                port.remove("nodePort");
            }
        }
    }
    copy
}

/// Drops owner references whose owner is not among the living: garbage collection would take the object
/// again at once.
#[must_use]
pub fn with_living_owners(object: &Object, lives: impl Fn(&str) -> bool) -> Object {
    let mut copy = object.clone();
    let metadata = copy.metadata_mut();
    if let Some(Value::Array(owners)) = metadata.get_mut("ownerReferences") {
        owners.retain(|owner| owner.get("uid").and_then(Value::as_str).is_some_and(&lives));
        if owners.is_empty() {
            metadata.remove("ownerReferences");
        }
    }
    copy
}

fn strip_job(job: &mut Object) {
    let manual = job.at(&["spec", "manualSelector"]) == Some(&Value::Bool(true));
    if manual {
        return;
    }
    for place in ["/metadata/labels", "/spec/template/metadata/labels"] {
        if let Some(Value::Object(labels)) = job.0.pointer_mut(place) {
            labels.retain(|name, _| !JOB_LABELS.contains(&name.as_str()));
        }
    }
    if let Some(spec) = spec_mut(job) {
        spec.remove("selector");
    }
}

fn spec_mut(object: &mut Object) -> Option<&mut Map<String, Value>> {
    object.0.get_mut("spec").and_then(Value::as_object_mut)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{for_creation, with_living_owners, without_allocations};
    use crate::object::Object;

    #[test]
    fn a_job_loses_its_controllers_marks() {
        let job = Object(json!({"apiVersion": "batch/v1", "kind": "Job",
            "metadata": {"name": "j", "uid": "u", "labels": {"app": "a", "batch.kubernetes.io/controller-uid": "u"}},
            "spec": {"selector": {"matchLabels": {"batch.kubernetes.io/controller-uid": "u"}},
                "template": {"metadata": {"labels": {"job-name": "j", "app": "a"}}}}, "status": {"succeeded": 1}}));
        assert_eq!(
            for_creation(&job).0,
            json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j", "labels": {"app": "a"}},
                "spec": {"template": {"metadata": {"labels": {"app": "a"}}}}})
        );
    }

    #[test]
    fn a_headless_service_stays_headless() {
        let service =
            |ip: &str| Object(json!({"apiVersion": "v1", "kind": "Service", "spec": {"clusterIP": ip}}));
        assert_eq!(without_allocations(&service("None")), service("None"));
        assert_eq!(without_allocations(&service("10.0.0.1")).at(&["spec", "clusterIP"]), None);
    }

    #[test]
    fn a_dead_owner_is_forgotten() {
        let object = Object(json!({"metadata": {"ownerReferences": [{"uid": "dead"}, {"uid": "alive"}]}}));
        let left = with_living_owners(&object, |uid| uid == "alive");
        assert_eq!(left.0, json!({"metadata": {"ownerReferences": [{"uid": "alive"}]}}));
    }
}
