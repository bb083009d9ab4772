//! Finds the workflow and the token when they are first needed, and keeps them.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    api::Api,
    error::{ForgeError, Need},
    place::{self, Found},
    remote::api_of,
    surroundings::Surroundings,
};
use crate::{
    diff::Problem,
    observed::{Freshness, RunRow, Runs, WorkflowOf},
    plan::{Plan, WorkflowAt},
};

/// Said where there is no token.
const UNSIGNED: &str = "asked without a token: public repositories only, 60 requests an hour; GH_TOKEN or `gh auth login` gives one";

/// Whoever asks about a plan's workflow. Nothing is looked for before the first question.
#[derive(Debug)]
pub struct Desk {
    folder: PathBuf,
    at: WorkflowAt,
    surroundings: Surroundings,
    /// Nothing outside is changed.
    is_rehearsal: bool,
    forge: Mutex<Option<Forge>>,
}

/// A workflow, and the API that knows it.
#[derive(Clone, Debug)]
pub(crate) struct Forge {
    /// Which.
    pub(crate) of: WorkflowOf,
    pub(super) api: Arc<Api>,
    /// How it was found, and with what it is asked.
    pub(super) note: Option<String>,
}

impl Desk {
    /// For a plan, with this process' surroundings.
    #[must_use]
    pub fn of_plan(plan: &Plan) -> Self {
        Self::new(plan.folder.clone(), plan.workflow_at(), Surroundings::of_process())
    }

    /// For a folder, and what a plan says of the workflow.
    #[must_use]
    pub fn new(folder: PathBuf, at: WorkflowAt, surroundings: Surroundings) -> Self {
        Self { folder, at, surroundings, is_rehearsal: false, forge: Mutex::default() }
    }

    /// In a rehearsal nothing is started.
    #[must_use]
    pub fn in_rehearsal(self) -> Self {
        Self { is_rehearsal: true, ..self }
    }

    /// Is it one?
    pub(super) fn is_rehearsal(&self) -> bool {
        self.is_rehearsal
    }

    /// The workflow and its API.
    ///
    /// # Errors
    /// There is none, or it is not told which; or it is not on a GitHub.
    pub(crate) async fn forge(&self) -> Result<Forge, Problem> {
        let known = self.forge.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known {
            return Ok(known);
        }
        let Found { of, note } = place::find(&self.folder, &self.at, &self.surroundings).await?;
        let token = self.surroundings.token(&of.host, &self.folder).await;
        let base = self.surroundings.api().map_or_else(|| api_of(&of.host), str::to_owned);
        let unsigned = token.is_none().then(|| UNSIGNED.to_owned());
        let note: Vec<String> = [note, unsigned].into_iter().flatten().collect();
        let note = (!note.is_empty()).then(|| note.join("; "));
        let forge = Forge { of, api: Arc::new(Api::new(&base, token)?), note };
        *self.forge.lock().unwrap_or_else(PoisonError::into_inner) = Some(forge.clone());
        Ok(forge)
    }

    /// The newest runs, whatever comes of asking; with the jobs of the newest of them.
    pub async fn look(&self, limit: usize) -> Runs {
        match self.forge().await {
            Ok(forge) => forge.look(limit, &[], self.is_rehearsal).await,
            Err(problem) => nowhere(&problem),
        }
    }
}

/// There is no workflow to ask about, and why.
pub(super) fn nowhere(problem: &Problem) -> Runs {
    Runs {
        freshness: Freshness::Absent,
        note: Some(format!("{}; {}", problem.reason, problem.remedy)),
        no_dispatch: Some(problem.reason.clone()),
        ..Runs::default()
    }
}

impl Forge {
    /// The same API for another file or branch.
    #[must_use]
    pub(crate) fn with(&self, file: Option<&str>, branch: Option<&str>) -> Self {
        let mut other = self.clone();
        if let Some(file) = file {
            file.clone_into(&mut other.of.file);
        }
        if let Some(branch) = branch {
            other.of.branch = Some(branch.to_owned());
        }
        other
    }

    /// The branch that counts: the one that was named, else the repository's default branch.
    pub(crate) async fn branch(&self) -> Result<String, ForgeError> {
        match &self.of.branch {
            Some(branch) => Ok(branch.clone()),
            None => self.api.default_branch(&self.of.repository).await,
        }
    }

    /// The newest runs on a branch, newest first.
    pub(crate) async fn runs_on(&self, branch: &str, limit: usize) -> Result<Vec<RunRow>, ForgeError> {
        self.api.runs(&self.of, Some(branch), limit).await
    }

    /// The commit that a branch or tag points at now.
    pub(crate) async fn commit(&self, reference: &str) -> Result<String, ForgeError> {
        self.api.commit(&self.of.repository, reference).await
    }

    /// The run with its jobs.
    pub(crate) async fn with_jobs(&self, mut run: RunRow) -> Result<RunRow, ForgeError> {
        run.jobs = self.api.jobs(&self.of.repository, run.id).await?;
        Ok(run)
    }

    /// The newest runs, with the jobs of the newest and of those that were looked at.
    pub(super) async fn look(&self, limit: usize, looked_at: &[u64], is_rehearsal: bool) -> Runs {
        let no_dispatch = match (is_rehearsal, self.api.is_signed()) {
            (true, _) => Some("this is a rehearsal: nothing outside is changed".to_owned()),
            (_, false) => Some(format!(
                "there is no token: {}",
                ForgeError::NotFound { is_signed: false }.remedy(Need::Write)
            )),
            _ => None,
        };
        let mut told =
            Runs { of: Some(self.of.clone()), note: self.note.clone(), no_dispatch, ..Runs::default() };
        match self.api.runs(&self.of, self.of.branch.as_deref(), limit).await {
            Ok(rows) => {
                told.freshness = Freshness::Live;
                for (place, mut row) in rows.into_iter().enumerate() {
                    // Without its jobs a run is still worth a row.
                    if place == 0 || looked_at.contains(&row.id) {
                        row.jobs = self.api.jobs(&self.of.repository, row.id).await.unwrap_or_default();
                    }
                    told.rows.push((self.of.run_name(row.id), row));
                }
            }
            Err(error) => {
                told.freshness = Freshness::Stale {
                    since: jiff::Timestamp::now(),
                    reason: format!("{}; {}", error.reason(), error.remedy(Need::Read)),
                };
            }
        }
        told
    }
}
