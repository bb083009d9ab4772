//! A later file's value over an earlier one's, by the rules that the specification has for each attribute.

use std::collections::{BTreeMap, HashMap};

use super::{
    InputKey, KeySort,
    identity::identity,
    keys::list_keys,
    shape::{Form, Shape, anything},
    tree::{Entry, MergeTag, Node, Trail, Value, below},
};

/// What a merge left out: keys that something later says anew.
#[derive(Debug, Default)]
pub(super) struct Replaced {
    /// Why, for the report; none: they are listed elsewhere.
    pub(super) reason: Option<&'static str>,
    pub(super) keys: Vec<InputKey>,
}

impl Replaced {
    pub(super) fn because(reason: Option<&'static str>) -> Self {
        Self { reason, keys: Vec::new() }
    }

    fn add(&mut self, value: &Value, shape: Shape, path: &str) {
        if let Some(reason) = self.reason {
            list_keys(value, shape, path, Some(KeySort::Consumed(reason)), &mut self.keys);
        }
    }
}

/// `over` over `base`.
pub(super) fn merge(base: Value, over: Value, shape: Shape, path: &str, replaced: &mut Replaced) -> Value {
    match (base.tag, over.tag) {
        (_, Some(MergeTag::Reset | MergeTag::Override)) => {
            replaced.add(&base, shape, path);
            return over;
        }
        (Some(MergeTag::Reset), None) => return over,
        _ => {}
    }
    let is_whole = shape.form == Form::Whole || has_another_driver(&base, &over, shape.form);
    match (base.node, over.node) {
        (node, Node::Null) => Value { node, ..base },
        (Node::Map(mut map), Node::Map(later)) if !is_whole => {
            let is_pairs = shape.form == Form::Pairs;
            for (key, entry) in later {
                let path = below(path, &key);
                let shape = shape.under(&key).unwrap_or_else(anything);
                let entry = match map.remove(&key) {
                    None => entry,
                    // Named alone, a variable's value is that of the surroundings again.
                    Some(earlier) if is_pairs && matches!(entry.value.node, Node::Null) => {
                        replaced.add(&earlier.value, shape, &path);
                        entry
                    }
                    Some(earlier) => {
                        let keeps = keeps_its_place(&earlier.value, &entry.value);
                        let place = if keeps { earlier.place } else { entry.place };
                        Entry { place, value: merge(earlier.value, entry.value, shape, &path, replaced) }
                    }
                };
                map.insert(key, entry);
            }
            Value { node: Node::Map(map), ..base }
        }
        (Node::List(items), Node::List(later)) if !is_whole => {
            Value { node: Node::List(lists(items, later, shape, path, replaced)), ..base }
        }
        (Node::Null, node) => Value { node, ..over },
        (earlier, node) => {
            replaced.add(&Value { node: earlier, ..base }, shape, path);
            Value { node, ..over }
        }
    }
}

/// A mapping that is added to stands where it began.
fn keeps_its_place(earlier: &Value, later: &Value) -> bool {
    let are_maps = matches!((&earlier.node, &later.node), (Node::Map(_), Node::Map(_)));
    later.tag.is_none() && (are_maps || matches!(later.node, Node::Null))
}

fn has_another_driver(base: &Value, over: &Value, form: Form) -> bool {
    let driver = |value: &Value| value.get("driver").and_then(|entry| entry.value.scalar());
    form == Form::OfDriver && driver(over).is_some() && driver(base) != driver(over)
}

fn lists(
    mut items: Vec<Value>,
    later: Vec<Value>,
    shape: Shape,
    path: &str,
    replaced: &mut Replaced,
) -> Vec<Value> {
    let Form::Unique(of) = shape.form else {
        items.extend(later);
        return items;
    };
    let mut places: HashMap<String, usize> =
        items.iter().enumerate().map(|(index, item)| (identity(item, of), index)).collect();
    for item in later {
        let key = identity(&item, of);
        let index = places.get(&key).copied().unwrap_or(items.len());
        if let Some(slot) = items.get_mut(index) {
            let earlier = std::mem::replace(slot, item);
            replaced.add(&earlier, shape.item(), &format!("{path}[{index}]"));
        } else {
            places.insert(key, index);
            items.push(item);
        }
    }
    items
}

/// Takes out what `!reset` empties.
pub(super) fn purge(value: &mut Value, trail: &Trail<'_>, keys: &mut Vec<InputKey>) {
    match &mut value.node {
        Node::Map(map) => {
            let kept = std::mem::take(map).into_iter().filter_map(|(key, mut entry)| {
                let trail = Trail::Key(trail, &key);
                if entry.value.tag == Some(MergeTag::Reset) {
                    keys.push(InputKey {
                        path: trail.path(),
                        origin: entry.place.origin(),
                        shown: None,
                        sort: KeySort::Consumed("`!reset` takes out what an earlier file says"),
                    });
                    return None;
                }
                purge(&mut entry.value, &trail, keys);
                Some((key, entry))
            });
            *map = kept.collect::<BTreeMap<_, _>>();
        }
        Node::List(items) => {
            items.retain(|item| item.tag != Some(MergeTag::Reset));
            for (index, item) in items.iter_mut().enumerate() {
                purge(item, &Trail::Index(trail, index), keys);
            }
        }
        _ => {}
    }
}
