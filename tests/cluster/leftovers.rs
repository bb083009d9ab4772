//! What others have made because of a step: deleted only when it is traced, nobody needs it and it was asked
//! for.

use futures::{StreamExt, stream};
use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::helm::charts::{SETTINGS, VALUES, chart_of, helm_program, write_chart};
use crate::support::{Cluster, Migration, Namespace, kubectl, trial, wait_until};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("leftovers::what_stays_is_asked_for_afterwards", asked_for_afterwards),
        trial("leftovers::a_claim_of_someone_else_stays", a_claim_of_someone_else),
        trial("leftovers::a_claim_that_someone_else_uses_stays", a_claim_in_use),
        trial("leftovers::a_kind_with_a_strangers_object_stays", a_kind_with_a_strangers_object),
        trial("leftovers::what_operators_make_is_traced_to_their_objects", by_an_operator),
        trial("leftovers::what_an_upgrade_has_brought_goes_with_it", brought_by_an_upgrade),
        trial("leftovers::a_namespace_goes_with_what_was_left_in_it", a_namespace_goes),
        trial("leftovers::killed_while_they_go_it_is_resumed", killed),
    ]
}

/// A chart with a StatefulSet, and a kind of its own in its `crds/`.
pub(crate) const STORE: (&str, &str) = (
    "templates/store.yaml",
    "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: store}\nspec:\n  serviceName: store\n  replicas: 2\n  \
     selector: {matchLabels: {app: store}}\n  template:\n    metadata: {labels: {app: store}}\n    \
     spec: {containers: [{name: store, image: registry.example/store:1}]}\n  volumeClaimTemplates:\n  \
     - metadata: {name: data}\n    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 3Gi}}}\n",
);

/// A release with leftovers, in a namespace and with a kind of its own.
pub(crate) struct Shop {
    pub(crate) kubeconfig: std::path::PathBuf,
    pub(crate) namespace: Namespace,
    pub(crate) migration: Migration,
    pub(crate) kind: String,
}

pub(crate) const STEP: &str = "week-1/store";

impl Shop {
    pub(crate) async fn installed(cluster: &Cluster, name: &str) -> Self {
        Self::installed_with(cluster, name, "helm:\n  chart: chart").await
    }

    pub(crate) async fn installed_with(cluster: &Cluster, name: &str, step: &str) -> Self {
        let namespace = cluster.namespace(name).await;
        let mut migration = Migration::new(cluster, namespace.name(), &[("store", step)]);
        migration.home.set("MIGRATE_TUI_HELM", helm_program(cluster).as_os_str());
        let kind = format!("things.{name}.example.com");
        let definition = definition(name).to_string();
        write_chart(&chart_of(&migration), "0.1.0", VALUES, &[STORE, ("crds/thing.yaml", &definition)]);
        let shop = Self { kubeconfig: cluster.kubeconfig(), namespace, migration, kind };
        shop.migration.apply(STEP).await.expect(0);
        shop.expect_claims(&["data-store-0", "data-store-1"]).await;
        shop
    }

    pub(crate) async fn kubectl(&self, arguments: &[&str]) -> String {
        let arguments = [&["-n", self.namespace.name()][..], arguments].concat();
        kubectl(&self.kubeconfig, arguments).await.expect_success()
    }

    async fn apply(&self, object: &Value) {
        let file = self.migration.folder().join("theirs.json");
        std::fs::write(&file, object.to_string()).unwrap();
        self.kubectl(&["apply", "-f", file.to_str().unwrap()]).await;
    }

    /// The claims that are there and not about to go.
    pub(crate) async fn claims(&self) -> Vec<String> {
        let text = self.kubectl(&["get", "pvc", "-o", "json"]).await;
        let list: Value = serde_json::from_str(&text).unwrap();
        let stays = list["items"].as_array().unwrap().iter().map(|claim| &claim["metadata"]);
        let stays = stays.filter(|metadata| metadata["deletionTimestamp"].is_null());
        stays.map(|metadata| metadata["name"].as_str().unwrap().to_owned()).collect()
    }

    async fn expect_claims(&self, expected: &[&str]) {
        wait_until("the claims", || async {
            let claims = self.claims().await;
            if claims == expected { Ok(()) } else { Err(format!("{claims:?}")) }
        })
        .await;
    }

