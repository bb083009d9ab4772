//! Applying and taking back, on a real API server: values, owners and what others did meanwhile.

mod creating;
mod faults;
mod steps;

use std::time::Duration;

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim, Secret};
use kube::api::{Api, DeleteParams, ListParams, Patch, PatchParams};
use libtest_mimic::Trial;
use migrate_tui::cluster::{forget, inspect, load, preserve};
use migrate_tui::diff::{Change, Kind};
use migrate_tui::engine::RowInspection;
use migrate_tui::object::{Object, fields_of};
use serde_json::{Value, json};

use self::steps::{Bench, picture};
use crate::support::{Cluster, kubectl, trial, wait_until};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("undo::a_created_stack_goes_without_a_trace", a_created_stack_goes_without_a_trace),
        trial("undo::a_change_goes_back_to_the_old_replica_set", a_change_goes_back_to_the_old_replica_set),
        trial("undo::an_adopted_stack_is_given_back_exactly", an_adopted_stack_is_given_back_exactly),
        trial("undo::a_strategy_goes_back_though_apply_cannot", a_strategy_goes_back_though_apply_cannot),
        trial("undo::a_colleagues_sidecar_stays_and_their_image_is_listed", colleagues_work_stays),
        trial("undo::replicas_never_fall_under_an_autoscaler", replicas_never_fall),
        trial("undo::a_busy_object_is_changed_all_the_same", a_busy_object_is_changed_all_the_same),
        trial("undo::someone_elses_object_of_the_same_name_is_left", someone_elses_object_is_left),
        trial("undo::a_pruned_stack_comes_back", a_pruned_stack_comes_back),
        trial("undo::a_namespace_with_anothers_claim_is_not_deleted", a_namespace_is_not_deleted),
        trial("undo::a_secrets_before_image_stays_in_the_cluster", a_secrets_image_stays_in_the_cluster),
        trial("undo::an_interrupted_attempt_is_told_row_by_row", an_interrupted_attempt_is_told),
        trial("undo::a_first_week_waits_for_the_second", a_first_week_waits_for_the_second),
        trial("undo::our_own_replicas_are_handed_over_and_come_back", our_own_replicas_come_back),
        trial("undo::what_was_replaced_is_replaced_back", what_was_replaced_is_replaced_back),
        trial("undo::without_the_right_to_secrets_that_is_said", without_the_right_to_secrets),
        trial(
            "undo::a_creation_changes_nothing_that_is_there",
            creating::a_creation_changes_nothing_that_is_there,
        ),
        trial("undo::a_lost_answer_is_looked_after", faults::a_lost_answer_is_looked_after),
        trial("undo::one_recreated_by_a_colleague_is_left", one_recreated_is_left),
    ]
}

fn config_map(name: &str, data: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data})
}

fn deployment(name: &str, image: &str, spec: &Value) -> Value {
    let mut object = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": {
        "replicas": 2, "selector": {"matchLabels": {"app": name}},
        "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{
            "name": "main", "image": image, "ports": [{"containerPort": 80}],
            "env": [{"name": "KEEP", "value": "1"}, {"name": "MODE", "value": "old"}],
            "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}}}]}}}});
    if let Value::Object(fields) = spec {
        for (name, value) in fields {
            object["spec"][name] = value.clone();
        }
    }
    object
}

fn service(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
        "spec": {"selector": {"app": name}, "ports": [{"port": 80, "targetPort": 80}]}})
}

fn autoscaler(name: &str, min: u32) -> Value {
    json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": name}, "spec": {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
        "minReplicas": min, "maxReplicas": 6,
        "metrics": [{"type": "Resource", "resource": {"name": "cpu",
            "target": {"type": "Utilization", "averageUtilization": 70}}}]}})
}

fn changes(prepared: &migrate_tui::cluster::Prepared) -> Vec<String> {
    prepared.proposal.rows.iter().map(|row| format!("{:?} {}", row.change, row.key)).collect()
}

