use std::time::{Duration, Instant};

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{DeleteParams, ListParams};
use libtest_mimic::Trial;
use migrate_tui::cluster::watch::{WatchOptions, gather};
use migrate_tui::cluster::{Connection, Reader};
use migrate_tui::observed::{Freshness, Observed};
use migrate_tui::rehearsal::Identity;
use serde_json::json;

use super::{Watching, autoscaler, connection, ingress};
use crate::support::proxy::{Line, Proxy};
use crate::support::{Cluster, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("live::pods_and_workloads_come_and_go", pods_and_workloads_come_and_go),
        trial("live::autoscalers_and_ingresses_are_shown", autoscalers_and_ingresses_are_shown),
        trial("live::a_kind_that_may_not_be_read_is_a_line_in_its_pane", a_forbidden_kind),
        trial("live::a_cut_line_is_stale_then_live_with_everything_anew", a_cut_line),
        trial("live::a_silent_line_is_noticed_within_seconds", a_silent_line),
        trial("live::another_cluster_is_not_read_from", another_cluster),
        trial("live::one_look_shows_what_the_watches_show", one_look),
    ]
}

fn all_ready(observed: &Observed, pods: usize) -> bool {
    let counts = observed.pod_counts();
    counts.ready == pods && counts.total == pods
}

fn is_stale(freshness: &Freshness) -> bool {
    matches!(freshness, Freshness::Stale { .. })
}

async fn pods_and_workloads_come_and_go(cluster: &Cluster) {
    let namespace = cluster.namespace("live").await;
    let mut watching = Watching::start(connection(cluster, Identity::Admin).await, &namespace);
    watching.until("live panes", |seen| seen.pods.freshness == Freshness::Live).await;
    namespace.deployment("gateway", 3, json!({})).await;
    watching
        .until("three ready pods of a ready deployment", |seen| {
            all_ready(seen, 3)
                && seen.workloads.rows.values().any(|row| row.ready == 3 && row.problem.is_none())
        })
        .await;
    let pod = watching.observed.pods.rows.values().next().unwrap();
    assert_eq!(pod.status, "Running");
    assert!(pod.node.is_some() && pod.owner.as_ref().is_some_and(|owner| owner.starts_with("gateway-")));
    watching.until("the badge", |seen| seen.simulated).await;
    namespace.api::<Deployment>().delete("gateway", &DeleteParams::default()).await.unwrap();
    watching
        .until("an empty namespace", |seen| seen.pods.rows.is_empty() && seen.workloads.rows.is_empty())
        .await;
    watching.watches.shut_down().await;
}

async fn autoscalers_and_ingresses_are_shown(cluster: &Cluster) {
    let namespace = cluster.namespace("live").await;
    let mut watching = Watching::start(connection(cluster, Identity::Viewer).await, &namespace);
    namespace.deployment("gateway", 2, json!({})).await;
    namespace.apply(autoscaler("gateway")).await;
    namespace.apply(ingress("app")).await;
    watching
        .until("an address and a percentage", |seen| {
            seen.ingresses.rows.values().any(|row| !row.addresses.is_empty())
                && seen.autoscalers.rows.values().any(|row| {
                    row.problem.is_none()
                        && row.metrics.iter().all(|metric| {
                            metric.current.as_ref().is_some_and(|current| current.ends_with('%'))
                        })
                })
        })
        .await;
    let row = watching.observed.autoscalers.rows.values().next().unwrap();
    assert_eq!((row.target.as_str(), row.minimum, row.maximum), ("Deployment/gateway", 2, 4));
}

async fn a_forbidden_kind(cluster: &Cluster) {
    let namespace = cluster.namespace("live").await;
    namespace
        .apply(
            json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "pods"},
            "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]}]}),
        )
        .await;
    namespace
        .apply(json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "pods"},
            "subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "developer"}],
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "pods"}}))
        .await;
    namespace.deployment("gateway", 1, json!({})).await;
    let mut watching = Watching::start(connection(cluster, Identity::Developer).await, &namespace);
    watching
        .until("pods, and a refusal of the rest", |seen| {
            all_ready(seen, 1)
                && matches!(&seen.workloads.freshness, Freshness::Forbidden { message } if message.contains("developer"))
                && matches!(seen.ingresses.freshness, Freshness::Forbidden { .. })
        })
        .await;
    assert_eq!(watching.observed.pods.freshness, Freshness::Live);
}

