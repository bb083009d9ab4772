//! Finds the one program that renders a run's overlays: kubectl or kustomize, new enough.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    renderer::{Renderer, RendererSort, offline},
    version::{OLDEST_KUBECTL, OLDEST_KUSTOMIZE, is_at_least, of_kubectl, of_kustomize},
};
use crate::{
    diff::Problem,
    program::{find, run, run_reason},
};

/// How a program is found and how long it may take.
#[derive(Clone, Debug)]
pub struct Search {
    /// Folders to look in, as in `PATH`.
    pub path: OsString,
    /// For each run of it.
    pub time_limit: Duration,
}

impl Default for Search {
    fn default() -> Self {
        Self { path: std::env::var_os("PATH").unwrap_or_default(), time_limit: Duration::from_mins(1) }
    }
}

impl Search {
    /// Looks in the folders of `PATH` first, and then in this one.
    #[must_use]
    pub fn last_in(folder: &Path) -> Self {
        let mut search = Self::default();
        let own: Vec<PathBuf> = std::env::split_paths(&search.path).collect();
        let folders = own.into_iter().chain([folder.to_owned()]);
        // A folder with a colon in its name cannot be in a PATH.
        if let Ok(path) = std::env::join_paths(folders) {
            search.path = path;
        }
        search
    }
}

impl Renderer {
    /// Finds the program in `PATH`: the preferred one, else kubectl, else kustomize.
    ///
    /// # Errors
    /// None is there, or none is new enough; the problem says what was found.
    pub async fn detect(preferred: Option<&Path>) -> Result<Self, Problem> {
        Self::detect_in(&Search::default(), preferred).await
    }

    /// The same, looking elsewhere.
    ///
    /// # Errors
    /// As [`Self::detect`].
    pub async fn detect_in(search: &Search, preferred: Option<&Path>) -> Result<Self, Problem> {
        if let Some(preferred) = preferred {
            let Some(program) = find(&search.path, preferred.as_os_str()) else {
                return Err(Problem::new(
                    preferred.display().to_string(),
                    "there is no such program",
                    "give the path of kubectl or kustomize",
                ));
            };
            return ask(search, program).await;
        }
        let mut refused = None;
        for name in ["kubectl", "kustomize"] {
            let Some(program) = find(&search.path, OsStr::new(name)) else { continue };
            match ask(search, program).await {
                Ok(renderer) => return Ok(renderer),
                Err(problem) => refused = refused.or(Some(problem)),
            }
        }
        Err(refused.unwrap_or_else(|| {
            Problem::new("kubectl", "neither kubectl nor kustomize is in PATH", remedy_for_program())
        }))
    }
}

/// Asks a program for its version.
async fn ask(search: &Search, program: PathBuf) -> Result<Renderer, Problem> {
    let shown = program.display().to_string();
    let is_kustomize = program.file_name().is_some_and(|name| name.to_string_lossy().contains("kustomize"));
    let sort = if is_kustomize { RendererSort::Kustomize } else { RendererSort::Kubectl };
    let arguments: &[&str] = match sort {
        RendererSort::Kubectl => &["version", "--client", "-o", "json"],
        RendererSort::Kustomize => &["version"],
    };
    let output = run(&program, arguments, Path::new("/"), &offline(), search.time_limit).await;
    let output = output.map_err(|error| Problem::new(&shown, run_reason(&error), remedy_for_program()))?;
    let versions = match sort {
        RendererSort::Kubectl => of_kubectl(&output.stdout),
        RendererSort::Kustomize => {
            of_kustomize(&output.stdout).map(|version| (version.clone(), Some(version)))
        }
    };
    let Some((version, kustomize_version)) = versions else {
        return Err(Problem::new(
            shown,
            "it does not say its version as kubectl or kustomize does",
            remedy_for_program(),
        ));
    };
    let kustomize_version = kustomize_version.unwrap_or_else(|| "unknown".to_owned());
    let new_enough = is_at_least(&kustomize_version, OLDEST_KUSTOMIZE)
        && (sort == RendererSort::Kustomize || is_at_least(&version, OLDEST_KUBECTL));
    if !new_enough {
        let reason = format!("its version {version} (kustomize {kustomize_version}) is too old");
        return Err(Problem::new(shown, reason, remedy_for_program()));
    }
    Ok(Renderer { program, sort, version, kustomize_version, time_limit: search.time_limit })
}

/// What to do about a program that is missing, too old or strange.
pub(super) fn remedy_for_program() -> String {
    let ((major, minor), (kustomize, _)) = (OLDEST_KUBECTL, OLDEST_KUSTOMIZE);
    format!("install kubectl {major}.{minor} or newer, or kustomize {kustomize} or newer")
}
