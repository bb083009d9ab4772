//! Bad input and bad luck: each is told with its object or place, and nothing is lost by it.

use std::path::Path;

use k8s_openapi::api::core::v1::ConfigMap;
use libtest_mimic::Trial;
use migrate_tui::rehearsal::Identity;
use serde_json::{Value, json};

use crate::support::objects::{config_map, deployment, snapshot};
use crate::support::{Cluster, Migration, Told, finish, kubectl, trial, wait_until};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("refusals::what_the_api_server_refuses_is_named", what_the_api_server_refuses_is_named),
        trial("refusals::a_kind_is_brought_or_missing", a_kind_is_brought_or_missing),
        trial("refusals::a_namespace_that_nobody_made_stops_the_step", a_namespace_that_nobody_made),
        trial("refusals::missing_rights_are_listed", missing_rights_are_listed),
        trial("refusals::no_cluster_and_no_credentials", no_cluster_and_no_credentials),
        trial("refusals::an_approval_names_what_stands_now", an_approval_names_what_stands_now),
        trial("refusals::without_kubectl", without_kubectl),
        trial("refusals::a_prune_is_its_own_change", a_prune_is_its_own_change),
    ]
}

async fn what_the_api_server_refuses_is_named(cluster: &Cluster) {
    let place = cluster.namespace("refused").await;
    let kubeconfig = cluster.kubeconfig();
    let migration = Migration::new(cluster, place.name(), &[("one", "")]);
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 99999}]}});
    let mut typed = deployment("typed", "registry.example/web:1", &[]);
    typed["spec"]["replicas"] = json!("two");
    let mut unknown = deployment("unknown", "registry.example/web:1", &[]);
    unknown["spec"]["template"]["spec"]["containers"][0]["imagee"] = json!("registry.example/web:2");
    let twice = deployment("twice", "registry.example/web:1", &[("MODE", "one"), ("MODE", "two")]);
    migration.write("one", &[twice]);
    let refused = migration.plan("week-1/one").await.expect(5);
    assert!(refused.problems().contains("variable MODE twice"), "{}", refused.problems());
    migration.write("one", &[config_map("fine", json!({"a": "b"})), service, typed, unknown]);
    let before = snapshot(&kubeconfig, place.name(), "configmap,service,deployment").await;
    let refused = migration.plan("week-1/one").await.expect(5);
    let problems = refused.problems();
    for (object, field) in [
        ("Service/web", "spec.ports[0].port"),
        ("Deployment/typed", "replicas"),
        ("Deployment/unknown", "imagee"),
    ] {
        let named = problems.lines().any(|line| line.contains(object) && line.contains(field));
        assert!(named, "{object} {field} in:\n{problems}");
    }
    let digest = refused.report["proposals"][0]["digest"].as_str().unwrap();
    migration.told(&["apply", "week-1/one", "--approve", digest]).await.expect(5);
    // The 500 that an apply of a mistake is answered with is ours to tell; the client says it its own way.
    for log in std::fs::read_dir(migration.home.state().join("migrate-tui/logs")).unwrap() {
        let text = std::fs::read_to_string(log.unwrap().path()).unwrap();
        assert!(!text.contains("kube_client"), "{text}");
    }
    assert_eq!(snapshot(&kubeconfig, place.name(), "configmap,service,deployment").await, before);
}

async fn a_kind_is_brought_or_missing(cluster: &Cluster) {
    let place = cluster.namespace("kinds").await;
    let migration = Migration::new(cluster, place.name(), &[("one", "")]);
    let group = format!("{}.example", place.name());
    let own = json!({"apiVersion": format!("{group}/v1"), "kind": "Widget", "metadata": {"name": "one"},
        "spec": {"size": 3}});
    migration.write("one", std::slice::from_ref(&own));
    let refused = migration.plan("week-1/one").await.expect(5);
    assert!(refused.problems().contains("does not serve this kind"), "{}", refused.problems());

    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("widgets.{group}")},
        "spec": {
            "group": group, "scope": "Namespaced",
            "names": {"plural": "widgets", "singular": "widget", "kind": "Widget"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {
                "type": "object", "properties": {"spec": {"type": "object", "properties": {
                    "size": {"type": "integer"}}}}}}}],
        },
    });
    migration.write("one", &[own, definition]);
    let shown = migration.plan("week-1/one").await.expect(3);
    let known_after = shown.row("Widget", "one")["knownAfter"].as_str().unwrap().to_owned();
    assert_eq!(known_after, format!("CustomResourceDefinition/widgets.{group}"));
    migration.told(&["apply", "week-1/one", "--approve", &shown.digest()]).await.expect(0);
    migration.plan("week-1/one").await.expect(0);
    migration.rollback("week-1/one").await.expect(0);
    let gone = kubectl(&cluster.kubeconfig(), ["get", "crd", &format!("widgets.{group}")]).await;
    assert!(gone.stderr.contains("NotFound"), "{gone:?}");
}

