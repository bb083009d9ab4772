//! A prune, prepared: what the inventory holds and the rendering no longer does.

use std::collections::BTreeSet;

use super::{PrepareRequest, Prepared, row, together};
use crate::{
    cluster::{Item, Reader},
    diff::{Change, Kind, Problem, Risk, RiskKind, Row, delete_wave_of, shown_changes},
    object::{Key, Object, meaning},
    rollback::Image,
};

/// An object with this annotation, whatever its value, is never pruned.
const KEEP: &str = "migrate-tui/keep";

/// What the inventory holds of the step and the rendering no longer does: it stays until it is pruned.
pub(super) fn left_over(request: &PrepareRequest<'_>) -> Vec<Risk> {
    no_longer_rendered(request)
        .into_iter()
        .map(|item| Risk {
            kind: RiskKind::Warning,
            key: Some(item.key.clone()),
            message: "it is no longer rendered and stays until it is pruned".to_owned(),
        })
        .collect()
}

/// Lists what would be deleted, each bound to its uid.
///
/// # Errors
/// What keeps the cluster from being read; a rendering without objects is refused, for then the
/// rendering is broken and not the cluster full.
pub async fn prepare_prune(reader: &Reader, request: &PrepareRequest<'_>) -> Result<Prepared, Vec<Problem>> {
    if request.rendered.is_empty() {
        return Err(vec![Problem::new(
            request.step.path.to_string(),
            "it renders to nothing, so everything of it would be deleted",
            "mend the rendering; to undo the step, roll it back",
        )]);
    }
    let candidates = no_longer_rendered(request);
    let lives =
        together(candidates.iter().map(|item| reader.by_key(&item.api_version, &item.key)).collect()).await;
    let (mut rows, mut problems, mut risks) = (Vec::new(), Vec::new(), Vec::new());
    for (item, live) in candidates.into_iter().zip(lives) {
        let key = item.key.clone();
        match live {
            Ok(None) => {}
            Ok(Some(live)) if item.uid.is_some() && live.uid() != item.uid.as_deref() => {
                risks.push(kept(&key, "it was created again by someone else"));
            }
            Ok(Some(live)) if live.at(&["metadata", "annotations", KEEP]).is_some() => {
                risks.push(kept(&key, "it carries the annotation migrate-tui/keep"));
            }
            Ok(Some(live)) => {
                risks.push(Risk {
                    kind: RiskKind::Deletion,
                    key: Some(key.clone()),
                    message: "it is deleted".to_owned(),
                });
                rows.push(delete(request, key, item.api_version.clone(), live));
            }
            Err(failure) => problems.push(failure.problem(&key)),
        }
    }
    Ok(request.propose(Kind::Prune, rows, problems, risks, true))
}

/// The step's own objects of its inventory set that it does not render any more; steps that share a set
/// each hold theirs.
fn no_longer_rendered<'a>(request: &'a PrepareRequest<'_>) -> Vec<&'a Item> {
    let rendered: BTreeSet<(String, String, String)> =
        request.rendered.iter().map(|object| identity(&object.key())).collect();
    let is_left =
        |item: &&Item| item.step() == Some(&request.step.path) && !rendered.contains(&identity(&item.key));
    request.inventory.items.iter().filter(is_left).collect()
}

fn delete(request: &PrepareRequest<'_>, key: Key, api_version: String, live: Object) -> (Row, Image) {
    let row = delete_row(request, key, api_version, &live);
    let image = Image { before: Some(live), ..Image::of(&row) };
    (row, image)
}

/// The row of an object that is deleted.
pub(super) fn delete_row(request: &PrepareRequest<'_>, key: Key, api_version: String, live: &Object) -> Row {
    let wave = delete_wave_of(&key);
    Row {
        fields: shown_changes(Some(&meaning(live)), None),
        cannot_undo: (key.kind == "PersistentVolumeClaim").then(|| "its data goes with it".to_owned()),
        digest: row::bind(request, None, Some(live)),
        ..Row::new(key, api_version, Change::Delete, wave)
    }
}

fn kept(key: &Key, why: &str) -> Risk {
    Risk { kind: RiskKind::Conflict, key: Some(key.clone()), message: format!("it is left alone: {why}") }
}

/// Group, kind and name: a rendering may leave the namespace out.
fn identity(key: &Key) -> (String, String, String) {
    (key.group.clone(), key.kind.clone(), key.name.clone())
}
