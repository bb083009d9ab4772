//! Builds the rehearsal cluster's binary with Go, on first use, into the user's cache folder.
//!
//! Go is the only program run here, with a list of arguments (never through a shell) and a time limit.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::error::BuildError;
use super::progress::{Progress, Reporter};
use super::{cache, kit, module};

pub(super) const BINARY: &str = "rehearsal";
pub(super) const HALF_BUILT: &str = "building-";

/// A cold build takes about ten minutes on two cores; a slow machine on a slow line takes longer.
const BUILD_LIMIT: Duration = Duration::from_hours(1);
/// Asking Go something may make it download the toolchain that the module asks for.
const QUESTION_LIMIT: Duration = Duration::from_mins(10);
const PROGRESS_EVERY: Duration = Duration::from_secs(20);
const LOCK_EVERY: Duration = Duration::from_millis(200);
const LAST_WORDS: usize = 20;

/// Returns the rehearsal cluster's binary, building it when this user has not got it yet.
///
/// # Errors
/// See [`BuildError`].
pub async fn ensure_built(progress: impl Fn(Progress) + Send + Sync) -> Result<PathBuf, BuildError> {
    Builder { cache: cache::folder()?, go: "go".into() }.ensure_built(progress).await
}

/// What builds the binary, and where.
#[derive(Clone, Debug)]
pub struct Builder {
    /// The folder that keeps the binaries.
    pub cache: PathBuf,
    /// The Go program: a name that is looked up on the PATH, or a path.
    pub go: OsString,
}

impl Builder {
    /// Returns the binary, building it when it is not there.
    ///
    /// # Errors
    /// See [`BuildError`].
    pub async fn ensure_built(
        &self,
        progress: impl Fn(Progress) + Send + Sync,
    ) -> Result<PathBuf, BuildError> {
        let reporter = Reporter::new(&progress);
        let folder = self.cache.join(module::hash());
        let binary = folder.join(BINARY);
        if !binary.exists() {
            create_folder(&self.cache)?;
            let _lock = self.lock(&reporter).await?;
            // Whoever held the lock before may have built it.
            if !binary.exists() {
                self.build(&folder, &reporter).await?;
                cache::sweep(&self.cache, &folder);
            }
        }
        cache::mark_used(&binary);
        Ok(binary)
    }

