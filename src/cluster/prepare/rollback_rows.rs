//! The row that shows how one object is undone.

use serde_json::Value;

use super::PrepareRequest;
use crate::{
    cluster::{
        FIELD_MANAGER,
        execute::{Replicas, same_owners},
    },
    diff::{Adoption, Change, FieldConflict, Risk, RiskKind, Row, deletion, shown_changes},
    object::{Digest, FieldPath, FieldSet, MASK, Manager, Object, is_secret, managers, meaning, owners},
    rollback::{Disputed, Image, Inverse},
};

/// Row, image and risks of one undo. `applied`: our earlier set, where it is written by an apply.
pub(super) fn row(
    request: &PrepareRequest<'_>,
    undo: Inverse,
    applied: Option<Object>,
    warnings: Vec<String>,
    scalers: &[String],
) -> (Row, Image, Vec<Risk>) {
    let replicas = if scalers.is_empty() { Replicas::Count } else { Replicas::Float };
    let (before, target) = match undo.change {
        Change::Same => (None, None),
        _ => (shown(undo.live.as_ref(), replicas), shown(undo.target.as_ref(), replicas)),
    };
    let row = Row {
        fields: shown_changes(before.as_ref(), target.as_ref()),
        adoptions: returned(&undo),
        conflicts: undo.disputed.iter().map(|dispute| conflict(dispute, undo.live.as_ref())).collect(),
        replicas_left_to: scalers.first().cloned().filter(|_| undo.change == Change::Revert),
        warnings,
        cannot_undo: undo.cannot_undo.clone(),
        digest: bind(request, &undo, replicas),
        ..Row::new(undo.key.clone(), undo.api_version.clone(), undo.change, undo.wave)
    };
    let risks = risks(&undo, &row);
    let image = Image { applied, before: undo.live, expected: undo.target, ..Image::of(&row) };
    (row, image, risks)
}

fn shown(object: Option<&Object>, replicas: Replicas) -> Option<Object> {
    let mut shown = meaning(object?);
    if replicas == Replicas::Float
        && let Some(Value::Object(spec)) = shown.0.get_mut("spec")
    {
        spec.remove("replicas");
    }
    Some(shown)
}

/// Binds what is live and what it goes back to; nothing that a busy cluster moves by itself.
fn bind(request: &PrepareRequest<'_>, undo: &Inverse, replicas: Replicas) -> Digest {
    let live = undo.live.as_ref();
    request.digester.of(&(
        undo.change,
        live.and_then(Object::uid),
        shown(live, replicas),
        shown(undo.target.as_ref(), replicas),
    ))
}

/// Fields whose ownership returns to others.
fn returned(undo: &Inverse) -> Vec<Adoption> {
    let (Some(live), Some(target)) = (&undo.live, &undo.target) else { return Vec::new() };
    if undo.change != Change::Revert || same_owners(&managers(live), &managers(target)) {
        return Vec::new();
    }
    let now = managers(live);
    let back = |entry: &Manager| {
        let held = now.iter().find(|other| other.same_writer(entry));
        held.map_or_else(|| entry.fields.clone(), |held| entry.fields.difference(&held.fields))
    };
    managers(target)
        .iter()
        .filter(|entry| !entry.name.starts_with(FIELD_MANAGER) && entry.subresource.is_none())
        .map(|entry| (entry, back(entry)))
        .filter(|(_, fields): &(&Manager, FieldSet)| !fields.is_empty())
        .map(|(entry, fields)| Adoption {
            manager: entry.name.clone(),
            operation: entry.operation.clone(),
            fields: fields.leaves().iter().map(ToString::to_string).collect(),
        })
        .collect()
}

fn conflict(dispute: &Disputed, live: Option<&Object>) -> FieldConflict {
    let hidden = live.is_some_and(is_secret) && !is_metadata(&dispute.path)
        || dispute.path.to_string().contains("last-applied-configuration");
    let cover = |value: &Option<Value>| match value {
        Some(_) if hidden => Some(Value::from(MASK)),
        value => value.clone(),
    };
    let manager = live.and_then(|live| {
        let uid = FieldPath::of_fields(&["metadata", "uid"]);
        let mut names: Vec<String> = if dispute.path == uid {
            managers(live)
                .into_iter()
                .filter(|entry| entry.subresource.is_none())
                .map(|entry| entry.name)
                .collect()
        } else {
            owners(live, &dispute.path).into_iter().map(|(name, _)| name).collect()
        };
        names.dedup();
        (!names.is_empty()).then(|| names.join(", "))
    });
    FieldConflict {
        path: dispute.path.to_string(),
        before: cover(&dispute.before),
        after: cover(&dispute.after),
        live: cover(&dispute.live),
        manager,
    }
}

fn is_metadata(path: &FieldPath) -> bool {
    path.0.first().is_some_and(|step| step == "f:metadata")
}

fn risks(undo: &Inverse, row: &Row) -> Vec<Risk> {
    let risk = |kind, message: String| Risk { kind, key: Some(undo.key.clone()), message };
    let mut risks = Vec::new();
    if !row.conflicts.is_empty() {
        let paths: Vec<&str> = row.conflicts.iter().map(|conflict| conflict.path.as_str()).collect();
        risks.push(risk(
            RiskKind::Conflict,
            format!("someone has changed it since, which is left as it is: {}", paths.join(", ")),
        ));
    }
    if let Some(reason) = &undo.cannot_undo {
        risks.push(risk(RiskKind::CannotUndo, reason.clone()));
    }
    if undo.change == Change::Delete {
        let others = format!("with what {} has changed in it", undo.goes_with.join(", "));
        let more = (!undo.goes_with.is_empty()).then_some(others).into_iter().collect();
        risks.push(deletion(&undo.key, more));
    }
    risks
}
