//! GitHub's REST API: what is read, and the one thing that is started.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;

use super::{
    error::ForgeError,
    http::{Call, Http, Reply},
    surroundings::Token,
    wire,
};
use crate::{
    diff::Problem,
    observed::{JobRow, RunRow, WorkflowOf},
};

/// Answers that are remembered by their `ETag`: a workflow's runs, a few runs' jobs, a branch.
const MOST_REMEMBERED: usize = 32;
/// What GitHub gives at most at once.
const PAGE: usize = 100;
/// Several ask at once: a pane, a gate, what locks a step.
const FRESH: Duration = Duration::from_secs(5);
/// Without a token there are sixty questions an hour.
const FRESH_UNSIGNED: Duration = Duration::from_mins(2);
/// How long to be silent when GitHub says that it is too much, and not until when.
const SILENCE: SignedDuration = SignedDuration::from_secs(60);
/// However far GitHub's limit reaches, so long is a wait at most before it is tried again.
const LONGEST_SILENCE: SignedDuration = SignedDuration::from_hours(2);

/// One GitHub. Remembers answers, so that asking again what has not changed costs nothing of the rate limit, and
/// asks nothing while that is used up.
#[derive(Debug)]
pub(super) struct Api {
    http: Http,
    /// An answer that is no older is given again without a question.
    fresh_for: Duration,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    answers: HashMap<String, Answer>,
    silent_until: Option<Timestamp>,
}

#[derive(Clone, Debug)]
struct Answer {
    etag: Option<HeaderValue>,
    body: Bytes,
    at: Instant,
}

impl Api {
    pub(super) fn new(base: &str, token: Option<Token>) -> Result<Self, Problem> {
        let fresh_for = if token.is_some() { FRESH } else { FRESH_UNSIGNED };
        Ok(Self { http: Http::new(base, token)?, fresh_for, memory: Mutex::default() })
    }

    #[cfg(test)]
    pub(super) fn within(self, limit: Duration, fresh_for: Duration) -> Self {
        Self { http: self.http.within(limit), fresh_for, ..self }
    }

    /// Is a token sent?
    pub(super) fn is_signed(&self) -> bool {
        self.http.is_signed()
    }

    /// The newest runs, newest first, `limit` at most.
    pub(super) async fn runs(
        &self,
        of: &WorkflowOf,
        branch: Option<&str>,
        limit: usize,
    ) -> Result<Vec<RunRow>, ForgeError> {
        let mut rows: Vec<RunRow> = Vec::new();
        let size = limit.clamp(1, PAGE);
        let branch = branch.map(|branch| format!("&branch={}", encoded(branch, ""))).unwrap_or_default();
        for page in 1.. {
            let path = format!(
                "/repos/{}/actions/workflows/{}/runs?exclude_pull_requests=true&per_page={size}&page={page}{branch}",
                of.repository,
                encoded(&of.file, "")
            );
            let list: wire::RunList = self.get(&path).await?;
            let is_last = list.workflow_runs.len() < size;
            rows.extend(list.workflow_runs.into_iter().map(RunRow::from));
            if is_last || rows.len() >= limit {
                break;
            }
        }
        rows.truncate(limit);
        Ok(rows)
    }

    /// One run.
    pub(super) async fn run(&self, repository: &str, run: u64) -> Result<RunRow, ForgeError> {
        let run: wire::Run = self.get(&format!("/repos/{repository}/actions/runs/{run}")).await?;
        Ok(run.into())
    }

    /// The jobs of a run's latest attempt.
    pub(super) async fn jobs(&self, repository: &str, run: u64) -> Result<Vec<JobRow>, ForgeError> {
        let path = format!("/repos/{repository}/actions/runs/{run}/jobs?filter=latest&per_page={PAGE}");
        let list: wire::JobList = self.get(&path).await?;
        Ok(list.jobs.into_iter().map(JobRow::from).collect())
    }

    /// The commit that a branch or a tag points at now.
    pub(super) async fn commit(&self, repository: &str, reference: &str) -> Result<String, ForgeError> {
        let at = |sort: &str| format!("/repos/{repository}/git/ref/{sort}/{}", encoded(reference, "/"));
        let found: wire::Reference = match self.get(&at("heads")).await {
            Err(ForgeError::NotFound { .. }) => self.get(&at("tags")).await?,
            other => other?,
        };
        let sha = found.object.sha;
        if sha.len() >= 40 && sha.chars().all(|c| c.is_ascii_hexdigit()) {
            return Ok(sha);
        }
        Err(ForgeError::Odd("a branch points at no commit".to_owned()))
    }

    /// The repository's default branch.
    pub(super) async fn default_branch(&self, repository: &str) -> Result<String, ForgeError> {
        let found: wire::Repository = self.get(&format!("/repos/{repository}")).await?;
        Ok(found.default_branch)
    }

    /// A file's text at a commit.
    pub(super) async fn file(
        &self,
        repository: &str,
        path: &str,
        commit: &str,
    ) -> Result<String, ForgeError> {
        let path = format!("/repos/{repository}/contents/{}?ref={commit}", encoded(path, "/"));
        let body = self.read(Call { accept: "application/vnd.github.raw+json", ..Call::get(path) }).await?;
        String::from_utf8(body.to_vec()).map_err(|_| ForgeError::Odd("the file is no text".to_owned()))
    }