    /// One build at a time: two would compile the same packages twice, and take twice as long.
    async fn lock(&self, reporter: &Reporter<'_>) -> Result<File, BuildError> {
        let path = self.cache.join("build.lock");
        let failed = |source| BuildError::Cache { doing: "locking", path: path.clone(), source };
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
        let mut said = None::<Instant>;
        let mut ticks = interval(LOCK_EVERY);
        loop {
            ticks.tick().await;
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(std::fs::TryLockError::Error(source)) => return Err(failed(source)),
                Err(std::fs::TryLockError::WouldBlock) => {}
            }
            if said.is_none_or(|said| said.elapsed() > PROGRESS_EVERY) {
                reporter.say("another migrate-tui builds the rehearsal cluster; waiting for it");
                said = Some(Instant::now());
            }
        }
    }

    async fn build(&self, folder: &Path, reporter: &Reporter<'_>) -> Result<(), BuildError> {
        let failed = |doing, path: &Path| {
            let path = path.to_owned();
            move |source| BuildError::Cache { doing, path, source }
        };
        let work = tempfile::Builder::new()
            .prefix(HALF_BUILT)
            .tempdir_in(&self.cache)
            .map_err(failed("creating a folder in", &self.cache))?;
        module::write(work.path()).map_err(failed("writing the Go module to", work.path()))?;
        self.check_version(work.path()).await?;
        reporter.say(format!(
            "building the rehearsal cluster (Kubernetes {}, from pinned Go modules); only once, about 10 minutes",
            module::KUBERNETES
        ));
        let mut command = self.command(work.path());
        command.args(module::build_arguments()).arg("-o").arg(BINARY).arg(".");
        let output = timeout(BUILD_LIMIT, self.run(command, reporter))
            .await
            .map_err(|_| BuildError::TooLong(BUILD_LIMIT))??;
        if !output.0.success() {
            return Err(BuildError::Go { words: output.1 });
        }
        create_folder(folder)?;
        let cert_manager = self.module_folder(work.path(), module::CERT_MANAGER).await?;
        kit::write(folder, &cert_manager)
            .map_err(failed("putting helm and cert-manager's kinds into", folder))?;
        // Last: where the binary is, everything is.
        std::fs::rename(work.path().join(BINARY), folder.join(BINARY))
            .map_err(failed("moving the binary to", folder))?;
        reporter.say("the rehearsal cluster is built");
        Ok(())
    }

    /// Runs Go to its end, telling how far it is; returns its status and its last words.
    async fn run(
        &self,
        mut command: Command,
        reporter: &Reporter<'_>,
    ) -> Result<(ExitStatus, String), BuildError> {
        let mut child = command.stderr(Stdio::piped()).spawn().map_err(|source| self.not_started(source))?;
        let mut lines = child.stderr.take().map(|stderr| BufReader::new(stderr).lines());
        let (mut packages, mut words) = (0_usize, std::collections::VecDeque::new());
        let mut ticks = interval(PROGRESS_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.tick().await;
        while let Some(stderr) = &mut lines {
            tokio::select! {
                line = stderr.next_line() => match line {
                    Ok(Some(line)) if is_package(&line) => packages += 1,
                    Ok(Some(line)) => {
                        words.push_back(line);
                        if words.len() > LAST_WORDS { words.pop_front(); }
                    }
                    Ok(None) | Err(_) => lines = None,
                },
                _ = ticks.tick() => reporter.say(format!(
                    "building the rehearsal cluster, only once: {}",
                    match packages { 0 => "fetching Go modules".to_owned(), count => format!("{count} packages compiled") }
                )),
            }
        }
        let status = child.wait().await.map_err(|source| self.not_started(source))?;
        Ok((status, words.into_iter().collect::<Vec<_>>().join("\n")))
    }

    async fn check_version(&self, folder: &Path) -> Result<(), BuildError> {
        let (status, answer, words) = self.ask(folder, &["env", "GOVERSION"]).await?;
        let found = answer.trim_start_matches("go").to_owned();
        if status.success() && version(&found) >= version(module::required_go()) {
            return Ok(());
        }
        // An old Go may fail over the module file itself: then its own words are the best version there is.
        let found = if found.is_empty() { words } else { found };
        Err(BuildError::OldGo {
            program: self.go.clone().into(),
            found,
            required: module::required_go().to_owned(),
        })
    }

    /// The folder of a module that has been built from.
    async fn module_folder(&self, folder: &Path, module: &str) -> Result<PathBuf, BuildError> {
        let (status, answer, words) = self.ask(folder, &["list", "-m", "-f", "{{.Dir}}", module]).await?;
        if status.success() && !answer.is_empty() {
            return Ok(answer.into());
        }
        Err(BuildError::Go { words })
    }

    /// Asks Go something: its status, its answer, its words.
    async fn ask(
        &self,
        folder: &Path,
        question: &[&str],
    ) -> Result<(ExitStatus, String, String), BuildError> {
        let mut command = self.command(folder);
        command.args(question).stdout(Stdio::piped()).stderr(Stdio::piped());
        let output = timeout(QUESTION_LIMIT, command.output())
            .await
            .map_err(|_| BuildError::TooLong(QUESTION_LIMIT))?
            .map_err(|source| self.not_started(source))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        Ok((output.status, text(&output.stdout), text(&output.stderr)))
    }

    fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.go);
        // The user's workspace and flags are about their own modules; this one must come out the same everywhere.
        command
            .current_dir(folder)
            .env("CGO_ENABLED", "0")
            .env("GOWORK", "off")
            .env("GOFLAGS", "-mod=readonly")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true);
        command
    }

    fn not_started(&self, source: io::Error) -> BuildError {
        let program = PathBuf::from(&self.go);
        match source.kind() {
            io::ErrorKind::NotFound => {
                BuildError::NoGo { program, required: module::required_go().to_owned() }
            }
            _ => BuildError::Cache { doing: "starting Go", path: program, source },
        }
    }
}

fn create_folder(path: &Path) -> Result<(), BuildError> {
    std::fs::create_dir_all(path).map_err(|source| BuildError::Cache {
        doing: "creating it",
        path: path.to_owned(),
        source,
    })
}

/// `go build -v` names each package on a line of its own; whatever has a space or a colon is a message.
fn is_package(line: &str) -> bool {
    !line.is_empty() && !line.contains([' ', ':', '\t'])
}

fn version(text: &str) -> Vec<u64> {
    text.split('.')
        .map(|part| part.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(version("1.26.8") >= version("1.26.4"));
        assert!(version("1.27rc1") >= version("1.26.4"));
        assert!(version("1.9") < version("1.26.4"));
        assert!(version("") < version("1.26.4"));
    }

    #[test]
    fn packages_are_told_from_messages() {
        assert!(is_package("k8s.io/api/core/v1"));
        assert!(!is_package("go: downloading k8s.io/api v0.36.3"));
        assert!(!is_package("./main.go:12:3: undefined: x"));
    }

    #[tokio::test]
    async fn without_go_the_error_names_the_other_way() {
        let cache = tempfile::tempdir().unwrap();
        let builder = Builder { cache: cache.path().to_owned(), go: "/nonexistent/go".into() };
        let error = builder.ensure_built(|_| {}).await.unwrap_err().to_string();
        assert!(error.contains("/nonexistent/go") && error.contains("--kubeconfig"), "{error}");
    }

    #[tokio::test]
    async fn what_is_not_a_new_go_is_told_so() {
        let cache = tempfile::tempdir().unwrap();
        let builder = Builder { cache: cache.path().to_owned(), go: "echo".into() };
        let error = builder.ensure_built(|_| {}).await.unwrap_err();
        assert!(matches!(&error, BuildError::OldGo { found, .. } if found == "env GOVERSION"), "{error}");
        assert!(error.to_string().contains("--kubeconfig"), "{error}");
    }
}