async fn a_created_stack_goes_without_a_trace(cluster: &Cluster) {
    let namespace = cluster.namespace("created").await;
    let bench = Bench::new(cluster, namespace.name()).await;
    let stack = || {
        vec![
            config_map("settings", &json!({"a": "1"})),
            deployment("web", "registry.example/main:1", &json!({})),
            service("web"),
            autoscaler("web", 2),
        ]
    };
    let applied = bench.apply("overlay", stack()).await;
    assert_eq!(bench.inventory().await.items.len(), 4);
    assert!(bench.inventory().await.items.iter().all(|item| item.uid.is_some()));
    let again = bench.prepare("overlay", stack()).await;
    assert!(!again.proposal.changes_something(), "{:?}", changes(&again));

    let undone = bench.undo("overlay", &[&applied]).await;
    assert_eq!(
        changes(&undone.prepared),
        [
            "Delete HorizontalPodAutoscaler/web",
            "Delete Service/web",
            "Delete Deployment/web",
            "Delete ConfigMap/settings"
        ]
    );
    assert_eq!(bench.inventory().await.items, []);
    for (version, kind, name) in [
        ("v1", "ConfigMap", "settings"),
        ("v1", "Service", "web"),
        ("apps/v1", "Deployment", "web"),
        ("autoscaling/v2", "HorizontalPodAutoscaler", "web"),
    ] {
        assert_eq!(bench.live(version, kind, name).await, None, "{kind}");
    }
}

async fn a_change_goes_back_to_the_old_replica_set(cluster: &Cluster) {
    let namespace = cluster.namespace("change").await;
    let bench = Bench::new(cluster, namespace.name()).await;
    let first = || {
        vec![
            config_map("settings", &json!({"a": "1", "b": "1"})),
            deployment("web", "registry.example/main:1", &json!({})),
        ]
    };
    bench.apply("overlay", first()).await;
    let sets: Api<ReplicaSet> = namespace.api();
    let old = wait_until("the first ReplicaSet", || only(&sets)).await;
    let before = [bench.live("v1", "ConfigMap", "settings").await.unwrap(), bench.deployment("web").await];

    let mut second = deployment("web", "registry.example/main:2", &json!({"minReadySeconds": 1}));
    second["spec"]["template"]["spec"]["containers"][0]["env"] =
        json!([{"name": "KEEP", "value": "1"}, {"name": "NEW", "value": "x"}]);
    let second = || vec![config_map("settings", &json!({"a": "2", "c": "1"})), second.clone()];
    let applied = bench.apply("overlay", second()).await;
    let undone = bench.undo("overlay", &[&applied]).await;
    assert_eq!(changes(&undone.prepared), ["Revert ConfigMap/settings", "Revert Deployment/web"]);
    assert!(undone.prepared.images.iter().all(|image| image.applied.is_some()), "by apply");

    let after = [bench.live("v1", "ConfigMap", "settings").await.unwrap(), bench.deployment("web").await];
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(picture(before), picture(after));
    }
    wait_until("the old ReplicaSet at work again", || async {
        let set = sets.get(&old).await.map_err(|error| error.to_string())?;
        let ready = set.status.and_then(|status| status.ready_replicas);
        if ready == Some(2) { Ok(()) } else { Err(format!("{ready:?} ready")) }
    })
    .await;
    let again = bench.prepare("overlay", second()).await;
    assert_eq!(
        changes(&again),
        ["Change ConfigMap/settings", "Change Deployment/web"],
        "no conflict with ourselves"
    );
    let held = bench.inventory().await;
    assert!(held.items.iter().all(|item| item.holders.len() == 1), "{held:?}");
}

async fn only(sets: &Api<ReplicaSet>) -> Result<String, String> {
    let all = sets.list(&ListParams::default()).await.map_err(|error| error.to_string())?;
    match all.items.as_slice() {
        [set] => Ok(set.metadata.name.clone().unwrap_or_default()),
        sets => Err(format!("{} of them", sets.len())),
    }
}

/// Applies as CI does: client side.
async fn by_kubectl(cluster: &Cluster, namespace: &str, arguments: &[&str], manifest: &Value) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("manifest.json");
    std::fs::write(&file, manifest.to_string()).unwrap();
    let file = file.display().to_string();
    let arguments: Vec<&str> =
        ["-n", namespace].into_iter().chain(arguments.iter().copied()).chain(["-f", file.as_str()]).collect();
    let output = kubectl(&cluster.kubeconfig(), &arguments).await;
    output.expect_success();
}