    /// Asked for its rollback with leftovers, the program is killed before that entry of its journal.
    async fn killed_before(&self, entry: u64) {
        let shown = self.migration.told(&["rollback", STEP, "--with-leftovers"]).await.expect(3);
        let (number, digest) = (entry.to_string(), shown.digest());
        let deadly =
            ["rollback", STEP, "--with-leftovers", "--approve", &digest, "--die-before-entry", &number];
        self.migration.told(&deadly).await.expect(-1);
    }

    pub(crate) async fn has_kind(&self) -> bool {
        self.kubectl(&["get", "crds", "-o", "name"]).await.contains(&self.kind)
    }
}

fn definition(name: &str) -> Value {
    json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("things.{name}.example.com")},
        "spec": {"group": format!("{name}.example.com"), "scope": "Namespaced",
            "names": {"kind": "Thing", "plural": "things", "singular": "thing"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema":
                {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]}})
}

fn claim(name: &str, labels: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name, "labels": labels},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}})
}

pub(crate) fn risks(told: &crate::support::Told) -> String {
    told.report["proposals"][0]["risks"].to_string()
}

async fn asked_for_afterwards(cluster: &Cluster) {
    let shop = Shop::installed(cluster, "asked").await;
    let plainly = shop.migration.rollback(STEP).await.expect(0);
    assert!(!plainly.changes().iter().any(|change| change.contains("PersistentVolumeClaim")));
    let leaves = plainly.report["proposals"][0]["leaves"].to_string();
    for left in ["data-store-0", "data-store-1", &shop.kind] {
        assert!(leaves.contains(left), "{left} is named: {leaves}");
    }
    assert_eq!(shop.claims().await, ["data-store-0", "data-store-1"]);
    assert!(shop.has_kind().await);
    let nothing = shop.migration.told(&["rollback", STEP]).await.expect(5);
    assert!(nothing.report["summary"].as_str().unwrap().contains("changed nothing"));

    let told = shop.migration.rollback_with_leftovers(STEP).await.expect(0);
    let kind = format!("delete CustomResourceDefinition/{}", shop.kind);
    let (claims, mut changes) = (
        ["delete PersistentVolumeClaim/data-store-0", "delete PersistentVolumeClaim/data-store-1"],
        told.changes(),
    );
    changes.sort();
    assert_eq!(changes, [&kind, claims[0], claims[1]], "the leftovers and nothing else");
    let risks = risks(&told);
    assert!(risks.contains("3Gi of data") && risks.contains("reclaim policy Delete"), "{risks}");
    assert_eq!(shop.claims().await, [""; 0]);
    assert!(!shop.has_kind().await);
    let again = shop.migration.told(&["rollback", STEP, "--with-leftovers"]).await.expect(5);
    assert!(again.report["summary"].as_str().unwrap().contains("changed nothing"));
}

async fn a_claim_of_someone_else(cluster: &Cluster) {
    let shop = Shop::installed(cluster, "stranger").await;
    // By name it could be the StatefulSet's next one, and it even has the labels.
    shop.apply(&claim("data-store-7", &json!({"app": "store"}))).await;
    shop.apply(&claim("theirs", &json!({}))).await;
    let told = shop.migration.rollback_with_leftovers(STEP).await.expect(0);
    let risks = risks(&told);
    assert!(risks.contains("not taken for a leftover: someone made it by hand"), "{risks}");
    assert_eq!(shop.claims().await, ["data-store-7", "theirs"]);
}

async fn a_claim_in_use(cluster: &Cluster) {
    let shop = Shop::installed(cluster, "used").await;
    let volumes = json!([{"name": "data", "persistentVolumeClaim": {"claimName": "data-store-1"}}]);
    shop.apply(&json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "reader"},
        "spec": {"containers": [{"name": "main", "image": "registry.example/main:1"}], "volumes": volumes}}))
        .await;
    let told = shop.migration.rollback_with_leftovers(STEP).await.expect(0);
    let risks = risks(&told);
    assert!(risks.contains("it stays, for others need it: Pod/reader"), "{risks}");
    assert_eq!(shop.claims().await, ["data-store-1"]);

    shop.kubectl(&["delete", "pod", "reader", "--wait"]).await;
    let told = shop.migration.rollback_with_leftovers(STEP).await.expect(0);
    assert_eq!(told.changes(), ["delete PersistentVolumeClaim/data-store-1"]);
}

