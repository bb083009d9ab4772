//! The run goes on after a kill, on another machine, without its local records; and never elsewhere.

use k8s_openapi::api::core::v1::{ConfigMap, Namespace as NamespaceObject, Secret};
use kube::Api;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use libtest_mimic::Trial;
use serde_json::json;

use crate::support::objects::{config_map, snapshot};
use crate::support::proxy::Proxy;
use crate::support::{Cluster, Door, Migration, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("machines::a_create_that_was_not_noted_is_found", a_create_that_was_not_noted_is_found),
        trial("machines::a_colleague_takes_the_name_meanwhile", a_colleague_takes_the_name_meanwhile),
        trial("machines::another_machine_goes_on_and_rolls_back", another_machine_goes_on_and_rolls_back),
        trial("machines::a_twin_is_refused", a_twin_is_refused),
        trial("machines::a_kubeconfig_swapped_in_mid_step_changes_nothing", a_swapped_kubeconfig),
        trial("machines::a_namespace_that_is_going_is_refused", a_namespace_that_is_going_is_refused),
    ]
}

/// Looks, then applies and is killed once the object is created and before that is noted.
async fn killed_after_the_create(migration: &Migration) {
    let shown = migration.plan("week-1/one").await.expect(3);
    // Session, request, proposal, confirmation, record, wave; then the row.
    let entry = (migration.journal().len() + 7).to_string();
    let digest = shown.digest();
    let output =
        migration.run(&["apply", "week-1/one", "--approve", &digest, "--die-before-entry", &entry]).await;
    assert_eq!(output.code, -1, "killed\n{}\n{}", output.stdout, output.stderr);
    assert_eq!(migration.journal().last().unwrap()["event"]["type"], "wave-started");
}

async fn a_create_that_was_not_noted_is_found(cluster: &Cluster) {
    let place = cluster.namespace("found").await;
    let migration = Migration::new(cluster, place.name(), &[("one", "")]);
    migration.write("one", &[config_map("one", json!({"a": "b"}))]);
    killed_after_the_create(&migration).await;
    let maps = place.api::<ConfigMap>();
    let created = maps.get("one").await.unwrap();

    // Anything else must wait until that is dealt with.
    migration.told(&["apply", "week-1/one"]).await.expect(8);
    migration.told(&["resume", "week-1/one"]).await.expect(0);
    assert_eq!(maps.get("one").await.unwrap().metadata.uid, created.metadata.uid);
    migration.rollback("week-1/one").await.expect(0);
    assert!(maps.get_opt("one").await.unwrap().is_none());
}

/// The fourth case.
async fn a_colleague_takes_the_name_meanwhile(cluster: &Cluster) {
    let place = cluster.namespace("taken").await;
    let migration = Migration::new(cluster, place.name(), &[("one", "")]);
    migration.write("one", &[config_map("one", json!({"a": "b"}))]);
    killed_after_the_create(&migration).await;
    let maps = place.api::<ConfigMap>();
    maps.delete("one", &DeleteParams::default()).await.unwrap();
    let theirs = serde_json::from_value(config_map("one", json!({"a": "theirs"}))).unwrap();
    maps.create(&PostParams { field_manager: Some("colleague".into()), ..PostParams::default() }, &theirs)
        .await
        .unwrap();

    let elsewhere = migration.elsewhere(cluster.kubeconfig());
    let refused = elsewhere.told(&["resume", "week-1/one"]).await.expect(5);
    assert!(refused.problems().contains("colleague created one of that name"), "{}", refused.output.stdout);
    elsewhere.approved("rollback", "week-1/one").await.expect(7);
    assert_eq!(maps.get("one").await.unwrap().data.unwrap()["a"], "theirs");
    // Taken back as far as it was ours: the next look adopts theirs, if that is what is wanted.
    let shown = elsewhere.plan("week-1/one").await.expect(3);
    assert_eq!(shown.row("ConfigMap", "one")["adoptions"][0]["manager"], "colleague");
}

