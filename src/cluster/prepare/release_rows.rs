//! The rows of a release.

use serde_json::Value;

use super::{ReleaseRequest, look::Looked, prune::delete_row, row};
use crate::{
    cluster::{Failure, FailureKind, Reader},
    diff::{Change, FieldChange, Kind, Problem, Risk, RiskKind, Row, Wave, overlay, shown_changes},
    helm::{Rendered, blanked},
    object::{Digest, Key, MASK, Object, identity_free, managers, mask, meaning},
    rollback::{Image, ReleaseAction},
};

/// A field that cannot be changed in place, which helm does not get around.
pub(super) fn fixed(key: &Key, reason: &str) -> Problem {
    Problem::new(
        key.to_string(),
        format!("it cannot be changed in place, and helm would fail at it: {reason}"),
        "take that change out of the values, or delete the object first",
    )
}

/// What the API server refused, and in a conflict whose fields they are.
pub(super) fn refused(object: &Object, failure: &Failure) -> Problem {
    if failure.kind != FailureKind::FieldConflict {
        return row::refused(object, failure);
    }
    let held: Vec<String> = failure
        .causes
        .iter()
        .map(|cause| format!("{} by {}", cause.path(), cause.manager().unwrap_or("someone")))
        .collect();
    Problem::new(
        mask(object).key().to_string(),
        format!("others own what helm would set: {}", held.join(", ")),
        "take these fields out of the values, or have whoever set them give them up",
    )
}

/// Row and image of one object that the release shall hold, and what is to be known of it.
pub(super) fn row(
    request: &ReleaseRequest<'_>,
    object: Object,
    looked: Looked,
    places: &[String],
) -> (Row, Image, Vec<Risk>) {
    let key = object.key();
    let live = looked.live.clone();
    let (mut row, mut image) = row::row(&request.base, object, looked, None);
    if request.kind == Kind::Rollback {
        let (change, wave) = match row.change {
            Change::Create => (Change::Recreate, Wave::UndoPrune),
            Change::Same => (Change::Same, Wave::UndoChanges),
            _ => (Change::Revert, Wave::UndoChanges),
        };
        (row.change, row.wave) = (change, wave);
    }
    if row.change == Change::Adopt {
        row.change = Change::Change;
    }
    row.cannot_undo = None;
    row.digest = bound(request, image.applied.as_ref(), live.as_ref(), places);
    (row.carried, image.carried) = (true, true);
    (image.change, image.wave) = (row.change, row.wave);
    let risks = overwritten(request, &key, live.as_ref(), &row);
    (row, image, risks)
}

/// Rendered and live, without what is made anew each time.
fn bound(
    request: &ReleaseRequest<'_>,
    applied: Option<&Object>,
    live: Option<&Object>,
    places: &[String],
) -> Digest {
    let steady = applied.map(|object| Object(blanked(&object.0, places)));
    row::bind(&request.base, steady.as_ref(), live)
}

/// A row that cannot be dry-run before something else is there.
pub(super) fn planned(request: &ReleaseRequest<'_>, object: Object, known_after: String) -> (Row, Image) {
    let places = request.rendered.places(&object.key());
    let (mut row, image, _) = row(request, object, Looked::default(), places);
    row.known_after = Some(known_after);
    (row, image)
}

/// What others have changed since the step and helm would write over.
fn overwritten(request: &ReleaseRequest<'_>, key: &Key, live: Option<&Object>, row: &Row) -> Vec<Risk> {
    let (Some(left), Some(live)) = (request.left.get(key), live) else { return Vec::new() };
    let mut names: Vec<String> = managers(live)
        .into_iter()
        .filter(|entry| entry.subresource.as_deref() != Some("status"))
        .map(|entry| entry.name)
        .filter(|name| name != "helm" && !name.starts_with("kube-"))
        .collect();
    names.dedup();
    // A dry run has addresses and generated values of its own, and binding a claim is no change of it. But who
    // only takes away owns nothing.
    let since = shown_changes(Some(&identity_free(left)), Some(&identity_free(live)));
    let fields: Vec<&str> = since
        .iter()
        .filter(|change| !names.is_empty() || change.after.is_none())
        .map(|change| change.path.as_str())
        .filter(|path| row.change == Change::Delete || row.fields.iter().any(|field| field.path == *path))
        .collect();
    if fields.is_empty() {
        return Vec::new();
    }
    let who = if names.is_empty() { "someone".to_owned() } else { names.join(", ") };
    vec![Risk {
        kind: RiskKind::Conflict,
        key: Some(key.clone()),
        message: format!("{who} has changed it since, which helm undoes as well: {}", fields.join(", ")),
    }]
}