/// A connection through a proxy.
async fn through_proxy(cluster: &Cluster) -> (Proxy, Connection) {
    let direct = connection(cluster, Identity::Admin).await;
    let url = direct.config().cluster_url.clone();
    let proxy = Proxy::to(format!("{}:{}", url.host().unwrap(), url.port_u16().unwrap())).await;
    let mut config = direct.config().clone();
    config.cluster_url = format!("https://{}", proxy.address).parse().unwrap();
    (proxy, Connection::from_config(config, "through a proxy".to_owned()).unwrap())
}

async fn a_cut_line(cluster: &Cluster) {
    let namespace = cluster.namespace("live").await;
    let (proxy, connection) = through_proxy(cluster).await;
    namespace.deployment("gateway", 2, json!({})).await;
    let mut watching = Watching::start(connection, &namespace);
    watching.until("ready pods", |seen| all_ready(seen, 2)).await;
    let before: Vec<String> = watching.observed.pods.rows.keys().map(|name| name.name.clone()).collect();

    let cut = Instant::now();
    proxy.set(Line::Cut);
    watching
        .until("stale panes", |seen| is_stale(&seen.pods.freshness) && is_stale(&seen.ingresses.freshness))
        .await;
    assert!(cut.elapsed() < Duration::from_secs(10), "noticed after {:?}", cut.elapsed());
    assert_eq!(watching.observed.pods.rows.len(), 2, "what was known stays, marked stale");

    // What goes while nobody listens must not be there afterwards.
    namespace.api::<Pod>().delete_collection(&DeleteParams::default(), &ListParams::default()).await.unwrap();
    proxy.set(Line::Open);
    watching
        .until("live panes with other pods", |seen| {
            seen.pods.freshness == Freshness::Live
                && seen.ingresses.freshness == Freshness::Live
                && all_ready(seen, 2)
                && seen.pods.rows.keys().all(|name| !before.contains(&name.name))
        })
        .await;
}

async fn a_silent_line(cluster: &Cluster) {
    let namespace = cluster.namespace("live").await;
    let (proxy, connection) = through_proxy(cluster).await;
    let mut watching = Watching::start(connection, &namespace);
    watching.until("live panes", |seen| seen.pods.freshness == Freshness::Live).await;
    let silent = Instant::now();
    proxy.set(Line::Silent);
    watching.until("stale panes", |seen| is_stale(&seen.pods.freshness)).await;
    assert!(silent.elapsed() < Duration::from_secs(15), "noticed after {:?}", silent.elapsed());
    namespace.deployment("gateway", 1, json!({})).await;
    proxy.set(Line::Open);
    watching
        .until("live panes with a new pod", |seen| {
            seen.pods.freshness == Freshness::Live && all_ready(seen, 1)
        })
        .await;
}

async fn another_cluster(cluster: &Cluster) {
    let namespace = cluster.namespace("live").await;
    let connection = connection(cluster, Identity::Admin).await;
    let mut pinned = connection.identity(namespace.name()).await.unwrap();
    "00000000-0000-0000-0000-000000000000".clone_into(&mut pinned.uid);
    let options = WatchOptions { connection, namespace: namespace.name().to_owned(), pinned: Some(pinned) };
    let mut watching = Watching::with(options);
    watching
        .until("a refusal to read", |seen| {
            matches!(&seen.pods.freshness, Freshness::Stale { reason, .. } if reason.contains("another cluster"))
        })
        .await;
    assert!(watching.observed.pods.rows.is_empty());
}

async fn one_look(cluster: &Cluster) {
    let namespace = cluster.namespace("live").await;
    namespace.deployment("gateway", 2, json!({})).await;
    let connection = connection(cluster, Identity::Viewer).await;
    let mut watching = Watching::start(connection.clone(), &namespace);
    watching.until("ready pods", |seen| all_ready(seen, 2) && seen.simulated).await;
    let looked = gather(&Reader::new(connection), namespace.name()).await;
    assert_eq!(looked.pods, watching.observed.pods);
    assert!(looked.simulated);
    assert_eq!(looked.workloads.rows.len(), 1);
}
