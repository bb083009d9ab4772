//! What helm writes on the objects of a release, and reads there.

use serde_json::{Map, Value};

use crate::{diff::Problem, object::Object, rollback::ReleaseOrder};

const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
const NAME: &str = "meta.helm.sh/release-name";
const NAMESPACE: &str = "meta.helm.sh/release-namespace";
const POLICY: &str = "helm.sh/resource-policy";

/// The object with what helm adds to each of a release.
pub(crate) fn stamped(object: &Object, order: &ReleaseOrder) -> Object {
    let mut copy = object.clone();
    let metadata = copy.metadata_mut();
    put(metadata, "labels", &[(MANAGED_BY, "Helm")]);
    put(metadata, "annotations", &[(NAME, &order.name), (NAMESPACE, &order.namespace)]);
    copy
}

fn put(metadata: &mut Map<String, Value>, field: &str, entries: &[(&str, &str)]) {
    let field = metadata.entry(field).or_insert(Value::Null);
    if !field.is_object() {
        *field = Value::Object(Map::new());
    }
    if let Value::Object(map) = field {
        for (name, value) in entries {
            map.insert((*name).to_owned(), (*value).into());
        }
    }
}

/// Is it the release's, as helm has written on it?
pub(super) fn is_of(live: &Object, order: &ReleaseOrder) -> bool {
    let annotation = |name: &str| live.text(&["metadata", "annotations", name]);
    annotation(NAME) == Some(&order.name) && annotation(NAMESPACE) == Some(&order.namespace)
}

/// Has helm written on it whose it is? What comes from a chart's `crds/` it leaves as it is.
pub(super) fn is_stamped(object: &Object) -> bool {
    object.at(&["metadata", "annotations", NAME]).is_some()
}

/// Why a live object cannot become the release's; `None` when it is.
pub(super) fn foreign(live: &Object, order: &ReleaseOrder) -> Option<Problem> {
    let annotation = |name: &str| live.text(&["metadata", "annotations", name]);
    let label = live.text(&["metadata", "labels", MANAGED_BY]);
    let (name, namespace) = (annotation(NAME), annotation(NAMESPACE));
    if label == Some("Helm") && is_of(live, order) {
        return None;
    }
    let whose = match (name, namespace) {
        (Some(name), Some(namespace)) => format!("it belongs to the release {name} in {namespace}"),
        _ => "it was made without helm".to_owned(),
    };
    Some(Problem::new(
        live.key().to_string(),
        format!("it is there already, and {whose}: helm refuses to take it into this release"),
        format!(
            "delete it, or have helm adopt it: kubectl label it {MANAGED_BY}=Helm and annotate it {NAME}={} {NAMESPACE}={}",
            order.name, order.namespace
        ),
    ))
}

/// Does helm leave it when the release goes?
pub(super) fn is_kept(object: &Object) -> bool {
    object.text(&["metadata", "annotations", POLICY]).is_some_and(|policy| policy.trim() == "keep")
}
