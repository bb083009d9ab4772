//! From what the watches decode to the rows that are shown.

use jiff::Timestamp;

use super::{AutoscalerRow, IngressRow, PodRow, WorkloadRow};
use crate::{
    object::Object,
    readiness::{PodFacts, Related, Trouble, assess, of_pod, readings, summarize},
};

/// Who owns a pod, and since when it is there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Owner {
    pub(crate) name: Option<String>,
    pub(crate) created: Option<Timestamp>,
}

/// A pod's row: the columns of `kubectl get pods`, and in words what is wrong.
pub(crate) fn pod_row(pod: &PodFacts, owner: Owner) -> PodRow {
    let summary = summarize(pod);
    PodRow {
        is_ready: pod.status.phase == "Succeeded" || (pod.is_ready() && pod.status.phase != "Failed"),
        is_terminating: pod.is_terminating,
        problem: of_pod(pod).filter(|_| !pod.is_terminating).filter(Trouble::is_wrong).map(|one| one.text),
        status: summary.status,
        ready_containers: summary.ready_containers,
        containers: summary.containers,
        restarts: summary.restarts,
        node: pod.spec.node_name.clone(),
        owner: owner.name,
        created: owner.created,
    }
}

/// A workload's row. The object needs no more than generation, replicas, strategy and status.
pub(crate) fn workload_row(object: &Object) -> WorkloadRow {
    let number = |path: &[&str]| count(object, path);
    let is_daemon = object.kind() == "DaemonSet";
    let of = |set: &str, daemon: &str| number(&["status", if is_daemon { daemon } else { set }]);
    let wanted = if is_daemon {
        number(&["status", "desiredNumberScheduled"])
    } else {
        object.at(&["spec", "replicas"]).map_or(1, |_| number(&["spec", "replicas"]))
    };
    WorkloadRow {
        kind: object.kind().to_owned(),
        desired: wanted,
        updated: of("updatedReplicas", "updatedNumberScheduled"),
        ready: of("readyReplicas", "numberReady"),
        problem: words(object).filter(|_| !assess(object, &Related::default()).is_ready()),
    }
}

/// An autoscaler's row.
pub(crate) fn autoscaler_row(object: &Object) -> AutoscalerRow {
    let text = |path: &[&str]| object.text(path).unwrap_or_default();
    AutoscalerRow {
        target: format!(
            "{}/{}",
            text(&["spec", "scaleTargetRef", "kind"]),
            text(&["spec", "scaleTargetRef", "name"])
        ),
        metrics: readings(object),
        minimum: object.at(&["spec", "minReplicas"]).map_or(1, |_| count(object, &["spec", "minReplicas"])),
        maximum: count(object, &["spec", "maxReplicas"]),
        current: count(object, &["status", "currentReplicas"]),
        desired: count(object, &["status", "desiredReplicas"]),
        problem: words(object),
    }
}

/// An Ingress's row.
pub(crate) fn ingress_row(object: &Object) -> IngressRow {
    let items =
        |path: &[&str]| object.at(path).and_then(|value| value.as_array()).cloned().unwrap_or_default();
    let field = |value: &serde_json::Value, name: &str| {
        value.get(name).and_then(|text| text.as_str()).map(str::to_owned)
    };
    let mut hosts: Vec<String> =
        items(&["spec", "rules"]).iter().filter_map(|rule| field(rule, "host")).collect();
    hosts.dedup();
    IngressRow {
        hosts,
        class: object.text(&["spec", "ingressClassName"]).map(str::to_owned),
        addresses: items(&["status", "loadBalancer", "ingress"])
            .iter()
            .filter_map(|point| field(point, "ip").or_else(|| field(point, "hostname")))
            .collect(),
        tls_hosts: items(&["spec", "tls"])
            .iter()
            .filter_map(|tls| tls.get("hosts").and_then(|hosts| hosts.as_array()))
            .flatten()
            .filter_map(|host| host.as_str().map(str::to_owned))
            .collect(),
        tls_secrets: items(&["spec", "tls"]).iter().filter_map(|tls| field(tls, "secretName")).collect(),
    }
}

/// What the rule of the kind says is not (quite) well.
fn words(object: &Object) -> Option<String> {
    assess(object, &Related::default()).reason().map(str::to_owned)
}

fn count(object: &Object, path: &[&str]) -> u32 {
    object
        .at(path)
        .and_then(serde_json::Value::as_u64)
        .and_then(|number| u32::try_from(number).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Owner, autoscaler_row, ingress_row, pod_row, workload_row};
    use crate::{
        object::Object,
        readiness::{PodFacts, samples},
    };

    #[test]
    fn a_pod_says_what_is_wrong_and_a_starting_one_nothing() {
        let row = |object: &Object| pod_row(&PodFacts::of(object), Owner::default());
        let broken = row(&samples::crashing_pod("a"));
        assert_eq!(broken.status, "CrashLoopBackOff");
        assert!(broken.problem.is_some_and(|problem| problem.contains("exit code 137")));
        let starting =
            samples::pod("a", "Running", &json!([{"name": "app", "ready": false, "state": {"running": {}}}]));
        let starting = row(&starting);
        assert!(!starting.is_ready && starting.problem.is_none(), "{starting:?}");
        assert!(row(&samples::ready_pod("a")).is_ready);
    }

    #[test]
    fn workloads_count_in_their_own_words() {
        let set = workload_row(&Object(json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "a", "generation": 1}, "spec": {"replicas": 3},
            "status": {"observedGeneration": 1, "replicas": 3, "updatedReplicas": 3, "readyReplicas": 2, "availableReplicas": 2}})));
        assert_eq!((set.desired, set.updated, set.ready), (3, 3, 2));
        assert_eq!(set.problem.as_deref(), Some("2 of 3 available"));
        let daemon = workload_row(&Object(json!({"apiVersion": "apps/v1", "kind": "DaemonSet",
            "metadata": {"name": "a"}, "status": {"observedGeneration": 1, "desiredNumberScheduled": 2,
                "updatedNumberScheduled": 2, "numberReady": 2, "numberAvailable": 2}})));
        assert_eq!((daemon.desired, daemon.updated, daemon.ready, daemon.problem), (2, 2, 2, None));
    }

    #[test]
    fn autoscalers_and_ingresses_carry_what_is_shown() {
        let scaler = autoscaler_row(&Object(
            json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "a"}, "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "gateway"},
                "minReplicas": 2, "maxReplicas": 9, "metrics": []}, "status": {"currentReplicas": 3, "desiredReplicas": 4}}),
        ));
        assert_eq!((scaler.target.as_str(), scaler.minimum, scaler.maximum), ("Deployment/gateway", 2, 9));
        assert_eq!((scaler.current, scaler.desired), (3, 4));
        let ingress = ingress_row(&Object(json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
            "metadata": {"name": "a"}, "spec": {"ingressClassName": "nginx", "rules": [{"host": "app.example.com"}],
                "tls": [{"hosts": ["app.example.com"]}]}, "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.7"}]}}})));
        assert_eq!(ingress.hosts, ["app.example.com"]);
        assert_eq!((ingress.addresses.len(), ingress.tls_hosts.len()), (1, 1));
    }
}
