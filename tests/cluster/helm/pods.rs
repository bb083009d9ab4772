//! Pods of a release that do not come to run, or have run and failed.

use libtest_mimic::Trial;
use serde_json::json;

use super::charts::{SETTINGS, VALUES, WEB, chart_of, migration_of, standing, write_chart};
use crate::support::objects::live;
use crate::support::{Cluster, kubectl, trial, wait_until};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("helm::a_quota_that_refuses_pods_is_named", a_quota_that_refuses_pods),
        trial("helm::what_a_failed_hook_has_logged_is_told", what_a_failed_hook_has_logged),
    ]
}

const STEP: &str = "deadline: 8s\nhelm: {chart: chart}";

async fn a_quota_that_refuses_pods(cluster: &Cluster) {
    let namespace = cluster.namespace("pod-quota").await;
    let migration = migration_of(cluster, namespace.name(), STEP);
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[SETTINGS, WEB]);
    let quota = json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "one"},
        "spec": {"hard": {"pods": "1"}}});
    namespace.apply(quota).await;
    wait_until("the quota counts", || async {
        let quota = live(&cluster.kubeconfig(), namespace.name(), "resourcequota/one").await;
        if quota["status"]["hard"]["pods"] == "1" { Ok(()) } else { Err(quota.to_string()) }
    })
    .await;
    let stopped = migration.apply("week-1/web").await.expect(6).problems();
    assert!(stopped.contains("Deployment/web-web") && stopped.contains("exceeded quota: one"), "{stopped}");
    assert_eq!(standing(cluster, namespace.name(), "web").await, ["deployed small-0.1.0"]);
    migration.rollback("week-1/web").await.expect(0);
    assert_eq!(standing(cluster, namespace.name(), "web").await, [""; 0]);
}

const MIGRATING: (&str, &str) = (
    "templates/job.yaml",
    "apiVersion: batch/v1\nkind: Job\nmetadata: {name: {{ .Release.Name }}-migrate, \
     annotations: {\"helm.sh/hook\": pre-install}}\nspec:\n  backoffLimit: 0\n  template:\n    \
     metadata: {annotations: {rehearsal.migrate-tui/fail: exit}}\n    \
     spec: {restartPolicy: Never, containers: [{name: main, image: registry.example/job:1}]}\n",
);

async fn what_a_failed_hook_has_logged(cluster: &Cluster) {
    let namespace = cluster.namespace("hook-log").await;
    let migration = migration_of(cluster, namespace.name(), "deadline: 1m\nhelm: {chart: chart}");
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[SETTINGS, MIGRATING]);
    let log = migration.folder().join("job.log");
    // As a container runtime keeps it.
    let lines = ["connecting to the database", "relation users already exists"]
        .map(|line| format!("2026-01-01T00:00:00.000000000Z stdout F {line}\n"));
    std::fs::write(&log, lines.concat()).unwrap();
    let logs = json!({
        "apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "ClusterLogs", "metadata": {"name": namespace.name()},
        "spec": {
            "selector": {"matchNamespaces": [namespace.name()]},
            "logs": [{"containers": ["main"], "logsFile": log, "follow": false}],
        },
    });
    let file = migration.folder().join("logs.json");
    std::fs::write(&file, logs.to_string()).unwrap();
    kubectl(&cluster.kubeconfig(), ["apply", "-f", file.to_str().unwrap()]).await.expect_success();

    let stopped = migration.apply("week-1/web").await.expect(6).problems();
    assert!(stopped.contains("the hook Job/web-migrate has failed"), "{stopped}");
    assert!(stopped.contains("already exists"), "what it logged: {stopped}");
    migration.rollback("week-1/web").await.expect(0);
    kubectl(&cluster.kubeconfig(), ["delete", "clusterlogs", namespace.name()]).await.expect_success();
}
