use std::sync::Mutex;
use std::time::{Duration, Instant};

use kube::core::DynamicObject;
use libtest_mimic::Trial;
use migrate_tui::cluster::Reader;
use migrate_tui::gate::{Awaited, GateKeeper, wait, wait_ready};
use migrate_tui::object::{Key, Object};
use migrate_tui::plan::Gate;
use migrate_tui::readiness::Readiness;
use migrate_tui::rehearsal::Identity;
use serde_json::json;

use super::{autoscaler, connection, ingress};
use crate::support::{Cluster, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("live::a_rollout_with_its_autoscaler_becomes_ready", a_rollout_becomes_ready),
        trial("live::an_image_that_cannot_be_pulled_is_named_at_the_deadline", an_image_is_named),
        trial("live::a_missed_progress_deadline_ends_the_wait_at_once", a_missed_progress_deadline),
        trial("live::an_ingress_that_gets_no_address_is_let_go_with_a_warning", no_address_is_borne),
        trial("live::what_is_not_there_is_not_waited_for_to_the_end", what_is_not_there),
    ]
}

fn awaited(object: &DynamicObject) -> Awaited {
    let object = Object(serde_json::to_value(object).unwrap());
    Awaited { key: object.key(), api_version: object.api_version().to_owned() }
}

async fn a_rollout_becomes_ready(cluster: &Cluster) {
    let namespace = cluster.namespace("wait").await;
    let objects = [
        awaited(&namespace.deployment("gateway", 2, json!({})).await),
        awaited(&namespace.apply(autoscaler("gateway")).await),
        awaited(&namespace.apply(ingress("app")).await),
        awaited(
            &namespace
                .apply(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}}))
                .await,
        ),
    ];
    let reader = Reader::new(connection(cluster, Identity::Viewer).await);
    let said = Mutex::new(Vec::new());
    let progress = |key: Key, readiness| said.lock().unwrap().push(format!("{key} {readiness}"));
    wait_ready(&reader, &objects, Duration::from_secs(90), progress).await.unwrap();
    let said = said.into_inner().unwrap();
    assert!(
        said.iter().any(|line| line.starts_with("HorizontalPodAutoscaler/gateway progressing:")),
        "{said:#?}"
    );
    for object in &objects {
        assert!(said.contains(&format!("{} ready", object.key)), "{said:#?}");
    }
}

async fn an_image_is_named(cluster: &Cluster) {
    let namespace = cluster.namespace("wait").await;
    let fails = json!({"rehearsal.migrate-tui/fail": "image-pull"});
    let objects = [awaited(&namespace.deployment("gateway", 1, fails).await)];
    let reader = Reader::new(connection(cluster, Identity::Viewer).await);
    let problems = wait_ready(&reader, &objects, Duration::from_secs(8), |_, _| {}).await.unwrap_err();
    let [problem] = problems.as_slice() else { panic!("{problems:?}") };
    assert_eq!(problem.subject, "Deployment/gateway");
    assert!(problem.reason.contains("cannot get image registry.example/main:1"), "{problem}");
    assert!(problem.reason.contains("not ready within 8 s"), "{problem}");
    assert!(problem.remedy.contains("pull secret"), "{problem}");
}

async fn a_missed_progress_deadline(cluster: &Cluster) {
    let namespace = cluster.namespace("wait").await;
    let deployment = namespace
        .apply(json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "gateway"},
            "spec": {"replicas": 1, "progressDeadlineSeconds": 2, "selector": {"matchLabels": {"app": "gateway"}},
                "template": {"metadata": {"labels": {"app": "gateway"}},
                    "spec": {"containers": [{"name": "main", "image": "registry.example/does-not-exist:1"}]}}}}))
        .await;
    let reader = Reader::new(connection(cluster, Identity::Viewer).await);
    let started = Instant::now();
    let waited = wait_ready(&reader, &[awaited(&deployment)], Duration::from_secs(80), |_, _| {}).await;
    let problems = waited.unwrap_err();
    assert!(started.elapsed() < Duration::from_mins(1), "{:?}", started.elapsed());
    assert!(problems[0].reason.contains("ProgressDeadlineExceeded"), "{problems:?}");
    assert!(problems[0].reason.contains("does-not-exist"), "{problems:?}");
}

async fn no_address_is_borne(cluster: &Cluster) {
    let namespace = cluster.namespace("wait").await;
    let mut object = ingress("app");
    object["metadata"]["annotations"] = json!({"rehearsal.migrate-tui/fail": "no-address"});
    let objects = [awaited(&namespace.apply(object).await)];
    let reader = Reader::new(connection(cluster, Identity::Viewer).await);
    let said = Mutex::new(Vec::new());
    let progress = |_, readiness: Readiness| said.lock().unwrap().push(readiness.to_string());
    wait_ready(&reader, &objects, Duration::from_secs(10), progress).await.unwrap();
    let said = said.into_inner().unwrap();
    assert_eq!(said[0], "progressing: no address yet from the controller of class nginx");
    assert!(said[1].starts_with("ready: no address yet") && said[1].contains("bare metal"), "{said:?}");

    let keeper = GateKeeper::new(reader, namespace.name()).await;
    let gate = Gate::IngressAddress { name: "app".into() };
    let problem = wait(&keeper, &gate, Duration::from_secs(1), |_| {}).await.unwrap_err();
    assert!(problem.remedy.contains("bare metal") && problem.remedy.contains("tick"), "{problem}");
}

async fn what_is_not_there(cluster: &Cluster) {
    let namespace = cluster.namespace("wait").await;
    let key = Key {
        group: "apps".into(),
        kind: "Deployment".into(),
        namespace: Some(namespace.name().to_owned()),
        name: "nobody".into(),
    };
    let objects = [Awaited { key, api_version: "apps/v1".into() }];
    let reader = Reader::new(connection(cluster, Identity::Viewer).await);
    let started = Instant::now();
    let problems = wait_ready(&reader, &objects, Duration::from_secs(90), |_, _| {}).await.unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(40), "{:?}", started.elapsed());
    assert!(problems[0].reason.contains("not there"), "{problems:?}");
}
