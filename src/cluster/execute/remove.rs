//! Deleting, and deleting to create again; always the very object that was shown.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::{
    apply::{self, Live},
    compare::{Replicas, same_meaning},
    lost,
    row::{RowDone, RowWriter},
};
use crate::{
    cluster::{FailureKind, Reader, contents, users::users},
    diff::{Kind, Problem, Wave},
    engine::Tries,
    object::{Key, Object},
};

/// How long an object that is replaced may take to go.
const REPLACE_LIMIT: Duration = Duration::from_mins(2);

/// Between two looks at whether something is still needed.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Deletes an object, and leaves it to the settling of its wave to see it gone.
pub(super) async fn delete(row: &RowWriter<'_>, kind: Kind) -> Result<RowDone, Problem> {
    let before = row.before()?;
    for _ in 0..3 {
        let Some(live) = row.live().await? else {
            return Ok(RowDone::default());
        };
        if live.uid() != before.uid() {
            return Err(row.moved("someone deleted it and created it again after it was shown"));
        }
        if live.at(&["metadata", "deletionTimestamp"]).is_some() {
            return Ok(RowDone::default());
        }
        // An autoscaler may still move replicas; that changes nothing about deleting it.
        if !same_meaning(&live, before, Replicas::Float) {
            let who = apply::last_writers(before, &live);
            return Err(row.moved(format!("{who} changed it after it was shown")));
        }
        let deleted = if row.image.wave == Wave::DeleteLeftovers {
            nobody_needs(row).await?;
            row.writer.delete_version(row.permit, &live).await
        } else {
            holds_nothing_foreign(row, kind).await?;
            row.writer.delete(row.permit, &live, live.uid().unwrap_or_default()).await
        };
        match deleted {
            Ok(_) => return Ok(RowDone::default()),
            // Another version: what it means is compared again.
            Err(failure) if failure.kind == FailureKind::Conflict => {}
            Err(failure) if failure.leaves_outcome_unknown() => {
                lost::look(row, &failure).await?;
            }
            Err(refusal) => return Err(row.refused(&refusal)),
        }
    }
    Err(row.moved("it could not be deleted"))
}

/// A namespace or a CRD takes with it what is in it: nothing of others may be.
async fn holds_nothing_foreign(row: &RowWriter<'_>, _kind: Kind) -> Result<(), Problem> {
    let key = row.key();
    let reader = row.writer.planner().reader();
    let inside = if key.is("", "Namespace") {
        contents::of_namespace(reader, &key.name, &|_| false).await
    } else if key.is("apiextensions.k8s.io", "CustomResourceDefinition") {
        contents::of_definition(reader, row.before()?, &|_| false).await
    } else {
        return Ok(());
    };
    let inside = inside.map_err(|failure| row.refused(&failure))?;
    if inside.is_empty() { Ok(()) } else { Err(contents::problem(key, &inside, |_| None)) }
}

/// What was made because of the step goes by itself once the step's own is gone: that is waited for. Nobody
/// else may need a leftover.
async fn nobody_needs(row: &RowWriter<'_>) -> Result<(), Problem> {
    let reader = row.writer.planner().reader();
    let until = Instant::now() + REPLACE_LIMIT;
    loop {
        let users = users(reader, row.before()?).await.map_err(|failure| row.refused(&failure))?;
        let Some(first) = users.first() else { return Ok(()) };
        let goes_by_itself = |user: &Object| {
            let is_there = |field: &str| user.at(&["metadata", field]).is_some();
            is_there("ownerReferences") || is_there("deletionTimestamp")
        };
        if !users.iter().all(goes_by_itself) || Instant::now() + LOOK_EVERY > until {
            let stays = users.iter().find(|user| !goes_by_itself(user)).unwrap_or(first);
            return Err(Problem::new(
                row.key().to_string(),
                format!("{} needs it", contents::describe(stays)),
                "take that away if it may go, then resume; or roll back plainly, which leaves it",
            ));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Deletes an object and creates it as rendered.
pub(super) async fn replace(row: &RowWriter<'_>) -> Result<RowDone, Problem> {
    let before = row.before()?;
    if let Some(live) = row.live().await? {
        if row.tries == Tries::Again && live.uid() != before.uid() && apply::is_our_creation(row, &live)? {
            let uid = live.uid().map(str::to_owned);
            return Ok(RowDone { uid, created: true, warnings: Vec::new() });
        }
        if let Live::AsShown(live) = apply::unmoved(row, Some(live))? {
            delete_and_wait(row, &live).await?;
        }
    }
    apply::create(row).await
}

/// Deletes a live object and waits until its name is free.
pub(super) async fn delete_and_wait(row: &RowWriter<'_>, live: &Object) -> Result<(), Problem> {
    let uid = live.uid().unwrap_or_default();
    match row.writer.delete(row.permit, live, uid).await {
        Ok(_) => {}
        Err(failure) if failure.leaves_outcome_unknown() => {
            lost::look(row, &failure).await?;
        }
        Err(refusal) => return Err(row.refused(&refusal)),
    }
    let reader = row.writer.planner().reader();
    let until = Instant::now() + REPLACE_LIMIT;
    wait_until_gone(reader, row.key(), &row.image.api_version, (uid, &|_| ()), until).await
}

/// Waits until an object of that uid is gone; `told` hears what holds it.
///
/// # Errors
/// [`Problem`] at the deadline, with the finalizers that hold it.
pub(crate) async fn wait_until_gone(
    reader: &Reader,
    key: &Key,
    api_version: &str,
    (uid, told): (&str, &(dyn Fn(&str) + Sync)),
    deadline: Instant,
) -> Result<(), Problem> {
    let mut pause = Duration::from_millis(50);
    let mut held = String::new();
    loop {
        match reader.by_key(api_version, key).await {
            Ok(Some(live)) if live.uid() == Some(uid) => {
                let now = holders(&live);
                if now != held {
                    told(&now);
                }
                held = now;
            }
            Ok(_) => return Ok(()),
            Err(failure) if failure.leaves_outcome_unknown() || failure.kind == FailureKind::Overloaded => {
                held.clone_from(&failure.message);
            }
            Err(failure) => return Err(failure.problem(key)),
        }
        if Instant::now() + pause > deadline {
            return Err(Problem::new(
                key.to_string(),
                format!("it is still there: {held}"),
                "see to what holds it, then try again; nothing is forced",
            ));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(1));
    }
}

/// What keeps a deleted object from going, for a sentence.
pub(crate) fn holders(live: &Object) -> String {
    let mut holders: Vec<String> = [live.at(&["metadata", "finalizers"]), live.at(&["spec", "finalizers"])]
        .into_iter()
        .flatten()
        .filter_map(Value::as_array)
        .flatten()
        .filter_map(Value::as_str)
        .map(|name| format!("finalizer {name}"))
        .collect();
    // A namespace says in its conditions what is left in it.
    let conditions = live.at(&["status", "conditions"]).and_then(Value::as_array);
    for condition in conditions.into_iter().flatten() {
        if condition.get("type").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("Remaining"))
            && condition.get("status") == Some(&json!("True"))
            && let Some(message) = condition.get("message").and_then(Value::as_str)
        {
            holders.push(message.to_owned());
        }
    }
    if live.at(&["metadata", "deletionTimestamp"]).is_none() {
        holders.insert(0, "it is not being deleted".to_owned());
    }
    if holders.is_empty() { "the API server has not removed it yet".to_owned() } else { holders.join("; ") }
}
