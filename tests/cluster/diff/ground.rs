//! What an apply stands on: namespaces, kinds, rights, and what the API server would not say in time.

use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use kube::api::{Api, DeleteParams, Patch, PatchParams};
use libtest_mimic::Trial;
use migrate_tui::diff::Change;
use migrate_tui::rehearsal::Identity;
use serde_json::{Value, json};

use super::{
    config_map, deployment,
    desk::{Desk, row},
};
use crate::support::{Cluster, trial, wait_until};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("diff::a_missing_namespace_is_planned", a_missing_namespace),
        trial("diff::a_terminating_namespace_is_refused", a_terminating_namespace),
        trial("diff::a_missing_kind_is_planned_when_its_crd_is_rendered", a_missing_kind),
        trial("diff::every_missing_right_is_listed", every_missing_right),
        trial("diff::a_variable_that_is_there_twice_is_refused", a_variable_twice),
        trial("diff::pods_that_would_not_start_are_a_problem", pods_that_would_not_start),
        trial("diff::a_quota_without_room_is_a_risk", a_quota_without_room),
        trial("diff::an_unknown_field_is_refused_with_its_object", an_unknown_field),
    ]
}

async fn a_missing_namespace(cluster: &Cluster) {
    let desk = Desk::new(cluster, "diff-not-there-yet").await;
    let namespace =
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "diff-not-there-yet"}});
    let prepared = desk.look(vec![namespace.clone(), deployment("registry.example/main:1")]).await;
    assert_eq!(prepared.proposal.problems, []);
    let shown = row(&prepared, "Deployment/web");
    assert_eq!(shown.change, Change::Create);
    assert_eq!(shown.known_after.as_deref(), Some("Namespace/diff-not-there-yet"));
    assert_eq!(row(&prepared, "Namespace/diff-not-there-yet").known_after, None);

    // What can be told beforehand is told beforehand.
    let mut wrong = deployment("registry.example/main:1");
    wrong["spec"]["replicaz"] = json!(3);
    let refused = desk.look(vec![namespace, wrong.clone()]).await;
    let [problem] = refused.proposal.problems.as_slice() else { panic!("{:?}", refused.proposal.problems) };
    assert!(problem.subject.contains("Deployment/web") && problem.reason.contains("replicaz"), "{problem}");
    let nowhere = desk.look(vec![wrong]).await;
    let subjects: Vec<&str> =
        nowhere.proposal.problems.iter().map(|problem| problem.subject.as_str()).collect();
    assert_eq!(subjects[0], "Namespace/diff-not-there-yet", "nothing brings it");
}

async fn a_terminating_namespace(cluster: &Cluster) {
    let namespace = cluster.namespace("diff-ending").await;
    let held = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "held", "finalizers": ["example.com/hold"]}});
    namespace.apply(held).await;
    let namespaces: Api<Namespace> = Api::all(cluster.client());
    namespaces.delete(namespace.name(), &DeleteParams::background()).await.unwrap();
    let desk = Desk::new(cluster, namespace.name()).await;
    let prepared = desk.look(vec![config_map("settings", &json!({"a": "1"}))]).await;
    let about: Vec<&str> =
        prepared.proposal.problems.iter().map(|problem| problem.subject.as_str()).collect();
    assert_eq!(about, [format!("Namespace/{}", namespace.name())], "{:?}", prepared.proposal.problems);
    let release = json!({"metadata": {"finalizers": null}});
    namespace
        .api::<ConfigMap>()
        .patch("held", &PatchParams::default(), &Patch::Merge(&release))
        .await
        .unwrap();
}

