//! How long until the panes of a namespace with thousands of pods are live, and what they hold then.
//!
//! `cargo bench --bench watch` boots a rehearsal cluster, fills a namespace with 5,000 pods and watches
//! it twice, each time in a process of its own: as the cockpit does, and with a plain client and
//! Kubernetes' full types, which is what the figures are to be compared with. `PODS=200` changes the
//! number.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark that cannot go on says so and ends"
)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use k8s_openapi::api::core::v1::{Namespace, Pod};
use kube::api::{Api, ListParams, ObjectMeta, PostParams};
use kube::runtime::watcher;
use migrate_tui::cluster::watch::{WatchOptions, spawn};
use migrate_tui::cluster::{ConnectOptions, Connection};
use migrate_tui::observed::{Freshness, Observed};
use migrate_tui::rehearsal::{BootOptions, boot, ensure_built};
use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

const NAMESPACE: &str = "many";

#[tokio::main]
async fn main() {
    // cargo adds `--bench`.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|one| one != "--bench").collect();
    match arguments.as_slice() {
        [what, kubeconfig] if what == "cockpit" => cockpit(kubeconfig.into()).await,
        [what, kubeconfig] if what == "plain" => plain(kubeconfig.into()).await,
        _ => compare().await,
    }
}

async fn compare() {
    let pods: usize = std::env::var("PODS").ok().and_then(|text| text.parse().ok()).unwrap_or(5000);
    let binary = ensure_built(|line| eprintln!("{line}")).await.unwrap();
    let rehearsal = boot(&binary, &BootOptions::default(), |line| eprintln!("{line}")).await.unwrap();
    let kubeconfig = rehearsal.kubeconfig_path();
    let bytes = fill(&kubeconfig, pods).await;
    println!("{pods} pods, {:.1} MB as JSON", megabytes(bytes));
    for what in ["plain", "cockpit", "plain", "cockpit"] {
        let me = std::env::current_exe().unwrap();
        let output = Command::new(me).arg(what).arg(&kubeconfig).output().unwrap();
        print!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    }
    rehearsal.shut_down().await;
}

/// Creates the pods, held back by a scheduling gate so that nothing but the watch has work with them,
/// and as large as running ones are. The size of their list.
async fn fill(kubeconfig: &Path, pods: usize) -> usize {
    let client = connection(kubeconfig).await.client();
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let metadata = ObjectMeta { name: Some(NAMESPACE.into()), ..ObjectMeta::default() };
    let namespace = Namespace { metadata, ..Namespace::default() };
    namespaces.create(&PostParams::default(), &namespace).await.unwrap();
    let accounts: Api<k8s_openapi::api::core::v1::ServiceAccount> =
        Api::namespaced(client.clone(), NAMESPACE);
    while accounts.get_opt("default").await.unwrap().is_none() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let api: Api<Pod> = Api::namespaced(client, NAMESPACE);
    let created = stream::iter(0..pods).map(|number| {
        let api = api.clone();
        async move {
            let pod: Pod = serde_json::from_value(json!({
                "metadata": {"name": format!("pod-{number}"), "annotations": {"padding": "x".repeat(2500)}},
                "spec": {"schedulingGates": [{"name": "example.com/held"}],
                    "containers": [{"name": "main", "image": "registry.example/main:1"}]},
            }))
            .unwrap();
            api.create(&PostParams::default(), &pod).await.unwrap();
        }
    });
    created.buffer_unordered(32).collect::<Vec<()>>().await;
    let first = api.list(&ListParams::default().limit(50)).await.unwrap();
    serde_json::to_vec(&first.items).unwrap().len() / first.items.len() * pods
}

/// As the cockpit watches: every kind, folded into rows.
async fn cockpit(kubeconfig: PathBuf) {
    let connection = connection(&kubeconfig).await;
    let begun = Begun::now();
    let options = WatchOptions { connection, namespace: NAMESPACE.into(), pinned: None };
    let (sender, mut batches) = mpsc::channel(4);
    let watches = spawn(options, sender, &CancellationToken::new());
    let mut observed = Observed::default();
    while observed.pods.freshness != Freshness::Live {
        observed.fold_all(batches.recv().await.unwrap());
    }
    begun.tell("cockpit (all kinds, rows)", observed.pods.rows.len());
    watches.shut_down().await;
}

/// A plain watcher with full types, kept in a list.
async fn plain(kubeconfig: PathBuf) {
    let client = connection(&kubeconfig).await.client();
    let begun = Begun::now();
    let api: Api<Pod> = Api::namespaced(client, NAMESPACE);
    let mut events = watcher(api, watcher::Config::default()).boxed();
    let mut pods = Vec::new();
    loop {
        match events.next().await.unwrap().unwrap() {
            watcher::Event::InitApply(pod) => pods.push(pod),
            watcher::Event::InitDone => break,
            _ => {}
        }
    }
    begun.tell("plain (pods only, full types)", pods.len());
}

async fn connection(kubeconfig: &Path) -> Connection {
    let options = ConnectOptions { kubeconfig: Some(kubeconfig.to_owned()), ..ConnectOptions::default() };
    Connection::open(&options).await.unwrap()
}

/// When a measurement began.
struct Begun {
    at: Instant,
    cpu: Duration,
    memory: usize,
}

impl Begun {
    fn now() -> Self {
        Self { at: Instant::now(), cpu: cpu(), memory: memory() }
    }

    fn tell(&self, what: &str, count: usize) {
        println!(
            "{what}: {count} pods after {:.2} s, {:.2} s of CPU, {:.1} MB more memory",
            self.at.elapsed().as_secs_f64(),
            cpu().saturating_sub(self.cpu).as_secs_f64(),
            megabytes(memory().saturating_sub(self.memory)),
        );
    }
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

/// CPU time of this process so far (`proc(5)`, in ticks of 10 ms).
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// Resident memory of this process.
fn memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kibibytes =
        line.and_then(|line| line.split_whitespace().nth(1)).and_then(|text| text.parse::<usize>().ok());
    kibibytes.unwrap_or_default() * 1024
}
