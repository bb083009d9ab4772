//! Where helm works for one run: its folder, its kubeconfig, its lock.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Seek, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use tempfile::NamedTempFile;

use super::Helm;
use crate::{
    diff::Problem,
    program::{Output, RunError, run_on, run_reason},
};

/// How long helm may take for what only reads: a large chart, a slow registry.
const TIME_LIMIT: Duration = Duration::from_mins(2);

/// Variables that would lead helm elsewhere than we say.
const CLEARED: [&str; 14] = [
    "HELM_KUBEAPISERVER",
    "HELM_KUBEASGROUPS",
    "HELM_KUBEASUSER",
    "HELM_KUBECAFILE",
    "HELM_KUBECONTEXT",
    "HELM_KUBEINSECURE_SKIP_TLS_VERIFY",
    "HELM_KUBETLS_SERVER_NAME",
    "HELM_KUBETOKEN",
    "HELM_NAMESPACE",
    "HELM_DEBUG",
    // Releases are kept in Secrets: by another driver, everyone else would find none there.
    "HELM_DRIVER",
    "HELM_DRIVER_SQL_CONNECTION_STRING",
    // The revision that a rollback goes back to is among those that are kept.
    "HELM_MAX_HISTORY",
    "HELM_QPS",
];

/// helm, and where it works for one run.
#[derive(Debug)]
pub struct Workplace {
    /// The program.
    pub helm: Helm,
    folder: PathBuf,
    kubeconfig: Result<Kubeconfig, String>,
    context: String,
}

/// Never shown: it may hold credentials.
struct Kubeconfig(String);

impl std::fmt::Debug for Kubeconfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Kubeconfig")
    }
}

/// Does helm need the cluster?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The one that the run is pinned to.
    Cluster,
    /// None.
    Nothing,
}

