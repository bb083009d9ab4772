//! `migrate-tui rehearse` without the cockpit: serving a cluster until told to stop, keeping one, and
//! ending the kept one.

use std::io::Write;
use std::path::PathBuf;

use tokio::signal::unix::{SignalKind, signal};

use super::boot::{BootOptions, boot};
use super::build::ensure_built;
use super::error::{BootError, RehearsalError};
use super::folder::kubeconfig_path;
use super::keeper::{Kept, keep, stop_kept};
use super::progress::Progress;
use super::running::Rehearsal;
use super::stand_ins::StandIns;

/// The variable that makes this program's commands take stand-ins for charts: a run's folder.
pub const STAND_INS: &str = "MIGRATE_TUI_STAND_INS";

/// What is said of a kept cluster, besides where it is.
const KEPT_UNTIL: &str = "it is kept until: migrate-tui rehearse --stop";

/// A cluster to rehearse on: one that ends with this program, or one that does not.
#[derive(Debug)]
pub enum Opened {
    /// Ours: it ends with this value.
    Own(Box<Rehearsal>),
    /// The kept one: it goes on.
    Kept(Kept),
}

impl Opened {
    /// The administrator's kubeconfig, with the other identities as further contexts.
    #[must_use]
    pub fn kubeconfig_path(&self) -> PathBuf {
        match self {
            Self::Own(rehearsal) => rehearsal.kubeconfig_path(),
            Self::Kept(kept) => kept.kubeconfig_path(),
        }
    }

    /// The charts that stand in for a plan's there, and what else there is beside the cluster.
    ///
    /// # Errors
    /// [`BootError::Folder`] when the run's folder cannot be read.
    pub fn stand_ins(&self) -> Result<StandIns, BootError> {
        StandIns::of(match self {
            Self::Own(rehearsal) => rehearsal.folder().path(),
            Self::Kept(kept) => kept.folder(),
        })
    }

    /// Ends the cluster if it is ours.
    pub async fn close(self) {
        match self {
            Self::Own(rehearsal) => rehearsal.shut_down().await,
            Self::Kept(_) => {}
        }
    }
}

/// Builds what is missing and boots a cluster that ends with this program.
///
/// # Errors
/// See [`RehearsalError`].
pub async fn open(
    options: &BootOptions,
    progress: impl Fn(Progress) + Send + Sync,
) -> Result<Opened, RehearsalError> {
    let binary = ensure_built(&progress).await?;
    Ok(Opened::Own(Box::new(boot(&binary, options, &progress).await?)))
}

/// Returns the kept cluster, starting it when there is none. `owner_arguments` are the arguments of
/// this very program that end up in [`super::own_kept`].
///
/// # Errors
/// See [`RehearsalError`].
pub async fn open_kept(
    owner_arguments: &[&str],
    progress: impl Fn(Progress) + Send + Sync,
) -> Result<Opened, RehearsalError> {
    let program = std::env::current_exe()?;
    Ok(Opened::Kept(keep(&program, owner_arguments, progress).await?))
}

/// Serves a cluster until Ctrl-C or SIGTERM, and says on `output` where its parts are, as lines for a shell;
/// with `real_charts` without the one that makes this program's commands use the stand-ins for charts.
///
/// # Errors
/// See [`RehearsalError`], also when a part of the cluster breaks down meanwhile.
pub async fn serve(
    options: &BootOptions,
    real_charts: bool,
    output: &mut (dyn Write + Send),
    progress: impl Fn(Progress) + Send + Sync,
) -> Result<(), RehearsalError> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let opening = open(options, &progress);
    let opened = tokio::select! {
        opened = opening => opened?,
        // Dropping the boot ends what it has started so far.
        _ = terminate.recv() => return Ok(()),
        _ = interrupt.recv() => return Ok(()),
    };
    let stand_ins = opened.stand_ins()?;
    let Opened::Own(mut rehearsal) = opened else { return Ok(()) };
    let served = async {
        tokio::select! {
            announced = announce(output, &stand_ins, real_charts) => announced?,
            breakdown = rehearsal.breakdown() => return Err(breakdown.into()),
        }
        Err(rehearsal.breakdown().await.into())
    };
    let outcome = tokio::select! {
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
        ended = served => ended,
    };
    rehearsal.shut_down().await;
    outcome
}

/// Keeps a cluster, and says where it is and how to stop it.
///
/// # Errors
/// See [`RehearsalError`].
pub async fn serve_kept(
    owner_arguments: &[&str],
    real_charts: bool,
    output: &mut (dyn Write + Send),
    progress: impl Fn(Progress) + Send + Sync,
) -> Result<(), RehearsalError> {
    let opened = open_kept(owner_arguments, progress).await?;
    announce(output, &opened.stand_ins()?, real_charts).await?;
    writeln!(output, "{KEPT_UNTIL}")?;
    Ok(())
}

/// Says that the kept cluster goes on, where it is and how to stop it; nothing where there is none.
///
/// # Errors
/// See [`RehearsalError`].
pub fn tell_kept(real_charts: bool, output: &mut (dyn Write + Send)) -> Result<(), RehearsalError> {
    let Some(kept) = Kept::find()? else { return Ok(()) };
    let stand_ins = Opened::Kept(kept).stand_ins()?;
    writeln!(output, "the rehearsal cluster goes on:")?;
    output.write_all(exports(&stand_ins, real_charts).as_bytes())?;
    writeln!(output, "{KEPT_UNTIL}")?;
    Ok(())
}

/// Stops the kept cluster, and says whether there was one.
///
/// # Errors
/// See [`RehearsalError`].
pub async fn stop(output: &mut (dyn Write + Send)) -> Result<(), RehearsalError> {
    let words = if stop_kept().await? { "stopped" } else { "no rehearsal cluster is kept" };
    writeln!(output, "{words}")?;
    Ok(())
}

/// Says where everything is once all of it can be used, at one go: a script may read the first line only.
async fn announce(
    output: &mut (dyn Write + Send),
    stand_ins: &StandIns,
    real_charts: bool,
) -> Result<(), RehearsalError> {
    stand_ins.services().ready().await?;
    output.write_all(exports(stand_ins, real_charts).as_bytes())?;
    output.flush()?;
    Ok(())
}

/// Where everything is, as lines for a shell.
fn exports(stand_ins: &StandIns, real_charts: bool) -> String {
    let services = stand_ins.services();
    let mut lines = vec![
        ("KUBECONFIG", kubeconfig_path(stand_ins.run()).display().to_string()),
        ("REHEARSAL_HELM", services.helm().display().to_string()),
        ("REHEARSAL_REGISTRY", services.registry.clone()),
        ("REHEARSAL_ACME_DIRECTORY", services.acme_directory.clone()),
        ("REHEARSAL_ACME_CA", services.acme_authority.display().to_string()),
        ("REHEARSAL_ACME_ROOT", services.acme_root.display().to_string()),
        ("REHEARSAL_CERT_MANAGER_KINDS", services.cert_manager_kinds.display().to_string()),
    ];
    if !real_charts {
        lines.push((STAND_INS, stand_ins.run().display().to_string()));
    }
    let lines: Vec<_> = lines.iter().map(|(name, value)| format!("export {name}={value}\n")).collect();
    lines.concat()
}
