//! What a plan names in its folder.

use std::path::{Component, Path, PathBuf};

use super::{EnvironmentName, StepPath, node::Place};

/// A path that a step names, with its variables filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    /// For which environment.
    pub(crate) environment: EnvironmentName,
    /// By which step.
    pub(crate) step: StepPath,
    /// Relative to the plan's folder; inside it as far as its text goes.
    pub(crate) path: PathBuf,
    /// What must be there.
    pub(crate) sort: ReferenceSort,
    /// Where the plan names it.
    pub(crate) place: Place,
    /// The path within the document.
    pub(crate) document_path: String,
}

/// What a reference must lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReferenceSort {
    /// A folder with a kustomization file.
    Kustomization,
    /// A file, or a folder of files.
    Manifests,
    /// A folder with a `Chart.yaml`.
    Chart,
    /// A file of values.
    Values,
    /// A file.
    File,
}

/// Why a path cannot be a step's, judged by its text alone, when it cannot.
pub(super) fn outside(path: &str) -> Option<&'static str> {
    let path = Path::new(path);
    let mut depth = 0_i32;
    for component in path.components() {
        match component {
            Component::Prefix(_) | Component::RootDir => return Some("it is absolute"),
            Component::ParentDir => depth -= 1,
            Component::CurDir => {}
            Component::Normal(_) => depth += 1,
        }
        if depth < 0 {
            return Some("it leads out of the plan's folder");
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::outside;

    #[test]
    fn a_path_stays_in_the_folder_by_its_text() {
        for inside in ["a", "a/b", "./a", "a/../b", "."] {
            assert_eq!(outside(inside), None, "{inside}");
        }
        for out in ["/etc", "..", "../a", "a/../../b"] {
            assert!(outside(out).is_some(), "{out}");
        }
    }
}
