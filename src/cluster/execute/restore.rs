//! The way back: values first, then owners; each object exactly as the undo planned it.

use serde_json::{Value, json};

use super::{
    adopt::own,
    apply::{guarded, last_writers},
    compare::{Replicas, same_meaning},
    holds, is_ours_alone, lost,
    remove::delete_and_wait,
    row::{RowDone, RowWriter},
};
use crate::{
    cluster::{FIELD_MANAGER, Failure, FailureKind, autoscalers},
    diff::Problem,
    object::{FieldPath, Manager, Object, adopted, managers, present},
    rollback::{for_creation, without_allocations},
};

/// How often a busy object is read again; its meaning is compared each time.
const TRIES: usize = 100;

/// Brings fields back, and their owners.
pub(super) async fn revert(row: &RowWriter<'_>) -> Result<RowDone, Problem> {
    let before = row.before()?;
    let target = row.expected()?;
    let mut warnings = Vec::new();
    let scaled = is_scaled(row, before).await?;
    // Where the undo does not change replicas, whoever moves them meanwhile is right.
    let moves = before.at(&["spec", "replicas"]) != target.at(&["spec", "replicas"]);
    let replicas = if moves && !scaled { Replicas::Count } else { Replicas::Float };
    for _ in 0..TRIES {
        let live = row.live().await?.ok_or_else(|| row.moved("someone deleted it after it was shown"))?;
        if live.uid() != before.uid() {
            return Err(row.moved("someone deleted it and created it again after it was shown"));
        }
        let outcome = if same_meaning(&live, target, replicas) {
            let entries = returned_owners(&live, before, target, scaled);
            if same_owners(&entries, &managers(&live)) {
                return Ok(RowDone { uid: live.uid().map(str::to_owned), created: false, warnings });
            }
            own(row, &live, &entries).await.map(|_| Vec::new())
        } else if same_meaning(&live, before, Replicas::Float) {
            send(row, &live, target, scaled, replicas).await
        } else {
            let who = last_writers(before, &live);
            return Err(row.moved(format!("{who} changed it after it was shown")));
        };
        match outcome {
            Ok(more) => warnings.extend(more),
            Err(failure) if failure.kind == FailureKind::Conflict => {}
            Err(failure) if failure.leaves_outcome_unknown() => {
                lost::look(row, &failure).await?;
            }
            Err(refusal) => return Err(row.refused(&refusal)),
        }
    }
    Err(row.moved("it changes faster than it can be written"))
}

/// Creates an object again as it was, after deleting what took its place.
pub(super) async fn recreate(row: &RowWriter<'_>) -> Result<RowDone, Problem> {
    let target = row.expected()?;
    let body = for_creation(target);
    if let Some(live) = row.live().await? {
        let shown = row.image.before.as_ref();
        if shown.is_some_and(|shown| shown.uid() == live.uid() && same_meaning(&live, shown, Replicas::Float))
        {
            delete_and_wait(row, &live).await?;
        } else if holds(&live, &body, Some(target)) {
            return owners_after_creation(row, live, target, Vec::new()).await;
        } else {
            let who = if is_ours_alone(&live) { "an earlier step" } else { "someone else" };
            return Err(row.moved(format!("{who} created one of that name; it was left as it is")));
        }
    }
    let mut body = body;
    for _ in 0..3 {
        match row.writer.create(row.permit, &body).await {
            Ok(answer) => return owners_after_creation(row, answer.object, target, answer.warnings).await,
            Err(failure) if failure.kind == FailureKind::Invalid && without_allocations(&body) != body => {
                body = without_allocations(&body);
            }
            Err(failure) if failure.leaves_outcome_unknown() => {
                if let Some(live) = lost::look(row, &failure).await?
                    && holds(&live, &body, Some(target))
                {
                    return owners_after_creation(row, live, target, Vec::new()).await;
                }
            }
            Err(refusal) => return Err(row.refused(&refusal)),
        }
    }
    Err(row.moved("it could not be created again"))
}

/// An apply of our earlier set where its dry run came to the target; else the whole object, bound to
/// the version that was just read.
async fn send(
    row: &RowWriter<'_>,
    live: &Object,
    target: &Object,
    scaled: bool,
    replicas: Replicas,
) -> Result<Vec<String>, Failure> {
    if let Some(applied) = &row.image.applied {
        let mut applied = applied.clone();
        if scaled {
            remove_replicas(&mut applied);
        }
        let entries = adopted(live, &applied, FIELD_MANAGER, &[]);
        if entries != managers(live) {
            // Replicas that we own and do not send are handed over first; the next round applies.
            return own(row, live, &entries).await.map(|_| Vec::new());
        }
        return Ok(row.writer.apply(row.permit, &guarded(&applied, live)).await?.warnings);
    }
    let body = whole(target, live, replicas);
    Ok(row.writer.replace(row.permit, &body).await?.warnings)
}