async fn an_adopted_stack_is_given_back_exactly(cluster: &Cluster) {
    let namespace = cluster.namespace("adopt").await;
    let bench = Bench::new(cluster, namespace.name()).await;
    let manifest = deployment("web", "registry.example/main:1", &json!({"strategy": {"type": "Recreate"}}));
    by_kubectl(cluster, namespace.name(), &["apply"], &manifest).await;
    let before = bench.deployment("web").await;

    let mut overlay =
        deployment("web", "registry.example/main:2", &json!({"strategy": {"type": "RollingUpdate"}}));
    overlay["spec"]["template"]["spec"]["containers"][0]["env"] = json!([{"name": "KEEP", "value": "1"}]);
    let applied = bench.apply("overlay", vec![overlay.clone()]).await;
    assert_eq!(changes(&applied.prepared), ["Adopt Deployment/web"]);
    let live = bench.deployment("web").await;
    let env = |object: &Object| object.0["spec"]["template"]["spec"]["containers"][0]["env"].clone();
    assert_eq!(env(&live), json!([{"name": "KEEP", "value": "1"}]), "what the overlay dropped is gone");
    let expected = applied.prepared.images[0].expected.as_ref().unwrap();
    assert_eq!(picture(expected).0, picture(&live).0, "and it was shown so");

    let undone = bench.undo("overlay", &[&applied]).await;
    assert_eq!(undone.prepared.proposal.rows[0].conflicts, []);
    let after = bench.deployment("web").await;
    assert_eq!(picture(&before), picture(&after));

    // Case 1: CI pushes in between.
    let applied = bench.apply("overlay", vec![overlay]).await;
    let mut pushed = manifest.clone();
    pushed["spec"]["template"]["spec"]["containers"][0]["image"] = json!("registry.example/main:3");
    by_kubectl(cluster, namespace.name(), &["apply"], &pushed).await;
    let undone = bench.undo("overlay", &[&applied]).await;
    let conflicts: Vec<&str> =
        undone.prepared.proposal.rows[0].conflicts.iter().map(|conflict| conflict.path.as_str()).collect();
    assert_eq!(conflicts, ["spec.template.spec.containers[main].image"]);
    let after = bench.deployment("web").await;
    assert_eq!(env(&after), env(&before));
    assert_eq!(after.0["spec"]["strategy"], json!({"type": "Recreate"}));
    assert_eq!(after.0["spec"]["template"]["spec"]["containers"][0]["image"], "registry.example/main:3");
    assert!(fields_of(&after, "migrate-tui", "Apply").is_empty());
}

async fn a_strategy_goes_back_though_apply_cannot(cluster: &Cluster) {
    let namespace = cluster.namespace("strategy").await;
    let bench = Bench::new(cluster, namespace.name()).await;
    let with =
        |strategy| deployment("web", "registry.example/main:1", &json!({"strategy": {"type": strategy}}));
    bench.apply("overlay", vec![with("Recreate")]).await;
    let before = bench.deployment("web").await;
    let applied = bench.apply("overlay", vec![with("RollingUpdate")]).await;
    let undone = bench.undo("overlay", &[&applied]).await;
    assert_eq!(undone.prepared.images[0].applied, None, "by the whole object");
    assert_eq!(picture(&before), picture(&bench.deployment("web").await));
    let again = bench.prepare("overlay", vec![with("Recreate")]).await;
    assert_eq!(changes(&again), ["Same Deployment/web"]);
}

async fn colleagues_work_stays(cluster: &Cluster) {
    let namespace = cluster.namespace("colleague").await;
    let bench = Bench::new(cluster, namespace.name()).await;
    bench.apply("overlay", vec![deployment("web", "registry.example/main:1", &json!({}))]).await;
    let mut second = deployment("web", "registry.example/main:2", &json!({"minReadySeconds": 3}));
    second["spec"]["template"]["spec"]["containers"][0]["env"] = json!([{"name": "KEEP", "value": "2"}]);
    let applied = bench.apply("overlay", vec![second]).await;

    let deployments: Api<Deployment> = namespace.api();
    let edit = PatchParams { field_manager: Some("kubectl-edit".into()), ..PatchParams::default() };
    let edited = json!({"spec": {"template": {"spec": {"containers": [
        {"name": "main", "image": "registry.example/main:hotfix", "env": [{"name": "THEIRS", "value": "1"}]},
        {"name": "sidecar", "image": "registry.example/side:1"}]}}}});
    deployments.patch("web", &edit, &Patch::Strategic(&edited)).await.unwrap();
    let scale = json!({"spec": {"replicas": 3}});
    deployments.patch_scale("web", &PatchParams::default(), &Patch::Merge(&scale)).await.unwrap();

    let undone = bench.undo("overlay", &[&applied]).await;
    let row = &undone.prepared.proposal.rows[0];
    let conflicts: Vec<(&str, Option<&str>)> =
        row.conflicts.iter().map(|conflict| (conflict.path.as_str(), conflict.manager.as_deref())).collect();
    assert_eq!(conflicts, [("spec.template.spec.containers[main].image", Some("kubectl-edit"))]);
    let after = bench.deployment("web").await;
    let containers = &after.0["spec"]["template"]["spec"]["containers"];
    let main = containers.as_array().unwrap().iter().find(|one| one["name"] == "main").unwrap();
    assert_eq!(main["image"], "registry.example/main:hotfix");
    assert_eq!(
        main["env"],
        json!([{"name": "THEIRS", "value": "1"}, {"name": "KEEP", "value": "1"}, {"name": "MODE", "value": "old"}])
    );
    assert!(containers.as_array().unwrap().iter().any(|one| one["name"] == "sidecar"));
    assert_eq!(after.0["spec"]["replicas"], 3, "their scaling was none of the step's");
    assert_eq!(after.0["spec"].get("minReadySeconds"), None);
}

