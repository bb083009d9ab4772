//! Runs our own program, and kubectl, as a person would.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};
use tokio::task::JoinHandle;

/// What a program did.
#[derive(Debug)]
pub struct Output {
    pub stdout: String,
    pub stderr: String,
    /// The exit code; -1 when a signal ended it.
    pub code: i32,
}

impl Output {
    /// The standard output of a program that succeeded.
    pub fn expect_success(self) -> String {
        assert_eq!(self.code, 0, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self.stdout
    }
}

/// A user of the program: empty folders for configuration, state and cache, which several runs share.
pub struct Home {
    folder: TempDir,
    kubeconfig: PathBuf,
    surroundings: Vec<(String, OsString)>,
}

impl Home {
    pub fn new(kubeconfig: PathBuf) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), kubeconfig, surroundings: Vec::new() }
    }

    /// A variable that every program in this home will have.
    pub fn set(&mut self, name: &str, value: &OsStr) {
        self.surroundings.push((name.to_owned(), value.to_owned()));
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where the program keeps its state: `XDG_STATE_HOME`.
    pub fn state(&self) -> PathBuf {
        self.path().join("state")
    }

    /// The program with arguments, ready to be changed further or started.
    pub fn command(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        self.command_of(Path::new(env!("CARGO_BIN_EXE_migrate-tui")), arguments)
    }

    /// Another program in the same home.
    pub fn command_of(
        &self,
        program: &Path,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).env("HOME", self.path()).env("KUBECONFIG", &self.kubeconfig);
        for (name, folder) in [
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_RUNTIME_DIR", "runtime"),
        ] {
            command.env(name, self.path().join(folder));
        }
        for (name, value) in &self.surroundings {
            command.env(name, value);
        }
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// Runs the program to its end.
    pub async fn run(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Output {
        finish(self.command(arguments)).await
    }
}

/// A program that was started, and is listened to.
pub struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStderr>>,
    heard: String,
    // Read all the time: a full pipe would hold the program up.
    printed: JoinHandle<String>,
}

impl Running {
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut stdout = child.stdout.take().unwrap();
        let printed = tokio::spawn(async move {
            let mut text = String::new();
            stdout.read_to_string(&mut text).await.unwrap();
            text
        });
        Self { child, lines, heard: String::new(), printed }
    }

    /// Waits until its standard error has a line with this text.
    pub async fn says(&mut self, text: &str) {
        while let Some(line) = self.lines.next_line().await.unwrap() {
            self.heard.push_str(&line);
            self.heard.push('\n');
            if line.contains(text) {
                return;
            }
        }
        panic!("it ended without saying {text:?}:\n{}", self.heard);
    }

    /// Waits for its end.
    pub async fn finish(mut self) -> Output {
        while let Some(line) = self.lines.next_line().await.unwrap() {
            self.heard.push_str(&line);
            self.heard.push('\n');
        }
        let status = self.child.wait().await.unwrap();
        Output { stdout: self.printed.await.unwrap(), stderr: self.heard, code: status.code().unwrap_or(-1) }
    }
}

/// Runs kubectl to its end.
pub async fn kubectl(kubeconfig: &Path, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Output {
    let mut command = Command::new("kubectl");
    command.args(arguments).env("KUBECONFIG", kubeconfig).stdin(Stdio::null()).kill_on_drop(true);
    finish(command).await
}

pub async fn finish(mut command: Command) -> Output {
    let output = command.output().await.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    Output {
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        code: output.status.code().unwrap_or(-1),
    }
}
