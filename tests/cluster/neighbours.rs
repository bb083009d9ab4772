//! Two plans in one namespace, with the same step ids: neither may touch what is the other's.

use std::fs;

use libtest_mimic::Trial;
use serde_json::json;

use crate::support::objects::config_map;
use crate::support::{Cluster, Migration, kubectl, trial};

pub fn trials() -> Vec<Trial> {
    vec![trial("neighbours::a_prune_leaves_the_other_plan_alone", a_prune_leaves_the_other_plan_alone)]
}

async fn a_prune_leaves_the_other_plan_alone(cluster: &Cluster) {
    let namespace = cluster.namespace("neighbours").await;
    let plan = |name: &str| {
        let migration = Migration::new(cluster, namespace.name(), &[("one", "")]);
        let text = fs::read_to_string(migration.plan_file()).unwrap();
        fs::write(migration.plan_file(), text.replacen("name: trial", &format!("name: {name}"), 1)).unwrap();
        migration
    };
    let (mine, theirs) = (plan("mine"), plan("theirs"));
    theirs.write("one", &[config_map("theirs", json!({"a": "1"}))]);
    theirs.apply("week-1").await.expect(0);
    mine.write("one", &[config_map("mine", json!({"a": "1"})), config_map("dropped", json!({"a": "1"}))]);
    mine.apply("week-1").await.expect(0);

    mine.write("one", &[config_map("mine", json!({"a": "1"}))]);
    let shown = mine.told(&["plan", "week-1/one"]).await.expect(0);
    assert!(shown.output.stdout.contains("no longer rendered"), "{}", shown.output.stdout);
    let pruned = mine.approved("prune", "week-1/one").await.expect(0);
    assert_eq!(pruned.changes(), ["delete ConfigMap/dropped"]);
    let kubeconfig = cluster.kubeconfig();
    let names = ["get", "configmap/mine", "configmap/theirs", "-n", namespace.name(), "-o", "name"];
    let left = kubectl(&kubeconfig, names).await.expect_success();
    assert_eq!(left.lines().count(), 2);
}