async fn replicas_never_fall(cluster: &Cluster) {
    let namespace = cluster.namespace("replicas").await;
    let bench = Bench::new(cluster, namespace.name()).await;
    let plain = deployment("web", "registry.example/main:1", &json!({"replicas": 4}));
    by_kubectl(cluster, namespace.name(), &["apply"], &plain).await;
    let before = bench.deployment("web").await;

    let deployments: Api<Deployment> = namespace.api();
    let watching = deployments.clone();
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let watch = tokio::spawn(async move {
        use futures::TryStreamExt;
        let mut stream =
            Box::pin(kube::runtime::watcher(watching, kube::runtime::watcher::Config::default()));
        while let Ok(Some(event)) = stream.try_next().await {
            use kube::runtime::watcher::Event;
            if let Event::Apply(one) | Event::InitApply(one) = event {
                let _ = sender.send(one.spec.replicas.unwrap_or_default());
            }
        }
    });
    let stack = |image: &str| vec![deployment("web", image, &json!({"replicas": 4})), autoscaler("web", 4)];
    let applied = bench.apply("overlay", stack("registry.example/main:2")).await;
    assert_eq!(changes(&applied.prepared), ["Adopt Deployment/web", "Create HorizontalPodAutoscaler/web"]);
    let second = bench.apply("overlay", stack("registry.example/main:3")).await;
    bench.undo("overlay", &[&second]).await;
    let undone = bench.undo("overlay", &[&applied]).await;
    assert_eq!(changes(&undone.prepared), ["Delete HorizontalPodAutoscaler/web", "Revert Deployment/web"]);
    assert_eq!(picture(&before), picture(&bench.deployment("web").await));
    watch.abort();
    let mut seen = Vec::new();
    while let Ok(replicas) = receiver.try_recv() {
        seen.push(replicas);
    }
    assert!(!seen.is_empty() && seen.iter().all(|replicas| *replicas >= 4), "{seen:?}");
}

async fn a_busy_object_is_changed_all_the_same(cluster: &Cluster) {
    let namespace = cluster.namespace("busy").await;
    let bench = Bench::new(cluster, namespace.name()).await;
    bench.apply("overlay", vec![deployment("web", "registry.example/main:1", &json!({}))]).await;
    let prepared =
        bench.prepare("overlay", vec![deployment("web", "registry.example/main:2", &json!({}))]).await;
    // Its status moves after it was shown, again and again.
    let busy = keep_moving(namespace.api());
    let deployments: Api<Deployment> = namespace.api();
    wait_until("its status to move", || async {
        let live = deployments.get("web").await.map_err(|error| error.to_string())?;
        let count = live.status.and_then(|status| status.collision_count);
        if count > Some(3) { Ok(()) } else { Err(format!("{count:?}")) }
    })
    .await;
    let written = bench.write(&bench.step("overlay").path, Kind::Apply, prepared, &[]).await;
    bench.undo("overlay", &[&written]).await;
    busy.abort();
    let image = bench.deployment("web").await.0["spec"]["template"]["spec"]["containers"][0]["image"].clone();
    assert_eq!(image, "registry.example/main:1");
}

