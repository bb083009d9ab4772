//! `migrate-tui rehearse` without the cockpit: serving a cluster until told to stop, keeping one, and
//! ending the kept one.

use std::io::Write;
use std::path::{Path, PathBuf};

use tokio::signal::unix::{SignalKind, signal};

use super::boot::{BootOptions, boot};
use super::build::ensure_built;
use super::error::RehearsalError;
use super::keeper::{Kept, keep, stop_kept};
use super::progress::Progress;
use super::running::Rehearsal;

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

/// Serves a cluster until Ctrl-C or SIGTERM: progress goes to `errors`, the kubeconfig's path to
/// `output`, so that a script can read it.
///
/// # Errors
/// See [`RehearsalError`], also when a part of the cluster breaks down meanwhile.
pub async fn serve(
    options: &BootOptions,
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
    let Opened::Own(mut rehearsal) = opened else { return Ok(()) };
    announce(output, &rehearsal.kubeconfig_path())?;
    let outcome = tokio::select! {
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
        breakdown = rehearsal.breakdown() => Err(breakdown.into()),
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
    output: &mut (dyn Write + Send),
    progress: impl Fn(Progress) + Send + Sync,
) -> Result<(), RehearsalError> {
    let opened = open_kept(owner_arguments, progress).await?;
    announce(output, &opened.kubeconfig_path())?;
    writeln!(output, "it is kept until: migrate-tui rehearse --stop")?;
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

fn announce(output: &mut (dyn Write + Send), kubeconfig: &Path) -> Result<(), RehearsalError> {
    writeln!(output, "export KUBECONFIG={}", kubeconfig.display())?;
    output.flush()?;
    Ok(())
}
