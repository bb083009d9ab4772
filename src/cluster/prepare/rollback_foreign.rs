//! What a rollback would take along that is not its step's.

use std::collections::{BTreeMap, BTreeSet};

use super::{RollbackRequest, release_marks as marks};
use crate::{
    cluster::{
        Item, Reader,
        contents::{self, Origin},
    },
    diff::{Change, Problem},
    object::{Key, Object},
    plan::{Action, StepPath},
    rollback::{Inverse, ReleaseOrder},
};

/// Objects that another step has applied since and still holds: it must be undone first.
pub(super) fn held_by_later_steps(request: &RollbackRequest<'_>, inverses: &[Inverse]) -> Vec<Problem> {
    let step = &request.base.step.path;
    let mut held: BTreeMap<StepPath, Vec<String>> = BTreeMap::new();
    for undo in inverses.iter().filter(|undo| undo.change != Change::Same) {
        let last = item(request, &undo.key).and_then(Item::step);
        if let Some(last) = last.filter(|last| *last != step && !request.after.contains(last)) {
            held.entry(last.clone()).or_default().push(undo.key.to_string());
        }
    }
    held.into_iter()
        .map(|(later, keys)| {
            Problem::new(
                step.to_string(),
                format!("{later} has applied {} since", keys.join(", ")),
                format!("roll {later} back first, or the whole stage"),
            )
        })
        .collect()
}

fn item<'a>(request: &'a RollbackRequest<'_>, key: &Key) -> Option<&'a Item> {
    request.inventories.iter().find_map(|inventory| inventory.get(key))
}

/// Where an object comes from, as far as steps have to do with it.
fn origin<'a>(request: &'a RollbackRequest<'_>, object: &Object) -> Option<Origin<'a>> {
    let key = object.key();
    if let Some((step, _)) = request.coming.iter().find(|(_, coming)| coming.key() == key) {
        return Some(Origin::MadeAtTheEndOf(step));
    }
    let held = item(request, &key).filter(|item| item.uid.as_deref() == object.uid()).and_then(Item::step);
    let asked = request.steps.iter().find(|step| match &step.action {
        Action::Manual(manual) => manual.asks_for(&key.kind, &key.name),
        _ => false,
    });
    let left = request.traced.left_by(object).map(Origin::LeftBy);
    left.or(held.map(Origin::MadeBy)).or(asked.map(|step| Origin::ByHand(&step.path)))
}

/// A namespace or CRD that would take with it what neither this rollback nor those before it remove.
pub(super) async fn foreign_contents(
    reader: &Reader,
    request: &RollbackRequest<'_>,
    inverses: &[Inverse],
    gone_first: &BTreeSet<Key>,
) -> Result<Vec<Problem>, Vec<Problem>> {
    let going: BTreeSet<&Key> =
        inverses.iter().filter(|undo| undo.change == Change::Delete).map(|undo| &undo.key).collect();
    let releases: Vec<&ReleaseOrder> =
        request.first.iter().filter_map(|attempt| attempt.record.release.as_ref()).collect();
    let is_of_release = |object: &Object| {
        let name = object.text(&["metadata", "labels", "name"]);
        let is_it =
            |order: &&ReleaseOrder| name == Some(&order.name) && object.namespace() == Some(&order.namespace);
        object.text(&["type"]) == Some("helm.sh/release.v1") && releases.iter().any(is_it)
    };
    let ours = |object: &Object| {
        let key = object.key();
        if marks::is_stamped(object) && marks::is_kept(object) && !request.traced.goes(object) {
            // helm leaves it when its release goes.
            return false;
        }
        going.contains(&key)
            || gone_first.contains(&key)
            || request.traced.goes(object)
            || is_of_release(object)
            || item(request, &key).is_some_and(|item| {
                item.uid.as_deref() == object.uid()
                    && item.step().is_some_and(|step| request.after.contains(step))
            })
    };
    let mut problems = Vec::new();
    for undo in inverses.iter().filter(|undo| undo.change == Change::Delete) {
        let inside = if undo.key.is("", "Namespace") {
            contents::of_namespace(reader, &undo.key.name, &ours).await
        } else if let (true, Some(live)) =
            (undo.key.is("apiextensions.k8s.io", "CustomResourceDefinition"), &undo.live)
        {
            contents::of_definition(reader, live, &ours).await
        } else {
            continue;
        };
        let mut inside = inside.map_err(|failure| vec![failure.problem(&undo.key)])?;
        if undo.key.is("", "Namespace") {
            let is_near = |object: &&Object| object.namespace() == Some(undo.key.name.as_str());
            for object in request.coming.iter().map(|(_, object)| object).filter(is_near) {
                if inside.iter().all(|other| other.key() != object.key()) {
                    inside.push(object.clone());
                }
            }
        }
        if !inside.is_empty() {
            problems.push(contents::problem(&undo.key, &inside, |object| origin(request, object)));
        }
    }
    Ok(problems)
}
