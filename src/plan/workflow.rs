//! Which workflow a plan's pipeline is, and what must hold of its runs.

use std::fmt;

use super::{Gate, Plan, Step};

/// Where the pipeline's workflow is. What is not said is found out: from the git remote of the plan's folder, and
/// from `.github/workflows`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkflowAt {
    /// A GitHub Enterprise Server, as in `github.acme.example`; GitHub's own otherwise.
    pub host: Option<String>,
    /// `OWNER/NAME`.
    pub repository: Option<String>,
    /// The file's name in `.github/workflows`.
    pub file: Option<String>,
    /// The branch whose runs count.
    pub branch: Option<String>,
}

/// What must hold: the newest run was for the branch's commit, and succeeded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkflowGate {
    /// Another file than the plan's.
    pub file: Option<String>,
    /// Another branch than the plan's.
    pub branch: Option<String>,
    /// Only runs with this in their title: what tells runs for one environment from those for another.
    pub title: Option<String>,
}

impl Plan {
    /// Is it about a workflow's runs: does it name one, or wait for one?
    #[must_use]
    pub fn tells_runs(&self) -> bool {
        let mut steps = self.stages.iter().flat_map(|stage| &stage.steps);
        self.workflow.is_some() || steps.any(Step::waits_for_runs)
    }

    /// Where its workflow is, as far as it says: a file that only a gate names counts as well.
    #[must_use]
    pub fn workflow_at(&self) -> WorkflowAt {
        let mut at = self.workflow.clone().unwrap_or_default();
        if at.file.is_none() {
            let gates = self.stages.iter().flat_map(|stage| &stage.steps).flat_map(|step| &step.gates);
            let mut named = gates.filter_map(|gate| match gate {
                Gate::Workflow(gate) => gate.file.clone(),
                _ => None,
            });
            at.file = named.find(|file| !file.contains("${"));
        }
        at
    }
}

impl Step {
    /// Is one of its gates about a workflow's runs?
    #[must_use]
    pub fn waits_for_runs(&self) -> bool {
        self.gates.iter().chain(&self.requires).any(|gate| matches!(gate, Gate::Workflow(_)))
    }
}

impl fmt::Display for WorkflowGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.as_deref().unwrap_or("the plan's workflow");
        write!(f, "the newest run of {file}")?;
        if let Some(branch) = &self.branch {
            write!(f, " on {branch}")?;
        }
        if let Some(title) = &self.title {
            write!(f, " titled \u{201c}{title}\u{201d}")?;
        }
        f.write_str(" succeeded, for the branch's commit")
    }
}

/// Is it `OWNER/NAME`?
pub(crate) fn is_repository(text: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && !matches!(part, "." | "..")
            && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    };
    text.split_once('/').is_some_and(|(owner, name)| is_part(owner) && is_part(name))
}

/// Why a text cannot be a workflow file's name, when it cannot.
pub(super) fn file_error(text: &str) -> Option<&'static str> {
    let is_yaml = [".yml", ".yaml"].iter().any(|end| text.len() > end.len() && text.ends_with(end));
    if text.contains('/') {
        Some("it is a file's name in .github/workflows, without a folder")
    } else if !is_yaml {
        Some("it does not end in .yml or .yaml")
    } else {
        None
    }
}

/// Why a text cannot be a branch, when it cannot (git-check-ref-format).
pub(super) fn branch_error(text: &str) -> Option<&'static str> {
    let is_bad = |c: char| c.is_whitespace() || c.is_control() || "~^:?*[\\".contains(c);
    if text.chars().any(is_bad) {
        Some("git allows no branch to have such characters")
    } else if text.contains("..")
        || text.contains("//")
        || text.starts_with(['/', '-'])
        || text.ends_with(['/', '.'])
    {
        Some("git allows no branch to be named so")
    } else if text.starts_with("refs/") {
        Some("name the branch without refs/heads/")
    } else {
        None
    }
}
