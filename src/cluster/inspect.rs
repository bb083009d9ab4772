//! After an interruption: what became of rows whose outcome nobody wrote down. Reads only.

use futures::FutureExt;

use super::{
    FIELD_MANAGER, Reader,
    execute::{Replicas, foreigners, holds, is_ours_alone, same_meaning, same_owners},
    lives::Wanted,
    together::together,
};
use crate::{
    diff::{Change, Problem},
    engine::RowInspection,
    object::{Object, fields_of, managers},
    rollback::{Image, Record, for_creation},
};

/// Compares rows of an attempt with the cluster.
///
/// # Errors
/// [`Problem`] when the cluster cannot be read.
pub async fn inspect(
    reader: &Reader,
    record: &Record,
    rows: &[usize],
) -> Result<Vec<RowInspection>, Problem> {
    let unknown = rows.iter().filter_map(|row| Some((*row, record.images.get(*row)?)));
    let looks = unknown.map(|(row, image)| look(reader, row, image).boxed()).collect();
    let mut inspections: Vec<RowInspection> =
        together(looks).await.into_iter().collect::<Result<_, Problem>>()?;
    inspections.sort_by_key(index);
    Ok(inspections)
}

async fn look(reader: &Reader, row: usize, image: &Image) -> Result<RowInspection, Problem> {
    let live = Wanted::by(image).live(reader).await;
    Ok(found(row, image, live.map_err(|failure| failure.problem(&image.key))?.as_ref()))
}

fn index(inspection: &RowInspection) -> usize {
    match inspection {
        RowInspection::Written { row, .. }
        | RowInspection::NotWritten { row }
        | RowInspection::Foreign { row, .. } => *row,
    }
}

fn found(row: usize, image: &Image, live: Option<&Object>) -> RowInspection {
    let not_written = RowInspection::NotWritten { row };
    let written = |object: &Object| RowInspection::Written { row, uid: object.uid().map(str::to_owned) };
    let foreign = |what: &str| RowInspection::Foreign { row, problem: problem(image, live, what) };
    let same_uid = live.and_then(Object::uid) == image.before.as_ref().and_then(Object::uid);
    match (image.change, live) {
        (Change::Same, Some(live)) => written(live),
        (Change::Same | Change::Create | Change::Replace | Change::Recreate, None) => not_written,
        (Change::Replace, Some(_)) if same_uid => not_written,
        (Change::Create | Change::Replace, Some(live)) if made_by_us(image, live) => written(live),
        (Change::Create | Change::Replace, Some(_)) => foreign("created one of that name"),
        (Change::Recreate, Some(live)) => {
            let body = image.expected.as_ref().map(for_creation);
            let back = !same_uid && body.is_some_and(|body| holds(live, &body, image.expected.as_ref()));
            if back {
                written(live)
            } else if image.before.is_some() && same_uid {
                not_written
            } else {
                foreign("created one of that name")
            }
        }
        (Change::Delete, None) => RowInspection::Written { row, uid: None },
        (Change::Delete, Some(live)) => {
            if !same_uid || live.at(&["metadata", "deletionTimestamp"]).is_some() {
                RowInspection::Written { row, uid: None }
            } else if is_as(image.before.as_ref(), live, Replicas::Float) {
                not_written
            } else {
                foreign("changed it")
            }
        }
        (Change::Change | Change::Adopt | Change::Revert, None) => foreign("deleted it"),
        (Change::Change | Change::Adopt | Change::Revert, Some(_)) if !same_uid => {
            foreign("deleted it and created it again")
        }
        (Change::Change | Change::Adopt, Some(live)) => changed(row, image, live),
        (Change::Revert, Some(live)) => reverted(row, image, live),
    }
}

/// One that nobody has left a mark on is ours only when what we sent leaves none either.
fn made_by_us(image: &Image, live: &Object) -> bool {
    let is_bare = managers(live).iter().all(|entry| entry.subresource.is_some());
    let holds_it = || image.applied.as_ref().is_some_and(|applied| holds(live, applied, None));
    is_ours_alone(live) && (!is_bare || holds_it())
}

fn changed(row: usize, image: &Image, live: &Object) -> RowInspection {
    let applied = image.applied.as_ref();
    let replicas = Replicas::of(applied);
    let ours = fields_of(live, FIELD_MANAGER, "Apply");
    let expected = image.expected.as_ref().map(|object| fields_of(object, FIELD_MANAGER, "Apply"));
    let as_applied = applied.is_some_and(|applied| holds(live, applied, image.expected.as_ref()));
    // Ownership tells a finished row from one that others changed elsewhere meanwhile.
    if as_applied && expected.is_none_or(|expected| expected == ours) {
        RowInspection::Written { row, uid: live.uid().map(str::to_owned) }
    } else if is_as(image.before.as_ref(), live, replicas) {
        RowInspection::NotWritten { row }
    } else {
        RowInspection::Foreign { row, problem: problem(image, Some(live), "changed it") }
    }
}

fn reverted(row: usize, image: &Image, live: &Object) -> RowInspection {
    let target = image.expected.as_ref();
    if is_as(target, live, Replicas::Float)
        && target.is_some_and(|target| same_owners(&managers(target), &managers(live)))
    {
        return RowInspection::Written { row, uid: live.uid().map(str::to_owned) };
    }
    if is_as(target, live, Replicas::Float) || is_as(image.before.as_ref(), live, Replicas::Float) {
        return RowInspection::NotWritten { row };
    }
    RowInspection::Foreign { row, problem: problem(image, Some(live), "changed it") }
}

fn is_as(known: Option<&Object>, live: &Object, replicas: Replicas) -> bool {
    known.is_some_and(|known| same_meaning(live, known, replicas))
}

fn problem(image: &Image, live: Option<&Object>, what: &str) -> Problem {
    let names = live.map(foreigners).filter(|names| !names.is_empty());
    let who = names.map_or_else(|| "someone".to_owned(), |names| names.join(", "));
    Problem::new(
        image.key.to_string(),
        format!("{who} {what} meanwhile"),
        "settle with them what is to stand; then look at the changes again, or roll back",
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::found;
    use crate::{
        diff::{Change, Wave},
        engine::RowInspection,
        object::Object,
        rollback::Image,
    };

    fn account(more: Value) -> Object {
        let mut account =
            Object(json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "a"}}));
        if let (Value::Object(fields), Value::Object(more)) = (&mut account.0, more) {
            fields.extend(more);
        }
        account
    }

    fn is_taken_for_ours(applied: Object) -> bool {
        let image = Image {
            key: applied.key(),
            api_version: "v1".into(),
            change: Change::Create,
            wave: Wave::Configuration,
            applied: Some(applied),
            before: None,
            carried: false,
            expected: None,
        };
        matches!(found(0, &image, Some(&account(json!({})))), RowInspection::Written { .. })
    }

    #[test]
    fn an_object_without_a_mark_is_ours_only_when_we_sent_nothing_that_leaves_one() {
        assert!(is_taken_for_ours(account(json!({}))));
        assert!(!is_taken_for_ours(account(json!({"automountServiceAccountToken": false}))));
    }
}
