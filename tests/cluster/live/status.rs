use libtest_mimic::Trial;
use migrate_tui::rehearsal::Identity;
use serde_json::{Value, json};

use super::connection;
use crate::support::{Cluster, Home, Namespace, trial, wait_until};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("live::status_needs_reading_rights_only", status_needs_reading_rights_only),
        trial("live::status_has_a_code_for_what_is_broken", status_of_what_is_broken),
    ]
}

/// A home of the viewer with a plan of one step in the namespace.
fn home(cluster: &Cluster, namespace: &Namespace) -> Home {
    let home = Home::new(cluster.kubeconfig_for(Identity::Viewer));
    let plan = format!(
        "name: small\ntitle: One step\nenvironments:\n  - {{name: here, namespace: {}, confirm: button}}\n\
         stages:\n  - id: week-1\n    title: Week 1\n    steps:\n      - id: look\n        title: Look\n        manual: {{instructions: [look]}}\n",
        namespace.name()
    );
    std::fs::write(home.path().join("plan.yaml"), plan).unwrap();
    home
}

async fn status(home: &Home) -> (i32, Value) {
    let mut command = home.command(["status", "-o", "json"]);
    let output = command.current_dir(home.path()).output().await.unwrap();
    let json = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code().unwrap(), json)
}

async fn status_needs_reading_rights_only(cluster: &Cluster) {
    let namespace = cluster.namespace("status").await;
    let home = home(cluster, &namespace);
    namespace.deployment("gateway", 2, json!({})).await;
    let json = wait_until("two ready pods and an open step", || async {
        match status(&home).await {
            (10, json) if json["live"]["pods"]["ready"] == 2 => Ok(json),
            (code, json) => Err(format!("{code}: {json:#}")),
        }
    })
    .await;
    assert_eq!(json["live"]["workloads"]["rows"][0]["kind"], "Deployment");
    assert_eq!(json["live"]["simulated"], true);
    assert_eq!(json["journal"]["sequence"], 0);
    assert!(!home.state().join("migrate-tui/runs").exists(), "a look begins no run");
    let viewer = connection(cluster, Identity::Viewer).await;
    assert_eq!(json["cluster"]["context"], viewer.context());
}

async fn status_of_what_is_broken(cluster: &Cluster) {
    let namespace = cluster.namespace("status").await;
    let home = home(cluster, &namespace);
    namespace.deployment("gateway", 1, json!({"rehearsal.migrate-tui/fail": "image-pull"})).await;
    wait_until("the broken pod", || async {
        let (code, json) = status(&home).await;
        let problem = json["live"]["pods"]["notReady"][0]["problem"].as_str().unwrap_or_default();
        if code == 11 && problem.contains("cannot get image") {
            Ok(())
        } else {
            Err(format!("{code}: {json:#}"))
        }
    })
    .await;
}
