//! The cluster that the trials share, and clients to it.

use std::path::PathBuf;

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use migrate_tui::rehearsal::{BootOptions, Identity, Rehearsal, Services, boot, ensure_built};
use tokio::sync::Mutex;

use super::Namespace;

pub struct Cluster {
    // Taken out at the end: statics are not dropped, and the folder is to be removed.
    rehearsal: Mutex<Option<Rehearsal>>,
    kubeconfig: PathBuf,
    audit_log: PathBuf,
    folder: PathBuf,
    /// The cached binary, for trials that boot a cluster of their own.
    pub binary: PathBuf,
    /// What there is beside the cluster.
    pub services: Services,
    clients: [Client; 3],
}

impl Cluster {
    /// Builds and boots it; the reason why not is for people.
    pub async fn boot() -> Result<Self, String> {
        let progress = |progress| eprintln!("{progress}");
        let binary = ensure_built(progress).await.map_err(|error| in_full(&error))?;
        let options = BootOptions::default();
        let rehearsal = boot(&binary, &options, progress).await.map_err(|error| in_full(&error))?;
        let kubeconfig = rehearsal.kubeconfig_path();
        let mut clients = Vec::new();
        for identity in Identity::ALL {
            clients.push(client(&kubeconfig, identity).await?);
        }
        Ok(Self {
            kubeconfig,
            audit_log: rehearsal.folder().audit_log_path(),
            folder: rehearsal.folder().path().to_owned(),
            binary,
            services: rehearsal.services().clone(),
            clients: clients.try_into().map_err(|_| "three identities")?,
            rehearsal: Mutex::new(Some(rehearsal)),
        })
    }

    /// A client that may do everything.
    pub fn client(&self) -> Client {
        self.client_for(Identity::Admin)
    }

    /// A client of one of the cluster's identities.
    pub fn client_for(&self, identity: Identity) -> Client {
        let index = Identity::ALL.iter().position(|one| *one == identity).unwrap();
        self.clients[index].clone()
    }

    /// A kubeconfig that may do everything; `Identity::context` names its other contexts.
    pub fn kubeconfig(&self) -> PathBuf {
        self.kubeconfig.clone()
    }

    /// A kubeconfig in which one identity is the current, and but for the administrator the only one.
    pub fn kubeconfig_for(&self, identity: Identity) -> PathBuf {
        match identity {
            Identity::Admin => self.kubeconfig(),
            other => self.folder.join(format!("{}.kubeconfig", other.user())),
        }
    }

    /// Host and port of the API server.
    pub fn address(&self) -> String {
        let text = std::fs::read_to_string(&self.kubeconfig).unwrap();
        text.split("https://").nth(1).unwrap().split(['"', '\n', '/']).next().unwrap().to_owned()
    }

    /// The text of a kubeconfig in which the API server is somewhere else.
    pub fn kubeconfig_at(&self, address: &str) -> String {
        std::fs::read_to_string(&self.kubeconfig).unwrap().replace(&self.address(), address)
    }

    /// The API server's audit log so far, an event a line.
    pub fn audit_events(&self) -> Vec<serde_json::Value> {
        let text = std::fs::read_to_string(&self.audit_log).unwrap_or_default();
        // The last line may be half written.
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// A new namespace, deleted when the value is dropped.
    pub async fn namespace(&self, prefix: &str) -> Namespace {
        Namespace::create(self.client(), prefix).await
    }

    pub async fn shut_down(&self) {
        if let Some(rehearsal) = self.rehearsal.lock().await.take() {
            rehearsal.shut_down().await;
        }
    }

    /// The folder of this cluster's run.
    pub fn run_folder(&self) -> &std::path::Path {
        &self.folder
    }
}

async fn client(kubeconfig: &std::path::Path, identity: Identity) -> Result<Client, String> {
    let options = KubeConfigOptions { context: Some(identity.context().to_owned()), ..Default::default() };
    let kubeconfig = Kubeconfig::read_from(kubeconfig).map_err(|error| error.to_string())?;
    let mut config =
        Config::from_custom_kubeconfig(kubeconfig, &options).await.map_err(|error| error.to_string())?;
    config.default_retry = false;
    Client::try_from(config).map_err(|error| error.to_string())
}

fn in_full(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
