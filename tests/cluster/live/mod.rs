//! Live state against a real API server: watches, waiting, gates.

mod gates;
mod services;
mod status;
mod waiting;
mod watches;

use libtest_mimic::Trial;
use migrate_tui::cluster::watch::{WatchOptions, Watches, spawn};
use migrate_tui::cluster::{ConnectOptions, Connection};
use migrate_tui::observed::{Observation, Observed};
use migrate_tui::rehearsal::Identity;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::{Duration, timeout};
use tokio_util::sync::CancellationToken;

use crate::support::{Cluster, Namespace};

/// How long anything expected may take to be seen: an autoscaler's first percentage takes half a minute.
const LIMIT: Duration = Duration::from_secs(90);

pub fn trials() -> Vec<Trial> {
    [watches::trials(), waiting::trials(), gates::trials(), services::trials(), status::trials()]
        .into_iter()
        .flatten()
        .collect()
}

async fn connection(cluster: &Cluster, identity: Identity) -> Connection {
    let options = ConnectOptions {
        kubeconfig: Some(cluster.kubeconfig()),
        context: Some(identity.context().to_owned()),
        impersonate: None,
    };
    Connection::open(&options).await.unwrap()
}

/// Running watches, and what they have told so far.
struct Watching {
    observed: Observed,
    batches: mpsc::Receiver<Vec<Observation>>,
    watches: Watches,
}

impl Watching {
    fn start(connection: Connection, namespace: &Namespace) -> Self {
        Self::with(WatchOptions { connection, namespace: namespace.name().to_owned(), pinned: None })
    }

    fn with(options: WatchOptions) -> Self {
        let (sender, batches) = mpsc::channel(4);
        let watches = spawn(options, sender, &CancellationToken::new());
        Self { observed: Observed::default(), batches, watches }
    }

    /// Takes news in until what is expected is seen.
    async fn until(&mut self, what: &str, is_seen: impl Fn(&Observed) -> bool) {
        let waited = timeout(LIMIT, async {
            while !is_seen(&self.observed) {
                let batch = self.batches.recv().await.expect("the watches run");
                self.observed.fold_all(batch);
            }
        });
        let is_in_time = waited.await.is_ok();
        assert!(is_in_time, "waited {} s for {what}; observed: {:#?}", LIMIT.as_secs(), self.observed);
    }
}

/// An autoscaler of a Deployment on CPU.
fn autoscaler(name: &str) -> Value {
    json!({
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": name},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
            "minReplicas": 2,
            "maxReplicas": 4,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu",
                "target": {"type": "Utilization", "averageUtilization": 70}}}],
        },
    })
}

fn ingress(name: &str) -> Value {
    json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": name},
        "spec": {
            "ingressClassName": "nginx",
            "rules": [{"host": "app.example.com", "http": {"paths": [{"path": "/", "pathType": "Prefix",
                "backend": {"service": {"name": name, "port": {"number": 80}}}}]}}],
        },
    })
}
