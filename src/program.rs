//! Runs one program to its end: an argument list, no shell, a time limit, a bounded output.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, File},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::Command,
    time::timeout,
};

/// A rendering of this size is a mistake.
const MOST_OUTPUT: u64 = 64 * 1024 * 1024;
/// Nobody reads more of an error.
const MOST_ERROR: u64 = 256 * 1024;

/// Between being asked to end and being made to.
const GRACE: Duration = Duration::from_secs(20);

/// Variables of a program's environment that are set, or taken away, before it starts.
pub(crate) type Surroundings<'a> = &'a [(&'a str, Option<&'a OsStr>)];

/// What a program left.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

/// Why a program has no output.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    #[error("it cannot be started")]
    Start(#[source] io::Error),
    #[error("it was stopped after {} s without an end", .0.as_secs_f32())]
    TimedOut(Duration),
    #[error("its output is larger than {} MiB", MOST_OUTPUT / 1024 / 1024)]
    TooMuch,
    #[error("its output cannot be read")]
    Read(#[source] io::Error),
}

/// The error with its cause, on one line.
pub(crate) fn run_reason(error: &RunError) -> String {
    match error {
        RunError::Start(source) | RunError::Read(source) => format!("{error}: {source}"),
        RunError::TimedOut(_) | RunError::TooMuch => error.to_string(),
    }
}

/// Runs a program in a folder. When the future is dropped or the time is over, the program and whatever it
/// has started are killed.
pub(crate) async fn run<A: AsRef<OsStr>>(
    program: &Path,
    arguments: &[A],
    folder: &Path,
    surroundings: Surroundings<'_>,
    time_limit: Duration,
) -> Result<Output, RunError> {
    run_on(program, arguments, folder, surroundings, &[], time_limit).await
}

/// The same for a program that reads its input; without any, it is closed.
pub(crate) async fn run_on<A: AsRef<OsStr>>(
    program: &Path,
    arguments: &[A],
    folder: &Path,
    surroundings: Surroundings<'_>,
    input: &[u8],
    time_limit: Duration,
) -> Result<Output, RunError> {
    let mut child = command(program, arguments, folder, surroundings)
        .stdin(if input.is_empty() { Stdio::null() } else { Stdio::piped() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(RunError::Start)?;
    let _group = Group(child.id());
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let work = async {
        let told = async {
            if let Some(mut stdin) = stdin {
                // Who does not read it says why itself.
                let _ = stdin.write_all(input).await;
            }
        };
        let ((), stdout, stderr) = tokio::join!(told, read(stdout, MOST_OUTPUT), read(stderr, MOST_ERROR));
        let stdout = stdout.map_err(RunError::Read)?;
        if u64::try_from(stdout.len()).unwrap_or(u64::MAX) > MOST_OUTPUT {
            return Err(RunError::TooMuch);
        }
        let stderr = String::from_utf8_lossy(&stderr.map_err(RunError::Read)?).trim().to_owned();
        let status = child.wait().await.map_err(RunError::Read)?;
        Ok(Output { status, stdout, stderr })
    };
    timeout(time_limit, work).await.unwrap_or(Err(RunError::TimedOut(time_limit)))
}

/// Runs a program that must not be cut off, even when this process is: it reads `input`, what it says of
/// failures goes to `said`, and whoever looks at `held`, which takes its output, sees it locked for as long as
/// it runs.
pub(crate) async fn run_through<A: AsRef<OsStr>>(
    program: &Path,
    arguments: &[A],
    folder: &Path,
    surroundings: Surroundings<'_>,
    (input, held, said): (Option<File>, File, File),
    time_limit: Duration,
) -> Result<ExitStatus, RunError> {
    let mut child = command(program, arguments, folder, surroundings)
        .stdin(input.map_or_else(Stdio::null, Stdio::from))
        .stdout(Stdio::from(held))
        .stderr(Stdio::from(said))
        .spawn()
        .map_err(RunError::Start)?;
    if let Ok(ended) = timeout(time_limit, child.wait()).await {
        return ended.map_err(RunError::Read);
    }
    let group = Group(child.id());
    group.tell(Signal::TERM);
    // What it does on being asked to end is its own: a half-finished change is marked as one.
    let _ = timeout(GRACE, child.wait()).await;
    Err(RunError::TimedOut(time_limit))
}

fn command<A: AsRef<OsStr>>(
    program: &Path,
    arguments: &[A],
    folder: &Path,
    surroundings: Surroundings<'_>,
) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).process_group(0);
    for (name, value) in surroundings {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

/// The program of that name in the folders of `path`, or of that path.
pub(crate) fn find(path: &OsString, program: &OsStr) -> Option<PathBuf> {
    find_all(path, program).next()
}

/// Every program of that name, in the order of `path`.
pub(crate) fn find_all(path: &OsString, program: &OsStr) -> impl Iterator<Item = PathBuf> {
    let is_program = |path: &PathBuf| {
        fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    };
    let places = if Path::new(program).components().count() > 1 {
        std::path::absolute(program).into_iter().collect()
    } else {
        // A relative entry of PATH would mean another program in each folder.
        let folders = std::env::split_paths(path).filter(|folder| folder.is_absolute());
        folders.map(|folder| folder.join(program)).collect::<Vec<PathBuf>>()
    };
    places.into_iter().filter(is_program)
}

/// Reads to the end, or to one byte past the limit.
async fn read(pipe: Option<impl AsyncRead + Unpin>, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(limit + 1).read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

/// Kills a program's process group when dropped: a program that is a script leaves children behind.
struct Group(Option<u32>);

impl Group {
    fn tell(&self, signal: Signal) {
        if let Some(pid) = self.0.and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw) {
            // The group is usually gone by now, which is what we want.
            let _ = kill_process_group(pid, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.tell(Signal::KILL);
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path, time::Duration};

    use super::{RunError, run};

    /// Waits for a file's text, or for its end.
    async fn until<T>(mut found: impl FnMut() -> Option<T>) -> T {
        let mut tries = tokio::time::interval(Duration::from_millis(5));
        loop {
            if let Some(found) = found() {
                return found;
            }
            tries.tick().await;
        }
    }

    #[tokio::test]
    async fn a_child_of_a_stopped_program_dies_with_it() {
        let folder = tempfile::tempdir().unwrap();
        // Not `tail -f`, which ends by itself when nobody reads any more.
        let script = "sleep 600 & echo $! > child.part; mv child.part child; wait";
        let arguments = ["-c", script];
        let work = run(Path::new("/bin/sh"), &arguments, folder.path(), &[], Duration::from_mins(10));
        let child = folder.path().join("child");
        let process = tokio::select! {
            ended = work => panic!("it ended: {ended:?}"),
            process = until(|| fs::read_to_string(&child).ok()) => format!("/proc/{}", process.trim()),
        };
        // The future has been dropped, as it is when an operator cancels.
        let is_gone = || {
            let status = fs::read_to_string(format!("{process}/stat")).unwrap_or_default();
            (status.is_empty() || status.contains(") Z ")).then_some(())
        };
        tokio::time::timeout(Duration::from_secs(10), until(is_gone)).await.unwrap();
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_an_error() {
        let ended =
            run(Path::new("/nonexistent/program"), &["x"], Path::new("/"), &[], Duration::from_secs(10))
                .await;
        assert!(matches!(ended, Err(RunError::Start(_))), "{ended:?}");
    }

    #[tokio::test]
    async fn arguments_reach_the_program_as_they_are() {
        let output =
            run(Path::new("/bin/echo"), &["$HOME;", "`id`"], Path::new("/"), &[], Duration::from_secs(10))
                .await;
        assert_eq!(output.unwrap().stdout, b"$HOME; `id`\n");
    }
}