/// Moves the status of `web` a hundred times a second, as dying pods do.
fn keep_moving(deployments: Api<Deployment>) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(Duration::from_millis(10));
        for count in 0.. {
            ticks.tick().await;
            let status = json!({"status": {"collisionCount": count}});
            let _ = deployments.patch_status("web", &PatchParams::default(), &Patch::Merge(&status)).await;
        }
    })
}

async fn someone_elses_object_is_left(cluster: &Cluster) {
    let namespace = cluster.namespace("foreign").await;
    let bench = Bench::new(cluster, namespace.name()).await;
    let ours = config_map("settings", &json!({"a": "1", "b": "1"}));
    let prepared = bench.prepare("overlay", vec![ours]).await;
    let theirs = config_map("settings", &json!({"a": "1", "theirs": "1"}));
    by_kubectl(cluster, namespace.name(), &["create"], &theirs).await;
    let before = bench.live("v1", "ConfigMap", "settings").await.unwrap();

    let (_, permit) = bench.record(&bench.step("overlay").path, Kind::Apply, Vec::new()).await;
    let problem = bench.execute(&permit, Kind::Apply, &prepared.images[0]).await.unwrap_err();
    assert!(problem.reason.contains("kubectl-create"), "{problem}");
    let after = bench.live("v1", "ConfigMap", "settings").await.unwrap();
    assert_eq!(picture(&before), picture(&after));

    // A second try after an answer that was lost: it is ours. A first try knows of none: another run's.
    let prepared = bench.prepare("overlay", vec![config_map("ours", &json!({"a": "1"}))]).await;
    let first = bench.execute(&permit, Kind::Apply, &prepared.images[0]).await.unwrap();
    let second = bench.execute_again(&permit, Kind::Apply, &prepared.images[0]).await.unwrap();
    assert_eq!((first.uid.clone(), true), (second.uid.clone(), second.created));
    let problem = bench.execute(&permit, Kind::Apply, &prepared.images[0]).await.unwrap_err();
    assert!(problem.reason.contains("another run of migrate-tui created"), "{problem}");
}

async fn a_pruned_stack_comes_back(cluster: &Cluster) {
    let namespace = cluster.namespace("prune").await;
    let bench = Bench::new(cluster, namespace.name()).await;
    let whole =
        vec![config_map("kept", &json!({"a": "1"})), config_map("gone", &json!({"a": "1"})), service("gone")];
    bench.apply("overlay", whole).await;
    let before = [
        bench.live("v1", "ConfigMap", "gone").await.unwrap(),
        bench.live("v1", "Service", "gone").await.unwrap(),
    ];
    let kept = vec![config_map("kept", &json!({"a": "1"}))];
    let pruned = bench.prune("overlay", kept).await;
    assert_eq!(changes(&pruned.prepared), ["Delete Service/gone", "Delete ConfigMap/gone"]);
    assert_eq!(bench.inventory().await.items.len(), 1);
    let undone = bench.undo("overlay", &[&pruned]).await;
    assert_eq!(changes(&undone.prepared), ["Recreate ConfigMap/gone", "Recreate Service/gone"]);
    let after = [
        bench.live("v1", "ConfigMap", "gone").await.unwrap(),
        bench.live("v1", "Service", "gone").await.unwrap(),
    ];
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(picture(before), picture(after));
    }
    assert_eq!(before[1].0["spec"]["clusterIP"], after[1].0["spec"]["clusterIP"], "asked for again");
    assert_eq!(bench.inventory().await.items.len(), 3);
}

