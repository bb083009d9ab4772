//! The runs of a workflow, as the forge last told of them.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Freshness, Name};

/// A workflow's newest runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Runs {
    /// Which workflow is asked about; `None` while that is not known, or where there is none.
    pub of: Option<WorkflowOf>,
    /// How far the rows can be trusted.
    pub freshness: Freshness,
    /// Something to know of the asking, on one line: that there is no token, say.
    pub note: Option<String>,
    /// Newest first, each with the name that the pane selects it by.
    pub rows: Vec<(Name, RunRow)>,
    /// Why none can be started from here; `None` where one can.
    pub no_dispatch: Option<String>,
}

impl Default for Runs {
    fn default() -> Self {
        let no_dispatch = Some("it is not known yet which workflow that would be".to_owned());
        Self { of: None, freshness: Freshness::Connecting, note: None, rows: Vec::new(), no_dispatch }
    }
}

impl Runs {
    /// The run of that name, unless it is no longer among the newest.
    #[must_use]
    pub fn get(&self, name: &Name) -> Option<&RunRow> {
        self.rows.iter().find(|(other, _)| other == name).map(|(_, row)| row)
    }
}

/// A workflow file in a repository.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkflowOf {
    /// As in `github.com`.
    pub host: String,
    /// `OWNER/NAME`.
    pub repository: String,
    /// The file's name in `.github/workflows`.
    pub file: String,
    /// Only runs on this branch; `None` for all of them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub branch: Option<String>,
}

impl WorkflowOf {
    /// The name that a run is selected by.
    #[must_use]
    pub fn run_name(&self, run: u64) -> Name {
        Name { namespace: self.repository.clone(), name: run.to_string() }
    }
}

/// As in `deploy.yml of acme/shop on main`; the host where it is not GitHub's own.
impl fmt::Display for WorkflowOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = if self.host == "github.com" { String::new() } else { format!("{}/", self.host) };
        write!(f, "{} of {host}{}", self.file, self.repository)?;
        self.branch.as_ref().map_or(Ok(()), |branch| write!(f, " on {branch}"))
    }
}

/// A run of a workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunRow {
    /// The forge's own number for it.
    pub id: u64,
    /// The workflow's count of runs, as in `#128`.
    pub number: u64,
    /// From 1; more when it was run again.
    pub attempt: u64,
    /// The run's title: what `run-name` says, else the commit's first line.
    pub title: String,
    /// The branch or tag.
    pub branch: String,
    /// The whole commit.
    pub commit: String,
    /// As in `push`.
    pub event: String,
    /// Who started it.
    pub actor: String,
    /// How far it is.
    pub state: RunState,
    /// When it was asked for.
    pub created: Timestamp,
    /// When its latest attempt began.
    pub started: Option<Timestamp>,
    /// When something of it changed last; its end, once it has ended.
    pub updated: Timestamp,
    /// Its page.
    pub url: String,
    /// Its jobs, as far as they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub jobs: Vec<JobRow>,
}

impl RunRow {
    /// The commit's first seven digits.
    #[must_use]
    pub fn short_commit(&self) -> &str {
        self.commit.get(..7).unwrap_or(&self.commit)
    }

    /// How long its latest attempt has taken, up to its end or to now; seconds.
    #[must_use]
    pub fn seconds(&self, now: Timestamp) -> i64 {
        let until = if self.state.is_over() { self.updated } else { now };
        until.duration_since(self.started.unwrap_or(self.created)).as_secs().max(0)
    }

    /// The first job that failed, with the step that did, as in `deploy: Wait for the rollout`.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        let job = self.jobs.iter().find(|job| matches!(job.state, RunState::Failed(_)))?;
        Some(match &job.failed_step {
            Some(step) => format!("{}: {step}", job.name),
            None => job.name.clone(),
        })
    }
}

/// A job of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobRow {
    /// Its name.
    pub name: String,
    /// How far it is.
    pub state: RunState,
    /// The first step that failed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failed_step: Option<String>,
}

/// How far a run or a job is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state", content = "word")]
pub enum RunState {
    /// It waits: for a runner, an approval, another run. The forge's word.
    Waiting(String),
    /// It runs.
    Running,
    /// It ended well.
    Succeeded,
    /// It ended badly. The forge's word, as in `timed_out`.
    Failed(String),
    /// It ended without having done its work: `cancelled`, `skipped`.
    Ended(String),
}

impl RunState {
    /// From the forge's two words for it.
    #[must_use]
    pub fn of(status: &str, conclusion: Option<&str>) -> Self {
        match (status, conclusion) {
            ("completed", Some("success")) => Self::Succeeded,
            ("completed", Some(word @ ("failure" | "timed_out" | "startup_failure" | "action_required"))) => {
                Self::Failed(word.to_owned())
            }
            ("completed", word) => Self::Ended(word.unwrap_or("completed").to_owned()),
            ("in_progress", _) => Self::Running,
            (word, _) => Self::Waiting(word.to_owned()),
        }
    }

    /// Will it not change any more by itself?
    #[must_use]
    pub fn is_over(&self) -> bool {
        !matches!(self, Self::Waiting(_) | Self::Running)
    }

    /// In a word.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Waiting(word) | Self::Failed(word) | Self::Ended(word) => word,
        }
    }

    /// As in the checklist.
    #[must_use]
    pub fn sign(&self) -> &'static str {
        match self {
            Self::Waiting(_) => "◌",
            Self::Running => "▶",
            Self::Succeeded => "✔",
            Self::Failed(_) => "✖",
            Self::Ended(_) => "-",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RunState;

    #[test]
    fn the_forges_two_words_come_to_one_state() {
        let state = |status, conclusion| RunState::of(status, conclusion);
        assert_eq!(state("completed", Some("success")), RunState::Succeeded);
        assert_eq!(state("completed", Some("timed_out")), RunState::Failed("timed_out".into()));
        assert_eq!(state("completed", Some("cancelled")), RunState::Ended("cancelled".into()));
        assert_eq!(state("in_progress", None), RunState::Running);
        assert_eq!(state("queued", None), RunState::Waiting("queued".into()));
        // What GitHub may think of next neither counts as green nor as over.
        assert!(!state("dreaming", None).is_over());
        assert!(state("completed", Some("dreamt")) != RunState::Succeeded);
    }
}
