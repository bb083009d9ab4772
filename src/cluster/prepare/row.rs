//! One object: live, dry run, row.

use super::{PrepareRequest, adopt};
use crate::{
    cluster::{Answer, Cause, Failure, FailureKind, Planner},
    diff::{Adoption, Change, FieldChange, Problem, Row, overlay, shown_changes, wave_of},
    object::{
        Digest, FieldSet, Object, fields_of, is_secret, mask, meaning, superseded, with_strategy_meant,
        with_strategy_of,
    },
    rollback::Image,
};

/// How the API server says that a field is as it is.
const IMMUTABLE_WORDS: [&str; 6] = [
    "immutable",
    "updates to",
    "may not change",
    "may not be changed",
    "cannot change",
    "can not be changed",
];

/// How often live and dry run are read again when they turn out to be from different moments.
const TRIES: usize = 8;

/// What the API server says of one object.
#[derive(Default)]
pub(super) struct Looked {
    pub(super) live: Option<Object>,
    pub(super) expected: Option<Object>,
    pub(super) warnings: Vec<String>,
    pub(super) adoptions: Vec<Adoption>,
    pub(super) replace: Option<String>,
    /// What is sent instead: without the replicas that someone scaled by hand.
    pub(super) sent: Option<Object>,
    /// Who scaled it.
    pub(super) scaled_by: Option<String>,
}

/// Reads the live object and what the apply would make of it, from the same moment.
pub(super) async fn look(planner: &Planner, applied: &Object) -> Result<Looked, Failure> {
    let (mut sent, mut scaled_by) = (None, None);
    for _ in 0..TRIES {
        let object = sent.as_ref().unwrap_or(applied);
        let (live, dry) = tokio::join!(planner.reader().live(object), planner.dry_run(object));
        let live = live?;
        if let Err(failure) = &dry
            && let Some(manager) = scaler(failure)
        {
            scaled_by = Some(format!("{manager}, by its scale"));
            sent = Some(without_replicas(object));
            continue;
        }
        let Some((answer, adoptions, replace)) = answered(planner, object, live.as_ref(), dry).await? else {
            continue;
        };
        let (mut expected, warnings) =
            answer.map_or((None, Vec::new()), |answer| (Some(answer.object), answer.warnings));
        if let (Some(live), Some(expected)) = (&live, &mut expected) {
            keep_replicas(object, live, expected);
        }
        return Ok(Looked { live, expected, warnings, adoptions, replace, sent, scaled_by });
    }
    Err(Failure::without_answer(
        FailureKind::Conflict,
        format!("it was changed again each of the {TRIES} times that it was looked at"),
    ))
}

type Answered = (Option<Answer>, Vec<Adoption>, Option<String>);

/// What the dry run comes to: an outcome, fields to adopt, or why it must be replaced. `None`: it and the
/// live object are from different moments.
async fn answered(
    planner: &Planner,
    applied: &Object,
    live: Option<&Object>,
    dry: Result<Answer, Failure>,
) -> Result<Option<Answered>, Failure> {
    let softened =
        live.filter(|live| !superseded(live, applied).is_empty()).map(|live| with_strategy_of(live, applied));
    let sent = softened.as_ref().unwrap_or(applied);
    let (dry, conflicts) = match dry {
        Err(failure) if failure.kind == FailureKind::FieldConflict => {
            let forced = planner.dry_run_forced(sent, crate::cluster::FIELD_MANAGER).await;
            (forced, adoptions(&failure))
        }
        // Refused beside what the API server filled in for the old strategy; that goes with the apply.
        Err(failure) if failure.kind == FailureKind::Invalid && softened.is_some() => {
            (planner.dry_run(sent).await, Vec::new())
        }
        other => (other, Vec::new()),
    };
    let answer = match dry {
        Ok(answer) => Answer { object: with_strategy_meant(&answer.object, applied), ..answer },
        Err(failure) => {
            return match immutable(&failure, is_secret(applied)).filter(|_| live.is_some()) {
                Some(reason) => Ok(Some((None, conflicts, Some(reason)))),
                None => Err(failure),
            };
        }
    };
    match live {
        None if answer.created => Ok(Some((Some(answer), conflicts, None))),
        Some(live)
            if live.uid() == answer.object.uid()
                && live.resource_version() == answer.object.resource_version() =>
        {
            match adopt::foresee(planner, applied, live, answer, conflicts).await {
                Ok((answer, adoptions)) => Ok(Some((answer, adoptions, None))),
                // The dry run of a PUT was of a later moment than the apply's.
                Err(failure) if failure.kind == FailureKind::Conflict => Ok(None),
                Err(failure) => Err(failure),
            }
        }
        _ => Ok(None),
    }
}

