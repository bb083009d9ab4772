//! A laptop is lost, and its journal with it: what records and inventories in the cluster tell is enough
//! to go on from, and what they do not tell is said.

use k8s_openapi::api::core::v1::{ConfigMap, Namespace as NamespaceObject, Secret};
use kube::api::{Api, ListParams};
use libtest_mimic::Trial;
use migrate_tui::rehearsal::Identity;
use serde_json::{Value, json};

use crate::support::objects::{config_map, deployment, live, namespace, owners, snapshot};
use crate::support::{Cluster, Migration, Namespace, kubectl, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("recovered::a_fresh_machine_takes_all_back", a_fresh_machine_takes_all_back),
        trial("recovered::what_was_killed_elsewhere_is_resumed", what_was_killed_elsewhere_is_resumed),
        trial("recovered::a_change_made_here_is_taken_back_alone", a_change_made_here_is_taken_back_alone),
        trial("recovered::a_journal_cut_short_is_made_good", a_journal_cut_short_is_made_good),
        trial("recovered::a_namespace_of_the_runs_own_is_known", a_namespace_of_the_runs_own_is_known),
        trial("recovered::a_look_leaves_nothing", a_look_leaves_nothing),
        trial("recovered::without_records_nothing_is_made_up", without_records_nothing_is_made_up),
    ]
}

const KINDS: &str = "configmap,secret,deployment";

/// An adopted stack, a changed Secret, something new.
fn objects(level: &str) -> Vec<Value> {
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "key"},
        "stringData": {"password": level}});
    vec![
        config_map("settings", json!({"level": level})),
        secret,
        deployment("web", &format!("registry.example/web:{level}"), &[("LEVEL", level)]),
    ]
}

/// By a plain `kubectl apply`, before there was any migration.
async fn push(cluster: &Cluster, place: &Namespace, objects: &[Value]) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stack.json");
    std::fs::write(&file, json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string()).unwrap();
    let arguments = ["apply", "-n", place.name(), "-f", file.to_str().unwrap()];
    kubectl(&cluster.kubeconfig(), arguments).await.expect_success();
}

/// Everything that a rollback is to bring back: the objects, and who owns what of them.
async fn stand(cluster: &Cluster, place: &Namespace) -> (Vec<Value>, Vec<Value>) {
    let kubeconfig = cluster.kubeconfig();
    let mut of_whom = Vec::new();
    for object in ["configmap/settings", "secret/key", "deployment/web"] {
        of_whom.extend(owners(&live(&kubeconfig, place.name(), object).await));
    }
    of_whom.sort_by_key(ToString::to_string);
    (snapshot(&kubeconfig, place.name(), KINDS).await, of_whom)
}

/// Where the steps stand, by `status`.
async fn standings(migration: &Migration) -> Vec<String> {
    let status = migration.told(&["status"]).await.expect_one_of(&[0, 10, 11]);
    let steps = status.report["stages"][0]["steps"].as_array().unwrap();
    steps.iter().map(|step| step["standing"].as_str().unwrap().to_owned()).collect()
}

async fn a_fresh_machine_takes_all_back(cluster: &'static Cluster) {
    let place = cluster.namespace("lost").await;
    push(cluster, &place, &objects("before")).await;
    let before = stand(cluster, &place).await;
    let lost = Migration::new(cluster, place.name(), &[("one", "")]);
    let mut new = objects("after");
    new.push(config_map("new", json!({"a": "b"})));
    lost.write("one", &new).apply("week-1/one").await.expect(0);

    let fresh = lost.on_a_fresh_machine(cluster.kubeconfig());
    assert_eq!(standings(&fresh).await, ["done"]);
    let shown = fresh.told(&["rollback", "week-1/one"]).await.expect(3);
    let said = &shown.output.stderr;
    assert!(said.contains("recovered from the cluster") && said.contains("it was finished"), "{said}");
    fresh.rollback("week-1/one").await.expect(0);
    assert_eq!(stand(cluster, &place).await, before);
    let ours = ListParams::default().labels("app.kubernetes.io/managed-by=migrate-tui");
    assert!(place.api::<Secret>().list(&ours).await.unwrap().items.is_empty(), "no record is kept longer");
    assert!(place.api::<ConfigMap>().list(&ours).await.unwrap().items.is_empty());
}

