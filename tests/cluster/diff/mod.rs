//! What a step would change, asked of a real API server: rows, owners, problems, digests.

mod desk;
mod ground;
mod owners;

use libtest_mimic::Trial;
use migrate_tui::cluster::{Inventory, Item};
use migrate_tui::diff::{Change, RiskKind, Wave};
use migrate_tui::object::Key;
use serde_json::{Value, json};

use self::desk::{Desk, paths, row};
use crate::support::{Cluster, trial, wait_until};

pub fn trials() -> Vec<Trial> {
    let own = vec![
        trial("diff::what_is_not_there_is_created_and_then_the_same", created_and_then_the_same),
        trial("diff::a_change_shows_its_field_and_nothing_else", a_change_shows_its_field),
        trial("diff::a_selector_cannot_be_changed_in_place", a_selector_cannot_be_changed),
        trial("diff::a_dying_pod_moves_no_digest_and_a_colleague_does", digests_move_with_meaning_only),
        trial("diff::a_secrets_value_is_nowhere", a_secrets_value_is_nowhere),
        trial("diff::a_local_look_needs_no_right_to_patch", a_local_look),
        trial("diff::prune_takes_what_is_left_over_but_never_all", prune_takes_what_is_left_over),
    ];
    [own, owners::trials(), ground::trials()].into_iter().flatten().collect()
}

fn deployment(image: &str) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {
        "replicas": 2, "selector": {"matchLabels": {"app": "web"}},
        "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{
            "name": "main", "image": image, "ports": [{"containerPort": 80}],
            "env": [{"name": "KEEP", "value": "1"}],
            "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}}}]}}}})
}

fn config_map(name: &str, data: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data})
}

