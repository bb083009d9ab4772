//! What a rehearsal has beside its cluster: a registry for charts, and helm.

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

const FILE: &str = "config/services.json";

/// A few seconds on a quiet machine.
const LIMIT: Duration = Duration::from_mins(2);

/// Where everything is that a plan's later weeks meet outside the cluster.
///
/// All of it is started once the cluster is ready, and not waited for: see [`Services::ready`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Services {
    /// The OCI registry, `HOST:PORT`; plain HTTP.
    pub registry: String,
    run: PathBuf,
    /// The folder of the programs that come with a rehearsal, as in `PATH`: helm.
    pub programs: PathBuf,
}

impl Services {
    pub(super) fn new(binary: &Path, run: &Path, ports: ServicePorts) -> Self {
        Self { registry: loopback(ports.registry), run: run.to_owned(), programs: kit::programs_path(binary) }
    }

    /// The program helm.
    #[must_use]
    pub fn helm(&self) -> PathBuf {
        self.programs.join(kit::HELM)
    }

    /// Waits until the registry can be used.
    ///
    /// # Errors
    /// [`BootError::TooLong`] when it cannot within two minutes.
    pub async fn ready(&self) -> Result<(), BootError> {
        let logs = self.run.join("log");
        until("the registry", LIMIT, &logs, || async {
            Look::from_result(TcpStream::connect(&self.registry).await.map(drop))
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