fn widget_crd() -> Value {
    json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.diff.example.com"},
        "spec": {"group": "diff.example.com", "scope": "Namespaced",
            "names": {"plural": "widgets", "singular": "widget", "kind": "Widget"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {
                "type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]}})
}

async fn a_missing_kind(cluster: &Cluster) {
    let namespace = cluster.namespace("diff-kind").await;
    let desk = Desk::new(cluster, namespace.name()).await;
    let widget = json!({"apiVersion": "diff.example.com/v1", "kind": "Widget", "metadata": {"name": "one"}});
    let planned = desk.look(vec![widget.clone(), widget_crd()]).await;
    assert_eq!(planned.proposal.problems, []);
    let shown = row(&planned, "Widget/one");
    assert_eq!(shown.known_after.as_deref(), Some("CustomResourceDefinition/widgets.diff.example.com"));
    assert_eq!(shown.key.namespace.as_deref(), Some(namespace.name()));
    let alone = desk.look(vec![widget]).await;
    let [problem] = alone.proposal.problems.as_slice() else { panic!("{:?}", alone.proposal.problems) };
    assert!(problem.subject.contains("Widget") && problem.remedy.contains("CRD"), "{problem}");
    let known = json!({"apiVersion": "example.metallb.io/v1", "kind": "Pool", "metadata": {"name": "one"}});
    let alone = desk.look(vec![known]).await;
    let [problem] = alone.proposal.problems.as_slice() else { panic!("{:?}", alone.proposal.problems) };
    assert!(problem.remedy.starts_with("MetalLB usually brings it"), "{problem}");
}

async fn every_missing_right(cluster: &Cluster) {
    let namespace = cluster.namespace("diff-rights").await;
    let viewer = Desk::of(cluster, namespace.name(), Identity::Viewer).await;
    let prepared = viewer
        .look(vec![deployment("registry.example/main:1"), config_map("settings", &json!({"a": "1"}))])
        .await;
    let all: Vec<String> = prepared.proposal.problems.iter().map(ToString::to_string).collect();
    for right in ["patch deployments", "create deployments", "delete configmaps", "patch configmaps"] {
        assert!(all.iter().any(|problem| problem.contains(right)), "{right} in {all:#?}");
    }
}

async fn a_variable_twice(cluster: &Cluster) {
    let namespace = cluster.namespace("diff-twice").await;
    let desk = Desk::new(cluster, namespace.name()).await;
    let mut wrong = deployment("registry.example/main:1");
    wrong["spec"]["template"]["spec"]["containers"][0]["env"] =
        json!([{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]);
    let prepared = desk.look(vec![wrong]).await;
    let told =
        prepared.proposal.problems.iter().any(|problem| problem.subject.ends_with("containers[main].env[A]"));
    assert!(told, "{:?}", prepared.proposal.problems);
}

async fn pods_that_would_not_start(cluster: &Cluster) {
    let namespace = cluster.namespace("diff-security").await;
    let namespaces: Api<Namespace> = Api::all(cluster.client());
    let enforce = json!({"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}});
    namespaces.patch(namespace.name(), &PatchParams::default(), &Patch::Merge(&enforce)).await.unwrap();
    let desk = Desk::new(cluster, namespace.name()).await;
    // The admission's own view of the label lags behind by a watch.
    let prepared = wait_until("the level is enforced", || async {
        let prepared = desk.look(vec![deployment("registry.example/main:1")]).await;
        if prepared.proposal.problems.is_empty() { Err("no problem yet".to_owned()) } else { Ok(prepared) }
    })
    .await;
    let problem = &prepared.proposal.problems[0];
    assert!(
        problem.subject == "Deployment/web" && problem.reason.contains("pods would not start"),
        "{problem}"
    );
}

async fn an_unknown_field(cluster: &Cluster) {
    let namespace = cluster.namespace("diff-unknown").await;
    let desk = Desk::new(cluster, namespace.name()).await;
    let mut wrong = deployment("registry.example/main:1");
    wrong["spec"]["bogus"] = json!(1);
    let prepared = desk.look(vec![wrong, config_map("settings", &json!({"a": "1"}))]).await;
    let [problem] = prepared.proposal.problems.as_slice() else { panic!("{:?}", prepared.proposal.problems) };
    assert!(problem.subject.contains("Deployment/web") && problem.reason.contains("bogus"), "{problem}");
    assert_eq!(prepared.proposal.rows.len(), 1, "the others are still shown");
}

async fn a_quota_without_room(cluster: &Cluster) {
    let namespace = cluster.namespace("diff-quota").await;
    let quota = json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "small"},
        "spec": {"hard": {"requests.cpu": "150m"}}});
    namespace.apply(quota).await;
    let desk = Desk::new(cluster, namespace.name()).await;
    let prepared = desk.look(vec![deployment("registry.example/main:1")]).await;
    assert_eq!(prepared.proposal.problems, []);
    let told =
        prepared.proposal.risks.iter().any(|risk| risk.message.contains("200m more wanted, 150m allowed"));
    assert!(told, "{:?}", prepared.proposal.risks);
}