async fn a_namespace_is_not_deleted(cluster: &Cluster) {
    // A name that is free, from a namespace that goes at once.
    let name = format!("{}-own", cluster.namespace("whole").await.name());
    let bench = Bench::new(cluster, &name).await;
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
    let first = bench.apply("namespace", vec![namespace]).await;
    let second = bench.apply("overlay", vec![deployment("web", "registry.example/main:1", &json!({}))]).await;

    let alone = bench.prepare_undo("namespace", &[&first]).await;
    assert!(alone.proposal.problems[0].reason.contains("Deployment/web"), "{:?}", alone.proposal.problems);
    let stage = bench.prepare_stage_undo("namespace", &[&first], &["overlay"], &[&second]).await;
    assert_eq!(stage.proposal.problems, [], "what goes before does not count");

    let client = cluster.client();
    let claims: Api<PersistentVolumeClaim> = Api::namespaced(client.clone(), &name);
    let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "theirs"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}});
    claims.patch("theirs", &PatchParams::apply("colleague"), &Patch::Apply(&claim)).await.unwrap();
    bench.undo("overlay", &[&second]).await;
    let refused = bench.prepare_undo("namespace", &[&first]).await;
    let problems = &refused.proposal.problems;
    assert_eq!(problems.len(), 1);
    assert!(problems[0].reason.contains("PersistentVolumeClaim/theirs"), "{problems:?}");
    assert!(!problems[0].reason.contains("migrate-tui-record"), "{problems:?}");
    let (_, permit) = bench.record(&bench.step("namespace").path, Kind::Rollback, Vec::new()).await;
    let problem = bench.execute(&permit, Kind::Rollback, &refused.images[0]).await.unwrap_err();
    assert!(problem.reason.contains("theirs"), "{problem}");

    claims.delete("theirs", &DeleteParams::default()).await.unwrap();
    wait_until("the claim's end", || async {
        match claims.get_opt("theirs").await {
            Ok(None) => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
    bench.undo("namespace", &[&first]).await;
    let namespaces: Api<k8s_openapi::api::core::v1::Namespace> = Api::all(client);
    assert!(namespaces.get_opt(&name).await.unwrap().is_none());
}

async fn a_secrets_image_stays_in_the_cluster(cluster: &Cluster) {
    let namespace = cluster.namespace("secret").await;
    let bench = Bench::new(cluster, namespace.name()).await;
    let secret = |value: &str| json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "token"}, "data": {"token": value}});
    bench.apply("secrets", vec![secret("Q0FOQVJZLTE=")]).await;
    let before = bench.live("v1", "Secret", "token").await.unwrap();
    let applied = bench.apply("secrets", vec![secret("Q0FOQVJZLTI=")]).await;
    assert!(applied.reference.starts_with("Secret "), "{}", applied.reference);
    for entry in walk(&bench.place.folder) {
        let text = std::fs::read_to_string(&entry).unwrap();
        assert!(!text.contains("Q0FOQVJZ") && !text.contains("CANARY"), "{}", entry.display());
    }
    let reader = bench.writer.planner().reader();
    let number = applied.undone.record.attempt;
    let loaded = load(reader, number, &applied.reference, &bench.place).await.unwrap();
    assert!(loaded == applied.undone.record, "the cluster has all of it");

    let undone = bench.undo("secrets", &[&applied]).await;
    let shown = serde_json::to_string(&undone.prepared.proposal).unwrap();
    assert!(!shown.contains("Q0FOQVJZ"), "{shown}");
    assert_eq!(undone.prepared.proposal.rows[0].fields.len(), 1);
    assert_eq!(picture(&before), picture(&bench.live("v1", "Secret", "token").await.unwrap()));

    let (_, permit) = bench.record(&bench.step("secrets").path, Kind::Rollback, Vec::new()).await;
    forget(&bench.writer, &permit, &applied.reference, &bench.place).await.unwrap();
    let secrets: Api<Secret> = namespace.api();
    let name = applied.reference.rsplit('/').next().unwrap();
    assert!(secrets.get_opt(name).await.unwrap().is_none());
    let local = load(reader, number, &applied.reference, &bench.place).await.unwrap();
    assert_eq!(local.images[0].before, None);
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() { files.extend(walk(&entry)) } else { files.push(entry) }
    }
    files
}

async fn an_interrupted_attempt_is_told(cluster: &Cluster) {
    let namespace = cluster.namespace("inspect").await;
    let bench = Bench::new(cluster, namespace.name()).await;
    bench
        .apply(
            "overlay",
            vec![config_map("changed", &json!({"a": "1"})), config_map("later", &json!({"a": "1"}))],
        )
        .await;
    let rendered = vec![
        config_map("changed", &json!({"a": "2"})),
        config_map("created", &json!({"a": "1"})),
        config_map("later", &json!({"a": "2"})),
        config_map("missing", &json!({"a": "1"})),
        config_map("theirs", &json!({"a": "1"})),
    ];
    let prepared = bench.prepare("overlay", rendered).await;
    let (record, permit) = bench.record(&bench.step("overlay").path, Kind::Apply, prepared.images).await;
    for row in [0, 1] {
        bench.execute(&permit, Kind::Apply, &record.images[row]).await.unwrap();
    }
    by_kubectl(cluster, namespace.name(), &["create"], &config_map("theirs", &json!({"b": "1"}))).await;
    let reader = bench.writer.planner().reader();
    let found = inspect(reader, &record, &[0, 1, 2, 3, 4]).await.unwrap();
    let told: Vec<&str> = found
        .iter()
        .map(|inspection| match inspection {
            RowInspection::Written { .. } => "written",
            RowInspection::NotWritten { .. } => "not written",
            RowInspection::Foreign { problem, .. } => {
                assert!(problem.reason.contains("kubectl-create"), "{problem}");
                "foreign"
            }
        })
        .collect();
    assert_eq!(told, ["written", "written", "not written", "not written", "foreign"]);
}

