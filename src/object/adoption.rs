//! Taking fields over from other managers, without force and so that it can be undone: which fields,
//! and what `metadata.managedFields` is then.
//!
//! Ownership moves by managedFields alone: values and generation stay, and putting them back is the
//! exact inverse.

use serde_json::Value;

use super::{FieldPath, FieldSet, Manager, Object, managers, superseded, value_at};

/// Owns `spec.replicas` between us and an autoscaler, so that they never fall to the default when we
/// stop sending them. The autoscaler takes them from it when it scales for the first time.
pub const REPLICAS_MANAGER: &str = "migrate-tui-replicas";

/// kubectl keeps its own memory here; it stays kubectl's.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The API server's own label of every namespace.
const NAMESPACE_NAME: &str = "kubernetes.io/metadata.name";

/// Tools that hold a whole manifest: what such a manifest has and ours has not must go, so all that
/// they own is taken over. From anyone else only those fields are taken that we set as well.
const MANIFEST_TOOLS: [(&str, &str); 3] =
    [("kubectl-client-side-apply", "Update"), ("kubectl-create", "Update"), ("kubectl", "Apply")];

/// Controllers of the cluster itself: their fields are never taken.
const CONTROLLERS: [&str; 3] = ["kube-controller-manager", "kube-scheduler", "kubelet"];

/// Fields that would be taken from one manager.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken {
    /// The manager's name.
    pub manager: String,
    /// `Apply` or `Update`.
    pub operation: String,
    /// The fields.
    pub fields: FieldSet,
}

/// What applying `applied` as `us` would take over from others who own fields of `live`.
#[must_use]
pub fn taken(live: &Object, applied: &Object, us: &str) -> Vec<Taken> {
    let maps = [["metadata", "annotations"], ["metadata", "labels"]].map(|path| FieldPath::of_fields(&path));
    let given = FieldPath::of_fields(&["metadata", "labels", NAMESPACE_NAME]);
    let memory = FieldPath::of_fields(&["metadata", "annotations", LAST_APPLIED]);
    managers(live)
        .iter()
        .filter(|manager| manager.name != us && manager.name != REPLICAS_MANAGER)
        .filter(|manager| manager.subresource.is_none() && !CONTROLLERS.contains(&manager.name.as_str()))
        .filter(|manager| manager.api_version == live.api_version())
        .filter_map(|manager| {
            let mut shared = FieldSet::default();
            for path in manager.fields.paths() {
                let wanted = value_at(&applied.0, &path);
                // An equal value is shared without taking anything.
                if is_leaf(&manager.fields, &path) && wanted.is_some() && wanted != value_at(&live.0, &path) {
                    shared.insert(&path);
                }
            }
            let whole = MANIFEST_TOOLS.contains(&(manager.name.as_str(), manager.operation.as_str()));
            let mut fields = if whole { manager.fields.clone() } else { shared };
            fields = fields.without(&memory).without(&given);
            for map in &maps {
                if is_leaf(&fields, map) {
                    fields = fields.without(map);
                }
            }
            (!fields.is_empty()).then(|| Taken {
                manager: manager.name.clone(),
                operation: manager.operation.clone(),
                fields,
            })
        })
        .collect()
}

fn is_leaf(fields: &FieldSet, path: &FieldPath) -> bool {
    fields.at(path).is_some_and(|set| set.children().next().is_none())
}

/// What goes from `live` when `applied` is applied over adopted fields: what was taken, is not applied,
/// and is nobody else's.
#[must_use]
pub fn dropped(live: &Object, applied: &Object, us: &str, taken: &[Taken]) -> FieldSet {
    let entries = adopted(live, applied, us, taken);
    let ours = entries
        .iter()
        .filter(|entry| entry.is(us, "Apply"))
        .fold(FieldSet::default(), |set, entry| set.union(&entry.fields));
    let mut dropped = FieldSet::default();
    for path in ours.paths() {
        let theirs = entries
            .iter()
            .any(|entry| !entry.is(us, "Apply") && entry.fields.at(&path).is_some_and(|set| !set.is_empty()));
        if !path.0.is_empty() && value_at(&applied.0, &path).is_none() && !theirs {
            dropped.insert(&path);
        }
    }
    dropped
}

