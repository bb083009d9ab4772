//! Finds helm, new enough.

use std::{
    ffi::OsStr,
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    diff::Problem,
    program::{find, run, run_reason},
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
    /// Finds the program: the given one, else `helm` in `PATH`.
    ///
    /// # Errors
    /// It is not there, or too old; the problem says what was found.
    pub async fn detect(search: &Search, preferred: Option<&Path>) -> Result<Self, Problem> {
        let wanted = preferred.map_or(OsStr::new("helm"), Path::as_os_str);
        let shown = wanted.to_string_lossy();
        let Some(program) = find(&search.path, wanted) else {
            let reason = if preferred.is_some() { "there is no such program" } else { "it is not in PATH" };
            return Err(Problem::new(shown, reason, remedy()));
        };
        // Asked without a kubeconfig: a version is no reason to reach for a cluster.
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
            Some(found) if found >= OLDEST => Ok(Self { program, version, generation: found.0 }),
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
    use super::parts;

    #[test]
    fn versions_are_read() {
        assert_eq!(parts("v4.2.4"), Some((4, 2)));
        assert_eq!(parts("v3.18.0-rc.1"), Some((3, 18)));
        assert_eq!(parts("v4.2"), Some((4, 2)));
        assert_eq!(parts("usage: helm"), None);
    }
}
