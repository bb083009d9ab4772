use std::time::Duration;

use libtest_mimic::Trial;
use migrate_tui::cluster::Reader;
use migrate_tui::gate::{GateAnswer, GateKeeper, wait};
use migrate_tui::plan::{CertificateWanted, Gate, Target, WorkflowGate};
use migrate_tui::rehearsal::Identity;
use serde_json::json;

use super::{autoscaler, connection, ingress};
use crate::support::{Cluster, kubectl, trial, wait_until};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("live::gates_hold_when_what_they_name_holds", gates_hold),
        trial("live::gates_say_why_they_do_not_hold", gates_do_not_hold),
    ]
}

fn deployment() -> Target {
    Target {
        api_version: "apps/v1".into(),
        kind: "Deployment".into(),
        name: "gateway".into(),
        namespace: None,
    }
}

fn condition(status: &str) -> Gate {
    Gate::Condition { target: deployment(), condition: "Available".into(), status: status.into() }
}

async fn gates_hold(cluster: &Cluster) {
    let namespace = cluster.namespace("gate").await;
    namespace.deployment("gateway", 2, json!({})).await;
    namespace.apply(autoscaler("gateway")).await;
    namespace.apply(ingress("app")).await;
    let reader = Reader::new(connection(cluster, Identity::Viewer).await);
    let keeper = GateKeeper::new(reader, namespace.name()).await;
    for (gate, detail) in [
        (Gate::Rollout(deployment()), "2 of 2"),
        (condition("True"), "Available=True"),
        (Gate::IngressAddress { name: "app".into() }, "address "),
        (Gate::Autoscaler { name: "gateway".into() }, "%/70%"),
        // A forge is outside of a rehearsal.
        (Gate::Workflow(WorkflowGate::default()), "not asked"),
    ] {
        let pass = wait(&keeper, &gate, Duration::from_secs(90), |_| {}).await.unwrap();
        assert!(pass.detail.contains(detail), "{gate}: {pass:?}");
        assert!(pass.simulated, "{gate}: it proves nothing here");
    }

    // Whoever may read nothing but the namespace is told as well that its pods are simulated.
    let bound = ["-n", namespace.name(), "create", "rolebinding", "reads", "--clusterrole=view"];
    let bound = [&bound[..], &["--user=developer"]].concat();
    kubectl(&cluster.kubeconfig(), bound).await.expect_success();
    let reader = Reader::new(connection(cluster, Identity::Developer).await);
    wait_until("the rights of the developer", || async {
        let keeper = GateKeeper::new(reader.clone(), namespace.name()).await;
        match keeper.ask(&Gate::Rollout(deployment())).await {
            GateAnswer::Passed { simulated: true, .. } => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
}

async fn gates_do_not_hold(cluster: &Cluster) {
    let namespace = cluster.namespace("gate").await;
    let reader = Reader::new(connection(cluster, Identity::Viewer).await);
    let keeper = GateKeeper::new(reader, namespace.name()).await;
    let absent = keeper.ask(&Gate::Rollout(deployment())).await;
    assert!(matches!(&absent, GateAnswer::NotYet { reason } if reason.contains("not there")), "{absent:?}");
    let no_certificate = keeper
        .ask(&Gate::Certificate(CertificateWanted { name: "web-tls".into(), ..CertificateWanted::default() }))
        .await;
    assert!(
        matches!(&no_certificate, GateAnswer::NotYet { reason } if reason.contains("cert-manager")),
        "{no_certificate:?}"
    );
    let fails = json!({"rehearsal.migrate-tui/fail": "crash-loop"});
    namespace.deployment("gateway", 1, fails).await;
    let problem = wait(&keeper, &condition("True"), Duration::from_secs(2), |_| {}).await.unwrap_err();
    assert!(problem.reason.contains("did not hold within 2 s"), "{problem}");

    let developer = Reader::new(connection(cluster, Identity::Developer).await);
    let keeper = GateKeeper::new(developer, namespace.name()).await;
    let refused = keeper.ask(&Gate::Rollout(deployment())).await;
    let GateAnswer::Failed { problem } = refused else { panic!("{refused:?}") };
    assert!(problem.reason.contains("developer"), "{problem}");
}
