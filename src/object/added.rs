//! What others have added to an object that we apply.

use serde::{Deserialize, Serialize};

use super::{FieldPath, FieldSet, Object, REPLICAS_MANAGER, fields_of, managers, value_at};

/// Controllers that are known to write into objects which others apply: the cluster's own, and cert-manager's.
const CONTROLLERS: [&str; 6] =
    ["kube-", "kubelet", "cloud-controller-manager", "cert-manager", "cainjector", "cluster-autoscaler"];

/// Injected into webhooks, `APIService`s and CRDs by whoever issues their certificate.
const CA_BUNDLE: &str = "f:caBundle";

/// Left by `kubectl rollout restart`: it has brought other pods, and changes nothing of them.
const RESTARTED: &str = "f:kubectl.kubernetes.io/restartedAt";

/// A field that someone else has added. No value: it may be a Secret's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addition {
    /// As in `spec.template.spec.containers[sidecar]`: a list item that is new is named once, anything else leaf by
    /// leaf.
    pub path: String,
    /// The field manager that owns it.
    pub manager: String,
}

/// What a live object that `us` has applied has beyond `applied`, owned by other managers. Status, metadata, what
/// no manager owns (defaults, what is allocated), what is written through a subresource (a scale), and what
/// controllers write is left out.
#[must_use]
pub fn additions(live: &Object, applied: &Object, us: &str) -> Vec<Addition> {
    let ours = fields_of(live, us, "Apply");
    if ours.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<(FieldPath, String)> = Vec::new();
    for manager in managers(live) {
        let is_known = CONTROLLERS.iter().any(|known| manager.name.starts_with(known));
        if manager.name == us || manager.name == REPLICAS_MANAGER || manager.subresource.is_some() || is_known
        {
            continue;
        }
        for leaf in manager.fields.leaves() {
            if value_at(&live.0, &leaf).is_none() || is_left_out(&leaf) || is_covered(&ours, &leaf) {
                continue;
            }
            if let Some(path) = added(&leaf, applied)
                && !found.contains(&(path.clone(), manager.name.clone()))
            {
                found.push((path, manager.name.clone()));
            }
        }
    }
    found.into_iter().map(|(path, manager)| Addition { path: path.to_string(), manager }).collect()
}

fn is_left_out(path: &FieldPath) -> bool {
    let first = path.0.first().map(String::as_str);
    matches!(first, None | Some("f:metadata" | "f:status"))
        || path.0.last().is_some_and(|step| step == CA_BUNDLE || step == RESTARTED)
}

/// Is it ours as well, or within what is ours as a whole?
fn is_covered(ours: &FieldSet, leaf: &FieldPath) -> bool {
    ours.leaves().iter().any(|own| own.holds(leaf))
}

/// The list item that the rendering does not have and the leaf is in, else the leaf, if the rendering has it not.
fn added(leaf: &FieldPath, applied: &Object) -> Option<FieldPath> {
    if value_at(&applied.0, leaf).is_some() {
        return None;
    }
    let item = (1..=leaf.0.len()).filter_map(|length| leaf.0.get(..length)).find(|prefix| {
        let is_item = prefix.last().is_some_and(|step| !step.starts_with("f:"));
        is_item && value_at(&applied.0, &FieldPath(prefix.to_vec())).is_none()
    });
    Some(item.map_or_else(|| leaf.clone(), |prefix| FieldPath(prefix.to_vec())))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Addition, additions};
    use crate::object::Object;

    fn entry(manager: &str, operation: &str, subresource: Option<&str>, fields: &Value) -> Value {
        json!({"manager": manager, "operation": operation, "apiVersion": "apps/v1", "fieldsType": "FieldsV1",
            "subresource": subresource.unwrap_or_default(), "fieldsV1": fields})
    }

    fn applied() -> Object {
        Object(json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
            "spec": {"template": {"spec": {"containers": [{"name": "web", "image": "w:1"}]}}}}))
    }

    /// The live object with the web container's and another one's fields, and one manager beside us.
    fn told(others: &Value) -> Vec<String> {
        let within =
            |containers: Value| json!({"f:spec": {"f:template": {"f:spec": {"f:containers": containers}}}});
        let ours = within(json!({"k:{\"name\":\"web\"}": {".": {}, "f:name": {}, "f:image": {}}}));
        let live = Object(json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "web", "annotations": {"a": "b"},
                "managedFields": [entry("migrate-tui", "Apply", None, &ours), others]},
            "spec": {"replicas": 3, "template": {
                "metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "now"}},
                "spec": {"containers": [
                {"name": "web", "image": "w:1", "env": [{"name": "FOO", "value": "bar"}]},
                {"name": "side", "image": "s:1", "imagePullPolicy": "Always"}]}}}}));
        let told = |one: Addition| format!("{} by {}", one.path, one.manager);
        additions(&live, &applied(), "migrate-tui").into_iter().map(told).collect()
    }

    fn containers() -> Value {
        json!({"f:metadata": {"f:annotations": {"f:a": {}}}, "f:spec": {"f:template": {
            "f:metadata": {"f:annotations": {"f:kubectl.kubernetes.io/restartedAt": {}}},
            "f:spec": {"f:containers": {
                "k:{\"name\":\"web\"}": {"f:image": {}, "f:env": {".": {}, "k:{\"name\":\"FOO\"}": {".": {}, "f:name": {}, "f:value": {}}}},
                "k:{\"name\":\"side\"}": {".": {}, "f:name": {}, "f:image": {}, "f:imagePullPolicy": {}}}}}}})
    }

    #[test]
    fn a_variable_and_a_sidecar_are_named_once_with_who_added_them() {
        assert_eq!(
            told(&entry("kubectl-patch", "Update", None, &containers())),
            [
                "spec.template.spec.containers[side] by kubectl-patch",
                "spec.template.spec.containers[web].env[FOO] by kubectl-patch",
            ]
        );
    }

    #[test]
    fn what_controllers_own_and_a_scale_is_no_addition() {
        let replicas = json!({"f:spec": {"f:replicas": {}}});
        assert!(told(&entry("kube-controller-manager", "Update", None, &containers())).is_empty());
        assert!(told(&entry("kubectl", "Update", Some("scale"), &replicas)).is_empty());
    }

    #[test]
    fn a_key_of_a_map_is_named_by_itself() {
        let ours = json!({"f:data": {"f:ours": {}}});
        let theirs = json!({"f:data": {".": {}, "f:COLLEAGUE": {}}});
        let live = Object(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "app",
            "managedFields": [entry("migrate-tui", "Apply", None, &ours), entry("kubectl-patch", "Update", None, &theirs)]},
            "data": {"ours": "1", "COLLEAGUE": "yes"}}));
        let applied = Object(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "app"},
            "data": {"ours": "1"}}));
        let added = Addition { path: "data.COLLEAGUE".into(), manager: "kubectl-patch".into() };
        assert_eq!(additions(&live, &applied, "migrate-tui"), [added]);
        assert!(additions(&live, &applied, "nobody").is_empty());
    }
}
