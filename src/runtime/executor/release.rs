//! Releases, written: what was shown is done, or found to be done, and nothing else.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::time::Instant;

use super::{
    Executor,
    release_check::otherwise,
    release_fate::{Found, found},
};
use crate::{
    cluster::{inspect, watch::log_tail},
    diff::Problem,
    engine::{Outcome, RowInspection},
    helm::{Status, Upgrade, Workplace},
    rollback::{Image, Record, Recovery, ReleaseAction, ReleaseOrder},
};

/// Between two looks at whether helm still runs.
const LOOK_EVERY: Duration = Duration::from_millis(500);

impl Executor {
    /// Is the release still as it was shown? A sentence when it is not.
    pub(super) async fn recheck_release(&self, order: &ReleaseOrder) -> Result<Result<(), String>, Problem> {
        let history = self.history(&order.name, &order.namespace).await?;
        let now = history.last().map(|last| last.revision);
        Ok(if now == order.before {
            Ok(())
        } else {
            let at = |revision: Option<u32>| {
                revision.map_or_else(|| "not there".to_owned(), |number| format!("at revision {number}"))
            };
            Err(format!(
                "the release {} is {} now and was {} when it was shown",
                order.name,
                at(now),
                at(order.before)
            ))
        })
    }

    pub(super) async fn execute_release(&self, record: &Record, row: usize) -> Result<Outcome, Problem> {
        let order = ordered(record)?;
        let place = self.workplace().await?;
        let deadline = self.deadline_of(record);
        wait_until_idle(place, &order.name, deadline).await?;
        let said = description(record);
        let history = self.history(&order.name, &order.namespace).await?;
        place.begin(&order.name, history.last().map(|last| last.revision))?;
        match found(order, &history, &said) {
            Found::Done(revision) => return Ok(done(row, order, revision)),
            Found::Foreign(reason) => return Err(foreign(order, &reason)),
            Found::Untouched => self.recover(place, order, order.recovery, deadline).await?,
            Found::Halfway(true) => {
                let recovery = order.stood.map_or(Recovery::Uninstall, Recovery::Rollback);
                let needs =
                    !matches!(order.action, ReleaseAction::Rollback { .. } | ReleaseAction::Uninstall);
                self.recover(place, order, needs.then_some(recovery), deadline).await?;
            }
            Found::Halfway(false) => {}
        }
        let acted = self.act(place, record, order, deadline);
        let acted = self.telling(&order.name, "helm is at work", acted).await;
        place.ended();
        if let Err(problem) = acted {
            return Err(self.explained(place, order, problem).await);
        }
        let history = self.history(&order.name, &order.namespace).await?;
        let last = history.last();
        match (&order.action, last) {
            (ReleaseAction::Uninstall, None) => Ok(done(row, order, None)),
            (ReleaseAction::Upgrade { .. } | ReleaseAction::Rollback { .. }, Some(last))
                if last.status == Status::Deployed =>
            {
                let mut outcome = done(row, order, Some(last.revision));
                if let (ReleaseAction::Upgrade { .. }, Outcome::RowDone { warnings, .. }) =
                    (&order.action, &mut outcome)
                {
                    let release = place.release(&order.name, &order.namespace, last.revision).await?;
                    *warnings = otherwise(record, order, &release.objects);
                }
                Ok(outcome)
            }
            (_, last) => Err(foreign(
                order,
                &last.map_or_else(
                    || "it is gone".to_owned(),
                    |last| format!("revision {} is {}", last.revision, last.status),
                ),
            )),
        }
    }

    /// With the hook that has failed, and what its pods said last.
    async fn explained(&self, place: &Workplace, order: &ReleaseOrder, problem: Problem) -> Problem {
        let history = self.history(&order.name, &order.namespace).await.unwrap_or_default();
        let Some(last) = history.last() else { return problem };
        let Ok(release) = place.release(&order.name, &order.namespace, last.revision).await else {
            return problem;
        };
        let Some((kind, name)) = release.failed_hooks.first() else { return problem };
        let lines = match kind.as_str() {
            "Job" => self.words_of(&order.namespace, &format!("batch.kubernetes.io/job-name={name}")).await,
            _ => Vec::new(),
        };
        let said = if lines.is_empty() { String::new() } else { format!("; it said: {}", lines.join(" / ")) };
        Problem {
            reason: format!("the hook {kind}/{name} has failed: {}{said}", problem.reason),
            remedy: format!(
                "see why (kubectl -n {} logs {}/{name}), mend it, then resume; or roll back",
                order.namespace,
                kind.to_lowercase()
            ),
            ..problem
        }
    }

    async fn words_of(&self, namespace: &str, selector: &str) -> Vec<String> {
        let reader = self.hands.reader();
        let pods = reader.list("v1", "Pod", Some(namespace), Some(selector)).await.unwrap_or_default();
        let Some(pod) = pods.last() else { return Vec::new() };
        let containers = pod.at(&["spec", "containers"]).and_then(serde_json::Value::as_array);
        let first = containers.and_then(|all| all.first()?.get("name")?.as_str());
        match first {
            Some(container) => log_tail(reader, pod, container, false).await,
            None => Vec::new(),
        }
    }