impl Workplace {
    /// A place to work in `folder`, which is made; `kubeconfig` is the text of one with this one context,
    /// or why there is none.
    ///
    /// # Errors
    /// [`Problem`] when the folder cannot be made.
    pub fn new(
        helm: Helm,
        folder: &Path,
        kubeconfig: Result<String, String>,
        context: &str,
    ) -> Result<Self, Problem> {
        let place = Self {
            helm,
            folder: folder.to_owned(),
            kubeconfig: kubeconfig.map(Kubeconfig),
            context: context.to_owned(),
        };
        for folder in [place.charts(), place.temporary()] {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&folder)
                .map_err(|error| unusable(&folder, &error))?;
        }
        Ok(place)
    }

    /// Removes what a process that was killed has left behind: a kubeconfig.
    pub fn clear(folder: &Path) {
        let lock = File::open(folder.join("at-work.lock"));
        if lock.is_ok_and(|lock| lock.try_lock_shared().is_err()) {
            // A helm that it has started still runs, and may still read them.
            return;
        }
        for entry in fs::read_dir(folder.join("tmp")).into_iter().flatten().flatten() {
            if let Err(error) = fs::remove_file(entry.path()) {
                tracing::warn!(%error, "a file of an earlier session stays");
            }
        }
    }

    /// Where archives of charts are kept.
    pub(super) fn charts(&self) -> PathBuf {
        self.folder.join("charts")
    }

    fn temporary(&self) -> PathBuf {
        self.folder.join("tmp")
    }

    /// Where the words of the last run that wrote are.
    pub(super) fn words_file(&self) -> PathBuf {
        self.folder.join("words.txt")
    }

    /// A file without a name that a program reads from its start: nothing is left of it, however it ends.
    pub(super) fn nameless(&self, text: &str) -> Result<File, Problem> {
        let written = tempfile::tempfile_in(self.temporary()).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.rewind()?;
            Ok(file)
        });
        written.map_err(|error| unusable(&self.temporary(), &error))
    }

    /// A file for its owner only, gone with the value.
    fn kubeconfig_file(&self) -> Result<NamedTempFile, Problem> {
        match &self.kubeconfig {
            Ok(Kubeconfig(text)) => {
                let prefix = "kubeconfig-";
                let made =
                    tempfile::Builder::new().prefix(prefix).suffix(".yaml").tempfile_in(self.temporary());
                let written = made.and_then(|mut file| {
                    file.write_all(text.as_bytes())?;
                    Ok(file)
                });
                written.map_err(|error| unusable(&self.temporary(), &error))
            }
            Err(reason) => {
                Err(Problem::new("helm's kubeconfig", reason.clone(), "give one with --kubeconfig"))
            }
        }
    }

    /// The lock that is held for as long as helm writes; `None` when it is held.
    ///
    /// # Errors
    /// [`Problem`] when the file cannot be used.
    pub(super) fn lock(&self) -> Result<Option<File>, Problem> {
        let path = self.folder.join("at-work.lock");
        let opened =
            OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(0o600).open(&path);
        let file = opened.map_err(|error| unusable(&path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(unusable(&path, &error)),
        }
    }

    /// Notes which revisions the runs of helm that are about to begin may make, after the newest one.
    ///
    /// # Errors
    /// [`Problem`] when it cannot be noted.
    pub fn begin(&self, name: &str, newest: Option<u32>) -> Result<(), Problem> {
        let path = self.folder.join("begun");
        let text = format!("{name} {}", newest.unwrap_or(0));
        fs::write(&path, text).map_err(|error| unusable(&path, &error))
    }

    /// Notes that they came to their end.
    pub fn ended(&self) {
        if let Err(error) = fs::remove_file(self.folder.join("begun")) {
            tracing::debug!(%error, "nothing was begun");
        }
    }

    /// Was this revision begun by a helm of this run?
    #[must_use]
    pub fn has_begun(&self, name: &str, revision: u32) -> bool {
        let text = fs::read_to_string(self.folder.join("begun")).unwrap_or_default();
        let noted =
            text.split_once(' ').and_then(|(noted, newest)| Some((noted, newest.parse::<u32>().ok()?)));
        // A recovery makes one revision, and what follows it another.
        noted.is_some_and(|(noted, newest)| noted == name && revision > newest && revision <= newest + 2)
    }

    /// Is a helm of this run writing, one that a killed process has started among them?
    ///
    /// # Errors
    /// [`Problem`] when that cannot be found out.
    pub fn is_at_work(&self) -> Result<bool, Problem> {
        Ok(self.lock()?.is_none())
    }

    /// The arguments with the context, and the kubeconfig that must live as long as helm runs.
    pub(super) fn for_cluster(
        &self,
        arguments: &[&OsStr],
    ) -> Result<(Vec<OsString>, NamedTempFile), Problem> {
        let mut all: Vec<OsString> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        all.extend(["--kube-context".into(), self.context.clone().into()]);
        Ok((all, self.kubeconfig_file()?))
    }

    /// Runs helm for what it says; helm's own failure is no error here.
    pub(super) async fn ask(&self, arguments: &[&OsStr], reach: Reach) -> Result<Output, Problem> {
        self.ask_with(arguments, "", reach).await
    }

    /// The same, with what it reads.
    pub(super) async fn ask_with(
        &self,
        arguments: &[&OsStr],
        input: &str,
        reach: Reach,
    ) -> Result<Output, Problem> {
        let (program, input) = (&self.helm.program, input.as_bytes());
        let output = if reach == Reach::Cluster {
            let (arguments, kubeconfig) = self.for_cluster(arguments)?;
            let around = surroundings(kubeconfig.path());
            run_on(program, &arguments, &self.folder, &around, input, TIME_LIMIT).await
        } else {
            let around = surroundings(Path::new("/dev/null"));
            run_on(program, arguments, &self.folder, &around, input, TIME_LIMIT).await
        };
        output.map_err(|error| self.not_run(&error))
    }

    pub(super) fn not_run(&self, error: &RunError) -> Problem {
        let remedy = match error {
            RunError::TimedOut(_) => "see what it waits for, then look at the changes again",
            _ => "see that the program runs, then look at the changes again",
        };
        Problem::new(self.helm.program.display().to_string(), run_reason(error), remedy)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }
}

/// Helm's surroundings: a kubeconfig of our choice, and nothing that overrules it. The operator's own
/// registry logins stay usable.
pub(super) fn surroundings(kubeconfig: &Path) -> Vec<(&'static str, Option<&OsStr>)> {
    let cleared = CLEARED.into_iter().map(|name| (name, None));
    cleared.chain([("KUBECONFIG", Some(kubeconfig.as_os_str()))]).collect()
}

pub(super) fn unusable(path: &Path, error: &io::Error) -> Problem {
    let remedy = "free space or mend the folder's rights, then try again";
    Problem::new(path.display().to_string(), format!("it cannot be used: {error}"), remedy)
}