async fn a_kind_with_a_strangers_object(cluster: &Cluster) {
    let shop = Shop::installed(cluster, "kind").await;
    let elsewhere = cluster.namespace("elsewhere").await;
    let thing = json!({"apiVersion": "kind.example.com/v1", "kind": "Thing",
        "metadata": {"name": "theirs", "namespace": elsewhere.name()}});
    let file = shop.migration.folder().join("thing.json");
    std::fs::write(&file, thing.to_string()).unwrap();
    kubectl(&shop.kubeconfig, ["apply", "-f", file.to_str().unwrap()]).await.expect_success();
    let said = format!("it stays, for others need it: Thing/theirs in {}", elsewhere.name());
    let plainly = risks(&shop.migration.told(&["rollback", STEP]).await.expect(3));
    assert!(plainly.contains(&said), "nothing is promised that would not hold: {plainly}");
    let told = shop.migration.rollback_with_leftovers(STEP).await.expect(0);
    let risks = risks(&told);
    assert!(risks.contains(&said), "{risks}");
    assert_eq!(shop.claims().await, [""; 0], "that the kind stays holds nothing else up");
    assert!(shop.has_kind().await);
    let there = kubectl(&shop.kubeconfig, ["get", "things.kind.example.com", "-A", "-o", "name"]).await;
    assert!(there.expect_success().contains("theirs"));

    kubectl(&shop.kubeconfig, ["delete", "-f", file.to_str().unwrap()]).await.expect_success();
    let told = shop.migration.rollback_with_leftovers(STEP).await.expect(0);
    assert_eq!(told.changes(), [format!("delete CustomResourceDefinition/{}", shop.kind)]);
    assert!(!shop.has_kind().await);
}

