//! A gate that cannot hold here, taken on the operator's word: an Ingress on bare metal, which nobody gives
//! an address.

use libtest_mimic::Trial;
use serde_json::json;

use crate::support::{Cluster, Migration, trial};

pub fn trials() -> Vec<Trial> {
    vec![trial("by_hand::an_ingress_without_an_address_is_no_dead_end", without_an_address)]
}

const WORD: &str = "reached by the nodes' 192.0.2.7, seen with curl";

async fn without_an_address(cluster: &Cluster) {
    let namespace = cluster.namespace("by-hand").await;
    let gates = "deadline: 5s\ngates:\n  - ingress_address: app";
    let migration = Migration::new(cluster, namespace.name(), &[("web", gates)]);
    let backend = json!({"service": {"name": "web", "port": {"number": 80}}});
    let paths = json!([{"path": "/", "pathType": "Prefix", "backend": backend}]);
    migration.write(
        "web",
        &[json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
            "metadata": {"name": "app", "annotations": {"rehearsal.migrate-tui/fail": "no-address"}},
            "spec": {"ingressClassName": "nginx", "rules": [{"host": "app.example.test", "http": {"paths": paths}}]},
        })],
    );
    let tick = ["tick", "week-1/web", "--note", WORD];
    let early = migration.told(&tick).await.expect(5);
    assert!(early.output.stdout.contains("apply it"), "{}", early.output.stdout);

    let stopped = migration.apply("week-1/web").await.expect(6);
    let problems = stopped.problems();
    assert!(problems.contains("bare metal") && problems.contains("tick the step with a note"), "{problems}");
    let noteless = migration.told(&["tick", "week-1/web"]).await.expect(1);
    assert!(noteless.output.stdout.contains("a note is required"), "{}", noteless.output.stdout);

    let taken = migration.told(&tick).await.expect(0);
    assert_eq!(taken.report["steps"][0]["standing"], "done");
    assert!(taken.output.stderr.contains(&format!("by hand: {WORD}")), "{}", taken.output.stderr);
    assert!(taken.output.stderr.contains("no address yet"), "{}", taken.output.stderr);
    let journal = migration.journal();
    let entry = journal.iter().find(|entry| entry["event"]["type"] == "taken-by-hand").unwrap();
    assert_eq!(entry["event"]["note"], WORD);
    assert!(entry["author"]["user"].is_string());
    // The cluster goes on being what it is.
    let verified = migration.told(&["verify", "week-1/web"]).await.expect(6);
    assert!(verified.problems().contains("no address yet"), "{}", verified.problems());
    migration.rollback("week-1/web").await.expect(0);
}