async fn another_machine_goes_on_and_rolls_back(cluster: &Cluster) {
    let place = cluster.namespace("laptop").await;
    let kubeconfig = cluster.kubeconfig();
    let migration = Migration::new(cluster, place.name(), &[("one", "")]);
    let version = |level: &str| {
        let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "one"},
            "stringData": {"password": level}});
        migration.write("one", &[config_map("one", json!({"level": level})), secret])
    };
    version("first").apply("week-1/one").await.expect(0);
    let before = snapshot(&kubeconfig, place.name(), "configmap,secret").await;
    version("second");
    killed_after_the_create(&migration).await;

    // A copy of the journal is enough: records and inventory are in the cluster.
    let elsewhere = migration.elsewhere(kubeconfig.clone());
    std::fs::remove_dir_all(elsewhere.run_folder().join("records")).unwrap();
    for file in std::fs::read_dir(elsewhere.run_folder()).unwrap().map(Result::unwrap) {
        if file.file_name().to_string_lossy().starts_with("migrate-tui-inventory") {
            std::fs::remove_file(file.path()).unwrap();
        }
    }
    elsewhere.told(&["resume", "week-1/one"]).await.expect(0);
    let secret = place.api::<Secret>().get("one").await.unwrap();
    assert_eq!(secret.data.unwrap()["password"].0, b"second");
    elsewhere.rollback("week-1/one").await.expect(0);
    assert_eq!(snapshot(&kubeconfig, place.name(), "configmap,secret").await, before);
    elsewhere.rollback("week-1/one").await.expect(0);
    assert!(place.api::<Secret>().list(&ListParams::default()).await.unwrap().items.is_empty());
}

/// The fifth case: the same cluster at another address is as good as a twin from a backup.
async fn a_twin_is_refused(cluster: &Cluster) {
    let place = cluster.namespace("twin").await;
    let migration = Migration::new(cluster, place.name(), &[("one", "")]);
    migration.write("one", &[config_map("one", json!({"a": "b"}))]).apply("week-1/one").await.expect(0);
    let before = snapshot(&cluster.kubeconfig(), place.name(), "configmap").await;

    let proxy = Proxy::to(cluster.address()).await;
    let twin = migration.folder().join("twin.kubeconfig");
    std::fs::write(&twin, cluster.kubeconfig_at(&proxy.address.to_string())).unwrap();
    let elsewhere = migration.elsewhere(twin);
    elsewhere.write("one", &[config_map("one", json!({"a": "changed"}))]);
    let journal = elsewhere.journal();
    for command in ["plan", "apply", "rollback", "verify"] {
        let refused = elsewhere.told(&[command, "week-1/one"]).await.expect(1);
        let said = refused.report["summary"].as_str().unwrap();
        assert!(said.contains("another cluster") && said.contains(&proxy.address.to_string()), "{said}");
    }
    assert_eq!(elsewhere.journal(), journal);
    assert_eq!(snapshot(&cluster.kubeconfig(), place.name(), "configmap").await, before);
    // Begun anew, it is that cluster's run.
    elsewhere.told(&["plan", "week-1/one", "--new-run"]).await.expect(3);
}

async fn a_swapped_kubeconfig(cluster: &Cluster) {
    let place = cluster.namespace("swapped").await;
    let door = Door::closed().await;
    let file = tempfile::tempdir().unwrap();
    let kubeconfig = file.path().join("kubeconfig");
    std::fs::copy(cluster.kubeconfig(), &kubeconfig).unwrap();
    let migration = Migration::of(kubeconfig.clone(), place.name(), &[("one", &door.gate()), ("two", "")]);
    migration.write("one", &[config_map("one", json!({}))]).write("two", &[config_map("two", json!({}))]);
    let digest = migration.plan("week-1").await.expect(3).digest();
    let running = migration.start(&["apply", "week-1", "--approve", &digest]);
    door.knocked().await;
    std::fs::write(&kubeconfig, cluster.kubeconfig_at("127.0.0.1:1")).unwrap();
    door.open();
    let output = running.finish().await;
    assert_eq!(output.code, 0, "{}\n{}", output.stdout, output.stderr);
    assert!(place.api::<ConfigMap>().get_opt("two").await.unwrap().is_some());
}

async fn a_namespace_that_is_going_is_refused(cluster: &Cluster) {
    let place = cluster.namespace("going").await;
    let mut held = config_map("held", json!({}));
    held["metadata"]["finalizers"] = json!(["trial.example/held"]);
    place.apply(held).await;
    let namespaces: Api<NamespaceObject> = Api::all(cluster.client());
    namespaces.delete(place.name(), &DeleteParams::default()).await.unwrap();
    let migration = Migration::new(cluster, place.name(), &[("one", "")]);
    migration.write("one", &[config_map("one", json!({}))]);
    let refused = migration.plan("week-1/one").await.expect(5);
    assert!(refused.problems().contains("it is being deleted"), "{}", refused.problems());
    let digest = refused.report["proposals"][0]["digest"].as_str().unwrap().to_owned();
    migration.told(&["apply", "week-1/one", "--approve", &digest]).await.expect(5);
    let free = Patch::Merge(json!({"metadata": {"finalizers": null}}));
    place.api::<ConfigMap>().patch("held", &PatchParams::default(), &free).await.unwrap();
}
