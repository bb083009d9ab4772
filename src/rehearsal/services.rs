//! What a rehearsal has beside its cluster: a registry for charts, an ACME server, and helm.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;

use super::error::BootError;
use super::flags::loopback;
use super::folder::RunFolder;
use super::kit;
use super::ports::ServicePorts;
use super::wait::{Look, until};

/// In the run's folder: the root of what the ACME server issues.
pub(super) const ACME_ROOT: &str = "acme-root.crt";
/// The names that lead to the rehearsal's ACME server, for whoever asks from within the rehearsal.
pub(super) const ACME_NAMES: [&str; 2] =
    ["acme-v02.api.letsencrypt.org", "acme-staging-v02.api.letsencrypt.org"];
const FILE: &str = "config/services.json";

/// A few seconds on a quiet machine.
const LIMIT: Duration = Duration::from_mins(2);

/// Where everything is that a plan's later weeks meet outside the cluster.
///
/// All of it is started once the cluster is ready, and not waited for: see [`Services::ready`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Services {
    /// The API server of the cluster, a URL.
    pub api_server: String,
    /// The OCI registry, `HOST:PORT`; plain HTTP.
    pub registry: String,
    /// The ACME server's directory, a URL.
    pub acme_directory: String,
    /// What certifies the ACME server itself, a PEM file: an issuer's `caBundle`.
    pub acme_authority: PathBuf,
    /// The root of the certificates that the ACME server issues, a PEM file.
    pub acme_root: PathBuf,
    /// cert-manager's kinds, a YAML file, for the chart that brings them. Until they are in the cluster,
    /// its controller waits for them.
    pub cert_manager_kinds: PathBuf,
    /// The folder of the programs that come with a rehearsal, as in `PATH`: helm.
    pub programs: PathBuf,
}

impl Services {
    pub(super) fn new(binary: &Path, run: &Path, api_server: u16, ports: ServicePorts) -> Self {
        Self {
            api_server: format!("https://{}", loopback(api_server)),
            registry: loopback(ports.registry),
            acme_directory: format!("https://{}/dir", loopback(ports.acme)),
            acme_authority: run.join("pki/ca.crt"),
            acme_root: run.join(ACME_ROOT),
            cert_manager_kinds: kit::kinds_path(binary),
            programs: kit::programs_path(binary),
        }
    }

    /// The program helm.
    #[must_use]
    pub fn helm(&self) -> PathBuf {
        self.programs.join(kit::HELM)
    }

    /// Waits until the registry and the ACME server can be used.
    ///
    /// # Errors
    /// [`BootError::TooLong`] when they cannot within two minutes.
    pub async fn ready(&self) -> Result<(), BootError> {
        let logs = self.acme_root.with_file_name("log");
        until("the registry and the ACME server", LIMIT, &logs, || async {
            if let Err(error) = TcpStream::connect(&self.registry).await {
                return Look::NotYet(format!("{}: {error}", self.registry));
            }
            // Written once everything of it listens.
            let root = tokio::fs::metadata(&self.acme_root).await;
            Look::from_result(root.map(drop))
        })
        .await
    }

    /// Leaves them in the run's folder, for whoever did not boot it.
    pub(super) fn write(&self, folder: &RunFolder) -> Result<(), BootError> {
        let text = serde_json::to_string_pretty(self).map_err(|error| unreadable(&error))?;
        folder.write(FILE, &text).map(drop)
    }

    /// Those of the run in this folder.
    pub(super) fn read(run: &Path) -> Result<Self, BootError> {
        let path = run.join(FILE);
        let text = std::fs::read_to_string(&path).map_err(|source| BootError::Folder {
            doing: "reading",
            path,
            source,
        })?;
        serde_json::from_str(&text).map_err(|error| unreadable(&error))
    }
}

fn unreadable(error: &serde_json::Error) -> BootError {
    BootError::Manifests(format!("{FILE}: {error}"))
}
