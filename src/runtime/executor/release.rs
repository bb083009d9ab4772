//! Releases, written: what was shown is done, or found to be done, and nothing else.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    Executor,
    release_check::otherwise,
    release_fate::{Found, found},
    release_told::hidden,
};
use crate::{
    cluster::inspect,
    diff::Problem,
    engine::{Outcome, RowInspection},
    helm::{Hidden, Status, Upgrade, Workplace},
    rollback::{Image, Record, Recovery, ReleaseAction, ReleaseOrder},
};

/// Between two looks at whether helm still runs.
const LOOK_EVERY: Duration = Duration::from_millis(500);

impl Executor {
    /// Is the release still as it was shown? A sentence when it is not.
    pub(super) async fn recheck_release(&self, order: &ReleaseOrder) -> Result<Result<(), String>, Problem> {
        let history = self.history(&order.name, &order.namespace).await?;
        let now = history.last().map(|last| last.revision);
        // An install that never came through has the same number as one that a colleague has made since.
        let stands = history.iter().any(|revision| revision.status == Status::Deployed);
        if order.recovery == Some(Recovery::Uninstall) && stands {
            return Ok(Err(format!("the release {} stands now, and did not when it was shown", order.name)));
        }
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
        let hidden = &hidden(place, record, &history).await;
        match found(order, &history, &said) {
            Found::Done(revision) => return Ok(done(row, order, revision)),
            Found::Foreign(reason) => return Err(foreign(order, &reason)),
            Found::Untouched => self.recover(place, order, deadline, hidden).await?,
            // What an upgrade has left halfway is shown anew, with how it is cleared away.
            Found::Halfway if matches!(order.action, ReleaseAction::Upgrade { .. }) => {
                return Err(halfway(record, order));
            }
            // helm goes on with these from any state by itself.
            Found::Halfway => {}
        }
        let acted = self.act(place, record, order, (deadline, hidden));
        let acted = self.telling(&order.name, "helm is at work", acted).await;
        place.ended();
        if let Err(problem) = acted {
            return Err(self.explained(place, order, problem, hidden).await);
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

    /// Clears away what a helm that was cut off has left.
    async fn recover(
        &self,
        place: &Workplace,
        order: &ReleaseOrder,
        deadline: Duration,
        hidden: &Hidden,
    ) -> Result<(), Problem> {
        let release = (order.name.as_str(), order.namespace.as_str());
        match order.recovery {
            None => Ok(()),
            Some(Recovery::Rollback(to)) => place.roll_back(release, (to, false), deadline, hidden).await,
            Some(Recovery::Uninstall) => {
                place.uninstall(release, "migrate-tui clears a failed install away", deadline, hidden).await
            }
        }
    }

    async fn act(
        &self,
        place: &Workplace,
        record: &Record,
        order: &ReleaseOrder,
        (deadline, hidden): (Duration, &Hidden),
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
                    hidden,
                    description: said,
                };
                place.upgrade(upgrade, deadline).await
            }
            ReleaseAction::Rollback { to, force } => {
                place.roll_back(release, (*to, *force), deadline, hidden).await
            }
            ReleaseAction::Uninstall => place.uninstall(release, said, deadline, hidden).await,
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
            Found::Untouched | Found::Halfway => RowInspection::NotWritten { row },
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

fn done(row: usize, order: &ReleaseOrder, revision: Option<u32>) -> Outcome {
    Outcome::RowDone {
        row,
        uid: revision.map(|revision| revision.to_string()),
        created: order.before.is_none() && matches!(order.action, ReleaseAction::Upgrade { .. }),
        warnings: Vec::new(),
    }
}

fn halfway(record: &Record, order: &ReleaseOrder) -> Problem {
    Problem::new(
        order.key().to_string(),
        "helm has not brought it to an end, and what it would do now was not shown",
        format!("look at the changes of {} again, which show it", record.step),
    )
}

fn foreign(order: &ReleaseOrder, reason: &str) -> Problem {
    Problem::new(
        order.key().to_string(),
        format!("someone has changed it meanwhile: {reason}"),
        "settle with them what is to stand; then look at the changes again, or roll back",
    )
}
