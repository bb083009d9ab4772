//! Taking fields over: first ownership alone, by managedFields, then an apply without force.

use serde_json::json;

use super::{
    apply::{self, Live},
    row::{RowDone, RowWriter},
};
use crate::{
    cluster::{FIELD_MANAGER, Failure, FailureKind},
    diff::Problem,
    object::{Manager, Object, adopted, managed_fields, managers, taken},
};

const TRIES: usize = 100;

/// Makes the fields that were shown ours, then applies.
pub(super) async fn adopt(row: &RowWriter<'_>) -> Result<RowDone, Problem> {
    let applied = row.applied()?;
    let before = row.before()?;
    let live = take(row, before.clone(), |live| {
        adopted(live, applied, FIELD_MANAGER, &taken(live, applied, FIELD_MANAGER))
    })
    .await?;
    let live = match live {
        Live::AsShown(live) => live,
        Live::AsWanted(live) => {
            return Ok(RowDone { uid: live.uid().map(str::to_owned), ..RowDone::default() });
        }
    };
    let outcome = apply::onto(row, live).await;
    if outcome.is_err() {
        give_back(row, before).await;
    }
    outcome
}

/// Ownership that must move before an apply. Replicas that we own and are about to leave out get another
/// owner, or they would fall to 1; what a new update strategy rules out becomes ours, or it would stay.
/// Writes nothing when there is nothing to move.
pub(super) async fn hand_over(row: &RowWriter<'_>, before: &Object) -> Result<Live, Problem> {
    let applied = row.applied()?;
    take(row, before.clone(), |live| adopted(live, applied, FIELD_MANAGER, &[])).await
}

/// Writes managedFields and nothing else, reading again while the object moves without meaning.
async fn take(
    row: &RowWriter<'_>,
    mut live: Object,
    wanted: impl Fn(&Object) -> Vec<Manager>,
) -> Result<Live, Problem> {
    let mut last = None;
    for _ in 0..TRIES {
        let entries = wanted(&live);
        if entries == managers(&live) {
            return Ok(Live::AsShown(live));
        }
        match own(row, &live, &entries).await {
            Ok(object) => return Ok(Live::AsShown(object)),
            Err(failure) if failure.kind == FailureKind::Conflict || failure.leaves_outcome_unknown() => {
                let now = if failure.leaves_outcome_unknown() {
                    super::lost::look(row, &failure).await?
                } else {
                    row.live().await?
                };
                match apply::unmoved(row, now)? {
                    Live::AsShown(now) => live = now,
                    wanted @ Live::AsWanted(_) => return Ok(wanted),
                }
                last = Some(failure);
            }
            Err(refusal) => return Err(row.refused(&refusal)),
        }
    }
    Err(last.map_or_else(|| row.moved("its ownership could not be moved"), |failure| row.refused(&failure)))
}

/// One managedFields-only patch: generation and values stay.
pub(super) async fn own(row: &RowWriter<'_>, live: &Object, entries: &[Manager]) -> Result<Object, Failure> {
    let mut fields = managed_fields(entries);
    if fields.as_array().is_some_and(Vec::is_empty) {
        // An empty list would leave them as they are; one empty entry clears them (API concepts).
        fields = json!([{}]);
    }
    let patch = json!({"metadata": {
        "uid": live.uid(), "resourceVersion": live.resource_version(), "managedFields": fields,
    }});
    Ok(row.writer.merge(row.permit, live, &patch, FIELD_MANAGER).await?.object)
}

/// After a refused apply, ownership goes back to where it was; a failure here is in the log only, since
/// the refusal is what counts and a rollback puts owners right as well.
async fn give_back(row: &RowWriter<'_>, before: &Object) {
    let outcome = async {
        let live = row.live().await?.ok_or_else(|| row.moved("it is gone"))?;
        if live.uid() != before.uid() {
            return Err(row.moved("it was created again"));
        }
        own(row, &live, &managers(before)).await.map_err(|failure| row.refused(&failure))
    };
    if let Err(problem) = outcome.await {
        tracing::warn!(key = %row.key(), "ownership was not given back: {}", problem.reason);
    }
}
