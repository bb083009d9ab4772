//! What holds for every kind, then the rule of the kind.

use super::{
    Readiness, certificates, custom,
    fields::{Condition, count},
    foundations, jobs, network, pod, rollouts, scaling, storage,
};
use crate::object::Object;

/// What was found around an object, so that its readiness can say why. Each may be empty: the
/// rules then say what the object alone tells.
#[derive(Clone, Copy, Debug, Default)]
pub struct Related<'a> {
    /// The pods that it owns, directly or through a ReplicaSet or Job.
    pub pods: &'a [Object],
    /// Events (`v1`) about it or its pods.
    pub events: &'a [Object],
    /// What cert-manager made for it: CertificateRequests, Orders, Challenges, and its issuer.
    pub issuance: &'a [Object],
}

/// Where an object stands, by the rule of its kind.
///
/// The order is kstatus's (`sigs.k8s.io/cli-utils/pkg/kstatus/status`): deletion, then whether the
/// controller has seen the spec, then the kind's own rule, else the generic conditions.
#[must_use]
pub fn assess(object: &Object, related: &Related<'_>) -> Readiness {
    if object.at(&["metadata", "deletionTimestamp"]).is_some_and(|at| !at.is_null()) {
        return Readiness::Gone;
    }
    if let Some(unseen) = unseen_generation(object) {
        return unseen;
    }
    match (object.group(), object.kind()) {
        ("apps", "Deployment") => rollouts::deployment(object, related),
        ("apps", "StatefulSet") => rollouts::stateful_set(object, related),
        ("apps", "DaemonSet") => rollouts::daemon_set(object, related),
        ("apps", "ReplicaSet") | ("", "ReplicationController") => rollouts::replica_set(object, related),
        ("", "Pod") => pod::pod(object, related),
        ("batch", "Job") => jobs::job(object, related),
        ("", "Service") => network::service(object),
        ("networking.k8s.io", "Ingress") => network::ingress(object),
        ("", "PersistentVolumeClaim") => storage::claim(object, related),
        ("autoscaling", "HorizontalPodAutoscaler") => scaling::autoscaler(object),
        ("policy", "PodDisruptionBudget") => scaling::disruption_budget(object),
        ("", "Namespace") => foundations::namespace(object),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => foundations::definition(object),
        ("apiregistration.k8s.io", "APIService") => foundations::api_service(object),
        ("cert-manager.io", "Certificate") => certificates::certificate(object, related),
        ("cert-manager.io", "CertificateRequest") => certificates::request(object),
        ("cert-manager.io", "Issuer" | "ClusterIssuer") => certificates::issuer(object),
        ("acme.cert-manager.io", "Order" | "Challenge") => certificates::acme(object),
        _ => custom::any(object),
    }
}

/// The status of a condition with its reason, as gates ask for it; `None` when there is no such
/// condition, or when the status is of an earlier generation.
#[must_use]
pub fn condition_status(object: &Object, condition: &str) -> Option<(String, String)> {
    if unseen_generation(object).is_some() {
        return None;
    }
    Condition::of(object, condition).map(|found| (found.status().to_owned(), found.words()))
}

/// kstatus `checkGeneration`: a status of an earlier generation says nothing about this one. Kinds
/// that keep no `observedGeneration` pass; the rules of those that must have one ask again.
fn unseen_generation(object: &Object) -> Option<Readiness> {
    let wanted = count(object, &["metadata", "generation"])?;
    let seen = count(object, &["status", "observedGeneration"])?;
    (seen < wanted)
        .then(|| Readiness::progressing(format!("its controller has not seen generation {wanted} yet")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Related, assess, condition_status};
    use crate::{object::Object, readiness::Readiness};

    #[test]
    fn what_is_being_deleted_is_gone_whatever_its_status_says() {
        let object = Object(json!({"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "a", "deletionTimestamp": "2026-11-24T10:00:00Z"}}));
        assert_eq!(assess(&object, &Related::default()), Readiness::Gone);
    }

    #[test]
    fn kinds_without_a_status_are_ready_at_once() {
        for (api_version, kind) in [
            ("v1", "ConfigMap"),
            ("v1", "Secret"),
            ("v1", "ServiceAccount"),
            ("rbac.authorization.k8s.io/v1", "Role"),
            ("networking.k8s.io/v1", "NetworkPolicy"),
            ("batch/v1", "CronJob"),
        ] {
            let object = Object(json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "a"}}));
            assert_eq!(assess(&object, &Related::default()), Readiness::Ready, "{kind}");
        }
    }

    #[test]
    fn a_condition_of_an_earlier_generation_does_not_count() {
        let mut object = Object(json!({"apiVersion": "example.com/v1", "kind": "Thing",
            "metadata": {"name": "a", "generation": 2},
            "status": {"observedGeneration": 1,
                "conditions": [{"type": "Ready", "status": "True", "reason": "Fine"}]}}));
        assert_eq!(condition_status(&object, "Ready"), None);
        assert!(!assess(&object, &Related::default()).is_ready());
        object.0["status"]["observedGeneration"] = json!(2);
        assert_eq!(condition_status(&object, "Ready"), Some(("True".into(), "Fine".into())));
        assert_eq!(assess(&object, &Related::default()), Readiness::Ready);
    }
}
