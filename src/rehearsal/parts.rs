//! The running parts of the rehearsal cluster: processes that live as long as this program.
//!
//! Each gets a pipe as its standard input and exits when that ends. Whoever drops [`Parts`], or dies
//! in any other way, thus ends them all; nothing here needs a signal to work.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use futures::future::{join_all, select_all};
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::timeout;

use super::error::BootError;
use super::folder::RunFolder;

const LAST_WORDS: usize = 8;
const END_LIMIT: Duration = Duration::from_secs(5);

/// The parts of one cluster, in the order in which they were started.
#[derive(Debug)]
pub(super) struct Parts {
    binary: PathBuf,
    home: PathBuf,
    logs: PathBuf,
    running: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    name: &'static str,
    child: Child,
    /// Kept apart from the child, which would close it while its end is waited for.
    lifeline: Option<ChildStdin>,
}

impl Parts {
    pub(super) fn new(binary: &Path, folder: &RunFolder) -> Self {
        let (home, logs) = (folder.path().to_owned(), folder.logs_path());
        Self { binary: binary.to_owned(), home, logs, running: Vec::new() }
    }

    /// Starts a part; its output goes to a log file of its own.
    pub(super) fn start(&mut self, name: &'static str, arguments: Vec<String>) -> Result<(), BootError> {
        let log = self.log(name);
        let failed = |source| BootError::Start { part: name, binary: self.binary.clone(), source };
        let output = File::create(log).map_err(failed)?;
        let errors = output.try_clone().map_err(failed)?;
        let mut child = Command::new(&self.binary)
            .arg(name)
            .args(arguments)
            // A proxy is for the world outside; everything here is on loopback. The rest of the environment
            // (KUBECONFIG, or a ~/.kwok/kwok.yaml) is about the user's own clusters.
            .env_clear()
            .env("HOME", &self.home)
            .stdin(Stdio::piped())
            .stdout(output)
            .stderr(errors)
            .kill_on_drop(true)
            // Ctrl-C is for this program, which then ends its parts in its own way.
            .process_group(0)
            .spawn()
            .map_err(failed)?;
        let lifeline = child.stdin.take();
        self.running.push(Part { name, child, lifeline });
        Ok(())
    }

    /// Waits until a part ends, which none should.
    pub(super) async fn first_death(&mut self) -> BootError {
        if self.running.is_empty() {
            return std::future::pending().await;
        }
        let waits = self.running.iter_mut().map(|part| {
            let name = part.name;
            Box::pin(async move { (name, part.child.wait().await) })
        });
        let ((name, status), ..) = select_all(waits).await;
        let log = self.log(name);
        BootError::PartDied { part: name, status: describe(status), words: last_words(&log), log }
    }

    /// Does some work, unless a part ends meanwhile.
    pub(super) async fn watch<T>(
        &mut self,
        work: impl Future<Output = Result<T, BootError>>,
    ) -> Result<T, BootError> {
        tokio::select! {
            death = self.first_death() => Err(death),
            done = work => done,
        }
    }

    /// Ends every part and waits until it has ended.
    pub(super) async fn end(&mut self) {
        let ends = self.running.drain(..).map(|mut part| async move {
            drop(part.lifeline.take());
            if timeout(END_LIMIT, part.child.wait()).await.is_err() {
                let _ = part.child.kill().await;
            }
        });
        join_all(ends).await;
    }

    /// The process ids, for tests that look whether the parts are gone.
    pub(super) fn process_ids(&self) -> Vec<u32> {
        self.running.iter().filter_map(|part| part.child.id()).collect()
    }

    fn log(&self, name: &str) -> PathBuf {
        self.logs.join(format!("{name}.log"))
    }
}

fn describe(status: std::io::Result<ExitStatus>) -> String {
    status.map_or_else(|error| error.to_string(), |status| status.to_string())
}

fn last_words(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().rev().take(LAST_WORDS).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}