fn service() -> Value {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
        "spec": {"type": "NodePort", "selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 80}]}})
}

async fn created_and_then_the_same(cluster: &Cluster) {
    let namespace = cluster.namespace("diff-create").await;
    let desk = Desk::new(cluster, namespace.name()).await;
    let stack =
        || vec![deployment("registry.example/main:1"), service(), config_map("settings", &json!({"a": "1"}))];
    let first = desk.look(stack()).await;
    assert_eq!(first.proposal.problems, []);
    assert!(first.proposal.validated && first.proposal.rows.iter().all(|row| row.change == Change::Create));
    let waves: Vec<Wave> = first.proposal.rows.iter().map(|row| row.wave).collect();
    assert_eq!(waves, [Wave::Configuration, Wave::Services, Wave::Workloads]);
    let shown = paths(row(&first, "Service/web")).join(" ");
    assert!(!shown.contains("clusterIP") && !shown.contains("nodePort"), "{shown}");
    assert!(first.images.iter().all(|image| image.applied.as_ref().unwrap().uid().is_none()));
    let risks: Vec<RiskKind> = first.proposal.risks.iter().map(|risk| risk.kind).collect();
    assert!(risks.contains(&RiskKind::NoDisruptionBudget), "{risks:?}");
    assert_eq!(desk.recheck(&first).await, Ok(()));

    for object in stack() {
        desk.apply_as("migrate-tui", &object).await;
    }
    assert!(desk.recheck(&first).await.unwrap_err().contains("created by someone else"));
    let again = desk.look(stack()).await;
    assert!(!again.proposal.changes_something(), "{:?}", again.proposal);
    assert!(again.proposal.rows.iter().all(|row| row.fields.is_empty()));
    assert_ne!(first.proposal.digest, again.proposal.digest);
}

async fn a_change_shows_its_field(cluster: &Cluster) {
    let namespace = cluster.namespace("diff-change").await;
    let desk = Desk::new(cluster, namespace.name()).await;
    desk.apply_as("migrate-tui", &deployment("registry.example/main:1")).await;
    let mut wanted = deployment("registry.example/main:2");
    wanted["spec"]["template"]["spec"]["containers"][0]["env"] = json!([{"name": "MODE", "value": "x"}]);
    let prepared = desk.look(vec![wanted]).await;
    let shown = row(&prepared, "Deployment/web");
    assert_eq!(shown.change, Change::Change);
    let at = "spec.template.spec.containers[main]";
    assert_eq!(
        paths(shown),
        [
            format!("{at}.env[KEEP].name"),
            format!("{at}.env[KEEP].value"),
            format!("{at}.env[MODE].name"),
            format!("{at}.env[MODE].value"),
            format!("{at}.image"),
        ]
    );
    let image = shown.fields.last().unwrap();
    assert_eq!(image.before, Some(json!("registry.example/main:1")));
    assert_eq!(image.after, Some(json!("registry.example/main:2")));
    let behind = &prepared.images[0];
    assert!(behind.before.as_ref().unwrap().at(&["metadata", "managedFields"]).is_some());
    assert!(behind.expected.is_some());
}

async fn a_selector_cannot_be_changed(cluster: &Cluster) {
    let namespace = cluster.namespace("diff-selector").await;
    let mut desk = Desk::new(cluster, namespace.name()).await;
    desk.apply_as("migrate-tui", &deployment("registry.example/main:1")).await;
    let mut wanted = deployment("registry.example/main:1");
    wanted["spec"]["selector"]["matchLabels"] = json!({"app": "other"});
    wanted["spec"]["template"]["metadata"]["labels"] = json!({"app": "other"});
    let refused = desk.look(vec![wanted.clone()]).await;
    let problem = refused.proposal.problems.first().expect("it is a problem");
    assert!(
        problem.reason.contains("spec.selector") && problem.remedy.contains("allow_replace"),
        "{problem}"
    );

    desk.step.allow_replace = true;
    let allowed = desk.look(vec![wanted]).await;
    assert_eq!(allowed.proposal.problems, []);
    let shown = row(&allowed, "Deployment/web");
    assert_eq!(shown.change, Change::Replace);
    let all = paths(shown);
    assert!(all.iter().all(|path| path.contains("abels")), "{all:?}");
    assert!(allowed.proposal.risks.iter().any(|risk| risk.kind == RiskKind::Replace));
    assert_ne!(refused.proposal.digest, allowed.proposal.digest, "an option is part of what is confirmed");
}

async fn digests_move_with_meaning_only(cluster: &Cluster) {
    let namespace = cluster.namespace("diff-digest").await;
    let desk = Desk::new(cluster, namespace.name()).await;
    let object = deployment("registry.example/main:1");
    desk.apply_as("migrate-tui", &object).await;
    let wanted = || vec![deployment("registry.example/main:2")];
    let deployments = desk.api(&object);
    let ready = |count: u64| {
        let deployments = deployments.clone();
        move || {
            let deployments = deployments.clone();
            async move {
                let live = deployments.get("web").await.unwrap();
                let seen = live.data["status"]["readyReplicas"].as_u64().unwrap_or_default();
                if seen == count { Ok(live.metadata.resource_version) } else { Err(format!("{seen} ready")) }
            }
        }
    };
    wait_until("two ready pods", ready(2)).await;
    let before = desk.look(wanted()).await;
    let pods = namespace.api::<k8s_openapi::api::core::v1::Pod>();
    let version = deployments.get("web").await.unwrap().metadata.resource_version;
    pods.delete_collection(&kube::api::DeleteParams::default(), &kube::api::ListParams::default())
        .await
        .unwrap();
    wait_until("another resourceVersion", || async {
        let now = deployments.get("web").await.unwrap().metadata.resource_version;
        if now == version { Err("the same".to_owned()) } else { Ok(()) }
    })
    .await;
    assert_eq!(desk.look(wanted()).await.proposal.digest, before.proposal.digest);
    assert_eq!(desk.recheck(&before).await, Ok(()));

    desk.merge_as("kubectl-edit", &object, json!({"spec": {"minReadySeconds": 3}})).await;
    assert_ne!(desk.look(wanted()).await.proposal.digest, before.proposal.digest);
    let moved = desk.recheck(&before).await.unwrap_err();
    assert!(moved.contains("Deployment/web has been changed"), "{moved}");

    let seen = desk.look(wanted()).await;
    deployments.delete("web", &kube::api::DeleteParams::default()).await.unwrap();
    wait_until("it is gone", || async {
        match deployments.get_opt("web").await.unwrap() {
            None => Ok(()),
            Some(_) => Err("still there".to_owned()),
        }
    })
    .await;
    assert!(desk.recheck(&seen).await.unwrap_err().contains("deleted"));
    desk.apply_as("migrate-tui", &object).await;
    assert!(desk.recheck(&seen).await.unwrap_err().contains("created again"));
}

async fn a_secrets_value_is_nowhere(cluster: &Cluster) {
    let namespace = cluster.namespace("diff-secret").await;
    let desk = Desk::new(cluster, namespace.name()).await;
    let secret = |value: &str| json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}, "data": {"token": value}});
    let (old, new) = ("Q0FOQVJZLW9sZA==", "Q0FOQVJZLW5ldw==");
    let created = desk.look(vec![secret(old)]).await;
    // Client-side apply leaves the whole object in an annotation.
    let mut annotated = secret(old);
    annotated["metadata"]["annotations"] =
        json!({"kubectl.kubernetes.io/last-applied-configuration": "{\"token\": \"CANARY-old\"}"});
    desk.apply_as("kubectl", &annotated).await;
    let changed = desk.look(vec![secret(new)]).await;
    assert!(paths(row(&changed, "Secret/keys")).contains(&"data.token"), "{changed:?}");
    let mut broken = secret(new);
    broken["data"]["token"] = json!({"x": "Q0FOQVJZLW5ldw=="});
    let refused = desk.look(vec![broken]).await;
    assert!(!refused.proposal.problems.is_empty());
    for prepared in [&created, &changed, &refused] {
        let problems: String = prepared.proposal.problems.iter().map(ToString::to_string).collect();
        let all = format!("{prepared:?} {} {problems}", serde_json::to_string(&prepared.proposal).unwrap());
        for canary in ["CANARY", "Q0FOQVJZ"] {
            assert!(!all.contains(canary), "{all}");
        }
    }
}