/// Looks, then applies and is killed once something was written and before that is noted.
async fn killed_amid(migration: &Migration) {
    let shown = migration.plan("week-1/one").await.expect(3);
    // Session, request, proposal, confirmation, record, wave; then the row.
    let entry = (migration.journal().len() + 7).to_string();
    let approved = ["apply", "week-1/one", "--approve", &shown.digest(), "--die-before-entry", &entry];
    migration.told(&approved).await.expect(-1);
}

async fn what_was_killed_elsewhere_is_resumed(cluster: &'static Cluster) {
    let place = cluster.namespace("cut-off").await;
    push(cluster, &place, &objects("before")).await;
    let before = stand(cluster, &place).await;
    let lost = Migration::new(cluster, place.name(), &[("one", "")]);
    lost.write("one", &objects("after"));
    killed_amid(&lost).await;

    let fresh = lost.on_a_fresh_machine(cluster.kubeconfig());
    assert_eq!(standings(&fresh).await, ["interrupted"]);
    let shown = fresh.told(&["apply", "week-1/one"]).await.expect(8);
    assert!(shown.output.stderr.contains("whether somebody is still at it is not known"));
    fresh.told(&["resume", "week-1/one"]).await.expect(0);
    assert_eq!(standings(&fresh).await, ["done"]);
    let secret = place.api::<Secret>().get("key").await.unwrap();
    assert_eq!(secret.data.unwrap()["password"].0, b"after");
    assert_eq!(standings(&lost).await, ["done"], "the laptop is found again");
    // A third machine has heard of neither.
    let third = lost.on_a_fresh_machine(cluster.kubeconfig());
    assert_eq!(standings(&third).await, ["done"], "who resumed it has closed its record");
    third.rollback("week-1/one").await.expect(0);
    assert_eq!(stand(cluster, &place).await, before);

    // Given up at once, it is taken back as well.
    killed_amid(&lost.on_a_fresh_machine(cluster.kubeconfig())).await;
    lost.on_a_fresh_machine(cluster.kubeconfig()).rollback("week-1/one").await.expect(0);
    assert_eq!(stand(cluster, &place).await, before);
}

/// The numbers of the attempts that were requested or recovered, in order.
fn numbers(migration: &Migration, kind: &str) -> Vec<u64> {
    let entries = migration.journal();
    let of_kind = entries.iter().filter(|entry| entry["event"]["type"] == kind);
    of_kind.map(|entry| entry["event"]["attempt"].as_u64().unwrap()).collect()
}

async fn a_change_made_here_is_taken_back_alone(cluster: &'static Cluster) {
    let place = cluster.namespace("went-on").await;
    let lost = Migration::new(cluster, place.name(), &[("one", "")]);
    lost.write("one", &objects("first")).apply("week-1/one").await.expect(0);
    let first = stand(cluster, &place).await;
    assert!(numbers(&lost, "recovered").is_empty(), "its own records are known");

    let fresh = lost.on_a_fresh_machine(cluster.kubeconfig());
    fresh.write("one", &objects("second")).apply("week-1/one").await.expect(0);
    let [recovered] = numbers(&fresh, "recovered")[..] else { panic!("{:#?}", fresh.journal()) };
    assert!(numbers(&fresh, "requested").iter().all(|number| *number > recovered));
    fresh.rollback("week-1/one").await.expect(0);
    assert_eq!(stand(cluster, &place).await, first, "only what was changed here");
    assert_eq!(standings(&fresh).await, ["done"]);
    fresh.rollback("week-1/one").await.expect(0);
    assert!(snapshot(&cluster.kubeconfig(), place.name(), "deployment,secret").await.is_empty());
}

async fn a_journal_cut_short_is_made_good(cluster: &'static Cluster) {
    let place = cluster.namespace("cut-short").await;
    let migration = Migration::new(cluster, place.name(), &[("one", "")]);
    migration.write("one", &objects("first")).apply("week-1/one").await.expect(0);
    let first = stand(cluster, &place).await;
    let files = ["journal.jsonl", "head"].map(|name| migration.run_folder().join(name));
    let backup = files.clone().map(|file| std::fs::read(file).unwrap());
    migration.write("one", &objects("second")).apply("week-1/one").await.expect(0);

    std::fs::write(&files[0], &backup[0]).unwrap();
    let refused = migration.told(&["rollback", "week-1/one"]).await.expect(1);
    let said = refused.report["summary"].as_str().unwrap();
    assert!(said.contains("it ends after entry"), "a cut that is no backup is noticed: {said}");
    std::fs::write(&files[1], &backup[1]).unwrap();
    migration.rollback("week-1/one").await.expect(0);
    assert_eq!(stand(cluster, &place).await, first, "the change that the journal lacks");
    for file in &files {
        std::fs::write(file, "").unwrap();
    }
    let shown = migration.told(&["rollback", "week-1/one"]).await.expect(3);
    assert!(shown.output.stderr.contains("recovered from the cluster"), "{}", shown.output.stderr);
    migration.rollback("week-1/one").await.expect(0);
    assert!(snapshot(&cluster.kubeconfig(), place.name(), "deployment,secret").await.is_empty());
}

