//! A cluster that does not hold still, and one that is not always reached.

use std::time::Duration;

use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::api::{DeleteParams, ListParams};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use tokio::time::interval;

use crate::support::objects::{config_map, deployment};
use crate::support::proxy::{Line, Proxy};
use crate::support::{Cluster, Door, Migration, Told, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("busy::pods_die_while_a_change_is_confirmed", pods_die_while_a_change_is_confirmed),
        trial("busy::a_connection_that_comes_back_is_enough", a_connection_that_comes_back_is_enough),
        trial(
            "busy::a_connection_that_stays_away_stops_the_step",
            a_connection_that_stays_away_stops_the_step,
        ),
        trial("busy::a_second_driver_is_told_so", a_second_driver_is_told_so),
    ]
}

async fn pods_die_while_a_change_is_confirmed(cluster: &Cluster) {
    let place = cluster.namespace("dying").await;
    let migration = Migration::new(cluster, place.name(), &[("web", "gates: [rollout: Deployment/web]")]);
    let version = |image: &str| migration.write("web", &[deployment("web", image, &[])]);
    version("registry.example/web:1").apply("week-1/web").await.expect(0);
    let pods = place.api::<Pod>();
    let killer = tokio::spawn(async move {
        let mut ticks = interval(Duration::from_secs(1));
        let mut killed = 0;
        loop {
            ticks.tick().await;
            let list = pods.list(&ListParams::default().labels("app=web")).await.unwrap().items;
            if let Some(name) = list.into_iter().next().and_then(|pod| pod.metadata.name)
                && pods.delete(&name, &DeleteParams::default().grace_period(0)).await.is_ok()
            {
                killed += 1;
            }
            tracing::debug!(killed, "pods");
        }
    });
    for image in ["registry.example/web:2", "registry.example/web:3"] {
        let shown = version(image).plan("week-1/web").await.expect(3);
        migration.told(&["apply", "week-1/web", "--approve", &shown.digest()]).await.expect(0);
    }
    migration.rollback("week-1/web").await.expect(0);
    assert!(!killer.is_finished());
    killer.abort();
}

fn many() -> Vec<Value> {
    (0..60)
        .map(|number| config_map(&format!("map-{number:02}"), json!({"number": number.to_string()})))
        .collect()
}

/// Someone who reaches the cluster through a line that can be cut.
async fn through_a_line(cluster: &Cluster, namespace: &str) -> (Proxy, Migration, tempfile::TempDir) {
    let proxy = Proxy::to(cluster.address()).await;
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = folder.path().join("kubeconfig");
    std::fs::write(&kubeconfig, cluster.kubeconfig_at(&proxy.address.to_string())).unwrap();
    let migration = Migration::of(kubeconfig, namespace, &[("maps", "")]);
    migration.write("maps", &many());
    (proxy, migration, folder)
}

async fn a_connection_that_comes_back_is_enough(cluster: &Cluster) {
    let place = cluster.namespace("dropped").await;
    let (proxy, migration, _folder) = through_a_line(cluster, place.name()).await;
    let digest = migration.plan("week-1/maps").await.expect(3).digest();
    let mut running = migration.start(&["apply", "week-1/maps", "--approve", &digest, "-o", "json"]);
    running.says("created").await;
    proxy.set(Line::Cut);
    tokio::task::yield_now().await;
    proxy.set(Line::Open);
    Told::read(running.finish().await).expect(0);
    let list = place.api::<ConfigMap>().list(&ListParams::default()).await.unwrap().items;
    assert_eq!(list.iter().filter(|map| map.metadata.name.as_ref().unwrap().starts_with("map-")).count(), 60);
}

async fn a_connection_that_stays_away_stops_the_step(cluster: &Cluster) {
    let place = cluster.namespace("cut").await;
    let (proxy, migration, _folder) = through_a_line(cluster, place.name()).await;
    let digest = migration.plan("week-1/maps").await.expect(3).digest();
    let mut running = migration.start(&["apply", "week-1/maps", "--approve", &digest, "-o", "json"]);
    running.says("created").await;
    proxy.set(Line::Cut);
    let stopped = Told::read(running.finish().await).expect(6);
    assert!(stopped.problems().contains("it is not known whether it was written"), "{}", stopped.problems());
    assert!(stopped.problems().contains("check the network"), "{}", stopped.problems());
    let away = migration.told(&["resume", "week-1/maps"]).await.expect(1);
    let said = away.report["summary"].as_str().unwrap();
    assert!(said.contains(&proxy.address.to_string()) && said.contains("network"), "{said}");
    proxy.set(Line::Open);
    migration.told(&["resume", "week-1/maps"]).await.expect(0);
    let again = migration.plan("week-1/maps").await.expect(0);
    assert!(again.rows().len() == 60 && again.rows().iter().all(|row| row["change"] == "same"));
}

async fn a_second_driver_is_told_so(cluster: &Cluster) {
    let place = cluster.namespace("driver").await;
    let door = Door::closed().await;
    let migration = Migration::new(cluster, place.name(), &[("one", &door.gate())]);
    migration.write("one", &[config_map("one", json!({"a": "b"}))]);
    let digest = migration.plan("week-1/one").await.expect(3).digest();
    let running = migration.start(&["apply", "week-1/one", "--approve", &digest, "-o", "json"]);
    door.knocked().await;
    let journal = migration.journal();
    let refused = migration.told(&["apply", "week-1/one", "--approve", &digest]).await.expect(9);
    assert!(refused.report["summary"].as_str().unwrap().contains("another"), "{}", refused.output.stdout);
    // Looking on is always possible.
    migration.told(&["plan", "week-1/one", "--read-only"]).await.expect(0);
    assert_eq!(migration.journal(), journal);
    door.open();
    Told::read(running.finish().await).expect(0);
}