/// Who scaled the object through its scale subresource and so owns the replicas that we send. They are
/// left to them: whoever scaled it had a reason, and may be an autoscaler that we do not know.
fn scaler(failure: &Failure) -> Option<String> {
    let cause = failure.causes.iter().find(|cause| {
        cause.reason == "FieldManagerConflict"
            && cause.field == ".spec.replicas"
            && cause.message.contains("subresource \"scale\"")
    })?;
    cause.message.split('"').nth(1).map(str::to_owned)
}

fn without_replicas(object: &Object) -> Object {
    let mut copy = object.clone();
    if let Some(serde_json::Value::Object(spec)) = copy.0.get_mut("spec") {
        spec.remove("replicas");
    }
    copy
}

/// Replicas that are not sent stay: where we own them they are handed over before the apply, which a dry
/// run cannot know.
fn keep_replicas(applied: &Object, live: &Object, expected: &mut Object) {
    if applied.at(&["spec", "replicas"]).is_none()
        && let Some(replicas) = live.at(&["spec", "replicas"])
        && let Some(serde_json::Value::Object(spec)) = expected.0.get_mut("spec")
    {
        spec.insert("replicas".to_owned(), replicas.clone());
    }
}

/// The row and the image of an object that was looked at.
pub(super) fn row(
    request: &PrepareRequest<'_>,
    applied: Object,
    looked: Looked,
    replicas_left_to: Option<String>,
) -> (Row, Image) {
    let before = looked.live.as_ref().map(meaning);
    let mut fields = match (&looked.live, &looked.expected) {
        (Some(_), Some(expected)) => shown_changes(before.as_ref(), Some(&meaning(expected))),
        // A replacement: what the rendering names, not all that the API server will default again.
        (Some(_), None) => {
            shown_changes(before.as_ref(), before.as_ref().map(|live| overlay(live, &applied)).as_ref())
        }
        // What the API server allocates and defaults is not ours to show.
        (None, _) => shown_changes(None, Some(&applied)),
    };
    let owned = ownership(looked.live.as_ref(), looked.expected.as_ref());
    let change = if looked.replace.is_some() {
        Change::Replace
    } else if looked.live.is_none() {
        Change::Create
    } else if !looked.adoptions.is_empty() {
        Change::Adopt
    } else if fields.is_empty() && owned.is_none() {
        Change::Same
    } else {
        Change::Change
    };
    if fields.is_empty() && change == Change::Change {
        fields.extend(owned);
    }
    let row = Row {
        key: applied.key(),
        api_version: applied.api_version().to_owned(),
        change,
        wave: wave_of(&applied),
        fields,
        adoptions: looked.adoptions,
        conflicts: Vec::new(),
        replicas_left_to,
        known_after: None,
        warnings: looked.warnings,
        cannot_undo: cannot_undo(change, &applied, looked.live.as_ref()),
        digest: bind(request, Some(&applied), looked.live.as_ref()),
    };
    let image = Image {
        key: row.key.clone(),
        api_version: row.api_version.clone(),
        change,
        wave: row.wave,
        applied: Some(applied),
        before: looked.live,
        expected: looked.expected,
    };
    (row, image)
}

/// A row that cannot be dry-run before something else is there.
pub(super) fn planned(
    request: &PrepareRequest<'_>,
    applied: Object,
    known_after: String,
    replicas_left_to: Option<String>,
) -> (Row, Image) {
    let (mut row, image) = row(request, applied, Looked::default(), replicas_left_to);
    row.known_after = Some(known_after);
    (row, image)
}

/// Rendered, live uid and live meaning: nothing that a busy cluster moves by itself.
pub(super) fn bind(request: &PrepareRequest<'_>, applied: Option<&Object>, live: Option<&Object>) -> Digest {
    request.digester.of(&(applied, live.and_then(Object::uid), live.map(|live| steady(applied, live))))
}

