//! Which wave an object belongs to.

use super::Wave;
use crate::object::{Key, Object};

/// The wave in which an object is applied.
#[must_use]
pub fn wave_of(object: &Object) -> Wave {
    match (object.group(), object.kind()) {
        ("", "Namespace") | ("apiextensions.k8s.io", "CustomResourceDefinition") => Wave::Foundations,
        ("networking.k8s.io", "NetworkPolicy") if denies(object) => Wave::DenyPolicies,
        (group, kind) => wave_of_kind(group, kind),
    }
}

fn wave_of_kind(group: &str, kind: &str) -> Wave {
    match (group, kind) {
        ("", "Namespace") | ("apiextensions.k8s.io", "CustomResourceDefinition") => Wave::Foundations,
        ("rbac.authorization.k8s.io" | "storage.k8s.io" | "scheduling.k8s.io", _)
        | (
            "",
            "ConfigMap"
            | "Secret"
            | "ServiceAccount"
            | "LimitRange"
            | "ResourceQuota"
            | "PersistentVolumeClaim"
            | "PersistentVolume",
        ) => Wave::Configuration,
        ("networking.k8s.io", "NetworkPolicy") => Wave::AllowPolicies,
        ("", "Service" | "Endpoints") | ("discovery.k8s.io", "EndpointSlice") => Wave::Services,
        ("policy", "PodDisruptionBudget") | ("autoscaling", "HorizontalPodAutoscaler") => Wave::Scaling,
        ("networking.k8s.io", "Ingress" | "IngressClass") | ("gateway.networking.k8s.io", _) => Wave::Ingress,
        ("admissionregistration.k8s.io", _) => Wave::Webhooks,
        _ => Wave::Workloads,
    }
}

/// The wave in which an object is deleted: what runs first, what it runs on last.
#[must_use]
pub fn delete_wave_of(key: &Key) -> Wave {
    match wave_of_kind(&key.group, &key.kind) {
        Wave::Foundations => Wave::DeleteFoundations,
        Wave::Configuration => Wave::DeleteConfiguration,
        Wave::Scaling if key.kind == "HorizontalPodAutoscaler" => Wave::UndoScaling,
        _ => Wave::UndoCreates,
    }
}

/// A policy that selects pods and lets nothing through in a direction that it governs.
fn denies(policy: &Object) -> bool {
    let types: Vec<&str> = policy
        .at(&["spec", "policyTypes"])
        .and_then(serde_json::Value::as_array)
        .map(|types| types.iter().filter_map(serde_json::Value::as_str).collect())
        .unwrap_or_default();
    let has_rules = |field: &str| {
        policy
            .at(&["spec", field])
            .and_then(serde_json::Value::as_array)
            .is_some_and(|rules| !rules.is_empty())
    };
    let ingress = types.is_empty() || types.contains(&"Ingress");
    (ingress && !has_rules("ingress")) || (types.contains(&"Egress") && !has_rules("egress"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::wave_of;
    use crate::{diff::Wave, object::Object};

    #[test]
    fn policies_that_allow_come_before_those_that_deny() {
        let policy = |spec| {
            Object(
                json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "a"}, "spec": spec}),
            )
        };
        assert_eq!(
            wave_of(&policy(json!({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}))),
            Wave::DenyPolicies
        );
        let allowing = json!({"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{"from": []}]});
        assert_eq!(wave_of(&policy(allowing)), Wave::AllowPolicies);
    }
}
