//! Who owns which field: adoptions, autoscalers, colleagues.

use libtest_mimic::Trial;
use migrate_tui::diff::{Change, RiskKind};
use serde_json::{Value, json};
use std::io::Write as _;

use super::{
    config_map, deployment,
    desk::{Desk, paths, row},
};
use crate::support::{Cluster, kubectl, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("diff::a_client_side_applied_object_is_adopted", a_client_side_applied_object),
        trial("diff::a_colleagues_field_is_named_with_its_owner", a_colleagues_field),
        trial("diff::replicas_are_left_to_the_autoscaler", replicas_are_left_to_the_autoscaler),
        trial("diff::replicas_scaled_by_hand_are_left", replicas_scaled_by_hand),
        trial("diff::an_equal_object_of_someone_else_is_not_the_same", an_equal_object),
        trial("diff::who_else_steers_it_is_told", who_else_steers_it),
    ]
}

fn autoscaler() -> Value {
    json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "web"}, "spec": {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
        "minReplicas": 2, "maxReplicas": 6,
        "metrics": [{"type": "Resource", "resource": {"name": "cpu",
            "target": {"type": "Utilization", "averageUtilization": 70}}}]}})
}

async fn a_client_side_applied_object(cluster: &Cluster) {
    let namespace = cluster.namespace("diff-adopt").await;
    let desk = Desk::new(cluster, namespace.name()).await;
    let mut file = tempfile::Builder::new().suffix(".json").tempfile().unwrap();
    file.write_all(deployment("registry.example/main:1").to_string().as_bytes()).unwrap();
    let path = file.path().to_str().unwrap().to_owned();
    kubectl(&cluster.kubeconfig(), ["apply", "-n", namespace.name(), "-f", &path]).await.expect_success();

    let prepared = desk.look(vec![deployment("registry.example/main:2")]).await;
    assert_eq!(prepared.proposal.problems, []);
    let shown = row(&prepared, "Deployment/web");
    assert_eq!(shown.change, Change::Adopt, "{shown:?}");
    let adoption =
        shown.adoptions.iter().find(|one| one.manager == "kubectl-client-side-apply").expect("named");
    assert_eq!(adoption.operation, "Update");
    assert!(
        adoption.fields.contains(&"spec.template.spec.containers[main].image".to_owned()),
        "{:?}",
        adoption.fields
    );
    assert_eq!(paths(shown), ["spec.template.spec.containers[main].image"]);
    assert!(prepared.proposal.risks.iter().any(|risk| risk.kind == RiskKind::Adoption));
    // Looking has changed nothing: no manager of ours is there.
    let live = desk.api(&deployment("")).get("web").await.unwrap();
    let managers = live.metadata.managed_fields.unwrap();
    assert!(managers.iter().all(|entry| entry.manager.as_deref() != Some("migrate-tui")));
}

async fn a_colleagues_field(cluster: &Cluster) {
    let namespace = cluster.namespace("diff-colleague").await;
    let desk = Desk::new(cluster, namespace.name()).await;
    let settings = |value: &str| config_map("settings", &json!({"mode": value, "ours": "1"}));
    desk.apply_as("migrate-tui", &settings("a")).await;
    desk.merge_as("kubectl-edit", &settings("a"), json!({"data": {"mode": "b", "theirs": "2"}})).await;
    let prepared = desk.look(vec![settings("a")]).await;
    let shown = row(&prepared, "ConfigMap/settings");
    assert_eq!(shown.change, Change::Adopt);
    let [adoption] = shown.adoptions.as_slice() else { panic!("{:?}", shown.adoptions) };
    assert_eq!((adoption.manager.as_str(), adoption.operation.as_str()), ("kubectl-edit", "Update"));
    assert_eq!(adoption.fields, ["data.mode"]);
    assert_eq!(paths(shown), ["data.mode"]);
}