/// What of a live object nobody moves without meaning it: replicas that we do not send are their
/// autoscaler's to move.
pub(super) fn steady(applied: Option<&Object>, live: &Object) -> Object {
    match applied.and_then(|applied| applied.at(&["spec", "replicas"])) {
        Some(_) => meaning(live),
        None => without_replicas(&meaning(live)),
    }
}

/// A problem about an object that the API server refused.
pub(super) fn refused(applied: &Object, failure: &Failure) -> Problem {
    failure.problem(&mask(applied).key())
}

/// Which fields we own, where that changes although no value does: the first apply onto someone else's
/// equal object, or a field that is named now and was defaulted before.
fn ownership(live: Option<&Object>, expected: Option<&Object>) -> Option<FieldChange> {
    let (live, expected) = (live?, expected?);
    let ours = |object: &Object| fields_of(object, crate::cluster::FIELD_MANAGER, "Apply");
    let (before, after) = (ours(live), ours(expected));
    if before == after {
        return None;
    }
    let count = |set: &FieldSet| Some(format!("{} fields", set.leaves().len()).into());
    Some(FieldChange {
        path: "metadata.managedFields[migrate-tui]".to_owned(),
        before: count(&before),
        after: count(&after),
    })
}

fn adoptions(failure: &Failure) -> Vec<Adoption> {
    let mut found: Vec<Adoption> = Vec::new();
    for cause in failure.causes.iter().filter(|cause| cause.reason == "FieldManagerConflict") {
        // `conflict with "kubectl-client-side-apply" using apps/v1`; the operation is named only for others
        // than Apply: `conflict with "kubectl" with subresource "scale" using …`.
        let manager = cause.message.split('"').nth(1).unwrap_or("someone").to_owned();
        let operation = if cause.message.contains(" using ") { "Update" } else { "Apply" };
        let field = cause.field.trim_start_matches('.').to_owned();
        match found.iter_mut().find(|adoption| adoption.manager == manager) {
            Some(adoption) => adoption.fields.push(field),
            None => found.push(Adoption { manager, operation: operation.to_owned(), fields: vec![field] }),
        }
    }
    found
}

/// Why a field cannot be changed in place, when that is all that the API server says.
fn immutable(failure: &Failure, secret: bool) -> Option<String> {
    if failure.code != Some(422) || failure.causes.is_empty() {
        return None;
    }
    let fixed = |cause: &Cause| {
        // The words about a Secret are withheld; its type and its sealed data are all that cannot change.
        secret && ["type", "data", "immutable"].contains(&cause.field.as_str())
            || IMMUTABLE_WORDS.iter().any(|words| cause.message.contains(words))
    };
    if !failure.causes.iter().all(fixed) {
        return None;
    }
    let told: Vec<String> =
        failure.causes.iter().map(|cause| format!("{}: {}", cause.field, cause.message)).collect();
    Some(told.join("; "))
}

fn cannot_undo(change: Change, applied: &Object, live: Option<&Object>) -> Option<String> {
    let truth = Some(&serde_json::Value::Bool(true));
    let sealed = |object: Option<&Object>| object.and_then(|object| object.at(&["immutable"])) == truth;
    let external = |object: Option<&Object>| {
        object.and_then(|object| object.text(&["spec", "type"])) == Some("ExternalName")
    };
    match (change, applied.group(), applied.kind()) {
        (Change::Same, _, _) => None,
        (Change::Create, "", "PersistentVolumeClaim") => {
            Some("deleting the claim deletes its data".to_owned())
        }
        (Change::Replace, "", "PersistentVolumeClaim") => Some("its data goes with it".to_owned()),
        (Change::Change | Change::Adopt, "", "PersistentVolumeClaim") => {
            Some("a claim cannot shrink again".to_owned())
        }
        (_, "batch", "Job") => Some("what the job has done stays done".to_owned()),
        (_, "apiextensions.k8s.io", "CustomResourceDefinition") => {
            Some("deleting it deletes every object of its kind".to_owned())
        }
        (Change::Change | Change::Adopt, "", "Service") if external(Some(applied)) && !external(live) => {
            Some("its cluster IP is given up; another one would come".to_owned())
        }
        (Change::Change | Change::Adopt, _, _) if sealed(Some(applied)) && !sealed(live) => {
            Some("`immutable: true` cannot be taken back".to_owned())
        }
        _ => None,
    }
}
