//! One change taken back: values by the three-way comparison, and with them their owners.

use serde_json::{Map, Value};

use super::{
    Disputed,
    merge::{Merge, Sides},
};
use crate::object::{
    FieldPath, FieldSet, Lists, Manager, Object, REPLICAS_MANAGER, managers, meaning, present, set_managers,
    value_at,
};

/// The controller's own: gone from the meaning, but not from the object.
const REVISION: &str = "deployment.kubernetes.io/revision";

/// The field manager that steps are applied under.
const US: &str = "migrate-tui";

/// What an object goes back to.
#[derive(Clone, PartialEq)]
pub struct Undone {
    /// The object as it should be, whole, with the managedFields that it should have.
    pub target: Object,
    /// What stays as others made it.
    pub disputed: Vec<Disputed>,
}

/// Takes one change back: `before` it, `after` it, and `live` now (or as a newer change that is undone
/// as well will have left it).
#[must_use]
pub fn undo(before: &Object, after: &Object, live: &Object) -> Undone {
    let lists = Lists::of(&[before, after, live]);
    let mut merge = Merge { lists: &lists, disputed: Vec::new() };
    let (mut was, mut left) = (meaning(before), meaning(after));
    let now = meaning(live);
    restore_replicas(&mut was, &mut left, before, live);
    let sides = Sides { before: Some(&was.0), after: Some(&left.0), live: Some(&now.0) };
    let merged = merge.value(&FieldPath::default(), sides).unwrap_or_default();
    let disputed = merge.disputed;
    let mut target = with_bookkeeping(merged, live);
    let owners = owners(before, live, &target, &disputed);
    set_managers(&mut target, &owners);
    Undone { target, disputed }
}

/// Replicas that we owned before and that an autoscaler moved since go back too, although no step has
/// changed them: the step let go of them. While an autoscaler stands, the executor leaves them alone.
fn restore_replicas(was: &mut Object, left: &mut Object, before: &Object, live: &Object) {
    let path = FieldPath::of_fields(&["spec", "replicas"]);
    let ours = |object: &Object| {
        managers(object).iter().any(|entry| entry.name == US && entry.fields.contains(&path))
    };
    let scaled = managers(live).iter().any(|entry| {
        entry.fields.contains(&path)
            && (entry.name == REPLICAS_MANAGER
                || (entry.subresource.as_deref() == Some("scale") && entry.name == "kube-controller-manager"))
    });
    let owned_before =
        managers(before).iter().any(|entry| entry.fields.contains(&path) && entry.subresource.is_none());
    if !owned_before || ours(live) || !scaled {
        return;
    }
    if was.at(&["spec", "replicas"]).is_some()
        && let (Some(count), Some(Value::Object(spec))) =
            (live.at(&["spec", "replicas"]), left.0.get_mut("spec"))
    {
        spec.insert("replicas".to_owned(), count.clone());
    }
}

/// The merged meaning with the live object's identity and status.
fn with_bookkeeping(merged: Value, live: &Object) -> Object {
    let mut target = Object(merged);
    let metadata = target.metadata_mut();
    if let Some(Value::Object(kept)) = live.at(&["metadata"]) {
        for field in ["uid", "resourceVersion", "generation", "creationTimestamp"] {
            if let Some(value) = kept.get(field) {
                metadata.insert(field.to_owned(), value.clone());
            }
        }
    }
    if let Some(revision) = live.at(&["metadata", "annotations", REVISION]) {
        let annotations = metadata.entry("annotations").or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(annotations) = annotations {
            annotations.insert(REVISION.to_owned(), revision.clone());
        }
    }
    if let (Value::Object(map), Some(status)) = (&mut target.0, live.at(&["status"])) {
        map.insert("status".to_owned(), status.clone());
    }
    target
}

/// Whose fields are whose once the values are back: what was taken returns to those it was taken from,
/// and we own what we owned before; what others took since stays theirs.
fn owners(before: &Object, live: &Object, target: &Object, disputed: &[Disputed]) -> Vec<Manager> {
    let earlier = managers(before);
    let now = managers(live);
    let mut result: Vec<Manager> = now.iter().filter(|entry| !is_us(entry)).cloned().collect();
    for entry in &mut result {
        let theirs = earlier.iter().find(|other| other.same_writer(entry));
        entry.fields = still_theirs(entry, theirs, live, target);
    }
    for entry in &earlier {
        if entry.subresource.is_some() {
            continue;
        }
        if is_us(entry) {
            let mut back = entry.clone();
            for dispute in disputed {
                back.fields = back.fields.without(&dispute.path);
            }
            if entry.api_version == target.api_version() {
                back.fields = present(target, &back.fields);
            }
            result.push(back);
            continue;
        }
        let held = now.iter().find(|other| other.same_writer(entry));
        let missing = held.map_or_else(|| entry.fields.clone(), |held| entry.fields.difference(&held.fields));
        let mut returned = FieldSet::default();
        for path in missing.paths() {
            let stays = disputed.iter().any(|dispute| dispute.path.holds(&path));
            let back = value_at(&target.0, &path).is_some();
            if !stays && back && !taken_since(&path, &now, &earlier) {
                returned.insert(&path);
            }
        }
        match result.iter_mut().find(|other| other.same_writer(entry)) {
            Some(held) => held.fields = held.fields.union(&returned),
            None => result.push(Manager { fields: returned, ..entry.clone() }),
        }
    }
    result.retain(|entry| !entry.fields.is_empty());
    result
}

/// Has someone other than us come to own it who did not before?
fn taken_since(path: &FieldPath, now: &[Manager], earlier: &[Manager]) -> bool {
    now.iter().filter(|entry| !is_us(entry) && entry.fields.contains(path)).any(|entry| {
        let before = earlier.iter().find(|other| other.same_writer(entry));
        before.is_none_or(|before| !before.fields.contains(path))
    })
}

/// Who wrote the value that is taken back no longer owns the field; unless it was theirs before.
fn still_theirs(entry: &Manager, before: Option<&Manager>, live: &Object, target: &Object) -> FieldSet {
    let mut fields = entry.fields.clone();
    if entry.subresource.as_deref() == Some("status") {
        return fields;
    }
    for path in entry.fields.leaves() {
        let moved = value_at(&live.0, &path) != value_at(&target.0, &path);
        if moved && before.is_none_or(|before| !before.fields.contains(&path)) {
            fields = fields.without(&path);
        }
    }
    fields
}

fn is_us(entry: &Manager) -> bool {
    entry.subresource.is_none() && (entry.name == US || entry.name == REPLICAS_MANAGER)
}