/// The managers of `live` once those fields are ours, with those that a new update strategy rules out;
/// and replicas, where `applied` leaves them out, are [`REPLICAS_MANAGER`]'s instead.
#[must_use]
pub fn adopted(live: &Object, applied: &Object, us: &str, taken: &[Taken]) -> Vec<Manager> {
    let mut entries = managers(live);
    let mut ours = superseded(live, applied);
    for take in taken {
        for entry in entries.iter_mut().filter(|entry| entry.is(&take.manager, &take.operation)) {
            entry.fields = entry.fields.difference(&take.fields);
        }
        ours = ours.union(&take.fields);
    }
    if !ours.is_empty() {
        give(&mut entries, us, "Apply", live.api_version(), &ours);
    }
    hand_over_replicas(&mut entries, live, applied, us);
    entries.retain(|entry| !entry.fields.is_empty());
    entries
}

/// Where we own replicas and no longer send them, someone must keep them at what they are.
fn hand_over_replicas(entries: &mut Vec<Manager>, live: &Object, applied: &Object, us: &str) {
    let replicas = FieldPath::of_fields(&["spec", "replicas"]);
    if applied.at(&["spec", "replicas"]).is_some()
        || live.at(&["spec", "replicas"]).is_none_or(Value::is_null)
    {
        return;
    }
    let ours = entries.iter().any(|entry| entry.is(us, "Apply") && entry.fields.contains(&replicas));
    let others = entries.iter().any(|entry| !entry.is(us, "Apply") && entry.fields.contains(&replicas));
    if ours && !others {
        let mut fields = FieldSet::default();
        fields.insert(&replicas);
        give(entries, REPLICAS_MANAGER, "Update", live.api_version(), &fields);
    }
}

fn give(entries: &mut Vec<Manager>, name: &str, operation: &str, api_version: &str, fields: &FieldSet) {
    match entries.iter_mut().find(|entry| entry.is(name, operation)) {
        Some(entry) => entry.fields = entry.fields.union(fields),
        None => entries.push(Manager::new(name, operation, api_version, fields.clone())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{adopted, taken};
    use crate::object::{FieldPath, Object, fields_of, owners};

    fn live() -> Object {
        Object(json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web",
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"}, "managedFields": [
            {"manager": "kubectl-client-side-apply", "operation": "Update", "apiVersion": "apps/v1", "fieldsV1":
                {"f:metadata": {"f:annotations": {".": {}, "f:kubectl.kubernetes.io/last-applied-configuration": {}}},
                 "f:spec": {"f:replicas": {}, "f:paused": {}}}},
            {"manager": "kubectl-edit", "operation": "Update", "apiVersion": "apps/v1", "fieldsV1":
                {"f:spec": {"f:minReadySeconds": {}, "f:revisionHistoryLimit": {}}}},
            {"manager": "kube-controller-manager", "operation": "Update", "subresource": "status",
                "apiVersion": "apps/v1", "fieldsV1": {"f:status": {"f:replicas": {}}}}]},
            "spec": {"replicas": 4, "paused": false, "minReadySeconds": 1, "revisionHistoryLimit": 3}}))
    }

    #[test]
    fn a_manifest_tool_gives_all_and_an_editor_only_what_we_set() {
        let applied =
            Object(json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
            "spec": {"minReadySeconds": 5}}));
        let took = taken(&live(), &applied, "migrate-tui");
        let shown: Vec<String> =
            took.iter().flat_map(|take| take.fields.leaves()).map(|path| path.to_string()).collect();
        assert_eq!(shown, ["spec.paused", "spec.replicas", "spec.minReadySeconds"]);
    }

    #[test]
    fn replicas_that_we_do_not_send_find_another_owner() {
        let applied =
            Object(json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
            "spec": {"minReadySeconds": 5}}));
        let took = taken(&live(), &applied, "migrate-tui");
        let mut after = live();
        crate::object::set_managers(&mut after, &adopted(&live(), &applied, "migrate-tui", &took));
        let replicas = FieldPath::of_fields(&["spec", "replicas"]);
        let names: Vec<String> = owners(&after, &replicas).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["migrate-tui", "migrate-tui-replicas"]);
        assert!(
            fields_of(&after, "kubectl-edit", "Update")
                .contains(&FieldPath::of_fields(&["spec", "revisionHistoryLimit"]))
        );
    }
}
