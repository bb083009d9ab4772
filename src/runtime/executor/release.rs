//! Releases, written: what was shown is done, or found to be done, and nothing else.

use std::time::Duration;

use tokio::time::Instant;

use super::{Executor, helm::Known};
use crate::{
    cluster::watch::log_tail,
    diff::Problem,
    engine::{Outcome, RowInspection},
    helm::{Revision, Status, Upgrade, Workplace},
    rollback::{Image, Record, Recovery, ReleaseAction, ReleaseOrder},
};

/// Between two looks at whether helm still runs.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What the history shows of an order.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    /// It has been done; with the revision that it came to.
    Done(Option<u32>),
    /// Nothing of it has been done.
    Untouched,
    /// It was begun and did not come through; `true`: helm was cut off.
    Halfway(bool),
    /// Somebody else has been there.
    Foreign(String),
}

impl Executor {
    /// Is the release still as it was shown? A sentence when it is not.
    pub(super) async fn recheck_release(&self, order: &ReleaseOrder) -> Result<Result<(), String>, Problem> {
        let history = self.workplace().await?.history(&order.name, &order.namespace).await?;
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
        let history = place.history(&order.name, &order.namespace).await?;
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
        if let Err(problem) = self.act(place, order, &said, deadline).await {
            return Err(self.explained(place, order, problem).await);
        }
        let history = place.history(&order.name, &order.namespace).await?;
        let last = history.last();
        match (&order.action, last) {
            (ReleaseAction::Uninstall, None) => Ok(done(row, order, None)),
            (ReleaseAction::Upgrade { .. } | ReleaseAction::Rollback { .. }, Some(last))
                if last.status == Status::Deployed =>
            {
                Ok(done(row, order, Some(last.revision)))
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
        let history = place.history(&order.name, &order.namespace).await.unwrap_or_default();
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
        order: &ReleaseOrder,
        said: &str,
        deadline: Duration,
    ) -> Result<(), Problem> {
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
        let is_release = |row: &&usize| record.images.get(**row).is_some_and(Image::is_release);
        let Some(row) = rows.iter().find(is_release).copied() else {
            return Ok(Outcome::Inspected(Vec::new()));
        };
        let place = self.workplace().await?;
        wait_until_idle(place, &order.name, self.deadline_of(record)).await?;
        let history = place.history(&order.name, &order.namespace).await?;
        Ok(Outcome::Inspected(vec![match found(order, &history, &description(record)) {
            Found::Done(revision) => {
                RowInspection::Written { row, uid: revision.map(|revision| revision.to_string()) }
            }
            Found::Untouched | Found::Halfway(_) => RowInspection::NotWritten { row },
            Found::Foreign(reason) => RowInspection::Foreign { row, problem: foreign(order, &reason) },
        }]))
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
    format!("migrate-tui {}/{} {} attempt {}", record.plan, record.environment, record.step, record.attempt)
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

/// Reads an order's fate from the history.
fn found(order: &ReleaseOrder, history: &[Revision], said: &str) -> Found {
    let known = Known { history: history.to_vec(), release: None };
    let Some(last) = known.last() else {
        return match (&order.action, order.before) {
            (ReleaseAction::Uninstall, _) => Found::Done(None),
            (_, None) => Found::Untouched,
            _ if order.recovery == Some(Recovery::Uninstall) => Found::Untouched,
            _ => Found::Foreign("it is gone".to_owned()),
        };
    };
    let (now, before) = (last.revision, order.before.unwrap_or(0));
    if Some(now) == order.before {
        let is_cut_off = last.status == Status::Uninstalling;
        return if is_cut_off && order.action == ReleaseAction::Uninstall {
            Found::Halfway(true)
        } else {
            Found::Untouched
        };
    }
    let other = || format!("revision {now} ({}) is {}", last.description, last.status);
    let is_within = now > before && order.comes_to().is_none_or(|to| now <= to + 2);
    match (&order.action, last.status) {
        _ if now < before && order.recovery != Some(Recovery::Uninstall) => Found::Foreign(other()),
        (ReleaseAction::Upgrade { .. }, Status::Deployed) if last.description == said => {
            Found::Done(Some(now))
        }
        (ReleaseAction::Rollback { to, .. }, Status::Deployed)
            if last.description == format!("Rollback to {to}") =>
        {
            Found::Done(Some(now))
        }
        // The recovery came through, and then nothing more.
        (_, Status::Deployed)
            if is_within
                && order.stood.is_some_and(|stood| last.description == format!("Rollback to {stood}")) =>
        {
            Found::Halfway(false)
        }
        (_, status) if is_within && status.is_pending() => Found::Halfway(true),
        (_, Status::Failed) if is_within => Found::Halfway(false),
        _ => Found::Foreign(other()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Found, found};
    use crate::{
        helm::{Revision, Status},
        rollback::{Recovery, ReleaseAction, ReleaseOrder},
    };

    fn order(before: Option<u32>, action: ReleaseAction) -> ReleaseOrder {
        let (name, namespace) = ("web".to_owned(), "shop".to_owned());
        ReleaseOrder { name, namespace, action, before, stood: before, recovery: None }
    }

    fn upgrade() -> ReleaseAction {
        ReleaseAction::Upgrade { chart: "web-1.0.0".into(), sha256: String::new(), values: None }
    }

    fn history(revision: u32, status: Status, description: &str) -> Vec<Revision> {
        let (updated, chart, app_version) = (String::new(), String::new(), String::new());
        vec![Revision { revision, updated, status, chart, app_version, description: description.to_owned() }]
    }

    #[test]
    fn an_upgrade_is_found_by_what_the_history_says_of_it() {
        let order = order(Some(3), upgrade());
        let found = |revision, status, said| found(&order, &history(revision, status, said), "ours");
        assert_eq!(found(3, Status::Deployed, "theirs"), Found::Untouched);
        assert_eq!(found(4, Status::Deployed, "ours"), Found::Done(Some(4)));
        assert!(matches!(found(4, Status::Deployed, "theirs"), Found::Foreign(_)));
        assert_eq!(found(4, Status::PendingUpgrade, "Preparing upgrade"), Found::Halfway(true));
        assert_eq!(found(4, Status::Failed, "Upgrade failed"), Found::Halfway(false));
        assert_eq!(found(5, Status::Deployed, "Rollback to 3"), Found::Halfway(false));
        assert!(matches!(found(2, Status::Deployed, "theirs"), Found::Foreign(_)));
    }

    #[test]
    fn a_first_install_has_nothing_before_it() {
        let order = order(None, upgrade());
        assert_eq!(found(&order, &[], "ours"), Found::Untouched);
        assert_eq!(
            found(&order, &history(1, Status::PendingInstall, "Initial install underway"), "ours"),
            Found::Halfway(true)
        );
    }

    #[test]
    fn an_uninstall_is_done_when_the_release_is_gone() {
        let order = order(Some(2), ReleaseAction::Uninstall);
        assert_eq!(found(&order, &[], ""), Found::Done(None));
        assert_eq!(found(&order, &history(2, Status::Deployed, ""), ""), Found::Untouched);
        assert_eq!(found(&order, &history(2, Status::Uninstalling, ""), ""), Found::Halfway(true));
    }

    #[test]
    fn a_recovery_that_uninstalls_begins_anew() {
        let mut order = order(Some(1), upgrade());
        (order.stood, order.recovery) = (None, Some(Recovery::Uninstall));
        assert_eq!(found(&order, &[], "ours"), Found::Untouched);
        assert_eq!(found(&order, &history(1, Status::Deployed, "ours"), "ours"), Found::Done(Some(1)));
    }
}