/// When its first step begins there is nowhere in the cluster to keep a record.
async fn a_namespace_of_the_runs_own_is_known(cluster: &'static Cluster) {
    let place = cluster.namespace("own").await;
    let name = format!("{}-made", place.name());
    let lost = Migration::new(cluster, &name, &[("ground", ""), ("one", "")]);
    lost.write("ground", &[namespace(&name)]).write("one", &objects("first")).apply("week-1").await.expect(0);

    let fresh = lost.on_a_fresh_machine(cluster.kubeconfig());
    assert_eq!(standings(&fresh).await, ["done", "done"]);
    fresh.rollback("week-1").await.expect(0);
    let namespaces: Api<NamespaceObject> = Api::all(cluster.client());
    assert!(namespaces.get_opt(&name).await.unwrap().is_none());
    // The machine that made it has a file of it, and looks after the record all the same.
    let second = lost.on_a_fresh_machine(cluster.kubeconfig());
    second.apply("week-1").await.expect(0);
    assert!(numbers(&second, "recovered").is_empty());
    second.told(&["plan", "week-1"]).await.expect(0);
    assert!(numbers(&second, "recovered").is_empty(), "its own record is known");
    second.rollback("week-1").await.expect(0);
    assert!(namespaces.get_opt(&name).await.unwrap().is_none());
}

async fn a_look_leaves_nothing(cluster: &'static Cluster) {
    let place = cluster.namespace("looked").await;
    let lost = Migration::new(cluster, place.name(), &[("one", "")]);
    lost.write("one", &objects("first")).apply("week-1/one").await.expect(0);

    let fresh = lost.on_a_fresh_machine(cluster.kubeconfig());
    let shown = fresh.told(&["verify", "week-1/one", "--read-only"]).await.expect_one_of(&[0, 6]);
    assert!(shown.output.stderr.contains("recovered from the cluster"), "{}", shown.output.stderr);
    assert_eq!(standings(&fresh).await, ["done"]);
    assert!(!fresh.run_folder().exists(), "not even the beginning of a run");
}

async fn without_records_nothing_is_made_up(cluster: &'static Cluster) {
    let place = cluster.namespace("bare").await;
    let lost = Migration::new(cluster, place.name(), &[("one", ""), ("two", "")]);
    lost.write("one", &objects("first")).write("two", &[]).apply("week-1/one").await.expect(0);

    // Who may not read Secrets is told so, and is shown what there is.
    let viewer = lost.on_a_fresh_machine(cluster.kubeconfig_for(Identity::Viewer));
    let status = viewer.told(&["status"]).await.expect_one_of(&[0, 10, 11]);
    let unknown = status.report["unknown"].as_str().unwrap();
    assert!(
        unknown.contains("secrets is forbidden") && unknown.contains("holds 3 of the objects"),
        "{unknown}"
    );
    let refused = viewer.told(&["rollback", "week-1/one"]).await.expect(5);
    let said = refused.report["summary"].as_str().unwrap();
    assert!(said.contains("holds 3 of the objects") && said.contains("secrets is forbidden"), "{said}");
    let refused = viewer.told(&["rollback", "week-1/two"]).await.expect(5);
    let said = refused.report["summary"].as_str().unwrap();
    assert!(said.contains("not known what week-1/two has changed"), "{said}");

    let delete = ["delete", "secret", "-n", place.name(), "-l", "app.kubernetes.io/managed-by=migrate-tui"];
    kubectl(&cluster.kubeconfig(), delete).await.expect_success();
    let fresh = lost.on_a_fresh_machine(cluster.kubeconfig());
    for target in ["week-1/one", "week-1"] {
        let refused = fresh.told(&["rollback", target]).await.expect(5);
        let said = refused.report["summary"].as_str().unwrap();
        assert!(
            said.contains("holds 3 of the objects") && said.contains("its record is not there"),
            "{said}"
        );
    }
    fresh.told(&["rollback", "week-1/two"]).await.expect(5);
}
