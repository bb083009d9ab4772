//! Starts a run: shown first, and only as shown.

use std::time::Duration;

use super::{Desk, Forge, ForgeError, Need};
use crate::{
    diff::Problem,
    observed::RunRow,
    workflow::{Dispatch, dispatch_inputs, fill},
};

/// Between two looks for the run that was started, and how often it is looked for.
const PAUSE: Duration = Duration::from_secs(2);
const LOOKS: usize = 8;
/// Runs among which it is looked for.
const NEWEST: usize = 20;

/// What is asked for: the rest is found out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// A branch or tag; the plan's branch, else the repository's default branch, otherwise.
    pub reference: Option<String>,
    /// Inputs by name.
    pub inputs: Vec<(String, String)>,
    /// The plan's environment, for the input of that name.
    pub environment: String,
}

/// What became of a dispatch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The run, when it was found.
    pub run: Option<RunRow>,
    /// Its page; the workflow's, when it was not found.
    pub url: String,
}

impl Sent {
    /// The branch may have moved between the last look and GitHub's own: then another commit runs than was confirmed.
    #[must_use]
    pub fn odd(&self, confirmed: &Dispatch) -> Option<String> {
        let run = self.run.as_ref().filter(|run| run.commit != confirmed.commit)?;
        Some(format!(
            "run #{} was started, but of {}: {} has moved since {} was confirmed. Cancel it on its page if that is not wanted",
            run.number, run.commit, confirmed.reference, confirmed.commit
        ))
    }

    /// On one line, for the journal.
    #[must_use]
    pub fn told(&self, confirmed: &Dispatch) -> String {
        let odd = self.odd(confirmed).map(|odd| format!("; {odd}")).unwrap_or_default();
        format!("started: {}{odd}", self.url)
    }
}

impl Unsent {
    /// On one line, for the journal.
    #[must_use]
    pub fn told(&self) -> String {
        match self {
            Self::Moved(now) => format!("not started: {} is at {} by now", now.reference, now.commit),
            Self::Problem(problem) => format!("not started: {}", problem.reason),
            Self::Unknown(problem) => problem.reason.clone(),
        }
    }
}

/// Why nothing was sent, or it is not known whether.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsent {
    /// What stands now is not what was confirmed.
    Moved(Box<Dispatch>),
    /// It was not done.
    Problem(Problem),
    /// It was sent, and no answer came.
    Unknown(Problem),
}

impl Desk {
    /// What would be sent. Only reads.
    ///
    /// # Errors
    /// It cannot be started from here, or the inputs are not as the workflow declares them.
    pub async fn propose(&self, wanted: &Wanted) -> Result<Dispatch, Problem> {
        if self.is_rehearsal() {
            return Err(Problem::new(
                "the workflow",
                "this is a rehearsal: nothing outside is changed",
                "start it beside the real cluster",
            ));
        }
        let forge = self.forge().await?;
        let subject = forge.of.to_string();
        if !forge.api.is_signed() {
            let error = ForgeError::NotFound { is_signed: false };
            return Err(Problem::new(
                subject,
                "there is no token to start it with",
                error.remedy(Need::Write),
            ));
        }
        let read = forge.propose(wanted).await;
        read.map_err(|error| error.problem(&subject, Need::Write))?.map_err(|reason| {
            Problem::new(
                subject,
                reason,
                "mend the workflow file, or give the inputs as it declares them (--input NAME=VALUE)",
            )
        })
    }

    /// Sends what was confirmed, after reading again that it is still what stands.
    ///
    /// # Errors
    /// [`Unsent`].
    pub async fn dispatch(&self, confirmed: &Dispatch) -> Result<Sent, Unsent> {
        let forge = self.forge().await.map_err(Unsent::Problem)?;
        forge.api.forget();
        let wanted = Wanted {
            reference: Some(confirmed.reference.clone()),
            inputs: confirmed.inputs.clone().into_iter().collect(),
            environment: String::new(),
        };
        let now = self.propose(&wanted).await.map_err(Unsent::Problem)?;
        if now.digest() != confirmed.digest() {
            return Err(Unsent::Moved(Box::new(now)));
        }
        forge.send(confirmed).await
    }
}

impl Forge {
    async fn propose(&self, wanted: &Wanted) -> Result<Result<Dispatch, String>, ForgeError> {
        let reference = match &wanted.reference {
            Some(reference) => reference.clone(),
            None => self.branch().await?,
        };
        let commit = self.commit(&reference).await?;
        let path = format!(".github/workflows/{}", self.of.file);
        let text = self.api.file(&self.of.repository, &path, &commit).await?;
        let inputs = match dispatch_inputs(&text) {
            Ok(inputs) => inputs,
            Err(reason) => return Ok(Err(format!("{} at {reference}: {reason}", self.of.file))),
        };
        let inputs = match fill(&inputs, &wanted.inputs, &wanted.environment) {
            Ok(inputs) => inputs,
            Err(wrong) => return Ok(Err(wrong.join("; "))),
        };
        let newest = self.api.runs(&self.of, None, 1).await?.into_iter().next();
        Ok(Ok(Dispatch { workflow: self.of.clone(), reference, commit, inputs, newest }))
    }

    async fn send(&self, dispatch: &Dispatch) -> Result<Sent, Unsent> {
        let problem = |error: ForgeError| Unsent::Problem(error.problem(self.of.to_string(), Need::Write));
        let before = self.api.runs(&self.of, None, NEWEST).await.map_err(problem)?;
        let mut body = serde_json::json!({"ref": dispatch.reference, "inputs": dispatch.inputs});
        // An older GitHub Enterprise Server refuses what it does not know.
        let tells_run = self.of.host == "github.com" || self.of.host.ends_with(".ghe.com");
        if tells_run && let Some(body) = body.as_object_mut() {
            body.insert("return_run_details".to_owned(), true.into());
        }
        let number = match self.api.dispatch(&self.of, &body).await {
            Ok(number) => number,
            Err(error @ ForgeError::Unreachable(_)) => {
                return Err(Unsent::Unknown(Problem::new(
                    self.of.to_string(),
                    format!("it is not known whether it was started: {}", error.reason()),
                    "look at its runs (`migrate-tui workflow runs`) before you send it again",
                )));
            }
            Err(error) => return Err(problem(error)),
        };
        let run = self.started(number, &before).await;
        let page = format!("https://{}/{}/actions", self.of.host, self.of.repository);
        let url = match (number, &run) {
            (_, Some(run)) if !run.url.is_empty() => run.url.clone(),
            (Some(number), _) => format!("{page}/runs/{number}"),
            _ => format!("{page}/workflows/{}", self.of.file),
        };
        Ok(Sent { run, url })
    }

    /// The run that was started: by its number, or, where that is not told, a new one of ours.
    async fn started(&self, number: Option<u64>, before: &[RunRow]) -> Option<RunRow> {
        let login = if number.is_some() { None } else { self.api.login().await };
        for look in 0..LOOKS {
            if look > 0 {
                tokio::time::sleep(PAUSE).await;
            }
            self.api.forget();
            let found = match number {
                Some(number) => self.api.run(&self.of.repository, number).await.ok(),
                None => self.api.runs(&self.of, None, NEWEST).await.ok().and_then(|rows| {
                    rows.into_iter().find(|run| {
                        run.event == "workflow_dispatch"
                            && login.as_ref().is_none_or(|login| *login == run.actor)
                            && !before.iter().any(|known| known.id == run.id)
                    })
                }),
            };
            if found.is_some() {
                return found;
            }
        }
        None
    }
}

#[cfg(test)]
#[path = "dispatch_tests.rs"]
mod tests;
