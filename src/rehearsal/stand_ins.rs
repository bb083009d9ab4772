//! Charts in a rehearsal: its registry has stand-ins for those of a plan.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use super::charts;
use super::error::BootError;
use super::services::Services;
use crate::diff::Problem;
use crate::program::{run, run_reason};
use crate::words::in_full;

/// The chart whose kinds are not with it.
const CERT_MANAGER: &str = "cert-manager";
/// A second on a quiet machine.
const LIMIT: Duration = Duration::from_mins(2);

/// The stand-in charts of one rehearsal: each is put into its registry when it is asked for first.
#[derive(Clone, Debug)]
pub struct StandIns {
    run: PathBuf,
    services: Services,
}

impl StandIns {
    /// Those of the rehearsal whose run's folder this is.
    ///
    /// # Errors
    /// [`BootError::Folder`] when it is no such folder, or the rehearsal is over.
    pub fn of(run: &Path) -> Result<Self, BootError> {
        Ok(Self { run: run.to_owned(), services: Services::read(run)? })
    }

    /// The run's folder.
    pub(super) fn run(&self) -> &Path {
        &self.run
    }

    /// What there is beside that rehearsal's cluster.
    #[must_use]
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// The address of the stand-in for a chart, under the version that is asked for; from then on helm can
    /// pull it from there.
    ///
    /// # Errors
    /// [`Problem`] when the chart has no stand-in, or it cannot be put there.
    pub async fn provide(&self, chart: &str, version: &str) -> Result<String, Problem> {
        if !charts::names().any(|name| name == chart) {
            let known: Vec<_> = charts::names().collect();
            return Err(Problem::new(
                format!("chart {chart}"),
                format!("the rehearsal has no stand-in for it; it has them for {}", known.join(", ")),
                "rehearse with --real-charts: the charts are then fetched from where the plan says",
            ));
        }
        self.services.ready().await.map_err(|error| unusable(chart, in_full(&error)))?;
        self.push_once(chart, version).await.map_err(|reason| unusable(chart, reason))?;
        Ok(format!("oci://{}/charts/{chart}", self.services.registry))
    }

    /// A second archive of the same version would be another one, since helm puts the time into it.
    async fn push_once(&self, chart: &str, version: &str) -> Result<(), String> {
        let folder = self.run.join("stand-ins");
        fs::create_dir_all(&folder).map_err(in_words)?;
        let done = folder.join(format!("{chart}-{version}"));
        let lock = File::create(folder.join(format!("{chart}.lock"))).map_err(in_words)?;
        let locked = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock)).await;
        let _lock = locked.map_err(|error| error.to_string())?.map_err(in_words)?;
        if done.exists() {
            return Ok(());
        }
        let work = TempDir::new_in(&folder).map_err(in_words)?;
        let source = work.path().join(chart);
        self.write(chart, &source).map_err(in_words)?;
        let (package, push, plainly) =
            (OsStr::new("package"), OsStr::new("push"), OsStr::new("--plain-http"));
        self.helm(&[package, source.as_os_str(), OsStr::new("--version"), OsStr::new(version)], &work)
            .await?;
        let archive = work.path().join(format!("{chart}-{version}.tgz"));
        let registry = format!("oci://{}/charts", self.services.registry);
        self.helm(&[push, archive.as_os_str(), OsStr::new(&registry), plainly], &work).await?;
        fs::write(done, "").map_err(in_words)
    }

    fn write(&self, chart: &str, folder: &Path) -> io::Result<()> {
        charts::write(chart, folder)?;
        if chart == CERT_MANAGER {
            let kinds = folder.join("files/crds");
            fs::create_dir_all(&kinds)?;
            fs::copy(&self.services.cert_manager_kinds, kinds.join("kinds.yaml"))?;
        }
        Ok(())
    }

    async fn helm(&self, arguments: &[&OsStr], work: &TempDir) -> Result<(), String> {
        let nowhere = [("KUBECONFIG", Some(OsStr::new("/dev/null")))];
        let output = run(&self.services.helm(), arguments, work.path(), &nowhere, LIMIT).await;
        let output = output.map_err(|error| run_reason(&error))?;
        if output.status.success() { Ok(()) } else { Err(output.stderr) }
    }
}

fn unusable(chart: &str, reason: String) -> Problem {
    Problem::new(
        format!("the stand-in for chart {chart}"),
        reason,
        "see that the rehearsal still runs, then try again; nothing was changed",
    )
}

#[expect(clippy::needless_pass_by_value, reason = "it is for map_err")]
fn in_words(error: io::Error) -> String {
    error.to_string()
}