/// The target as a PUT: the live object's bookkeeping and status, and its replicas where they float.
pub(crate) fn whole(target: &Object, live: &Object, replicas: Replicas) -> Object {
    let mut body = target.clone();
    let bookkeeping = ["uid", "resourceVersion", "generation", "creationTimestamp"];
    let metadata = body.metadata_mut();
    // Left out, the API server keeps them and works out what changed.
    metadata.remove("managedFields");
    for field in bookkeeping {
        if let Some(value) = live.at(&["metadata", field]) {
            metadata.insert(field.to_owned(), value.clone());
        }
    }
    if let Value::Object(map) = &mut body.0 {
        map.remove("status");
        if let Some(status) = live.at(&["status"]) {
            map.insert("status".to_owned(), status.clone());
        }
        if replicas == Replicas::Float
            && let (Some(Value::Object(spec)), Some(count)) =
                (map.get_mut("spec"), live.at(&["spec", "replicas"]))
        {
            spec.insert("replicas".to_owned(), count.clone());
        }
    }
    body
}

/// Does an autoscaler stand for the object?
async fn is_scaled(row: &RowWriter<'_>, live: &Object) -> Result<bool, Problem> {
    if live.at(&["spec", "replicas"]).is_none() {
        return Ok(false);
    }
    let reader = row.writer.planner().reader();
    let standing = autoscalers::of(reader, live).await.map_err(|failure| row.refused(&failure))?;
    Ok(!standing.is_empty())
}

/// Whose fields are whose afterwards: as planned, but for those who came since and for what the
/// cluster's own controllers hold through subresources.
fn returned_owners(live: &Object, before: &Object, target: &Object, scaled: bool) -> Vec<Manager> {
    let planned = managers(target);
    let known = managers(before);
    let mut entries: Vec<Manager> = Vec::new();
    for entry in managers(live) {
        let status = entry.subresource.as_deref() == Some("status");
        match planned.iter().find(|other| other.same_writer(&entry)) {
            Some(planned) if !status => entries.push(Manager { time: entry.time, ..planned.clone() }),
            None if !status && known.iter().any(|other| other.same_writer(&entry)) => {}
            _ if !status && entry.is(FIELD_MANAGER, "Update") => {}
            _ => entries.push(entry),
        }
    }
    for planned in &planned {
        if planned.subresource.is_none() && !entries.iter().any(|entry| entry.same_writer(planned)) {
            entries.push(planned.clone());
        }
    }
    if scaled {
        keep_replica_owners(&mut entries, live);
    }
    for entry in &mut entries {
        if entry.subresource.is_none() && entry.api_version == live.api_version() {
            entry.fields = present(live, &entry.fields);
        }
    }
    entries.retain(|entry| !entry.fields.is_empty());
    entries
}

/// Under an autoscaler, replicas stay with whoever has them.
fn keep_replica_owners(entries: &mut Vec<Manager>, live: &Object) {
    let path = FieldPath::of_fields(&["spec", "replicas"]);
    for entry in entries.iter_mut() {
        entry.fields = entry.fields.without(&path);
    }
    for owner in managers(live).into_iter().filter(|owner| owner.fields.contains(&path)) {
        match entries.iter_mut().find(|entry| entry.same_writer(&owner)) {
            Some(entry) => entry.fields.insert(&path),
            None => entries.push(owner),
        }
    }
}

async fn owners_after_creation(
    row: &RowWriter<'_>,
    mut live: Object,
    target: &Object,
    warnings: Vec<String>,
) -> Result<RowDone, Problem> {
    let done =
        |live: &Object, warnings| RowDone { uid: live.uid().map(str::to_owned), created: true, warnings };
    let uid = live.uid().map(str::to_owned);
    for _ in 0..TRIES {
        let entries = returned_owners(&live, &live, target, false);
        if same_owners(&entries, &managers(&live)) {
            return Ok(done(&live, warnings));
        }
        match own(row, &live, &entries).await {
            Ok(object) => return Ok(done(&object, warnings)),
            Err(failure) if failure.kind == FailureKind::Conflict || failure.leaves_outcome_unknown() => {
                live = match lost_or_moved(row, &failure).await? {
                    Some(now) if now.uid().map(str::to_owned) == uid => now,
                    _ => return Err(row.moved("it was taken away again")),
                };
            }
            Err(refusal) => return Err(row.refused(&refusal)),
        }
    }
    Err(row.moved("it changes faster than its owners can be written"))
}

async fn lost_or_moved(row: &RowWriter<'_>, failure: &Failure) -> Result<Option<Object>, Problem> {
    if failure.leaves_outcome_unknown() { lost::look(row, failure).await } else { row.live().await }
}

/// Equal but for the times and the order.
pub(crate) fn same_owners(one: &[Manager], other: &[Manager]) -> bool {
    one.len() == other.len()
        && one.iter().all(|entry| {
            other.iter().any(|peer| {
                peer.same_writer(entry)
                    && peer.api_version == entry.api_version
                    && peer.fields == entry.fields
            })
        })
}

fn remove_replicas(applied: &mut Object) {
    if let Some(Value::Object(spec)) = applied.0.get_mut("spec") {
        spec.remove("replicas");
        if spec.is_empty() {
            applied.0.as_object_mut().map(|map| map.insert("spec".to_owned(), json!({})));
        }
    }
}
