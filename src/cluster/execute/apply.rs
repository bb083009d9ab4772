//! Creating and changing by server-side apply, without force.

use serde_json::{Value, json};

use super::{
    adopt,
    compare::{Replicas, holds, same_meaning},
    lost,
    row::{RowDone, RowWriter},
};
use crate::{
    cluster::{Answer, FIELD_MANAGER, Failure, FailureKind},
    diff::Problem,
    engine::Tries,
    object::{Object, fields_of, managers},
};

/// How often a busy object is read again. Its meaning is compared each time, so this bounds patience,
/// not safety.
const TRIES: usize = 100;

/// A version that no live object has: etcd counts its changes from 1, which is the empty store.
const NEVER_LIVE: &str = "1";

/// How often a creation is tried again after an answer that was lost.
const CREATE_TRIES: usize = 3;

/// An apply that creates and cannot change anything that exists. What it meets is someone else's unless
/// an earlier try of ours, whose outcome nobody knows, may have made it.
pub(super) async fn create(row: &RowWriter<'_>) -> Result<RowDone, Problem> {
    let applied = row.applied()?;
    if row.image.expected.is_none() {
        late_dry_run(row, applied).await?;
    }
    let creating = create_only(applied);
    let mut may_be_ours = row.tries == Tries::Again;
    let mut last = None;
    for _ in 0..CREATE_TRIES {
        let failure = match row.writer.apply(row.permit, &creating).await {
            Ok(answer) if answer.created => return Ok(done(answer, true)),
            Ok(_) => return Err(row.moved("the API server merged it into one that was there already")),
            Err(failure) => failure,
        };
        let met = match failure.kind {
            FailureKind::Conflict | FailureKind::FieldConflict => row.live().await?,
            _ if failure.leaves_outcome_unknown() => {
                may_be_ours = true;
                lost::look(row, &failure).await?
            }
            _ => return Err(row.refused(&failure)),
        };
        match met {
            Some(live) if may_be_ours && is_our_creation(row, &live)? => {
                return Ok(RowDone {
                    uid: live.uid().map(str::to_owned),
                    created: true,
                    warnings: Vec::new(),
                });
            }
            Some(live) => return Err(exists(row, Some(&live))),
            None => last = Some(failure),
        }
    }
    Err(last.map_or_else(|| row.moved("it could not be created"), |failure| row.refused(&failure)))
}

/// The object with a precondition that only the absent one meets. The API server creates it (201), or
/// answers 409 and changes nothing, not even where the apply would come to no change.
fn create_only(applied: &Object) -> Object {
    let mut creating = applied.clone();
    creating.metadata_mut().insert("resourceVersion".to_owned(), json!(NEVER_LIVE));
    creating
}

/// Nobody but us has written it, and it is what the row makes.
pub(super) fn is_our_creation(row: &RowWriter<'_>, live: &Object) -> Result<bool, Problem> {
    Ok(is_ours_alone(live) && holds(live, row.applied()?, row.image.expected.as_ref()))
}

/// An apply to the very object that was shown, as it was shown.
pub(super) async fn change(row: &RowWriter<'_>) -> Result<RowDone, Problem> {
    let before = row.before()?;
    match adopt::hand_over(row, before).await? {
        Live::AsShown(live) => onto(row, live).await,
        Live::AsWanted(live) => Ok(written(&live)),
    }
}

/// Applies onto a live object, reading it again while others only move what has no meaning.
pub(super) async fn onto(row: &RowWriter<'_>, mut live: Object) -> Result<RowDone, Problem> {
    let applied = row.applied()?;
    let mut last = None;
    for _ in 0..TRIES {
        match row.writer.apply(row.permit, &guarded(applied, &live)).await {
            Ok(answer) => return Ok(done(answer, false)),
            Err(refusal) if refusal.kind == FailureKind::Conflict || is_uid_refusal(&refusal) => {
                let now = row.live().await?;
                live = match unmoved(row, now)? {
                    Live::AsShown(live) => live,
                    Live::AsWanted(live) => return Ok(written(&live)),
                };
                last = Some(refusal);
            }
            Err(silence) if silence.leaves_outcome_unknown() => {
                let now = lost::look(row, &silence).await?;
                live = match unmoved(row, now)? {
                    Live::AsShown(live) => live,
                    Live::AsWanted(live) => return Ok(written(&live)),
                };
                last = Some(silence);
            }
            Err(refusal) => {
                // Whoever owns the fields now may have created it again: that is said first.
                unmoved(row, row.live().await?)?;
                return Err(row.refused(&refusal));
            }
        }
    }
    Err(last.map_or_else(|| row.moved("it could not be changed"), |failure| row.refused(&failure)))
}

/// What is live, next to what was shown.
pub(super) enum Live {
    /// As it was shown: it may be written.
    AsShown(Object),
    /// As the row would make it: it has been written.
    AsWanted(Object),
}

