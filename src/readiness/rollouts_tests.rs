use serde_json::{Value, json};

use super::{daemon_set, deployment, replica_set, stateful_set};
use crate::{
    object::Object,
    readiness::{
        Readiness, Related,
        samples::{event, waiting_pod},
    },
};

#[expect(clippy::needless_pass_by_value, reason = "the tests hand over literals")]
fn object(spec: Value, status: Value) -> Object {
    Object(json!({"metadata": {"name": "gateway", "generation": 2}, "spec": spec, "status": status}))
}

fn alone(rule: fn(&Object, &Related<'_>) -> Readiness, spec: Value, status: Value) -> Readiness {
    rule(&object(spec, status), &Related::default())
}

fn says(readiness: &Readiness, words: &str) -> bool {
    matches!(readiness, Readiness::Progressing { reason } if reason.contains(words))
}

#[test]
fn a_deployment_is_ready_when_all_is_updated_available_and_the_old_are_gone() {
    let at = |updated: u64, all: u64, available: u64| {
        alone(
            deployment,
            json!({"replicas": 3}),
            json!({"observedGeneration": 2, "replicas": all,
            "updatedReplicas": updated, "availableReplicas": available}),
        )
    };
    assert!(says(&at(1, 4, 3), "1 of 3 updated"));
    assert!(says(&at(3, 4, 3), "1 of the old pods still there"));
    assert!(says(&at(3, 3, 2), "2 of 3 available"));
    assert_eq!(at(3, 3, 3), Readiness::Ready);
}

#[test]
fn a_deployment_that_nobody_has_looked_at_is_not_ready() {
    assert!(says(&alone(deployment, json!({"replicas": 0}), json!({})), "not looked"));
    let zero = alone(deployment, json!({"replicas": 0}), json!({"observedGeneration": 2}));
    assert_eq!(zero, Readiness::Ready);
}

#[test]
fn the_progress_deadline_is_a_verdict_with_the_cause_first() {
    let late = object(
        json!({"replicas": 3, "progressDeadlineSeconds": 60}),
        json!({"observedGeneration": 2, "updatedReplicas": 1, "replicas": 4, "availableReplicas": 3,
            "conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded",
                "message": "ReplicaSet \"gateway-7d\" has timed out progressing."}]}),
    );
    let pods = [waiting_pod("gateway-7d-a", "ErrImagePull", "manifest unknown")];
    let Readiness::Failed { reason } = deployment(&late, &Related { pods: &pods, ..Related::default() })
    else {
        panic!("a missed deadline is a failure");
    };
    assert!(reason.starts_with("gateway-7d-a: cannot get image"), "{reason}");
    assert!(reason.ends_with("(no progress for 60 s (ProgressDeadlineExceeded))"), "{reason}");
}

#[test]
fn quota_is_named_when_no_pod_can_be_created() {
    let refused = alone(
        deployment,
        json!({"replicas": 2}),
        json!({"observedGeneration": 2,
        "conditions": [{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate",
            "message": "pods \"gateway-7d-x\" is forbidden: exceeded quota: small, requested: pods=1, used: pods=0, limited: pods=0"}]}),
    );
    assert!(says(&refused, "exceeded quota: small"), "{refused:?}");
    let events = [event("StatefulSet", "gateway", "FailedCreate", "exceeded quota: small")];
    let set = object(json!({"replicas": 1}), json!({"observedGeneration": 2}));
    let refused = stateful_set(&set, &Related { events: &events, ..Related::default() });
    assert!(
        says(&refused, "exceeded quota: small (0 of 1 ready)") || says(&refused, "FailedCreate"),
        "{refused:?}"
    );
}

#[test]
fn a_paused_rollout_says_that_it_is_paused() {
    let paused = alone(deployment, json!({"replicas": 2, "paused": true}), json!({"observedGeneration": 2}));
    assert!(says(&paused, "paused"));
}

#[test]
fn a_stateful_set_counts_by_revision_and_honours_its_partition() {
    let at = |strategy: Value, updated: u64, ready: u64| {
        alone(
            stateful_set,
            json!({"replicas": 3, "updateStrategy": strategy}),
            json!({"observedGeneration": 2, "replicas": 3, "readyReplicas": ready, "availableReplicas": ready,
                "updatedReplicas": updated, "currentRevision": "a", "updateRevision": "b"}),
        )
    };
    let rolling =
        |partition: u64| json!({"type": "RollingUpdate", "rollingUpdate": {"partition": partition}});
    assert!(says(&at(rolling(0), 3, 2), "2 of 3 ready"));
    assert!(says(&at(rolling(0), 1, 3), "1 of 3 updated"));
    assert_eq!(at(rolling(0), 3, 3), Readiness::Ready);
    assert!(says(&at(rolling(2), 0, 3), "0 of 1 updated"));
    assert!(
        matches!(at(rolling(2), 1, 3), Readiness::ReadyWithWarning { warning } if warning.contains("partition"))
    );
    let by_hand = at(json!({"type": "OnDelete"}), 1, 3);
    assert!(matches!(by_hand, Readiness::ReadyWithWarning { warning } if warning.starts_with("2 pods")));
}

#[test]
fn a_daemon_set_wants_its_pod_on_every_node() {
    let at = |strategy: &str, wanted: u64, updated: u64, available: u64| {
        alone(
            daemon_set,
            json!({"updateStrategy": {"type": strategy}}),
            json!({"observedGeneration": 2,
            "desiredNumberScheduled": wanted, "updatedNumberScheduled": updated, "numberAvailable": available}),
        )
    };
    assert!(says(&at("RollingUpdate", 3, 1, 3), "1 of 3 updated"));
    assert!(says(&at("RollingUpdate", 3, 3, 2), "2 of 3 available"));
    assert_eq!(at("RollingUpdate", 3, 3, 3), Readiness::Ready);
    assert!(matches!(at("OnDelete", 3, 1, 3), Readiness::ReadyWithWarning { .. }));
    assert!(matches!(at("RollingUpdate", 0, 0, 0), Readiness::ReadyWithWarning { .. }));
}

#[test]
fn a_replica_set_wants_its_pods_and_no_more() {
    let at = |all: u64, available: u64| {
        alone(
            replica_set,
            json!({"replicas": 2}),
            json!({"observedGeneration": 2, "replicas": all,
            "availableReplicas": available}),
        )
    };
    assert!(says(&at(2, 1), "1 of 2 available"));
    assert!(says(&at(3, 2), "scaling down"));
    assert_eq!(at(2, 2), Readiness::Ready);
}