/// An object that leaves the release.
pub(super) fn delete(
    request: &ReleaseRequest<'_>,
    object: &Object,
    live: Object,
) -> (Row, Image, Option<Risk>) {
    let key = object.key();
    let row = delete_row(&request.base, key.clone(), object.api_version().to_owned(), &live);
    let row = Row { carried: true, ..row };
    let risk = overwritten(request, &key, Some(&live), &row).pop();
    let image = Image { before: Some(live), ..Image::of(&row) };
    (row, image, risk)
}

/// It stays when the release goes.
pub(super) fn stays(key: &Key, why: &str) -> Risk {
    Risk {
        kind: RiskKind::Stays,
        key: Some(key.clone()),
        message: format!("it stays when the release goes: {why}"),
    }
}

/// Rows of the chart's `crds/`: helm creates those that are not there and never touches the others.
pub(super) async fn crds(
    reader: &Reader,
    request: &ReleaseRequest<'_>,
) -> Result<(Vec<(Row, Image)>, Vec<Risk>), Problem> {
    let (mut all, mut risks) = (Vec::new(), Vec::new());
    for crd in &request.rendered.crds {
        let live = reader.live(crd).await.map_err(|failure| failure.problem(&crd.key()))?;
        let is_there = live.is_some();
        if let Some(live) = &live
            && !shown_changes(Some(&meaning(live)), Some(&meaning(&overlay(live, crd)))).is_empty()
        {
            risks.push(Risk {
                kind: RiskKind::Warning,
                key: Some(crd.key()),
                message: "the chart has another version of it, and helm never changes a CRD that is there: \
                          kubectl apply --server-side the chart's crds/ by hand if the new one is needed"
                    .to_owned(),
            });
        }
        let looked = Looked { expected: live.clone(), live, ..Looked::default() };
        let (mut row, mut image) = row::row(&request.base, crd.clone(), looked, None);
        if is_there {
            (row.change, row.fields) = (Change::Same, Vec::new());
        }
        (row.carried, image.carried) = (true, true);
        image.change = row.change;
        all.push((row, image));
    }
    Ok((all, risks))
}

/// Says what the chart makes anew each time, and shows it where nothing else changes.
pub(super) fn tell_made_anew(rendered: &Rendered, all: &mut [(Row, Image)]) -> Vec<Risk> {
    let mut risks = Vec::new();
    for (row, image) in all {
        let places = rendered.places(&row.key);
        if places.is_empty() {
            continue;
        }
        let paths: Vec<String> =
            places.iter().map(|place| place.trim_start_matches('/').replace('/', ".")).collect();
        if row.change == Change::Same {
            (row.change, image.change) = (Change::Change, Change::Change);
        }
        if row.change == Change::Change {
            row.fields.extend(paths.iter().map(|path| FieldChange {
                path: path.clone(),
                before: Some(MASK.into()),
                after: Some(format!("{MASK} (made anew)").into()),
            }));
        }
        risks.push(Risk {
            kind: RiskKind::Warning,
            key: Some(row.key.clone()),
            message: format!(
                "made anew by the chart at each rendering, so what is installed is not what was compared: {}",
                paths.join(", ")
            ),
        });
    }
    risks
}

/// The one row that helm is run for.
pub(super) fn release(request: &ReleaseRequest<'_>) -> (Row, Image) {
    let order = &request.order;
    let change = match (&order.action, order.before) {
        (ReleaseAction::Nothing, _) => Change::Same,
        (ReleaseAction::Upgrade { .. }, None) => Change::Create,
        (ReleaseAction::Upgrade { .. }, Some(_)) => Change::Change,
        (ReleaseAction::Rollback { .. }, _) => Change::Revert,
        (ReleaseAction::Uninstall, _) => Change::Delete,
    };
    let facts = request.facts.iter().filter(|(_, before, after)| before != after);
    let fields = facts.map(|(name, before, after)| FieldChange {
        path: (*name).to_owned(),
        before: before.clone(),
        after: after.clone(),
    });
    let hooks: Vec<Value> = request
        .rendered
        .hooks
        .iter()
        .map(|hook| blanked(&hook.object.0, request.rendered.places(&hook.object.key())))
        .collect();
    let row = Row {
        fields: if change == Change::Same { Vec::new() } else { fields.collect() },
        digest: request.base.digester.of(&(order, hooks)),
        ..Row::new(order.key(), "helm.sh/v1", change, Wave::Release)
    };
    let image = Image::of(&row);
    (row, image)
}
