//! The row and the image of an object that was looked at.

use serde_json::Value;

use super::{PrepareRequest, look::Looked};
use crate::{
    cluster::{FIELD_MANAGER, Failure},
    diff::{Change, FieldChange, Problem, Row, overlay, shown_changes, wave_of},
    object::{Digest, FieldSet, Object, fields_of, mask, meaning},
    rollback::Image,
    words,
};

pub(super) fn without_replicas(object: &Object) -> Object {
    let mut copy = object.clone();
    if let Some(Value::Object(spec)) = copy.0.get_mut("spec") {
        spec.remove("replicas");
    }
    copy
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
        fields,
        adoptions: looked.adoptions,
        replicas_left_to,
        warnings: looked.warnings,
        cannot_undo: cannot_undo(change, &applied, looked.live.as_ref()),
        digest: bind(request, Some(&applied), looked.live.as_ref()),
        ..Row::new(applied.key(), applied.api_version(), change, wave_of(&applied))
    };
    let image =
        Image { applied: Some(applied), before: looked.live, expected: looked.expected, ..Image::of(&row) };
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
    let ours = |object: &Object| fields_of(object, FIELD_MANAGER, "Apply");
    let (before, after) = (ours(live), ours(expected));
    if before == after {
        return None;
    }
    let count = |set: &FieldSet| Some(words::count(set.leaves().len(), "field", "fields").into());
    Some(FieldChange {
        path: "metadata.managedFields[migrate-tui]".to_owned(),
        before: count(&before),
        after: count(&after),
    })
}

fn cannot_undo(change: Change, applied: &Object, live: Option<&Object>) -> Option<String> {
    let truth = Some(&Value::Bool(true));
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