    /// Who the token is of; `None` where it is nobody's.
    pub(super) async fn login(&self) -> Option<String> {
        self.get::<wire::Login>("/user").await.ok().map(|user| user.login)
    }

    /// Starts a run. Gives its number where GitHub tells it.
    pub(super) async fn dispatch(
        &self,
        of: &WorkflowOf,
        body: &serde_json::Value,
    ) -> Result<Option<u64>, ForgeError> {
        let path = format!("/repos/{}/actions/workflows/{}/dispatches", of.repository, encoded(&of.file, ""));
        let call = Call { method: Method::POST, body: body.to_string().into(), ..Call::get(path) };
        let reply = self.http.ask(&call).await?;
        if !reply.status.is_success() {
            return Err(self.wrong(&reply));
        }
        let told = serde_json::from_slice::<wire::Dispatched>(&reply.body);
        Ok(told.ok().map(|told| told.workflow_run_id))
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ForgeError> {
        let body = self.read(Call::get(path)).await?;
        serde_json::from_slice(&body)
            .map_err(|error| ForgeError::Odd(format!("it is not the JSON that GitHub documents ({error})")))
    }

    /// Reads, from memory where it has not changed.
    async fn read(&self, mut call: Call) -> Result<Bytes, ForgeError> {
        let known = self.remembered(&call.path)?;
        if let Some(answer) = &known
            && answer.at.elapsed() < self.fresh_for
        {
            return Ok(answer.body.clone());
        }
        call.etag = known.as_ref().and_then(|answer| answer.etag.clone());
        let reply = self.http.ask(&call).await?;
        let (etag, body) = match (reply.status, known) {
            (StatusCode::NOT_MODIFIED, Some(answer)) => (answer.etag, answer.body),
            (status, _) if status.is_success() => (reply.headers.get(header::ETAG).cloned(), reply.body),
            _ => return Err(self.wrong(&reply)),
        };
        self.remember(call.path, Answer { etag, body: body.clone(), at: Instant::now() });
        Ok(body)
    }

    fn remembered(&self, path: &str) -> Result<Option<Answer>, ForgeError> {
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        match memory.silent_until {
            Some(until) if until > Timestamp::now() => {
                Err(ForgeError::Limited { until, is_signed: self.is_signed() })
            }
            _ => Ok(memory.answers.get(path).cloned()),
        }
    }

    /// What is known is asked again, however fresh it is.
    pub(super) fn forget(&self) {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).answers.clear();
    }

    fn remember(&self, path: String, answer: Answer) {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.answers.len() >= MOST_REMEMBERED {
            memory.answers.clear();
        }
        memory.answers.insert(path, answer);
    }

    /// What an answer that is none means.
    fn wrong(&self, reply: &Reply) -> ForgeError {
        let is_signed = self.is_signed();
        let words = reply.words();
        let is_used_up = reply.number("x-ratelimit-remaining") == Some(0);
        let after = reply.number("retry-after");
        let is_too_much = is_used_up || after.is_some() || words.to_lowercase().contains("rate limit");
        match reply.status.as_u16() {
            401 => ForgeError::BadToken,
            429 => self.silence(reply),
            403 if is_too_much => self.silence(reply),
            403 => ForgeError::Forbidden(words),
            404 => ForgeError::NotFound { is_signed },
            500.. => ForgeError::Unreachable(words),
            400.. => ForgeError::Refused(words),
            status => ForgeError::Odd(format!("it answers {status}")),
        }
    }

    /// Asks nothing more for as long as GitHub says.
    fn silence(&self, reply: &Reply) -> ForgeError {
        let now = Timestamp::now();
        let after = reply.number("retry-after").map(SignedDuration::from_secs);
        let is_used_up = reply.number("x-ratelimit-remaining") == Some(0);
        let reset = reply.number("x-ratelimit-reset").filter(|_| is_used_up);
        let reset = reset.and_then(|second| Timestamp::from_second(second).ok());
        let wait = after.or(reset.map(|reset| reset.duration_since(now))).unwrap_or(SILENCE);
        let wait = wait.clamp(SignedDuration::from_secs(1), LONGEST_SILENCE);
        let until = now.checked_add(wait).unwrap_or(now);
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).silent_until = Some(until);
        ForgeError::Limited { until, is_signed: self.is_signed() }
    }
}

/// As a part of a path or a query; what is in `kept` stays.
fn encoded(text: &str, kept: &str) -> String {
    use std::fmt::Write;
    let mut written = String::with_capacity(text.len());
    for byte in text.bytes() {
        let character = char::from(byte);
        if character.is_ascii_alphanumeric() || "-._~".contains(character) || kept.contains(character) {
            written.push(character);
        } else {
            // Writing into a text does not fail.
            let _ = write!(written, "%{byte:02X}");
        }
    }
    written
}

#[cfg(test)]
#[path = "api_tests.rs"]
mod tests;
