use jiff::Timestamp;
use proptest::prelude::*;

use crate::observed::{Freshness, Name, Observation, Observed, PodRow, WorkloadName, WorkloadRow, coalesce};

fn name(name: &str) -> Name {
    Name { namespace: "staging".into(), name: name.into() }
}

fn pod(restarts: u32) -> PodRow {
    PodRow {
        status: "Running".into(),
        ready_containers: 1,
        containers: 1,
        restarts,
        node: None,
        owner: None,
        created: None,
        problem: None,
        is_ready: true,
        is_terminating: false,
    }
}

fn workload(kind: &str, ready: u32) -> WorkloadRow {
    WorkloadRow { kind: kind.into(), desired: 3, updated: 3, ready, problem: None }
}

fn stale() -> Freshness {
    Freshness::Stale { since: Timestamp::UNIX_EPOCH, reason: "connection refused".into() }
}

#[test]
fn a_deployment_and_a_stateful_set_of_one_name_are_two_rows() {
    let mut observed = Observed::default();
    for kind in ["Deployment", "StatefulSet"] {
        observed.fold(Observation::Workload(kind.into(), name("gateway"), Some(workload(kind, 1))));
    }
    assert_eq!(observed.workloads.rows.len(), 2);
    observed.fold(Observation::Listed { kind: "StatefulSet", names: vec![] });
    let left: Vec<&WorkloadName> = observed.workloads.rows.keys().collect();
    assert_eq!(left, [&WorkloadName { kind: "Deployment".into(), name: name("gateway") }]);
}

#[test]
fn what_a_new_list_does_not_hold_is_gone() {
    let mut observed = Observed::default();
    observed.fold(Observation::Pod(name("a"), Some(pod(0))));
    observed.fold(Observation::Pod(name("b"), Some(pod(0))));
    observed.fold(Observation::Listed { kind: "Pod", names: vec![name("b")] });
    assert_eq!(observed.pods.rows.keys().collect::<Vec<_>>(), [&name("b")]);
}

#[test]
fn rows_stay_while_stale_and_the_workloads_pane_is_as_good_as_its_worst_kind() {
    let mut observed = Observed::default();
    observed.fold(Observation::Workload("Deployment".into(), name("a"), Some(workload("Deployment", 1))));
    for kind in ["Deployment", "StatefulSet", "DaemonSet"] {
        observed.fold(Observation::Freshness { kind, freshness: Freshness::Live });
    }
    assert_eq!(observed.workloads.freshness, Freshness::Live);
    observed.fold(Observation::Freshness { kind: "StatefulSet", freshness: stale() });
    assert_eq!(observed.workloads.freshness, stale());
    assert_eq!(observed.workloads.rows.len(), 1);
}

#[test]
fn the_rehearsals_progress_ends_when_the_cluster_is_live() {
    let mut observed = Observed::default();
    observed.fold(Observation::Rehearsal("building".into()));
    assert_eq!(observed.rehearsal_progress, ["building"]);
    observed.fold(Observation::Freshness { kind: "Pod", freshness: Freshness::Live });
    assert!(observed.rehearsal_progress.is_empty());
}

fn any_news() -> impl Strategy<Value = Observation> {
    let names = prop::sample::select(vec!["a", "b", "c"]).prop_map(name);
    let kinds = prop::sample::select(vec!["Deployment", "StatefulSet"]);
    prop_oneof![
        4 => (names.clone(), prop::option::of(0_u32..5))
            .prop_map(|(name, row)| Observation::Pod(name, row.map(pod))),
        3 => (kinds.clone(), names.clone(), prop::option::of(0_u32..5)).prop_map(|(kind, name, row)| {
            Observation::Workload(kind.into(), name, row.map(|ready| workload(kind, ready)))
        }),
        1 => (prop::sample::select(vec!["Pod", "Deployment", "StatefulSet"]), prop::collection::vec(names, 0..3))
            .prop_map(|(kind, names)| Observation::Listed { kind, names }),
        1 => (prop::sample::select(vec!["Pod", "Deployment", "StatefulSet"]), any::<bool>()).prop_map(
            |(kind, live)| Observation::Freshness { kind, freshness: if live { Freshness::Live } else { stale() } }),
        1 => (prop::sample::select(vec!["rollout", "address"]), prop::option::of("[ab]")).prop_map(
            |(gate, says)| Observation::Gate { gate: gate.into(), says }),
        1 => any::<bool>().prop_map(Observation::Simulated),
    ]
}

proptest! {
    /// However the stream is cut into batches, and each batch made smaller, it comes to the same.
    #[test]
    fn batches_come_to_the_same_as_one_by_one(news in prop::collection::vec(any_news(), 0..40), size in 1_usize..9) {
        let mut one_by_one = Observed::default();
        one_by_one.fold_all(news.clone());
        let mut in_batches = Observed::default();
        for batch in news.chunks(size) {
            let smaller = coalesce(batch.to_vec());
            prop_assert!(smaller.len() <= batch.len());
            in_batches.fold_all(smaller);
        }
        prop_assert_eq!(one_by_one, in_batches);
    }
}
