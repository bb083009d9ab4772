//! Finds helm, new enough.

use std::{
    ffi::OsStr,
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    diff::Problem,
    program::{find_all, run, run_reason},
    render::Search,
};

/// The oldest helm of the third generation; any of the fourth will do.
const OLDEST: (u64, u64) = (3, 18);

/// A helm that is new enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Helm {
    /// Absolute.
    pub program: PathBuf,
    /// As it says it, as in `v4.2.4`.
    pub version: String,
    /// 3 or 4: their flags differ.
    pub generation: u64,
}

impl fmt::Display for Helm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "helm {}", self.version)
    }
}

impl Helm {
    /// Finds the program: the given one, else the first `helm` in `PATH` that is new enough.
    ///
    /// # Errors
    /// It is not there, or too old; the problem says what was found.
    pub async fn detect(search: &Search, preferred: Option<&Path>) -> Result<Self, Problem> {
        let wanted = preferred.map_or(OsStr::new("helm"), Path::as_os_str);
        let mut refused = None;
        for program in find_all(&search.path, wanted) {
            match ask(search, program).await {
                Ok(helm) => return Ok(helm),
                Err(problem) => refused = refused.or(Some(problem)),
            }
        }
        Err(refused.unwrap_or_else(|| {
            let reason = if preferred.is_some() { "there is no such program" } else { "it is not in PATH" };
            Problem::new(wanted.to_string_lossy(), reason, remedy())
        }))
    }
}

/// Asks a program for its version, without a kubeconfig: that is no reason to reach for a cluster.
async fn ask(search: &Search, program: PathBuf) -> Result<Helm, Problem> {
    let output = run(
        &program,
        &["version", "--template", "{{.Version}}"],
        Path::new("/"),
        &[("KUBECONFIG", Some(OsStr::new("/dev/null")))],
        search.time_limit.min(Duration::from_secs(30)),
    )
    .await
    .map_err(|error| Problem::new(program.display().to_string(), run_reason(&error), remedy()))?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    match parts(&version) {
        Some(found) if found >= OLDEST => Ok(Helm { program, version, generation: found.0 }),
        Some(_) => {
            let reason = format!("its version {version} is too old");
            Err(Problem::new(program.display().to_string(), reason, remedy()))
        }
        None => {
            let reason = "it does not say its version as helm does";
            Err(Problem::new(program.display().to_string(), reason, remedy()))
        }
    }
}

fn remedy() -> String {
    let (major, minor) = OLDEST;
    format!("install helm {major}.{minor} or newer, or name it with --helm")
}

/// Major and minor of `v4.2.4`.
fn parts(version: &str) -> Option<(u64, u64)> {
    let mut numbers = version.strip_prefix('v')?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use std::{ffi::OsString, fs, os::unix::fs::PermissionsExt, path::Path};

    use super::{Helm, parts};
    use crate::render::Search;

    /// A program that answers every question with a version.
    fn helm_in(folder: &Path, version: &str) {
        let program = folder.join("helm");
        fs::write(&program, format!("#!/bin/sh\necho {version}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[tokio::test]
    async fn one_that_is_too_old_is_passed_over_for_a_later_one() {
        let [old, new] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        helm_in(old.path(), "v3.10.0");
        helm_in(new.path(), "v3.21.4");
        let in_folders = |folders: &[&Path]| {
            let path: OsString = std::env::join_paths(folders).unwrap();
            Search { path, ..Search::default() }
        };
        let found = Helm::detect(&in_folders(&[old.path(), new.path()]), None).await.unwrap();
        assert_eq!((found.program, found.generation), (new.path().join("helm"), 3));
        let refused = Helm::detect(&in_folders(&[old.path()]), None).await.unwrap_err();
        assert!(refused.reason.contains("v3.10.0 is too old"), "{refused}");
        let absent = Helm::detect(&in_folders(&[Path::new("/nonexistent")]), None).await.unwrap_err();
        assert_eq!(absent.reason, "it is not in PATH");
    }

    #[test]
    fn versions_are_read() {
        assert_eq!(parts("v4.2.4"), Some((4, 2)));
        assert_eq!(parts("v3.18.0-rc.1"), Some((3, 18)));
        assert_eq!(parts("v4.2"), Some((4, 2)));
        assert_eq!(parts("usage: helm"), None);
    }
}