    /// Clears away what a helm that was cut off has left.
    async fn recover(
        &self,
        place: &Workplace,
        order: &ReleaseOrder,
        recovery: Option<Recovery>,
        deadline: Duration,
    ) -> Result<(), Problem> {
        let release = (order.name.as_str(), order.namespace.as_str());
        match recovery {
            None => Ok(()),
            Some(Recovery::Rollback(to)) => place.roll_back(release, to, false, deadline).await,
            Some(Recovery::Uninstall) => {
                place.uninstall(release, "migrate-tui clears a stuck install away", deadline).await
            }
        }
    }

    async fn act(
        &self,
        place: &Workplace,
        record: &Record,
        order: &ReleaseOrder,
        deadline: Duration,
    ) -> Result<(), Problem> {
        let said = &description(record);
        let release = (order.name.as_str(), order.namespace.as_str());
        match &order.action {
            ReleaseAction::Upgrade { chart, sha256, values } => {
                let values = values.as_deref().ok_or_else(|| {
                    Problem::new(
                        order.key().to_string(),
                        "its values are kept nowhere: the record could not be written into the cluster",
                        "look at the changes again, and apply what is shown then",
                    )
                })?;
                let upgrade = Upgrade {
                    name: &order.name,
                    namespace: &order.namespace,
                    stem: chart,
                    sha256,
                    values,
                    hidden: &hidden_in(record),
                    description: said,
                };
                place.upgrade(upgrade, deadline).await
            }
            ReleaseAction::Rollback { to, force } => place.roll_back(release, *to, *force, deadline).await,
            ReleaseAction::Uninstall => place.uninstall(release, said, deadline).await,
            ReleaseAction::Nothing => Ok(()),
        }
    }

    /// What became of a release whose outcome nobody wrote down.
    pub(super) async fn inspect_release(&self, record: &Record, rows: &[usize]) -> Result<Outcome, Problem> {
        let order = ordered(record)?;
        let is_release = |row: &usize| record.images.get(*row).is_some_and(Image::is_release);
        let (release, others): (Vec<usize>, Vec<usize>) = rows.iter().copied().partition(is_release);
        let mut inspected = inspect(self.hands.reader(), record, &others).await?;
        let Some(row) = release.first().copied() else {
            return Ok(Outcome::Inspected(inspected));
        };
        let place = self.workplace().await?;
        wait_until_idle(place, &order.name, self.deadline_of(record)).await?;
        let history = self.history(&order.name, &order.namespace).await?;
        inspected.push(match found(order, &history, &description(record)) {
            Found::Done(revision) => {
                RowInspection::Written { row, uid: revision.map(|revision| revision.to_string()) }
            }
            Found::Untouched | Found::Halfway(_) => RowInspection::NotWritten { row },
            Found::Foreign(reason) => RowInspection::Foreign { row, problem: foreign(order, &reason) },
        });
        Ok(Outcome::Inspected(inspected))
    }

    fn deadline_of(&self, record: &Record) -> Duration {
        self.step(&record.step).map_or(Duration::from_mins(5), |step| step.deadline)
    }
}

fn ordered(record: &Record) -> Result<&ReleaseOrder, Problem> {
    record.release.as_ref().ok_or_else(|| {
        Problem::new(
            record.step.to_string(),
            "the attempt's record does not say what helm is to do",
            "look at the changes again, which makes a new record",
        )
    })
}

/// A helm that a killed process has started is let come to its end first.
async fn wait_until_idle(place: &Workplace, name: &str, deadline: Duration) -> Result<(), Problem> {
    let until = Instant::now() + deadline;
    while place.is_at_work()? {
        if Instant::now() + LOOK_EVERY > until {
            return Err(Problem::new(
                format!("release {name}"),
                "the helm that an earlier session has started is still at work",
                "wait for it, or end it; then try again",
            ));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}

/// What the release's history will say of an attempt.
fn description(record: &Record) -> String {
    format!("{}{}", signature(record), record.attempt)
}

/// How that begins, of whichever attempt at the step.
pub(super) fn signature(record: &Record) -> String {
    format!("migrate-tui {}/{} {} attempt ", record.plan, record.environment, record.step)
}

/// What the Secrets of the release hold, plain and as they are kept.
fn hidden_in(record: &Record) -> Vec<String> {
    let objects = record.images.iter().filter(|image| image.key.is("", "Secret"));
    let values = objects.filter_map(|image| image.applied.as_ref()?.at(&["data"])?.as_object());
    let texts = values.flat_map(serde_json::Map::values).filter_map(serde_json::Value::as_str);
    let plain = |text: &str| String::from_utf8(STANDARD.decode(text).unwrap_or_default()).unwrap_or_default();
    texts.flat_map(|text| [text.to_owned(), plain(text)]).filter(|text| text.len() >= 4).collect()
}

fn done(row: usize, order: &ReleaseOrder, revision: Option<u32>) -> Outcome {
    Outcome::RowDone {
        row,
        uid: revision.map(|revision| revision.to_string()),
        created: order.before.is_none() && matches!(order.action, ReleaseAction::Upgrade { .. }),
        warnings: Vec::new(),
    }
}

fn foreign(order: &ReleaseOrder, reason: &str) -> Problem {
    Problem::new(
        order.key().to_string(),
        format!("someone has changed it meanwhile: {reason}"),
        "settle with them what is to stand; then look at the changes again, or roll back",
    )
}
