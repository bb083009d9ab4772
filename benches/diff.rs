//! How long it takes to see what 200 changed objects would come to, against `kubectl diff`.
//!
//! `cargo bench --bench diff` boots a rehearsal cluster, applies 200 objects, changes every one of them in
//! the rendering and compares both ways, three times each. `OBJECTS=50` changes the number.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark that cannot go on says so and ends"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use migrate_tui::cluster::{ConnectOptions, Connection, Inventory, Planner, PrepareRequest, prepare_apply};
use migrate_tui::diff::Change;
use migrate_tui::object::{Digester, Object};
use migrate_tui::plan::{Action, Confirmation, Environment, EnvironmentName, Step};
use migrate_tui::rehearsal::{BootOptions, boot, ensure_built};
use serde_json::{Value, json};

const NAMESPACE: &str = "default";

#[tokio::main]
async fn main() {
    let objects: usize = std::env::var("OBJECTS").ok().and_then(|text| text.parse().ok()).unwrap_or(200);
    let binary = ensure_built(|line| eprintln!("{line}")).await.unwrap();
    let rehearsal = boot(&binary, &BootOptions::default(), |line| eprintln!("{line}")).await.unwrap();
    let kubeconfig = rehearsal.kubeconfig_path();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, image: &str| {
        let path = folder.path().join(name);
        let list = json!({"apiVersion": "v1", "kind": "List", "items": stack(objects, image)});
        std::fs::write(&path, list.to_string()).unwrap();
        path
    };
    let before = write("before.json", "registry.example/main:1");
    let after = write("after.json", "registry.example/main:2");
    kubectl(&kubeconfig, &["apply", "--server-side", "--field-manager=migrate-tui", "-f"], &before);

    let (mut theirs, mut ours) = (Duration::MAX, Duration::MAX);
    for _ in 0..3 {
        let started = Instant::now();
        kubectl(&kubeconfig, &["diff", "--server-side", "--field-manager=migrate-tui", "-f"], &after);
        theirs = theirs.min(started.elapsed());
        let started = Instant::now();
        look(&kubeconfig, stack(objects, "registry.example/main:2")).await;
        ours = ours.min(started.elapsed());
    }
    println!(
        "{objects} changed objects: kubectl diff {:.2} s, ours {:.2} s, {:.1} times as fast",
        theirs.as_secs_f64(),
        ours.as_secs_f64(),
        theirs.as_secs_f64() / ours.as_secs_f64()
    );
    rehearsal.shut_down().await;
}

/// From opening the kubeconfig to the proposal, preflight included.
async fn look(kubeconfig: &Path, rendered: Vec<Value>) {
    let options = ConnectOptions { kubeconfig: Some(kubeconfig.to_owned()), ..ConnectOptions::default() };
    let connection = Connection::open(&options).await.unwrap();
    let environment = Environment {
        name: EnvironmentName("bench".to_owned()),
        namespace: NAMESPACE.to_owned(),
        context: None,
        confirmation: Confirmation::Button,
        variables: BTreeMap::new(),
    };
    let step = Step {
        path: "bench/diff".parse().unwrap(),
        title: String::new(),
        description: String::new(),
        action: Action::Manifests { paths: Vec::new() },
        gates: Vec::new(),
        deadline: Duration::from_mins(1),
        inventory: "bench".to_owned(),
        allow_replace: false,
        only_in: None,
        later: None,
    };
    let objects = rendered.len();
    let request = PrepareRequest {
        environment: &environment,
        step: &step,
        rendered: rendered.into_iter().map(Object).collect(),
        renderer: None,
        digester: &Digester::new([7; 32]),
        cluster: connection.identity(NAMESPACE).await.unwrap(),
        context: connection.context(),
        inventory: Inventory::default(),
    };
    let prepared = prepare_apply(&Planner::new(connection.clone()), &request).await.unwrap();
    let proposal = prepared.proposal;
    let changed = proposal.rows.iter().filter(|row| row.change == Change::Change && !row.fields.is_empty());
    assert_eq!(changed.count(), objects, "{:?} {:?}", proposal.problems, proposal.summary());
}

/// Half Deployments without pods of their own, half ConfigMaps.
fn stack(objects: usize, image: &str) -> Vec<Value> {
    (0..objects)
        .map(|number| {
            let metadata = json!({"name": format!("bench-{number}"), "namespace": NAMESPACE});
            if number % 2 == 0 {
                return json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"image": image}});
            }
            let labels = json!({"app": format!("bench-{number}")});
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {
                "replicas": 0, "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": {"containers": [{
                    "name": "main", "image": image, "ports": [{"containerPort": 80}],
                    "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}]}}}})
        })
        .collect()
}

/// Runs kubectl with a file; `diff` exits with 1 where there are differences.
fn kubectl(kubeconfig: &Path, arguments: &[&str], file: &Path) {
    let mut command = Command::new("kubectl");
    command.args(arguments).arg(file).env("KUBECONFIG", kubeconfig).stdout(Stdio::null());
    let code = command.status().unwrap().code();
    assert!(matches!(code, Some(0 | 1)), "{command:?}: {code:?}");
}
