//! Others work in the same namespace: what they changed is named and left, whatever we take back.

use std::path::Path;

use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::support::objects::{autoscaler, config_map, deployment, live, namespace, owners, snapshot};
use crate::support::{Cluster, Migration, Namespace, kubectl, trial, wait_until};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("colleague::a_rollback_leaves_their_changes_and_names_them", a_rollback_leaves_their_changes),
        trial("colleague::a_client_side_stack_is_adopted_and_given_back", a_client_side_stack_is_given_back),
        trial("colleague::an_object_made_anew_is_not_ours", an_object_made_anew_is_not_ours),
        trial(
            "colleague::an_object_made_anew_is_not_what_was_shown",
            an_object_made_anew_is_not_what_was_shown,
        ),
        trial("colleague::their_claim_keeps_the_namespace", their_claim_keeps_the_namespace),
    ]
}

async fn a_rollback_leaves_their_changes(cluster: &Cluster) {
    let place = cluster.namespace("hotfix").await;
    let kubeconfig = cluster.kubeconfig();
    let migration = Migration::new(cluster, place.name(), &[("web", "")]);
    migration.write("web", &[deployment("web", "registry.example/web:1", &[("MODE", "blue")])]);
    migration.apply("week-1/web").await.expect(0);
    let mut second = deployment("web", "registry.example/web:2", &[("MODE", "green"), ("NEW", "yes")]);
    second["spec"]["replicas"] = json!(3);
    migration.write("web", &[second, config_map("added", json!({"key": "value"}))]);
    migration.apply("week-1/web").await.expect(0);

    for arguments in [
        &["set", "image", "deployment/web", "main=registry.example/web:2-hotfix"][..],
        &["scale", "deployment/web", "--replicas=4"],
        &["patch", "deployment/web", "--type=strategic", "--patch", SIDECAR],
    ] {
        in_namespace(&kubeconfig, &place, arguments).await;
    }

    let drifted = migration.told(&["verify", "week-1/web"]).await.expect(3);
    let web = drifted.row("Deployment", "web");
    assert_eq!(web["change"], "adopt", "{web:#}");
    assert!(
        web["adoptions"].as_array().unwrap().iter().any(|one| one["manager"] == "kubectl-set"),
        "{web:#}"
    );

    let added = json!([{"path": "spec.template.spec.containers[sidecar]", "manager": "kubectl-patch"}]);
    assert_eq!(web["added"], added, "{web:#}");

    let shown = migration.told(&["rollback", "week-1/web"]).await.expect(3);
    let theirs = ["Deployment/web spec.replicas", "Deployment/web spec.template.spec.containers[main].image"];
    assert_eq!(shown.conflicts(), theirs);
    let image = &shown.row("Deployment", "web")["conflicts"];
    let image = image.as_array().unwrap().iter().find(|one| one["path"].as_str().unwrap().contains("image"));
    assert_eq!(image.unwrap()["manager"], "kubectl-set");
    let done = migration.told(&["rollback", "week-1/web", "--approve", &shown.digest()]).await.expect(7);
    assert_eq!(done.report["steps"][0]["standing"], "rolled back with conflicts");
    let gone = migration.told(&["verify", "week-1/web"]).await.expect(6);
    let problems = gone.problems();
    assert!(problems.contains("has been rolled back") && problems.lines().count() == 1, "{problems}");

    let after = live(&kubeconfig, place.name(), "deployment/web").await;
    assert_eq!(after["spec"]["replicas"], 4);
    let containers = after["spec"]["template"]["spec"]["containers"].as_array().unwrap();
    let of = |name: &str| containers.iter().find(|one| one["name"] == name).unwrap();
    assert_eq!(of("main")["image"], "registry.example/web:2-hotfix");
    assert_eq!(of("main")["env"], json!([{"name": "MODE", "value": "blue"}]));
    assert_eq!(of("sidecar")["image"], "registry.example/sidecar:1");
    assert!(!exists(&kubeconfig, &place, "configmap/added").await);
}

const SIDECAR: &str = r#"{"spec": {"template": {"spec": {"containers": [
    {"name": "sidecar", "image": "registry.example/sidecar:1"}]}}}}"#;