async fn replicas_are_left_to_the_autoscaler(cluster: &Cluster) {
    let namespace = cluster.namespace("diff-scaled").await;
    let desk = Desk::new(cluster, namespace.name()).await;
    let object = deployment("registry.example/main:1");
    // We own the replicas, and an autoscaler comes with the rendering.
    desk.apply_as("migrate-tui", &object).await;
    let rendered = desk.look(vec![object.clone(), autoscaler()]).await;
    let shown = row(&rendered, "Deployment/web");
    assert_eq!(shown.replicas_left_to.as_deref(), Some("HorizontalPodAutoscaler/web"));
    assert!(!paths(shown).contains(&"spec.replicas"), "{shown:?}");
    assert_eq!(shown.change, Change::Change, "giving replicas up is a change of owners");
    let behind = rendered.images.iter().find(|image| image.key.kind == "Deployment").unwrap();
    assert!(behind.applied.as_ref().unwrap().at(&["spec", "replicas"]).is_none());
    assert_eq!(behind.expected.as_ref().unwrap().at(&["spec", "replicas"]), Some(&json!(2)));

    // A live one has scaled: that is no change and moves no digest.
    desk.apply_as("someone", &autoscaler()).await;
    let first = desk.look(vec![object.clone()]).await;
    assert!(row(&first, "Deployment/web").replicas_left_to.is_some());
    desk.scale_as("kube-controller-manager", &object, 5).await;
    let second = desk.look(vec![object]).await;
    assert!(row(&second, "Deployment/web").adoptions.is_empty());
    assert!(!paths(row(&second, "Deployment/web")).contains(&"spec.replicas"));
    assert_eq!(first.proposal.digest, second.proposal.digest);
    assert_eq!(desk.recheck(&first).await, Ok(()));
}

async fn replicas_scaled_by_hand(cluster: &Cluster) {
    let namespace = cluster.namespace("diff-hand").await;
    let desk = Desk::new(cluster, namespace.name()).await;
    let object = deployment("registry.example/main:1");
    desk.apply_as("migrate-tui", &object).await;
    desk.scale_as("kubectl", &object, 4).await;
    let prepared = desk.look(vec![deployment("registry.example/main:2")]).await;
    assert_eq!(prepared.proposal.problems, []);
    let shown = row(&prepared, "Deployment/web");
    assert_eq!(shown.change, Change::Change, "{shown:?}");
    assert_eq!(paths(shown), ["spec.template.spec.containers[main].image"]);
    assert!(shown.replicas_left_to.as_ref().unwrap().starts_with("kubectl"), "{shown:?}");
    let sent = prepared.images[0].applied.as_ref().unwrap();
    assert!(sent.at(&["spec", "replicas"]).is_none());
    assert_eq!(desk.recheck(&prepared).await, Ok(()));
}

async fn an_equal_object(cluster: &Cluster) {
    let namespace = cluster.namespace("diff-equal").await;
    let desk = Desk::new(cluster, namespace.name()).await;
    let object = config_map("settings", &json!({"a": "1"}));
    desk.apply_as("someone", &object).await;
    let prepared = desk.look(vec![object.clone()]).await;
    let shown = row(&prepared, "ConfigMap/settings");
    assert_ne!(shown.change, Change::Same, "we do not own it yet");
    assert!(!shown.fields.is_empty() || !shown.adoptions.is_empty(), "and that is shown: {shown:?}");
    desk.apply_as("migrate-tui", &object).await;
    assert!(!desk.look(vec![object]).await.proposal.changes_something());
}

async fn who_else_steers_it(cluster: &Cluster) {
    let namespace = cluster.namespace("diff-steered").await;
    let desk = Desk::new(cluster, namespace.name()).await;
    let mut object = config_map("settings", &json!({"a": "1"}));
    object["metadata"]["labels"] = json!({"kustomize.toolkit.fluxcd.io/name": "apps"});
    desk.apply_as("kustomize-controller", &object).await;
    let prepared = desk.look(vec![config_map("settings", &json!({"a": "2"}))]).await;
    let told = prepared.proposal.risks.iter().any(|risk| risk.message.contains("Flux (apps)"));
    assert!(told, "{:?}", prepared.proposal.risks);
}