/// Tells what is live from what was shown.
pub(super) fn unmoved(row: &RowWriter<'_>, live: Option<Object>) -> Result<Live, Problem> {
    let before = row.before()?;
    let Some(live) = live else {
        return Err(row.moved("someone deleted it after it was shown"));
    };
    if live.uid() != before.uid() {
        return Err(row.moved("someone deleted it and created it again after it was shown"));
    }
    let replicas = Replicas::of(row.image.applied.as_ref());
    if let Some(expected) = &row.image.expected
        && same_meaning(&live, expected, replicas)
        && owners_are_ours(&live, expected)
    {
        return Ok(Live::AsWanted(live));
    }
    if same_meaning(&live, before, replicas) {
        return Ok(Live::AsShown(live));
    }
    let who = last_writers(before, &live);
    Err(row.moved(format!("{who} changed it after it was shown")))
}

/// The object with the uid and version of the live one as preconditions.
pub(crate) fn guarded(applied: &Object, live: &Object) -> Object {
    let mut guarded = applied.clone();
    let metadata = guarded.metadata_mut();
    metadata.insert("uid".to_owned(), json!(live.uid()));
    metadata.insert("resourceVersion".to_owned(), json!(live.resource_version()));
    guarded
}

/// What could not be dry-run when it was shown is dry-run now: it must be plain.
async fn late_dry_run(row: &RowWriter<'_>, applied: &Object) -> Result<(), Problem> {
    let answer = row.writer.planner().dry_run(applied).await.map_err(|failure| {
        if failure.kind == FailureKind::FieldConflict { exists(row, None) } else { row.refused(&failure) }
    })?;
    if !answer.created {
        // The creation tells whose it is.
        return Ok(());
    }
    if !answer.warnings.is_empty() {
        return Err(Problem::new(
            row.key().to_string(),
            format!("its first dry run warns of what was not shown: {}", answer.warnings.join("; ")),
            "look at the changes again: the warning is shown there and can be confirmed",
        ));
    }
    Ok(())
}

/// Has nobody but us (and the cluster's controllers) written it? Of an object that is nothing but a
/// name, as a plain Namespace is, no writer owns anything and the API server lists none.
pub(crate) fn is_ours_alone(live: &Object) -> bool {
    let is_bare = !managers(live).iter().any(|entry| entry.subresource.is_none());
    (is_ours(live) || is_bare) && foreigners(live).is_empty()
}

/// Has it been applied by us?
fn is_ours(live: &Object) -> bool {
    managers(live).iter().any(|entry| entry.is(FIELD_MANAGER, "Apply"))
}

/// Who else has written the object itself.
pub(crate) fn foreigners(live: &Object) -> Vec<String> {
    let mut names: Vec<String> = managers(live)
        .into_iter()
        .filter(|entry| entry.subresource.is_none() && !is_known(&entry.name))
        .map(|entry| entry.name)
        .collect();
    names.dedup();
    names
}

fn is_known(manager: &str) -> bool {
    manager.starts_with(FIELD_MANAGER) || manager.starts_with("kube-") || manager == "kubelet"
}

/// Do we own just what we shall own? Equal values alone prove nothing: before a hand-over of replicas
/// they are equal as well.
fn owners_are_ours(live: &Object, expected: &Object) -> bool {
    fields_of(expected, FIELD_MANAGER, "Apply") == fields_of(live, FIELD_MANAGER, "Apply")
}

/// Who wrote between two readings, for a sentence.
pub(super) fn last_writers(before: &Object, live: &Object) -> String {
    let known = managers(before);
    let mut names: Vec<String> = managers(live)
        .into_iter()
        .filter(|entry| !known.contains(entry) && entry.subresource.as_deref() != Some("status"))
        .map(|entry| entry.name)
        .collect();
    names.dedup();
    if names.is_empty() { "someone".to_owned() } else { names.join(", ") }
}

fn exists(row: &RowWriter<'_>, live: Option<&Object>) -> Problem {
    let others = live.map(foreigners).unwrap_or_default();
    let who = if !others.is_empty() {
        others.join(", ")
    } else if live.is_some_and(is_ours) {
        "another run of migrate-tui".to_owned()
    } else {
        "someone else".to_owned()
    };
    row.moved(format!("{who} created one of that name after it was shown; it was left as it is"))
}

/// 422 about the uid: the object was created again.
fn is_uid_refusal(failure: &Failure) -> bool {
    failure.code == Some(422) && failure.causes.iter().any(|cause| cause.field == "metadata.uid")
}

fn written(live: &Object) -> RowDone {
    RowDone { uid: live.uid().map(str::to_owned), created: false, warnings: Vec::new() }
}

fn done(answer: Answer, created: bool) -> RowDone {
    RowDone {
        uid: answer.object.0.pointer("/metadata/uid").and_then(Value::as_str).map(str::to_owned),
        created,
        warnings: answer.warnings,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::is_ours_alone;
    use crate::object::Object;

    #[test]
    fn an_object_that_is_only_a_name_is_nobody_elses() {
        let written_by = |names: &[&str]| {
            let entries: Vec<_> = names
                .iter()
                .map(|name| json!({"manager": name, "operation": "Apply", "fieldsV1": {"f:data": {}}}))
                .collect();
            Object(json!({"apiVersion": "v1", "kind": "ServiceAccount",
                "metadata": {"name": "a", "managedFields": entries}}))
        };
        assert!(is_ours_alone(&written_by(&[])) && is_ours_alone(&written_by(&["migrate-tui"])));
        assert!(!is_ours_alone(&written_by(&["kubectl"])));
        assert!(!is_ours_alone(&written_by(&["migrate-tui", "kubectl"])));
    }
}