/// The first case: the old stack came by a plain `kubectl apply`, and its pipeline goes on pushing.
async fn a_client_side_stack_is_given_back(cluster: &Cluster) {
    let place = cluster.namespace("adopt").await;
    let kubeconfig = cluster.kubeconfig();
    let folder = tempfile::tempdir().unwrap();
    let pushed = |image: &str| deployment("web", image, &[("MODE", "blue"), ("OLD", "yes")]);
    push(&kubeconfig, &place, folder.path(), &pushed("registry.example/web:1")).await;
    let before = snapshot(&kubeconfig, place.name(), "deployment").await;
    let owned = owners(&live(&kubeconfig, place.name(), "deployment/web").await);

    let migration = Migration::new(cluster, place.name(), &[("web", "gates: [rollout: Deployment/web]")]);
    let mut ours = deployment("web", "registry.example/web:1", &[("MODE", "green")]);
    ours["spec"]["strategy"] = json!({"type": "Recreate"});
    migration.write("web", &[ours]);
    let shown = migration.plan("week-1/web").await.expect(3);
    let row = shown.row("Deployment", "web");
    assert_eq!(row["change"], "adopt");
    assert_eq!(row["adoptions"][0]["manager"], "kubectl-client-side-apply");
    let fields: Vec<&str> =
        row["fields"].as_array().unwrap().iter().map(|field| field["path"].as_str().unwrap()).collect();
    assert!(fields.iter().any(|path| path.contains("env[OLD]")), "what goes is shown: {fields:?}");
    migration.told(&["apply", "week-1/web", "--approve", &shown.digest()]).await.expect(0);
    let applied = live(&kubeconfig, place.name(), "deployment/web").await;
    let main = &applied["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(main["env"], json!([{"name": "MODE", "value": "green"}]));
    assert_eq!(applied["spec"]["strategy"], json!({"type": "Recreate"}));
    let again = migration.plan("week-1/web").await.expect(0);
    assert_eq!(again.changes(), ["same Deployment/web"]);

    migration.rollback("week-1/web").await.expect(0);
    assert_eq!(snapshot(&kubeconfig, place.name(), "deployment").await, before);
    assert_eq!(owners(&live(&kubeconfig, place.name(), "deployment/web").await), owned);

    // Again, and now the pipeline pushes in between: what it changed is its own.
    migration.apply("week-1/web").await.expect(0);
    push(&kubeconfig, &place, folder.path(), &pushed("registry.example/web:2")).await;
    let shown = migration.told(&["rollback", "week-1/web"]).await.expect(3);
    migration.told(&["rollback", "week-1/web", "--approve", &shown.digest()]).await.expect_one_of(&[0, 7]);
    let after = live(&kubeconfig, place.name(), "deployment/web").await;
    assert_eq!(after["spec"]["template"]["spec"]["containers"][0]["image"], "registry.example/web:2");
    assert_eq!(after["spec"]["strategy"]["type"], "RollingUpdate");
    let environment = &after["spec"]["template"]["spec"]["containers"][0]["env"];
    assert_eq!(*environment, json!([{"name": "MODE", "value": "blue"}, {"name": "OLD", "value": "yes"}]));
}

/// The second case, after the apply.
async fn an_object_made_anew_is_not_ours(cluster: &Cluster) {
    let place = cluster.namespace("anew").await;
    let migration = Migration::new(cluster, place.name(), &[("settings", "")]);
    let settings =
        |level: &str| [config_map("one", json!({"level": level})), config_map("two", json!({"a": "b"}))];
    migration.write("settings", &settings("info")).apply("week-1/settings").await.expect(0);
    migration.write("settings", &settings("debug")).apply("week-1/settings").await.expect(0);

    let maps = place.api::<k8s_openapi::api::core::v1::ConfigMap>();
    let theirs = |name: &str| serde_json::from_value(config_map(name, json!({"level": "theirs"}))).unwrap();
    for name in ["one", "two"] {
        maps.delete(name, &DeleteParams::default()).await.unwrap();
        maps.create(&PostParams::default(), &theirs(name)).await.unwrap();
    }
    let shown = migration.told(&["rollback", "week-1/settings"]).await.expect(7);
    assert_eq!(shown.conflicts(), ["ConfigMap/one metadata.uid"]);
    migration.approved("rollback", "week-1/settings").await.expect(7);
    // The creation is taken back next: both are someone else's now.
    migration.approved("rollback", "week-1/settings").await.expect(7);
    for name in ["one", "two"] {
        assert_eq!(maps.get(name).await.unwrap().data.unwrap()["level"], "theirs");
    }
}

/// The second case, between the showing and the confirming.
async fn an_object_made_anew_is_not_what_was_shown(cluster: &Cluster) {
    let place = cluster.namespace("between").await;
    let migration = Migration::new(cluster, place.name(), &[("settings", "")]);
    let maps = place.api::<k8s_openapi::api::core::v1::ConfigMap>();
    let write = |level: &str| migration.write("settings", &[config_map("one", json!({"level": level}))]);
    write("info").apply("week-1/settings").await.expect(0);
    let shown = write("debug").plan("week-1/settings").await.expect(3);
    maps.delete("one", &DeleteParams::default()).await.unwrap();
    let theirs = serde_json::from_value(config_map("one", json!({"level": "info"}))).unwrap();
    maps.create(&PostParams::default(), &theirs).await.unwrap();
    migration.told(&["apply", "week-1/settings", "--approve", &shown.digest()]).await.expect(4);
    assert_eq!(maps.get("one").await.unwrap().data.unwrap()["level"], "info");
}

/// The third case: the first week is rolled back late, and someone keeps data in the namespace.
async fn their_claim_keeps_the_namespace(cluster: &Cluster) {
    let name = format!("{}-late", cluster.namespace("week").await.name());
    let kubeconfig = cluster.kubeconfig();
    let gates = "gates: [rollout: Deployment/web, autoscaler: web]";
    let migration = Migration::new(cluster, &name, &[("namespace", ""), ("web", gates)]);
    let web = |image: &str| [deployment("web", image, &[]), autoscaler("web", 2, 9)];
    migration.write("namespace", &[namespace(&name)]).write("web", &web("registry.example/web:1"));
    migration.apply("week-1").await.expect(0);
    migration.write("web", &web("registry.example/web:2")).apply("week-1/web").await.expect(0);
    let place = Namespace::existing(cluster.client(), &name);
    let deployments = place.api::<k8s_openapi::api::apps::v1::Deployment>();
    let scaled = Patch::Merge(json!({"spec": {"replicas": 9}}));
    deployments.patch_scale("web", &PatchParams::default(), &scaled).await.unwrap();
    place
        .apply(json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "their-data"},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
        }))
        .await;

    let refused = migration.told(&["rollback", "week-1"]).await.expect(5);
    assert!(refused.problems().contains("PersistentVolumeClaim/their-data"), "{}", refused.problems());
    // The rest is possible.
    migration.rollback("week-1/web").await.expect(0);
    let web = live(&kubeconfig, &name, "deployment/web").await;
    assert_eq!(web["spec"]["template"]["spec"]["containers"][0]["image"], "registry.example/web:1");
    migration.rollback("week-1/web").await.expect(0);
    assert!(!exists(&kubeconfig, &place, "deployment/web").await);
    assert!(exists(&kubeconfig, &place, "persistentvolumeclaim/their-data").await);
    // And once the claim is gone, so is the namespace.
    in_namespace(&kubeconfig, &place, &["delete", "persistentvolumeclaim/their-data"]).await;
    wait_until("the claim to be gone", || async {
        if exists(&kubeconfig, &place, "persistentvolumeclaim/their-data").await {
            Err("there".into())
        } else {
            Ok(())
        }
    })
    .await;
    migration.rollback("week-1/namespace").await.expect(0);
}

/// As a pipeline pushes: a plain, client-side `kubectl apply`.
async fn push(kubeconfig: &Path, place: &Namespace, folder: &Path, object: &Value) {
    let file = folder.join("pushed.json");
    std::fs::write(&file, object.to_string()).unwrap();
    in_namespace(kubeconfig, place, &["apply", "-f", file.to_str().unwrap()]).await;
}

async fn in_namespace(kubeconfig: &Path, place: &Namespace, arguments: &[&str]) {
    kubectl(kubeconfig, [&["-n", place.name()], arguments].concat()).await.expect_success();
}

async fn exists(kubeconfig: &Path, place: &Namespace, object: &str) -> bool {
    kubectl(kubeconfig, ["get", object, "-n", place.name()]).await.code == 0
}
