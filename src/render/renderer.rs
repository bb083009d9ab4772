//! Renders one step of a plan to objects.

use std::{
    ffi::OsStr,
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    detect::remedy_for_program,
    folder::Folder,
    graph::Walk,
    kustomization::FILE_NAMES,
    manifests::{manifests, path_problem},
    objects::parse,
    secrets::hide,
};
use crate::{
    diff::Problem,
    object::Object,
    plan::{Action, Plan, Step},
    program::{RunError, run, run_reason},
};

/// A kubectl or kustomize that is new enough. The two can render differently, so a run keeps to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renderer {
    /// Absolute.
    pub program: PathBuf,
    /// Which of the two.
    pub sort: RendererSort,
    /// The program's version, as it says it.
    pub version: String,
    /// The version of kustomize in it.
    pub kustomize_version: String,
    pub(super) time_limit: Duration,
}

/// Which program renders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RendererSort {
    /// `kubectl kustomize`.
    Kubectl,
    /// `kustomize build`.
    Kustomize,
}

/// As the journal and the diff name it: `kubectl v1.32.4 (kustomize v5.5.0)`.
impl fmt::Display for Renderer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sort {
            RendererSort::Kubectl => {
                write!(f, "kubectl {} (kustomize {})", self.version, self.kustomize_version)
            }
            RendererSort::Kustomize => write!(f, "kustomize {}", self.version),
        }
    }
}

impl Renderer {
    /// Renders one step, as [`Plan::steps_in`] gives it.
    ///
    /// # Errors
    /// Everything that stands in the way, kustomize's own words included; never a Secret's value.
    pub async fn render(&self, plan: &Plan, step: &Step) -> Result<Vec<Object>, Vec<Problem>> {
        render(Ok(self), plan, step).await
    }

    async fn kustomize(&self, folder: &Folder, path: &str) -> Result<Vec<Object>, Vec<Problem>> {
        let target = folder.resolve(folder.root(), path).map_err(|error| vec![path_problem(path, &error)])?;
        let (target, walk) = walk_from(folder.clone(), target).await;
        if !walk.diagnostics.is_empty() {
            return Err(walk
                .diagnostics
                .iter()
                .map(|one| {
                    Problem::new(
                        one.location(),
                        &one.message,
                        one.hint.as_deref().unwrap_or("correct the kustomization"),
                    )
                })
                .collect());
        }
        let verb = match self.sort {
            RendererSort::Kubectl => "kustomize",
            RendererSort::Kustomize => "build",
        };
        // Absolute, so that it cannot be taken for a flag.
        let arguments = [OsStr::new(verb), target.as_os_str()];
        let output = run(&self.program, &arguments, folder.root(), &offline(), self.time_limit).await;
        let output = output.map_err(|error| vec![run_problem(path, self, &error)])?;
        if !output.status.success() {
            let said =
                hide(&output.stderr, &walk.secrets).replace(&format!("{}/", folder.root().display()), "");
            let said = said.strip_prefix("error: ").or_else(|| said.strip_prefix("Error: ")).unwrap_or(&said);
            let reason = if said.is_empty() {
                format!("{self} ended with {}", output.status)
            } else {
                said.to_owned()
            };
            return Err(vec![Problem::new(path, reason, "correct the kustomization; nothing was changed")]);
        }
        let text = String::from_utf8(output.stdout).map_err(|_| {
            vec![Problem::new(path, format!("{self} answered with no text"), remedy_for_program())]
        })?;
        parse(&text, path)
    }
}

/// Renders one step, as [`Plan::steps_in`] gives it. Only a kustomize step needs a renderer; the problem of
/// having none is handed on where it matters. A manual step has no objects.
///
/// # Errors
/// Everything that stands in the way, kustomize's own words included; never a Secret's value.
pub async fn render(
    renderer: Result<&Renderer, &Problem>,
    plan: &Plan,
    step: &Step,
) -> Result<Vec<Object>, Vec<Problem>> {
    let folder = folder_of(plan)?;
    match &step.action {
        // A chart is helm's to render; a pin changes a file.
        Action::Manual(_) | Action::Helm(_) | Action::Pin { .. } => Ok(Vec::new()),
        Action::Manifests { paths } => {
            let paths = paths.clone();
            blocking(move || manifests(&folder, &paths)).await.unwrap_or_else(|problem| Err(vec![problem]))
        }
        Action::Kustomize { path } => match renderer {
            Ok(renderer) => renderer.kustomize(&folder, &path.to_string_lossy()).await,
            Err(problem) => Err(vec![problem.clone()]),
        },
    }
}

/// Renders a path of a plan: an overlay where there is a kustomization file in it, else manifests as they are.
///
/// # Errors
/// As [`render`].
pub async fn render_path(
    renderer: Result<&Renderer, &Problem>,
    plan: &Plan,
    path: &Path,
) -> Result<Vec<Object>, Vec<Problem>> {
    let folder = folder_of(plan)?;
    let is_overlay = FILE_NAMES.iter().any(|name| folder.root().join(path).join(name).is_file());
    if !is_overlay {
        let paths = vec![path.to_owned()];
        return blocking(move || manifests(&folder, &paths))
            .await
            .unwrap_or_else(|problem| Err(vec![problem]));
    }
    match renderer {
        Ok(renderer) => renderer.kustomize(&folder, &path.to_string_lossy()).await,
        Err(problem) => Err(vec![problem.clone()]),
    }
}

fn folder_of(plan: &Plan) -> Result<Folder, Vec<Problem>> {
    Folder::of(plan).map_err(|error| {
        vec![Problem::new(plan.folder.display().to_string(), error.to_string(), "put the plan's folder back")]
    })
}

/// Nothing remote is fetched, whatever a generator file names: port 9 answers nobody. And a kuberc file
/// could add flags, and with them helm or plugins.
pub(super) fn offline() -> [(&'static str, Option<&'static OsStr>); 8] {
    const DEAD_END: &str = "http://127.0.0.1:9";
    let to = |value: &'static str| Some(OsStr::new(value));
    [
        ("KUBECTL_KUBERC", to("false")),
        ("KUBERC", to("off")),
        ("HTTP_PROXY", to(DEAD_END)),
        ("HTTPS_PROXY", to(DEAD_END)),
        ("http_proxy", to(DEAD_END)),
        ("https_proxy", to(DEAD_END)),
        ("NO_PROXY", to("")),
        ("no_proxy", to("")),
    ]
}

async fn walk_from(folder: Folder, target: PathBuf) -> (PathBuf, Walk) {
    let start = target.clone();
    let walk = blocking(move || {
        let mut walk = Walk::default();
        walk.visit(&folder, &start);
        walk
    });
    (target, walk.await.unwrap_or_default())
}

/// Runs work that waits for the disk where that does not stop the screen.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Problem::new("reading the plan's files", error.to_string(), "try again"))
}

fn run_problem(path: &str, renderer: &Renderer, error: &RunError) -> Problem {
    let remedy = match error {
        RunError::TimedOut(_) => "see what it waits for; nothing was changed",
        _ => "see that the program runs; nothing was changed",
    };
    Problem::new(path, format!("{}: {}", renderer.program.display(), run_reason(error)), remedy)
}