async fn a_namespace_that_nobody_made(cluster: &Cluster) {
    let name = format!("{}-none", cluster.namespace("absent").await.name());
    let migration = Migration::new(cluster, &name, &[("one", "")]);
    migration.write("one", &[config_map("one", json!({"a": "b"}))]);
    let refused = migration.plan("week-1/one").await.expect(5);
    assert_eq!(refused.row("ConfigMap", "one")["knownAfter"], format!("Namespace/{name}"));
    let problems = refused.problems();
    assert!(problems.contains("apply the step that makes it first"), "{problems}");
    let place = crate::support::Namespace::create_named(cluster.client(), &name).await;
    migration.apply("week-1/one").await.expect(0);
    assert!(place.api::<ConfigMap>().get_opt("one").await.unwrap().is_some());
    migration.rollback("week-1/one").await.expect(0);
}

async fn missing_rights_are_listed(cluster: &Cluster) {
    let place = cluster.namespace("rights").await;
    place
        .apply(json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "view"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "developer"}],
        }))
        .await;
    let kubeconfig = cluster.kubeconfig_for(Identity::Developer);
    wait_until("the binding's effect", || async {
        let seen = kubectl(&kubeconfig, ["get", "configmaps", "-n", place.name()]).await;
        if seen.code == 0 { Ok(()) } else { Err(seen.stderr) }
    })
    .await;
    let migration = Migration::of(kubeconfig, place.name(), &[("one", "")]);
    let web = deployment("web", "registry.example/web:1", &[]);
    migration.write("one", &[config_map("one", json!({"a": "b"})), web]);
    let refused = migration.plan("week-1/one").await.expect(5);
    let problems = refused.problems();
    for right in ["create configmaps", "patch configmaps", "create deployments", "patch deployments"] {
        assert!(
            problems.contains(&format!("the right to {right} in namespace {}", place.name())),
            "{problems}"
        );
    }
    // What only looks is possible all the same.
    let local = migration.told(&["plan", "week-1/one", "--read-only"]).await.expect(3);
    assert_eq!(local.report["proposals"][0]["validated"], false);
    assert_eq!(local.changes(), ["create ConfigMap/one", "create Deployment/web"]);
}

async fn no_cluster_and_no_credentials(cluster: &Cluster) {
    let folder = tempfile::tempdir().unwrap();
    let away = written(folder.path(), "away", &cluster.kubeconfig_at("127.0.0.1:1"));
    let said = unreachable(away).await;
    assert!(said.contains("127.0.0.1:1") && said.contains("network"), "{said}");

    let text = std::fs::read_to_string(cluster.kubeconfig()).unwrap();
    let mut config: Value = serde_saphyr::from_str(&text).unwrap();
    for user in config["users"].as_array_mut().unwrap() {
        user["user"] = json!({"token": "expired-yesterday"});
    }
    let said = unreachable(written(folder.path(), "expired", &config.to_string())).await;
    assert!(said.contains("log in again") && !said.contains("expired-yesterday"), "{said}");

    let said = unreachable(written(folder.path(), "broken", "apiVersion: [")).await;
    assert!(said.contains("broken") && said.contains("kubeconfig"), "{said}");
    let said = unreachable(folder.path().join("nowhere")).await;
    assert!(said.contains("kubeconfig"), "{said}");
}

/// What is said when a plan is looked at with this kubeconfig; nothing is begun.
async fn unreachable(kubeconfig: std::path::PathBuf) -> String {
    let migration = Migration::of(kubeconfig.clone(), "anywhere", &[("one", "")]);
    migration.write("one", &[config_map("one", json!({}))]);
    let file = kubeconfig.to_str().unwrap();
    let told = migration.told(&["plan", "week-1/one", "--kubeconfig", file]).await.expect(1);
    assert!(migration.journal().is_empty());
    told.report["summary"].as_str().unwrap().to_owned()
}