async fn a_local_look(cluster: &Cluster) {
    let namespace = cluster.namespace("diff-local").await;
    let desk = Desk::new(cluster, namespace.name()).await;
    for object in [deployment("registry.example/main:1"), service()] {
        desk.apply_as("migrate-tui", &object).await;
    }
    let viewer = Desk::of(cluster, namespace.name(), migrate_tui::rehearsal::Identity::Viewer).await;
    let same = viewer.look_locally(vec![deployment("registry.example/main:1"), service()]).await;
    assert!(!same.proposal.validated);
    assert!(!same.proposal.changes_something(), "what is defaulted is no change: {:?}", same.proposal);
    let changed = viewer.look_locally(vec![deployment("registry.example/main:2"), service()]).await;
    assert_eq!(paths(row(&changed, "Deployment/web")), ["spec.template.spec.containers[main].image"]);
}

async fn prune_takes_what_is_left_over(cluster: &Cluster) {
    let namespace = cluster.namespace("diff-prune").await;
    let desk = Desk::new(cluster, namespace.name()).await;
    let mut items = Vec::new();
    for name in ["old", "kept", "settings"] {
        let mut object = config_map(name, &json!({"a": "1"}));
        if name == "kept" {
            object["metadata"]["annotations"] = json!({"migrate-tui/keep": "true"});
        }
        let live = desk.apply_as("migrate-tui", &object).await;
        let holder = json!({"step": "week-1/overlay", "attempt": 1});
        let item = json!({"key": {"group": "", "kind": "ConfigMap", "namespace": namespace.name(), "name": name},
            "apiVersion": "v1", "uid": live.metadata.uid, "holders": [holder]});
        items.push(serde_json::from_value::<Item>(item).unwrap());
    }
    let inventory = Inventory { items };
    let prepared =
        desk.prune(vec![config_map("settings", &json!({"a": "1"}))], inventory.clone()).await.unwrap();
    let rows: Vec<(&Key, Change)> = prepared.proposal.rows.iter().map(|row| (&row.key, row.change)).collect();
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!((rows[0].0.name.as_str(), rows[0].1), ("old", Change::Delete));
    assert!(prepared.images[0].before.as_ref().unwrap().uid().is_some());
    let refused = desk.prune(Vec::new(), inventory).await.unwrap_err();
    assert!(refused[0].reason.contains("renders to nothing"), "{refused:?}");
}
