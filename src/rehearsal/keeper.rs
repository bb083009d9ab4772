//! A rehearsal cluster that outlives the program that asked for it, until someone stops it.
//!
//! It belongs to a process of its own, in a session of its own, whose parts hang on its lifelines like
//! on any other owner's. There is at most one such cluster a user.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, setsid};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};

use super::boot::{BootOptions, boot, runs};
use super::build::ensure_built;
use super::error::{BootError, RehearsalError};
use super::folder::{kubeconfig_path, living};
use super::progress::{Progress, Reporter};
use super::wait::{Look, until};
use crate::words::in_full;

const NAME: &str = "kept";
const OWNER: &str = "owner.pid";
const READY: &str = "ready ";
const FAILED: &str = "failed ";
const BOOT_LIMIT: Duration = Duration::from_mins(5);
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// A kept cluster that runs now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    folder: PathBuf,
}

impl Kept {
    /// The kept cluster, if one runs and is ready.
    ///
    /// # Errors
    /// [`BootError`] when this user has no cache folder.
    pub fn find() -> Result<Option<Self>, BootError> {
        let folder = living(&runs()?, NAME);
        Ok(folder.filter(|folder| folder.join(OWNER).exists()).map(|folder| Self { folder }))
    }

    /// The administrator's kubeconfig, with the other identities as further contexts.
    #[must_use]
    pub fn kubeconfig_path(&self) -> PathBuf {
        kubeconfig_path(&self.folder)
    }

    /// The run's folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// Returns the kept cluster, starting one when there is none: `program` with `arguments` must end up
/// in [`own_kept`].
///
/// # Errors
/// [`BootError::Keeper`] with the owner's words when it does not get its cluster ready.
pub async fn keep(
    program: &Path,
    arguments: &[&str],
    progress: impl Fn(Progress) + Send + Sync,
) -> Result<Kept, BootError> {
    let reporter = Reporter::new(&progress);
    if let Some(kept) = already_kept(&reporter).await? {
        return Ok(kept);
    }
    let failed = |source: std::io::Error| BootError::Keeper(format!("{}: {source}", program.display()));
    let mut owner = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let output = owner.stdout.take().ok_or_else(|| BootError::Keeper("it has no output".to_owned()))?;
    let mut lines = BufReader::new(output).lines();
    while let Some(line) = lines.next_line().await.map_err(failed)? {
        if let Some(folder) = line.strip_prefix(READY) {
            return Ok(Kept { folder: folder.into() });
        }
        match line.strip_prefix(FAILED) {
            Some(words) => return Err(BootError::Keeper(words.replace('\u{1}', "\n"))),
            None => reporter.say(line),
        }
    }
    let status = owner.wait().await.map_err(failed)?;
    Err(BootError::Keeper(format!("its owner ended ({status})")))
}

/// The kept cluster that runs already; one that boots just now is waited for.
async fn already_kept(reporter: &Reporter<'_>) -> Result<Option<Kept>, BootError> {
    let runs = runs()?;
    let Some(folder) = living(&runs, NAME) else { return Ok(None) };
    reporter.say("a rehearsal cluster is kept already");
    until("the kept rehearsal cluster's boot", BOOT_LIMIT, &folder, || async {
        match (living(&runs, NAME), Kept::find()) {
            (None, _) => Look::Done(None),
            (Some(_), Ok(Some(kept))) => Look::Done(Some(kept)),
            (Some(_), Ok(None)) => Look::NotYet("its owner still boots it".to_owned()),
            (Some(_), Err(error)) => Look::Failed(error),
        }
    })
    .await
}

/// Owns the kept cluster until it is told to stop: what the process that [`keep`] starts does.
///
/// What it says goes to its standard output, a line each, as [`keep`] reads it.
///
/// # Errors
/// See [`RehearsalError`]; it has been reported to whoever started this process.
pub async fn own_kept() -> Result<(), RehearsalError> {
    // Out of the terminal's session, so that closing the terminal or Ctrl-C in it are not meant for us.
    let _ = setsid();
    // Nobody may be reading any more, which must not matter.
    let say = |line: &str| {
        let mut output = std::io::stdout();
        let _ = writeln!(output, "{line}").and_then(|()| output.flush());
    };
    let progress = |progress: Progress| say(&progress.text);
    let options = BootOptions { name: Some(NAME.to_owned()), ..BootOptions::default() };
    let booted = async {
        let binary = ensure_built(progress).await?;
        Ok::<_, RehearsalError>(boot(&binary, &options, progress).await?)
    };
    let mut rehearsal = match booted.await {
        Ok(rehearsal) => rehearsal,
        Err(error) => {
            say(&format!("{FAILED}{}", in_full(&error).replace('\n', "\u{1}")));
            return Err(error);
        }
    };
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut hangup = signal(SignalKind::hangup())?;
    rehearsal.folder().write(OWNER, &std::process::id().to_string())?;
    say(&format!("{READY}{}", rehearsal.folder().path().display()));
    let outcome = loop {
        tokio::select! {
            _ = terminate.recv() => break Ok(()),
            _ = interrupt.recv() => break Ok(()),
            _ = hangup.recv() => {}
            breakdown = rehearsal.breakdown() => break Err(breakdown.into()),
        }
    };
    rehearsal.shut_down().await;
    outcome
}

/// Stops the kept cluster and waits until it is gone. Returns whether there was one.
///
/// # Errors
/// [`BootError`] when its owner cannot be told, or does not end.
pub async fn stop_kept() -> Result<bool, BootError> {
    let runs = runs()?;
    let Some(folder) = living(&runs, NAME) else { return Ok(false) };
    // The owner's lock is held, so the id in its folder is that of a living process, and the right one.
    let failed = |source| BootError::Folder {
        doing: "stopping (is it still booting?)",
        path: folder.join(OWNER),
        source,
    };
    let owner = std::fs::read_to_string(folder.join(OWNER)).map_err(failed)?;
    let id = owner.trim().parse().ok().and_then(Pid::from_raw);
    let id = id.ok_or_else(|| BootError::Keeper(format!("{OWNER} holds no process id")))?;
    kill_process(id, Signal::TERM).map_err(|error| failed(error.into()))?;
    until("the kept rehearsal cluster's end", STOP_LIMIT, &folder, || async {
        living(&runs, NAME).map_or(Look::Done(()), |_| Look::NotYet("its owner still runs".to_owned()))
    })
    .await?;
    Ok(true)
}