fn written(folder: &Path, name: &str, text: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

async fn an_approval_names_what_stands_now(cluster: &Cluster) {
    let place = cluster.namespace("approval").await;
    let kubeconfig = cluster.kubeconfig();
    let migration = Migration::new(cluster, place.name(), &[("one", "")]);
    let write = |value: &str| migration.write("one", &[config_map("one", json!({"a": value, "b": "b"}))]);
    let first = write("1").told(&["apply", "week-1/one"]).await.expect(3);
    let digits = |count| first.digest().chars().take(count).collect::<String>();
    for wrong in ["000000000000", &digits(8)] {
        migration.told(&["apply", "week-1/one", "--approve", wrong]).await.expect(4);
    }
    assert!(place.api::<ConfigMap>().get_opt("one").await.unwrap().is_none());
    // Twelve digits do, and say what was meant.
    migration.told(&["apply", "week-1/one", "--approve", &digits(12)]).await.expect(0);
    migration.told(&["apply", "week-1/one", "--approve", &first.digest()]).await.expect(4);

    // A colleague's edit in between is something else than what was shown; a rendering that moved as well.
    let second = write("2").plan("week-1/one").await.expect(3);
    let patch = r#"{"data": {"b": "theirs"}}"#;
    kubectl(&kubeconfig, ["-n", place.name(), "patch", "configmap/one", "--type=merge", "-p", patch])
        .await
        .expect_success();
    migration.told(&["apply", "week-1/one", "--approve", &second.digest()]).await.expect(4);
    let third = migration.plan("week-1/one").await.expect(3);
    write("3");
    migration.told(&["apply", "week-1/one", "--approve", &third.digest()]).await.expect(4);
    let data = place.api::<ConfigMap>().get("one").await.unwrap().data.unwrap();
    assert_eq!((data["a"].as_str(), data["b"].as_str()), ("1", "theirs"));
}

async fn without_kubectl(cluster: &Cluster) {
    let place = cluster.namespace("programs").await;
    let steps = [("one", ""), ("overlay", "kustomize: {path: overlay}")];
    let migration = Migration::new(cluster, place.name(), &steps);
    migration.write("one", &[config_map("one", json!({"a": "b"}))]);
    let overlay = migration.folder().join("overlay");
    std::fs::create_dir(&overlay).unwrap();
    std::fs::write(overlay.join("kustomization.yaml"), "resources: [two.yml]\n").unwrap();
    std::fs::write(overlay.join("two.yml"), config_map("two", json!({"a": "b"})).to_string()).unwrap();
    let empty = tempfile::tempdir().unwrap();
    let alone = async |step: &str| {
        let mut command = migration.home.command(migration.arguments(&["plan", step, "-o", "json"]));
        Told::read(finish_with_path(&mut command, empty.path()).await)
    };
    // Plain manifests need no program.
    alone("week-1/one").await.expect(3);
    let refused = alone("week-1/overlay").await.expect(5);
    let problems = refused.problems();
    assert!(problems.contains("kubectl") && problems.contains("install"), "{problems}");

    // One that is too old is as good as none.
    let old = empty.path().join("kubectl");
    std::fs::write(&old, "#!/bin/sh\necho '{\"clientVersion\": {\"gitVersion\": \"v1.9.0\"}}'\n").unwrap();
    std::fs::set_permissions(&old, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let refused = alone("week-1/overlay").await.expect(5);
    assert!(refused.problems().contains("1.9.0"), "{}", refused.problems());
    migration.plan("week-1/overlay").await.expect(3);
}

async fn finish_with_path(command: &mut tokio::process::Command, path: &Path) -> crate::support::Output {
    command.env("PATH", path);
    let command = std::mem::replace(command, tokio::process::Command::new("true"));
    finish(command).await
}

async fn a_prune_is_its_own_change(cluster: &Cluster) {
    let place = cluster.namespace("prune").await;
    let kubeconfig = cluster.kubeconfig();
    let migration = Migration::new(cluster, place.name(), &[("one", "")]);
    let all = [
        config_map("kept", json!({"a": "b"})),
        config_map("dropped", json!({"c": "d"})),
        deployment("web", "registry.example/web:1", &[("MODE", "blue")]),
    ];
    migration.write("one", &all).apply("week-1/one").await.expect(0);
    let before = snapshot(&kubeconfig, place.name(), "configmap,deployment").await;

    migration.write("one", &all[..1]);
    // An apply never deletes.
    let shown = migration.plan("week-1/one").await.expect(0);
    assert_eq!(shown.changes(), ["same ConfigMap/kept"]);
    let shown = migration.told(&["prune", "week-1/one"]).await.expect(3);
    assert_eq!(shown.changes(), ["delete Deployment/web", "delete ConfigMap/dropped"]);
    migration.told(&["prune", "week-1/one", "--approve", &shown.digest()]).await.expect(0);
    let names = snapshot(&kubeconfig, place.name(), "configmap,deployment").await;
    assert_eq!(names.len(), before.len() - 2);
    migration.told(&["prune", "week-1/one"]).await.expect(0);

    // A rendering that comes out empty is no wish to delete everything.
    migration.write("one", &[]);
    migration.told(&["prune", "week-1/one"]).await.expect(5);
    migration.write("one", &all);
    migration.rollback("week-1/one").await.expect(0);
    assert_eq!(snapshot(&kubeconfig, place.name(), "configmap,deployment").await, before);
    migration.plan("week-1/one").await.expect(0);
}
