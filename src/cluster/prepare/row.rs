//! One object: live, dry run, row.

use std::borrow::Cow;

use super::{PrepareRequest, adopt};
use crate::{
    cluster::{Answer, Failure, FailureKind, Planner},
    diff::{Adoption, Change, FieldChange, Problem, Row, compare, wave_of},
    object::{Digest, Object, is_secret, mask, meaning, superseded, with_strategy_meant, with_strategy_of},
    rollback::Image,
};

/// How often live and dry run are read again when they turn out to be from different moments.
const TRIES: usize = 8;

/// What the API server says of one object.
pub(super) struct Looked {
    pub(super) live: Option<Object>,
    pub(super) expected: Option<Object>,
    pub(super) warnings: Vec<String>,
    pub(super) adoptions: Vec<Adoption>,
    pub(super) replace: Option<String>,
}

/// Reads the live object and what the apply would make of it, from the same moment.
pub(super) async fn look(planner: &Planner, applied: &Object) -> Result<Looked, Failure> {
    let mut looked = None;
    for _ in 0..TRIES {
        let live = planner.reader().live(applied).await?;
        let sent = sent(live.as_ref(), applied);
        let (answer, adoptions, replace) = match planner.dry_run(&sent).await {
            Ok(answer) => (Some(answer), Vec::new(), None),
            Err(failure) if failure.kind == FailureKind::FieldConflict => {
                let adoptions = adoptions(&failure);
                match planner.dry_run_forced(&sent, crate::cluster::FIELD_MANAGER).await {
                    Ok(answer) => (Some(answer), adoptions, None),
                    Err(failure) => match immutable(&failure) {
                        Some(reason) => (None, adoptions, Some(reason)),
                        None => return Err(failure),
                    },
                }
            }
            Err(failure) => match immutable(&failure) {
                Some(reason) if live.is_some() => (None, Vec::new(), Some(reason)),
                _ => return Err(failure),
            },
        };
        let (answer, adoptions) = match (&live, answer) {
            (Some(live), Some(answer)) if live.resource_version() == answer.object.resource_version() => {
                let meant = with_strategy_meant(&answer.object, applied);
                adopt::foresee(planner, applied, live, Answer { object: meant, ..answer }, adoptions).await?
            }
            (_, answer) => (answer, adoptions),
        };
        let same_moment = match (&live, &answer) {
            (Some(live), Some(answer)) => {
                live.uid() == answer.object.uid()
                    && live.resource_version() == answer.object.resource_version()
            }
            (None, Some(answer)) => answer.created,
            (_, None) => true,
        };
        let (expected, warnings) =
            answer.map_or((None, Vec::new()), |answer| (Some(answer.object), answer.warnings));
        looked = Some(Looked { live, expected, warnings, adoptions, replace });
        if same_moment {
            break;
        }
    }
    looked.ok_or_else(|| Failure::without_answer(FailureKind::Conflict, "the object does not hold still"))
}

/// What the dry run takes: a new update strategy would be refused beside what the API server filled in
/// for the old one, which the adoption that is foreseen afterwards drops.
fn sent<'a>(live: Option<&Object>, applied: &'a Object) -> Cow<'a, Object> {
    match live {
        Some(live) if !superseded(live, applied).is_empty() => Cow::Owned(with_strategy_of(live, applied)),
        _ => Cow::Borrowed(applied),
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
    let fields = match &looked.expected {
        Some(expected) if looked.live.is_some() => fields(before.as_ref(), Some(&meaning(expected))),
        Some(_) => fields(None, Some(&applied)),
        None => fields(before.as_ref(), Some(&applied)),
    };
    let change = if looked.replace.is_some() {
        Change::Replace
    } else if looked.live.is_none() {
        Change::Create
    } else if !looked.adoptions.is_empty() {
        Change::Adopt
    } else if fields.is_empty() && owns_all(looked.live.as_ref(), looked.expected.as_ref()) {
        Change::Same
    } else {
        Change::Change
    };
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
        cannot_undo: cannot_undo(change, &applied),
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
    let looked =
        Looked { live: None, expected: None, warnings: Vec::new(), adoptions: Vec::new(), replace: None };
    let (mut row, image) = row(request, applied, looked, replicas_left_to);
    row.known_after = Some(known_after);
    (row, image)
}