async fn by_an_operator(cluster: &Cluster) {
    let namespace = cluster.namespace("operated").await;
    let kubeconfig = cluster.kubeconfig();
    let kind = definition("operated");
    let database =
        json!({"apiVersion": "operated.example.com/v1", "kind": "Thing", "metadata": {"name": "db"}});
    let migration = Migration::new(cluster, namespace.name(), &[("kind", ""), ("database", "")]);
    migration.write("kind", &[kind]).write("database", &[database]);
    migration.apply("week-1/kind").await.expect(0);
    migration.apply("week-1/database").await.expect(0);

    // As an operator would: the set is owned by the object, its claim by nobody.
    let name = namespace.name();
    let uid = kubectl(
        &kubeconfig,
        ["get", "things.operated.example.com", "db", "-n", name, "-o", "jsonpath={.metadata.uid}"],
    );
    let owner = json!([{"apiVersion": "operated.example.com/v1", "kind": "Thing", "name": "db",
        "uid": uid.await.expect_success(), "controller": true}]);
    let set = json!({"apiVersion": "apps/v1", "kind": "StatefulSet",
        "metadata": {"name": "db", "ownerReferences": owner},
        "spec": {"serviceName": "db", "replicas": 1, "selector": {"matchLabels": {"app": "db"}},
            "template": {"metadata": {"labels": {"app": "db"}},
                "spec": {"containers": [{"name": "db", "image": "registry.example/db:1"}]}},
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": "1Gi"}}}}]}});
    namespace.apply(set).await;
    wait_until("the claim", || async {
        let claims = kubectl(&kubeconfig, ["get", "pvc", "-n", name, "-o", "name"]).await.expect_success();
        if claims.contains("data-db-0") { Ok(()) } else { Err(claims) }
    })
    .await;

    let told = migration.rollback_with_leftovers("week-1/database").await.expect(0);
    assert_eq!(told.changes(), ["delete Thing/db", "delete PersistentVolumeClaim/data-db-0"]);
    let claims = kubectl(&kubeconfig, ["get", "pvc", "-n", name, "-o", "name"]).await.expect_success();
    assert_eq!(claims, "");
    migration.rollback("week-1/kind").await.expect(0);
}

async fn brought_by_an_upgrade(cluster: &Cluster) {
    let namespace = cluster.namespace("brought").await;
    let kubeconfig = cluster.kubeconfig();
    let mut migration = Migration::new(cluster, namespace.name(), &[("store", "helm:\n  chart: chart")]);
    migration.home.set("MIGRATE_TUI_HELM", helm_program(cluster).as_os_str());
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[SETTINGS]);
    migration.apply(STEP).await.expect(0);
    write_chart(&chart_of(&migration), "0.2.0", VALUES, &[SETTINGS, STORE]);
    migration.apply(STEP).await.expect(0);
    let claims = || async {
        kubectl(&kubeconfig, ["get", "pvc", "-n", namespace.name(), "-o", "name"]).await.expect_success()
    };
    wait_until("the claims", || async {
        let claims = claims().await;
        if claims.lines().count() == 2 { Ok(()) } else { Err(claims) }
    })
    .await;
    let told = migration.rollback_with_leftovers(STEP).await.expect(0);
    assert!(
        told.changes().contains(&"delete PersistentVolumeClaim/data-store-1".to_owned()),
        "{:?}",
        told.changes()
    );
    assert_eq!(told.report["steps"][0]["standing"], "done", "the revision before stands");
    assert_eq!(claims().await, "");
}

async fn a_namespace_goes(cluster: &Cluster) {
    let name = "leftovers-goes";
    let set = json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "store", "namespace": name},
        "spec": {"serviceName": "store", "replicas": 1, "selector": {"matchLabels": {"app": "store"}},
            "template": {"metadata": {"labels": {"app": "store"}},
                "spec": {"containers": [{"name": "store", "image": "registry.example/store:1"}]}},
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": "1Gi"}}}}]}});
    let migration =
        Migration::new(cluster, name, &[("ground", ""), ("store", "gates: [rollout: StatefulSet/store]")]);
    let ground = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
    migration.write("ground", &[ground]).write("store", &[set]);
    migration.apply("week-1").await.expect(0);
    let refused = migration.told(&["rollback", "week-1"]).await.expect(5).problems();
    for said in [
        "PersistentVolumeClaim/data-store-0 in leftovers-goes (left by week-1/store)",
        "`migrate-tui rollback week-1/store --with-leftovers`",
    ] {
        assert!(refused.contains(said), "{said}: {refused}");
    }
    let told = migration.rollback_with_leftovers("week-1").await.expect(0);
    assert_eq!(
        told.changes(),
        [
            "delete StatefulSet/store",
            "delete PersistentVolumeClaim/data-store-0",
            "delete Namespace/leftovers-goes"
        ]
    );
    let gone = kubectl(&cluster.kubeconfig(), ["get", "namespace", name]).await;
    assert!(gone.stderr.contains("NotFound"), "{gone:?}");
}

/// Killed before each of the entries of the last wave, and gone on with.
async fn killed(cluster: &Cluster) {
    let undisturbed = Shop::installed(cluster, "killed").await;
    undisturbed.migration.rollback_with_leftovers(STEP).await.expect(0);
    let journal = undisturbed.migration.journal();
    let number = |is_it: &dyn Fn(&Value) -> bool| {
        1 + journal.iter().position(|entry| is_it(&entry["event"])).unwrap() as u64
    };
    let first = number(&|event| event["type"] == "wave-started" && event["wave"] == "delete-leftovers");
    let last = journal.len() as u64;
    assert!(last - first > 4, "{journal:#?}");
    let one = |entry: u64| async move {
        let shop = Shop::installed(cluster, &format!("killed-{entry}")).await;
        shop.killed_before(entry).await;
        if entry.is_multiple_of(2) {
            // A look at the way back is no decision: what was interrupted stays so.
            shop.migration.told(&["rollback", STEP, "--with-leftovers"]).await.expect_one_of(&[0, 3]);
            shop.migration.plan(STEP).await.expect(8);
            shop.migration.told(&["resume", STEP]).await.expect(0);
        } else {
            // Asked for anew in its place, it finds what is still there.
            shop.migration.rollback_with_leftovers(STEP).await.expect_one_of(&[0, 5]);
        }
        assert_eq!(shop.claims().await, [""; 0], "killed before entry {entry}");
        assert!(!shop.has_kind().await, "killed before entry {entry}");
    };
    stream::iter(first..=last).for_each_concurrent(3, one).await;
}
