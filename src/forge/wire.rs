//! GitHub's JSON, as far as it is read. Texts are neutralised here, once.

use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    observed::{JobRow, RunRow, RunState},
    words::clean,
};

#[derive(Deserialize)]
pub(super) struct RunList {
    pub(super) workflow_runs: Vec<Run>,
}

#[derive(Deserialize)]
pub(super) struct Run {
    id: u64,
    #[serde(rename = "run_number")]
    number: u64,
    #[serde(rename = "run_attempt")]
    attempt: Option<u64>,
    display_title: Option<String>,
    name: Option<String>,
    head_branch: Option<String>,
    head_sha: String,
    event: String,
    actor: Option<Login>,
    triggering_actor: Option<Login>,
    status: Option<String>,
    conclusion: Option<String>,
    created_at: Timestamp,
    #[serde(rename = "run_started_at")]
    started_at: Option<Timestamp>,
    updated_at: Timestamp,
    html_url: String,
}

#[derive(Deserialize)]
pub(super) struct Login {
    pub(super) login: String,
}

#[derive(Deserialize)]
pub(super) struct JobList {
    pub(super) jobs: Vec<Job>,
}

#[derive(Deserialize)]
pub(super) struct Job {
    name: String,
    status: String,
    conclusion: Option<String>,
    #[serde(default)]
    steps: Vec<JobStep>,
}

#[derive(Deserialize)]
struct JobStep {
    name: String,
    status: String,
    conclusion: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Repository {
    pub(super) default_branch: String,
}

#[derive(Deserialize)]
pub(super) struct Reference {
    pub(super) object: Pointed,
}

#[derive(Deserialize)]
pub(super) struct Pointed {
    pub(super) sha: String,
}

#[derive(Deserialize)]
pub(super) struct Dispatched {
    pub(super) workflow_run_id: u64,
}

fn tidy(text: &str) -> String {
    clean(text).into_owned()
}

impl From<Run> for RunRow {
    fn from(run: Run) -> Self {
        let actor = run.triggering_actor.or(run.actor).map(|actor| tidy(&actor.login));
        // Only a page is shown as one.
        let url = if run.html_url.starts_with("https://") { tidy(&run.html_url) } else { String::new() };
        Self {
            id: run.id,
            number: run.number,
            attempt: run.attempt.unwrap_or(1),
            title: tidy(&run.display_title.or(run.name).unwrap_or_default()),
            branch: tidy(&run.head_branch.unwrap_or_default()),
            commit: tidy(&run.head_sha),
            event: tidy(&run.event),
            actor: actor.unwrap_or_default(),
            state: state(run.status.as_deref().unwrap_or("queued"), run.conclusion.as_deref()),
            created: run.created_at,
            started: run.started_at,
            updated: run.updated_at,
            url,
            jobs: Vec::new(),
        }
    }
}

impl From<Job> for JobRow {
    fn from(job: Job) -> Self {
        let failed = job.steps.iter().find(|step| {
            matches!(RunState::of(&step.status, step.conclusion.as_deref()), RunState::Failed(_))
        });
        Self {
            name: tidy(&job.name),
            state: state(&job.status, job.conclusion.as_deref()),
            failed_step: failed.map(|step| tidy(&step.name)),
        }
    }
}

fn state(status: &str, conclusion: Option<&str>) -> RunState {
    RunState::of(&tidy(status), conclusion.map(tidy).as_deref())
}