/// Rendered, live uid and live meaning: nothing that a busy cluster moves by itself.
pub(super) fn bind(request: &PrepareRequest<'_>, applied: Option<&Object>, live: Option<&Object>) -> Digest {
    request.digester.of(&(applied, live.and_then(Object::uid), live.map(meaning)))
}

/// Masked field changes; that a hidden value changes is still told.
pub(super) fn fields(before: Option<&Object>, after: Option<&Object>) -> Vec<FieldChange> {
    let secret = before.or(after).is_some_and(is_secret);
    let plain = compare(before.map(|object| &object.0), after.map(|object| &object.0));
    if !secret && !plain.iter().any(|change| change.path.contains("last-applied-configuration")) {
        return plain;
    }
    let hidden = |path: &str| {
        path.contains("last-applied-configuration")
            || secret && ["data", "stringData"].iter().any(|field| path.starts_with(field))
    };
    plain
        .into_iter()
        .map(|change| {
            if !hidden(&change.path) {
                return change;
            }
            let cover = |value: Option<serde_json::Value>| {
                value.map(|_| serde_json::Value::from(crate::object::MASK))
            };
            FieldChange { before: cover(change.before), after: cover(change.after), path: change.path }
        })
        .collect()
}

/// A problem about an object that the API server refused.
pub(super) fn refused(applied: &Object, failure: &Failure) -> Problem {
    failure.problem(&mask(applied).key())
}

/// No field changes, but ownership might: the first apply onto someone else's equal object.
fn owns_all(live: Option<&Object>, expected: Option<&Object>) -> bool {
    let owners = |object: Option<&Object>| -> Vec<(String, String, String)> {
        object
            .and_then(|object| object.at(&["metadata", "managedFields"]))
            .and_then(serde_json::Value::as_array)
            .map(|entries| {
                entries
                    .iter()
                    .map(|entry| {
                        let text =
                            |field: &str| entry.get(field).map(ToString::to_string).unwrap_or_default();
                        (text("manager"), text("operation"), text("fieldsV1"))
                    })
                    .collect()
            })
            .unwrap_or_default()
    };
    owners(live) == owners(expected)
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

/// Why a field cannot be changed in place, when that is what the API server says.
fn immutable(failure: &Failure) -> Option<String> {
    if failure.code != Some(422) {
        return None;
    }
    let cause = failure.causes.iter().find(|cause| {
        cause.message.contains("immutable")
            || cause.message.contains("updates to")
            || cause.message.contains("may not be changed")
    });
    match cause {
        Some(cause) => Some(format!("{}: {}", cause.field, cause.message)),
        None if failure.message.contains("immutable") => Some(failure.message.clone()),
        None => None,
    }
}

fn cannot_undo(change: Change, applied: &Object) -> Option<String> {
    match (change, applied.group(), applied.kind()) {
        (Change::Create, "", "PersistentVolumeClaim") => {
            Some("deleting the claim deletes its data".to_owned())
        }
        (Change::Change | Change::Adopt, "", "PersistentVolumeClaim") => {
            Some("a claim cannot shrink again".to_owned())
        }
        (Change::Create, "batch", "Job") => Some("what the job has done stays done".to_owned()),
        (_, "apiextensions.k8s.io", "CustomResourceDefinition") => {
            Some("deleting it deletes every object of its kind".to_owned())
        }
        _ if applied.at(&["immutable"]) == Some(&serde_json::Value::Bool(true))
            && change != Change::Create =>
        {
            Some("`immutable: true` cannot be taken back".to_owned())
        }
        _ => None,
    }
}
