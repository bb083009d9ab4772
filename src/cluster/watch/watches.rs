//! Starts and ends the watches of one namespace.

use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::{
    is_simulated,
    issuance_kinds::{Certificate, CertificateRequest, Challenge, Order},
    kinds::{Autoscaler, DaemonSet, Deployment, Ingress, Pod, StatefulSet},
    line::{self, Line},
    outlet,
    supervisor::Supervisor,
};
use crate::{
    cluster::{Connection, Reader},
    diff::ClusterIdentity,
    observed::Observation,
};

/// What is watched.
#[derive(Clone)]
pub struct WatchOptions {
    /// The cluster.
    pub connection: Connection,
    /// The environment's namespace; it need not be there yet.
    pub namespace: String,
    /// The cluster that it must be; `None` takes the first one met. Another one, after an outage, is
    /// not read from.
    pub pinned: Option<ClusterIdentity>,
}

/// The running watches. They end when this is dropped.
pub struct Watches {
    cancellation: CancellationToken,
    tasks: JoinSet<()>,
}

impl Watches {
    /// Does something besides, for as long as is watched.
    pub fn also(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(work);
    }

    /// Ends the watches and waits until they have ended.
    pub async fn shut_down(mut self) {
        self.cancellation.cancel();
        self.tasks.shutdown().await;
    }
}

/// Starts a supervisor for each kind, their heartbeat and their outlet. News arrives at `sender` in
/// batches, coalesced by object; a full channel delays them and loses nothing. Cancelling
/// `cancellation` ends everything.
pub fn spawn(
    options: WatchOptions,
    sender: mpsc::Sender<Vec<Observation>>,
    cancellation: &CancellationToken,
) -> Watches {
    let WatchOptions { connection, namespace, pinned } = options;
    let cancellation = cancellation.child_token();
    let mut tasks = JoinSet::new();
    let (line_sender, line) = watch::channel(Line::Unknown);
    let (outlet, news) = mpsc::channel(64);
    let supervisor = || Supervisor {
        client: connection.client(),
        namespace: namespace.clone(),
        outlet: outlet.clone(),
        line: line.clone(),
    };
    // The pods first: their pane is the largest and the one looked at.
    tasks.spawn(supervisor().run::<Pod>());
    tasks.spawn(supervisor().run::<Deployment>());
    tasks.spawn(supervisor().run::<Autoscaler>());
    tasks.spawn(supervisor().run::<Ingress>());
    tasks.spawn(supervisor().run::<StatefulSet>());
    tasks.spawn(supervisor().run::<DaemonSet>());
    tasks.spawn(supervisor().run::<Certificate>());
    tasks.spawn(supervisor().run::<CertificateRequest>());
    tasks.spawn(supervisor().run::<Order>());
    tasks.spawn(supervisor().run::<Challenge>());
    tasks.spawn(tell_simulated(Reader::new(connection.clone()), namespace.clone(), outlet, line));
    tasks.spawn(line::beat(connection, namespace, pinned, line_sender, cancellation.clone()));
    tasks.spawn(outlet::run(news, sender, cancellation.clone()));
    Watches { cancellation, tasks }
}

/// Asks whether pods are simulated, each time that the line comes up.
async fn tell_simulated(
    reader: Reader,
    namespace: String,
    outlet: mpsc::Sender<Vec<Observation>>,
    mut line: watch::Receiver<Line>,
) {
    loop {
        if line.wait_for(|line| matches!(line, Line::Up(_))).await.is_err() {
            return;
        }
        line.mark_unchanged();
        if let Ok(simulated) = is_simulated(&reader, &namespace).await
            && outlet.send(vec![Observation::Simulated(simulated)]).await.is_err()
        {
            return;
        }
        if line.changed().await.is_err() {
            return;
        }
    }
}