async fn one_recreated_is_left(cluster: &Cluster) {
    let namespace = cluster.namespace("recreated").await;
    let bench = Bench::new(cluster, namespace.name()).await;
    let applied = bench
        .apply("overlay", vec![config_map("one", &json!({"a": "1"})), config_map("two", &json!({"a": "1"}))])
        .await;
    let maps: Api<ConfigMap> = namespace.api();
    maps.delete("one", &DeleteParams::default()).await.unwrap();
    by_kubectl(cluster, namespace.name(), &["create"], &config_map("one", &json!({"theirs": "1"}))).await;

    let prepared = bench.prepare("overlay", vec![config_map("two", &json!({"a": "2"}))]).await;
    let undone = bench.undo("overlay", &[&applied]).await;
    assert_eq!(changes(&undone.prepared), ["Same ConfigMap/one", "Delete ConfigMap/two"]);
    let conflict = &undone.prepared.proposal.rows[0].conflicts[0];
    assert_eq!(
        (conflict.path.as_str(), conflict.manager.as_deref()),
        ("metadata.uid", Some("kubectl-create"))
    );
    assert!(maps.get("one").await.is_ok());

    // And between showing and writing.
    by_kubectl(cluster, namespace.name(), &["create"], &config_map("two", &json!({"a": "1"}))).await;
    let (_, permit) = bench.record(&bench.step("overlay").path, Kind::Apply, Vec::new()).await;
    assert_eq!(prepared.images[0].change, Change::Change);
    let problem = bench.execute(&permit, Kind::Apply, &prepared.images[0]).await.unwrap_err();
    assert!(problem.reason.contains("created it again"), "{problem}");
    assert_eq!(maps.get("two").await.unwrap().data.unwrap()["a"], "1");
}

/// Week 1 after week 2 has applied the overlay again, its pods are scaled out, and a colleague's claim is
/// in the namespace.
async fn a_first_week_waits_for_the_second(cluster: &Cluster) {
    let namespace = cluster.namespace("weeks").await;
    let bench = Bench::new(cluster, namespace.name()).await;
    let stack = |image| vec![deployment("web", image, &json!({})), autoscaler("web", 2)];
    let first = bench.apply("overlay", stack("registry.example/main:1")).await;
    let second = bench.apply("deploy", stack("registry.example/main:2")).await;
    let deployments: Api<Deployment> = namespace.api();
    let scale =
        PatchParams { field_manager: Some("kube-controller-manager".into()), ..PatchParams::default() };
    deployments.patch_scale("web", &scale, &Patch::Merge(&json!({"spec": {"replicas": 6}}))).await.unwrap();
    let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "theirs"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}});
    namespace.apply(claim).await;

    let alone = bench.prepare_undo("overlay", &[&first]).await;
    let problem = &alone.proposal.problems[0];
    assert!(problem.reason.contains("week-1/deploy has applied"), "{problem}");

    let stage = bench.prepare_stage_undo("overlay", &[&first], &["deploy"], &[&second]).await;
    let shown = changes(&stage);
    assert_eq!(stage.proposal.problems, []);
    bench.undo("deploy", &[&second]).await;
    let live = bench.deployment("web").await;
    assert_eq!(live.0["spec"]["template"]["spec"]["containers"][0]["image"], "registry.example/main:1");
    assert!(live.0["spec"]["replicas"].as_i64() >= Some(2), "left to the autoscaler");
    let undone = bench.undo("overlay", &[&first]).await;
    assert_eq!(changes(&undone.prepared), shown, "as it was shown for the whole stage");
    let claims: Api<PersistentVolumeClaim> = namespace.api();
    assert!(claims.get("theirs").await.is_ok());
    assert_eq!(bench.inventory().await.items, []);
}

