//! Whole stages: looked at, applied, verified, changed, rolled back.

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use kube::api::ListParams;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::support::objects::{autoscaler, config_map, deployment, live, owners, snapshot};
use crate::support::{Cluster, Migration, Namespace, kubectl, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial(
            "stage::the_shipped_week_is_applied_and_taken_back",
            the_shipped_week_is_applied_and_taken_back,
        ),
        trial(
            "stage::an_update_goes_back_to_the_old_replica_set",
            an_update_goes_back_to_the_old_replica_set,
        ),
        trial(
            "stage::an_update_that_fails_goes_back_to_what_ran",
            an_update_that_fails_goes_back_to_what_ran,
        ),
    ]
}

const KINDS: &str = "configmap,secret,serviceaccount,service,deployment,horizontalpodautoscaler,\
                     poddisruptionbudget,networkpolicy";

async fn the_shipped_week_is_applied_and_taken_back(cluster: &Cluster) {
    let migration = Migration::shipped(cluster, "dev");
    let kubeconfig = cluster.kubeconfig();
    let before = snapshot(&kubeconfig, "phase2-dev", KINDS).await;

    for item in ["services", "secrets", "data", "jobs", "cluster", "pull-secret", "app-secrets"] {
        migration.told(&["skip", &format!("week-1/{item}"), "--note", "in a rehearsal"]).await.expect(0);
    }
    let shown = migration.plan("week-1").await.expect(3);
    assert!(shown.changes().iter().all(|change| change.starts_with("create ")), "{:?}", shown.changes());
    assert_eq!(shown.row("Deployment", "gateway")["knownAfter"], "Namespace/phase2-dev");
    let applied = migration.told(&["apply", "week-1", "--approve", &shown.digest()]).await.expect(0);
    let gates: Vec<&str> =
        applied.output.stderr.lines().filter(|line| line.starts_with("gate: Horizontal")).collect();
    assert!(gates.len() == 3 && gates.iter().all(|line| line.contains('%')), "{}", applied.output.stderr);

    migration.told(&["verify", "week-1"]).await.expect(0);
    let again = migration.plan("week-1").await.expect(0);
    assert!(again.changes().iter().all(|change| change.starts_with("same ")), "{:?}", again.changes());

    migration.rollback("week-1").await.expect(0);
    assert_eq!(snapshot(&kubeconfig, "phase2-dev", KINDS).await, before);
    let gone = kubectl(&kubeconfig, ["get", "namespace", "phase2-dev"]).await;
    assert!(gone.stderr.contains("NotFound"), "{gone:?}");

    let minutes = migration.run(&["report"]).await.stdout;
    let told =
        ["skipped it: in a rehearsal", "confirmed it.**", "(simulated:", "**Done**", "**Rolled back**"];
    assert!(told.iter().all(|words| minutes.contains(words)), "{minutes}");
    assert!(minutes.contains("| ↶ rolled back |"), "{minutes}");
}

fn first_version() -> Vec<Value> {
    vec![
        config_map("settings", json!({"level": "info", "old": "kept until v2"})),
        deployment("web", "registry.example/web:1", &[("MODE", "blue"), ("OLD", "yes")]),
        autoscaler("web", 2, 5),
    ]
}

fn second_version() -> Vec<Value> {
    let mut web = deployment("web", "registry.example/web:2", &[("MODE", "green"), ("NEW", "yes")]);
    web["spec"]["strategy"] = json!({"type": "Recreate"});
    vec![config_map("settings", json!({"level": "debug"})), web, autoscaler("web", 2, 6)]
}

async fn an_update_goes_back_to_the_old_replica_set(cluster: &Cluster) {
    let namespace = cluster.namespace("update").await;
    let kubeconfig = cluster.kubeconfig();
    let migration = Migration::new(cluster, namespace.name(), &[("web", "gates: [rollout: Deployment/web]")]);
    migration.write("web", &first_version()).apply("week-1/web").await.expect(0);
    let before = snapshot(&kubeconfig, namespace.name(), KINDS).await;
    let old = current_replica_set(&namespace, "web").await;
    let owned = owners(&live(&kubeconfig, namespace.name(), "deployment/web").await);

    migration.write("web", &second_version());
    let shown = migration.plan("week-1/web").await.expect(3);
    assert_eq!(
        shown.changes(),
        ["change ConfigMap/settings", "change Deployment/web", "change HorizontalPodAutoscaler/web"]
    );
    migration.apply("week-1/web").await.expect(0);
    let new = current_replica_set(&namespace, "web").await;
    assert_ne!(old, new);

    migration.rollback("week-1/web").await.expect(0);
    assert_eq!(snapshot(&kubeconfig, namespace.name(), KINDS).await, before);
    assert_eq!(current_replica_set(&namespace, "web").await, old, "the old ReplicaSet is used again");
    assert_eq!(owners(&live(&kubeconfig, namespace.name(), "deployment/web").await), owned);

    let again = migration.apply("week-1/web").await.expect(0);
    assert!(again.rows().iter().all(|row| row["change"] == "change" && row["adoptions"] == json!([])));
    // The first version is taken back last of all, and nothing is left.
    migration.rollback("week-1/web").await.expect(0);
    migration.rollback("week-1/web").await.expect(0);
    let names: Vec<Value> = snapshot(&kubeconfig, namespace.name(), KINDS).await;
    let names: Vec<&Value> = names.iter().map(|object| &object["metadata"]["name"]).collect();
    assert_eq!(names, ["kube-root-ca.crt", "default"]);
}

/// Name and uid of the ReplicaSet that has the Deployment's pods.
async fn current_replica_set(namespace: &Namespace, name: &str) -> (String, String) {
    let deployment = namespace.api::<Deployment>().get(name).await.unwrap();
    let revision = deployment.metadata.annotations.unwrap()["deployment.kubernetes.io/revision"].clone();
    let sets = namespace.api::<ReplicaSet>().list(&ListParams::default()).await.unwrap().items;
    let current = sets.into_iter().find(|set| {
        set.metadata.annotations.as_ref().unwrap()["deployment.kubernetes.io/revision"] == revision
    });
    let metadata = current.unwrap().metadata;
    (metadata.name.unwrap(), metadata.uid.unwrap())
}

async fn an_update_that_fails_goes_back_to_what_ran(cluster: &Cluster) {
    let namespace = cluster.namespace("failed").await;
    let kubeconfig = cluster.kubeconfig();
    let migration = Migration::new(cluster, namespace.name(), &[("web", "deadline: 5s")]);
    let version = |image: &str| {
        let settings = config_map("settings", json!({"image": image}));
        migration.write("web", &[settings, deployment("web", image, &[])])
    };
    version("registry.example/web:1").apply("week-1/web").await.expect(0);
    let before = snapshot(&kubeconfig, namespace.name(), KINDS).await;
    let stopped = version("registry.example/web:does-not-exist").apply("week-1/web").await.expect(6);
    assert!(stopped.problems().contains("ImagePullBackOff"), "{}", stopped.problems());
    let shown = migration.told(&["rollback", "week-1/web"]).await.expect(3);
    assert_eq!(shown.changes(), ["revert ConfigMap/settings", "revert Deployment/web"]);
    migration.told(&["rollback", "week-1/web", "--approve", &shown.digest()]).await.expect(0);
    assert_eq!(snapshot(&kubeconfig, namespace.name(), KINDS).await, before);
    migration.rollback("week-1/web").await.expect(0);
    let names = snapshot(&kubeconfig, namespace.name(), "deployment").await;
    assert!(names.is_empty(), "{names:?}");
}
