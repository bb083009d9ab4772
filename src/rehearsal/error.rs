//! What can go wrong with the rehearsal cluster, in words that say what to do next.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

/// The other way, for whoever cannot build the rehearsal cluster.
const OTHER_WAY: &str = "or use a cluster that you have: migrate-tui --kubeconfig FILE PLAN";

/// The rehearsal cluster's binary could not be built.
#[derive(Debug, Error)]
pub enum BuildError {
    /// There is no Go to build it with.
    #[error(
        "the rehearsal cluster is built with Go, and no `{program}` was found on the PATH\n\
        install Go {required} or newer (https://go.dev/dl/), {OTHER_WAY}"
    )]
    NoGo {
        /// The program that was looked for.
        program: PathBuf,
        /// The oldest version that will do.
        required: String,
    },
    /// There is a Go, but an older one.
    #[error(
        "the rehearsal cluster needs Go {required} or newer; `{program} version` is {found}\n\
        install a newer Go (https://go.dev/dl/), {OTHER_WAY}"
    )]
    OldGo {
        /// The program that was asked.
        program: PathBuf,
        /// Its version, or its own words.
        found: String,
        /// The oldest version that will do.
        required: String,
    },
    /// Go ran and failed.
    #[error(
        "building the rehearsal cluster failed; Go says:\n{words}\n\
        (modules come from GOPROXY; without network, prepare them with `go mod download`, {OTHER_WAY})"
    )]
    Go {
        /// The last lines that Go wrote.
        words: String,
    },
    /// Go did not come to an end.
    #[error("building the rehearsal cluster took longer than {} min and was stopped; {OTHER_WAY}", .0.as_secs() / 60)]
    TooLong(Duration),
    /// There is nowhere to keep the binary.
    #[error("no cache folder for the rehearsal cluster: neither XDG_CACHE_HOME nor HOME is set")]
    NoCacheFolder,
    /// The cache folder cannot be used.
    #[error("the rehearsal cluster's cache {path} cannot be used: {doing}")]
    Cache {
        /// What was being done.
        doing: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

/// The rehearsal cluster could not be booted, or broke down.
#[derive(Debug, Error)]
pub enum BootError {
    /// One of its programs ended.
    #[error("the rehearsal cluster's {part} ended ({status}); its last words:\n{words}\nall of them: {log}")]
    PartDied {
        /// Which program.
        part: &'static str,
        /// How it ended.
        status: String,
        /// The end of its log.
        words: String,
        /// Where its log is.
        log: PathBuf,
    },
    /// Something did not happen in time.
    #[error("the rehearsal cluster did not get ready: {waiting_for} took longer than {} s\n\
        last answer: {last}\nlogs: {logs}", .limit.as_secs())]
    TooLong {
        /// What was waited for.
        waiting_for: &'static str,
        /// For how long.
        limit: Duration,
        /// What the last look showed.
        last: String,
        /// Where the logs are.
        logs: PathBuf,
    },
    /// A program of the cluster cannot be started.
    #[error("{binary} cannot be started as {part}; remove its folder to have it built anew")]
    Start {
        /// Which program.
        part: &'static str,
        /// The binary.
        binary: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The run's folder cannot be written.
    #[error("the rehearsal cluster's folder cannot be used: {doing} {path}")]
    Folder {
        /// What was being done.
        doing: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A certificate cannot be made.
    #[error("the rehearsal cluster's certificates cannot be made")]
    Certificates(#[from] rcgen::Error),
    /// The API server refused something that the cluster needs.
    #[error("the rehearsal cluster's API server refused {what}")]
    Refused {
        /// The object or request.
        what: String,
        /// Its answer.
        source: Box<kube::Error>,
    },
    /// The cluster's own manifests are not what this program expects.
    #[error("the rehearsal cluster's manifests cannot be read: {0}")]
    Manifests(String),
    /// Loopback has no free port.
    #[error("no free port on 127.0.0.1 for the rehearsal cluster")]
    Ports(#[source] io::Error),
    /// The kept cluster's owner did not get it ready.
    #[error("the kept rehearsal cluster did not start: {0}")]
    Keeper(String),
}

/// Anything that keeps a rehearsal from taking place.
#[derive(Debug, Error)]
pub enum RehearsalError {
    /// It could not be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// It could not be booted.
    #[error(transparent)]
    Boot(#[from] BootError),
    /// Neither output nor signals work.
    #[error("the rehearsal cannot talk to its terminal")]
    Terminal(#[from] io::Error),
}
