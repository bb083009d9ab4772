//! Boots the rehearsal cluster: the order in which its parts start, and what "ready" means.

use std::path::{Path, PathBuf};
use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

use super::error::BootError;
use super::flags::Flags;
use super::folder::RunFolder;
use super::parts::Parts;
use super::pki::Pki;
use super::ports::{Ports, ServicePorts};
use super::progress::{Progress, Reporter};
use super::running::Rehearsal;
use super::services::{ACME_NAMES, Services};
use super::{cache, kubeconfig, manifests, ready};

const CALL_LIMIT: Duration = Duration::from_secs(10);
const TRIES: u32 = 3;

/// How the cluster is to be.
#[derive(Clone, Debug)]
pub struct BootOptions {
    /// The folder in which the run's own folder is made; none is the user's cache folder.
    pub runs: Option<PathBuf>,
    /// The run's name; none is one that nobody else has.
    pub name: Option<String>,
    /// How many simulated nodes there are.
    pub nodes: usize,
}

impl Default for BootOptions {
    fn default() -> Self {
        Self { runs: None, name: None, nodes: 3 }
    }
}

impl BootOptions {
    pub(super) fn runs(&self) -> Result<PathBuf, BootError> {
        self.runs.clone().map_or_else(runs, Ok)
    }
}

/// The folder that holds the run folders.
pub(super) fn runs() -> Result<PathBuf, BootError> {
    cache::folder().map(|folder| folder.join("runs")).map_err(|error| BootError::Manifests(error.to_string()))
}

/// Boots a cluster and returns when nodes, pods and metrics work; its [`Services`] are started then.
///
/// # Errors
/// See [`BootError`]. Nothing is left running then; the logs stay until the next boot.
pub async fn boot(
    binary: &Path,
    options: &BootOptions,
    progress: impl Fn(Progress) + Send + Sync,
) -> Result<Rehearsal, BootError> {
    let reporter = Reporter::new(&progress);
    for _ in 1..TRIES {
        match try_boot(binary, options, &reporter).await {
            Err(BootError::PartDied { words, .. }) if words.contains("address already in use") => {
                reporter.say("another program took one of the ports; booting again with others");
            }
            other => return other,
        }
    }
    try_boot(binary, options, &reporter).await
}

async fn try_boot(
    binary: &Path,
    options: &BootOptions,
    reporter: &Reporter<'_>,
) -> Result<Rehearsal, BootError> {
    reporter.say("booting the rehearsal cluster: keys and certificates");
    let folder = RunFolder::create(&options.runs()?, options.name.as_deref())?;
    let ports = Ports::free().map_err(BootError::Ports)?;
    let pki = Pki::create(&folder)?;
    let flags = Flags { run: folder.path(), ports: &ports };
    folder.write("config/audit-policy.yaml", manifests::AUDIT_POLICY)?;
    folder.write("config/scheduler.yaml", &flags.scheduler_configuration())?;
    let kubeconfig = kubeconfig::write(&folder, &pki, &ports)?;
    let authority = kubeconfig::encode(&pki.authority);

    let logs = folder.logs_path();
    let mut running = Parts::new(binary, &folder);
    reporter.say("booting the rehearsal cluster: etcd");
    running.start("etcd", flags.etcd())?;
    running.watch(ready::listening(ports.etcd, &logs)).await?;
    reporter.say("booting the rehearsal cluster: kube-apiserver");
    running.start("kube-apiserver", flags.api_server())?;
    let client = client(kubeconfig).await?;
    let (kinds, contents) = running
        .watch(async {
            let (ready, kinds, contents) = tokio::join!(
                ready::serving(&client, &logs),
                manifests::kinds(binary),
                manifests::contents(binary)
            );
            ready?;
            Ok((kinds?, contents?))
        })
        .await?;

    reporter.say("booting the rehearsal cluster: controllers, scheduler and simulated nodes");
    running.start("kube-controller-manager", flags.controller_manager())?;
    running.start("kube-scheduler", flags.scheduler())?;
    running.start("metrics-server", flags.metrics_server())?;
    running
        .watch(async {
            manifests::apply(&client, kinds, &logs).await?;
            ready::kinds(&client, &logs).await?;
            let mut objects = contents;
            objects.extend(manifests::metrics_api(&authority, &ports));
            objects.extend((1..=options.nodes).map(manifests::node));
            manifests::apply(&client, objects, &logs).await
        })
        .await?;
    running.start("kwok", flags.kwok())?;
    running
        .watch(async {
            tokio::try_join!(
                ready::nodes(&client, options.nodes, &logs),
                ready::service_account(&client, &logs),
                ready::metrics(&client, &logs),
            )
        })
        .await?;
    reporter.say(format!(
        "the rehearsal cluster is ready; pods are simulated, and {} are answered by its own ACME server",
        ACME_NAMES.join(" and ")
    ));
    let boot_time = reporter.elapsed();
    // Nobody needs them at once, and waiting for them is up to who does.
    let api_server = ports.api_server;
    let ports = ServicePorts::free().map_err(BootError::Ports)?;
    let services = Services::new(binary, folder.path(), api_server, ports);
    services.write(&folder)?;
    running.start("registry", flags.registry(ports))?;
    running.start("pebble", flags.pebble(ports))?;
    running.start("cert-manager", flags.cert_manager(ports))?;
    Ok(Rehearsal::new(folder, running, services, boot_time))
}

/// A client of the code that boots: no retries but its own, and no call without an end.
async fn client(kubeconfig: Kubeconfig) -> Result<Client, BootError> {
    let mut config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default())
        .await
        .map_err(|error| BootError::Manifests(error.to_string()))?;
    config.default_retry = false;
    config.connect_timeout = Some(CALL_LIMIT);
    config.read_timeout = Some(CALL_LIMIT);
    config.write_timeout = Some(CALL_LIMIT);
    // A proxy from the environment would not know this machine's loopback.
    config.proxy_url = None;
    Client::try_from(config)
        .map_err(|error| BootError::Refused { what: "our client".to_owned(), source: Box::new(error) })
}
