//! A prune, prepared: what the inventory holds and the rendering no longer does.

use std::collections::BTreeSet;

use futures::{StreamExt, stream};

use super::{PrepareRequest, Prepared, apply::IN_FLIGHT, row};
use crate::{
    cluster::{Failure, Reader},
    diff::{Change, Kind, Problem, Risk, RiskKind, Row, delete_wave_of},
    object::{Key, Object, meaning},
    rollback::Image,
};

/// An object with this annotation, whatever its value, is never pruned.
const KEEP: &str = "migrate-tui/keep";

/// Lists what would be deleted, each bound to its uid.
///
/// # Errors
/// What keeps the cluster from being read; a rendering without objects is refused, for then the
/// rendering is broken and not the cluster full.
pub async fn prepare_prune(
    reader: &Reader,
    request: &PrepareRequest<'_>,
    api_versions: &[(Key, String)],
) -> Result<Prepared, Vec<Problem>> {
    if request.rendered.is_empty() {
        return Err(vec![Problem::new(
            request.step.path.to_string(),
            "it renders to nothing, so everything of it would be deleted",
            "mend the rendering; to undo the step, roll it back",
        )]);
    }
    let namespace = &request.environment.namespace;
    let rendered: BTreeSet<(String, String, String)> =
        request.rendered.iter().map(|object| identity(&object.key())).collect();
    let candidates: Vec<&(Key, String)> =
        request.inventory.iter().filter(|(key, _)| !rendered.contains(&identity(key))).collect();
    let lives: Vec<(Key, String, String, Result<Option<Object>, Failure>)> = stream::iter(candidates)
        .map(|(key, uid)| async move {
            let api_version = api_versions
                .iter()
                .find(|(known, _)| known == key)
                .map_or_else(|| "v1".to_owned(), |(_, version)| version.clone());
            let live = reader.get(&api_version, &key.kind, key.namespace.as_deref(), &key.name).await;
            (key.clone(), uid.clone(), api_version, live)
        })
        .buffered(IN_FLIGHT)
        .collect()
        .await;
    let (mut rows, mut problems, mut risks) = (Vec::new(), Vec::new(), Vec::new());
    for (key, uid, api_version, live) in lives {
        match live {
            Ok(None) => {}
            Ok(Some(live)) if live.uid() != Some(uid.as_str()) => {
                risks.push(kept(&key, "it was created again by someone else"))
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
                rows.push(delete(request, key, api_version, live));
            }
            Err(failure) => problems.push(failure.problem(&key)),
        }
    }
    let _ = namespace;
    Ok(request.propose(Kind::Prune, rows, problems, risks, true))
}

fn delete(request: &PrepareRequest<'_>, key: Key, api_version: String, live: Object) -> (Row, Image) {
    let wave = delete_wave_of(&key);
    let row = Row {
        key: key.clone(),
        api_version: api_version.clone(),
        change: Change::Delete,
        wave,
        fields: row::fields(Some(&meaning(&live)), None),
        adoptions: Vec::new(),
        conflicts: Vec::new(),
        replicas_left_to: None,
        known_after: None,
        warnings: Vec::new(),
        cannot_undo: (key.kind == "PersistentVolumeClaim").then(|| "its data goes with it".to_owned()),
        digest: row::bind(request, None, Some(&live)),
    };
    let image = Image {
        key,
        api_version,
        change: Change::Delete,
        wave,
        applied: None,
        before: Some(live),
        expected: None,
    };
    (row, image)
}

fn kept(key: &Key, why: &str) -> Risk {
    Risk { kind: RiskKind::Conflict, key: Some(key.clone()), message: format!("it is left alone: {why}") }
}

/// Group, kind and name: a rendering may leave the namespace out.
fn identity(key: &Key) -> (String, String, String) {
    (key.group.clone(), key.kind.clone(), key.name.clone())
}
