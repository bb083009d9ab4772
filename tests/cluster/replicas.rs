//! Replicas under an autoscaler: watched, not looked at now and then, they never fall below its minimum.

use std::sync::{Arc, Mutex};

use futures::{StreamExt, TryStreamExt};
use k8s_openapi::api::apps::v1::Deployment;
use kube::Api;
use kube::api::{Patch, PatchParams, WatchEvent, WatchParams};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use tokio::task::AbortHandle;

use crate::support::objects::{autoscaler, deployment, snapshot};
use crate::support::{Cluster, Migration, Namespace, kubectl, trial, wait_until};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("replicas::an_adopted_stack_keeps_its_pods", an_adopted_stack_keeps_its_pods),
        trial("replicas::an_autoscaler_of_ours_comes_and_goes", an_autoscaler_of_ours_comes_and_goes),
    ]
}

const LEAST: i32 = 3;

/// Every value that `spec.replicas` of one Deployment has had.
struct Watched {
    api: Api<Deployment>,
    seen: Arc<Mutex<Vec<i32>>>,
    watching: AbortHandle,
}

impl Watched {
    async fn start(place: &Namespace, name: &str) -> Self {
        let api = place.api::<Deployment>();
        let version = api.get(name).await.unwrap().metadata.resource_version.unwrap();
        let parameters = WatchParams::default().fields(&format!("metadata.name={name}")).timeout(290);
        let events = api.watch(&parameters, &version).await.unwrap().boxed();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let noted = seen.clone();
        let watching = tokio::spawn(async move {
            let mut events = events;
            while let Ok(Some(event)) = events.try_next().await {
                if let WatchEvent::Added(object) | WatchEvent::Modified(object) = event {
                    noted.lock().unwrap().push(object.spec.replicas.unwrap_or(1));
                }
            }
        });
        Self { api, seen, watching: watching.abort_handle() }
    }

    /// Marks the object, waits until the watch has come that far, and tells what it has seen.
    async fn finish(self, name: &str) -> Vec<i32> {
        let count = self.seen.lock().unwrap().len();
        let mark = Patch::Merge(json!({"metadata": {"annotations": {"trial.example/end": "yes"}}}));
        self.api.patch(name, &PatchParams::default(), &mark).await.unwrap();
        wait_until("the watch to catch up", || async {
            if self.seen.lock().unwrap().len() > count { Ok(()) } else { Err("not yet".to_owned()) }
        })
        .await;
        assert!(!self.watching.is_finished(), "the watch has lasted");
        self.watching.abort();
        let seen = self.seen.lock().unwrap();
        seen.clone()
    }
}

fn web(image: &str, replicas: Option<i32>) -> Value {
    let mut object = deployment("web", image, &[]);
    object["spec"]["replicas"] = json!(replicas);
    if replicas.is_none() {
        object["spec"].as_object_mut().unwrap().remove("replicas");
    }
    object
}

async fn an_adopted_stack_keeps_its_pods(cluster: &Cluster) {
    let place = cluster.namespace("pods").await;
    let kubeconfig = cluster.kubeconfig();
    let folder = tempfile::tempdir().unwrap();
    for object in [web("registry.example/web:1", Some(4)), autoscaler("web", 3, 9)] {
        let file = folder.path().join("pushed.json");
        std::fs::write(&file, object.to_string()).unwrap();
        let arguments = ["-n", place.name(), "apply", "-f", file.to_str().unwrap()];
        kubectl(&kubeconfig, arguments).await.expect_success();
    }
    let watched = Watched::start(&place, "web").await;
    let before = snapshot(&kubeconfig, place.name(), "horizontalpodautoscaler").await;

    let migration = Migration::new(cluster, place.name(), &[("web", "gates: [rollout: Deployment/web]")]);
    // Someone left a number in; the autoscaler has it all the same.
    migration.write("web", &[web("registry.example/web:2", Some(1)), autoscaler("web", 3, 8)]);
    let shown = migration.plan("week-1/web").await.expect(3);
    let row = shown.row("Deployment", "web");
    assert_eq!(row["change"], "adopt");
    assert_eq!(row["replicasLeftTo"], "HorizontalPodAutoscaler/web");
    migration.told(&["apply", "week-1/web", "--approve", &shown.digest()]).await.expect(0);
    migration.write("web", &[web("registry.example/web:3", None), autoscaler("web", 3, 8)]);
    migration.apply("week-1/web").await.expect(0);
    migration.rollback("week-1/web").await.expect(0);
    migration.rollback("week-1/web").await.expect(0);

    assert_eq!(snapshot(&kubeconfig, place.name(), "horizontalpodautoscaler").await, before);
    let seen = watched.finish("web").await;
    assert!(seen.len() > 4 && seen.iter().all(|count| *count >= LEAST), "{seen:?}");
}

async fn an_autoscaler_of_ours_comes_and_goes(cluster: &Cluster) {
    let place = cluster.namespace("scaled").await;
    let migration = Migration::new(cluster, place.name(), &[("web", "gates: [rollout: Deployment/web]")]);
    migration.write("web", &[web("registry.example/web:1", Some(4))]).apply("week-1/web").await.expect(0);
    let watched = Watched::start(&place, "web").await;
    migration.write("web", &[web("registry.example/web:2", None), autoscaler("web", 3, 9)]);
    migration.apply("week-1/web").await.expect(0);
    migration.write("web", &[web("registry.example/web:3", Some(2)), autoscaler("web", 3, 9)]);
    migration.apply("week-1/web").await.expect(0);
    // The autoscaler scales, as it would under load.
    let scaled = Patch::Merge(json!({"spec": {"replicas": 6}}));
    place.api::<Deployment>().patch_scale("web", &PatchParams::default(), &scaled).await.unwrap();
    migration.rollback("week-1/web").await.expect(0);
    migration.rollback("week-1/web").await.expect_one_of(&[0, 7]);
    let seen = watched.finish("web").await;
    assert!(seen.len() > 4 && seen.iter().all(|count| *count >= LEAST), "{seen:?}");
}