async fn our_own_replicas_come_back(cluster: &Cluster) {
    let namespace = cluster.namespace("own").await;
    let bench = Bench::new(cluster, namespace.name()).await;
    let plain = || deployment("web", "registry.example/main:1", &json!({"replicas": 3}));
    bench.apply("overlay", vec![plain()]).await;
    let before = bench.deployment("web").await;
    let busy = keep_moving(namespace.api());
    let applied = bench.apply("scaling", vec![plain(), autoscaler("web", 3)]).await;
    busy.abort();
    let row = applied.prepared.proposal.rows.iter().find(|row| row.key.kind == "Deployment").unwrap();
    assert!(row.fields.iter().all(|field| field.path != "spec.replicas"), "handed over, not dropped");
    let replicas = bench.deployment("web").await.0["spec"]["replicas"].as_i64().unwrap();
    assert!(replicas >= 3, "they fell to {replicas}");
    let deployments: Api<Deployment> = namespace.api();
    let scale =
        PatchParams { field_manager: Some("kube-controller-manager".into()), ..PatchParams::default() };
    deployments.patch_scale("web", &scale, &Patch::Merge(&json!({"spec": {"replicas": 6}}))).await.unwrap();
    let undone = bench.undo("scaling", &[&applied]).await;
    assert_eq!(changes(&undone.prepared), ["Delete HorizontalPodAutoscaler/web", "Revert Deployment/web"]);
    assert_eq!(picture(&before), picture(&bench.deployment("web").await));
    let again = bench.prepare("overlay", vec![plain()]).await;
    assert_eq!(changes(&again), ["Same Deployment/web"]);
}

async fn what_was_replaced_is_replaced_back(cluster: &Cluster) {
    let namespace = cluster.namespace("replace").await;
    let bench = Bench::new(cluster, namespace.name()).await;
    let fixed = |value: &str| {
        let mut map = config_map("fixed", &json!({"a": value}));
        map["immutable"] = json!(true);
        map
    };
    bench.apply("overlay", vec![fixed("1")]).await;
    let before = bench.live("v1", "ConfigMap", "fixed").await.unwrap();
    let applied = bench.apply("overlay", vec![fixed("2")]).await;
    assert_eq!(changes(&applied.prepared), ["Replace ConfigMap/fixed"]);
    let between = bench.live("v1", "ConfigMap", "fixed").await.unwrap();
    assert_eq!(between.0["data"]["a"], "2");
    assert_ne!(before.uid(), between.uid());
    let undone = bench.undo("overlay", &[&applied]).await;
    assert_eq!(changes(&undone.prepared), ["Recreate ConfigMap/fixed"]);
    assert_eq!(picture(&before), picture(&bench.live("v1", "ConfigMap", "fixed").await.unwrap()));
}

async fn without_the_right_to_secrets(cluster: &Cluster) {
    let namespace = cluster.namespace("rights").await;
    let everything_but = json!([
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["*"]},
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]}]);
    namespace
        .apply(json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
            "metadata": {"name": "some"}, "rules": everything_but}))
        .await;
    namespace
        .apply(json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
            "metadata": {"name": "some"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "some"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "someone"}]}))
        .await;
    let admin = Bench::new(cluster, namespace.name()).await;
    let secret = |value: &str| json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "token"}, "data": {"token": value}});
    let stack = |value: &str| vec![config_map("settings", &json!({"a": value})), secret(value)];
    admin.apply("overlay", stack("MQ==")).await;
    let prepared = admin.prepare("overlay", stack("Mg==")).await;
    let (record, permit) = admin.record(&admin.step("overlay").path, Kind::Apply, prepared.images).await;

    let someone = Bench::impersonating(cluster, namespace.name(), "someone").await;
    let preserved = preserve(&someone.writer, &permit, &record, &someone.place).await.unwrap();
    assert!(preserved.record.starts_with("file "), "{}", preserved.record);
    let lost: Vec<String> = preserved.cannot_undo.iter().map(ToString::to_string).collect();
    assert_eq!(lost, ["Secret/token"]);
    let reader = someone.writer.planner().reader();
    let loaded = load(reader, record.attempt, &preserved.record, &someone.place).await.unwrap();
    let kept: Vec<bool> = loaded.images.iter().map(|image| image.before.is_some()).collect();
    assert_eq!(kept, [true, false]);
}
