//! Field by field, with list maps by their merge key.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::FieldChange;
use crate::object::{FieldPath, ListShape, Lists, item_step};

/// Every leaf that differs. Items of a list map are matched by merge key, and so are those of any
/// other list whose items all have names of their own; the rest are matched by index where they are
/// equally long, and as a whole otherwise. A list map that is only in another order is one change, of
/// its keys: the order of environment variables and init containers has a meaning.
#[must_use]
pub fn compare(before: Option<&Value>, after: Option<&Value>) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    walk(&FieldPath::default(), before, after, &mut changes);
    changes
        .into_iter()
        .map(|(path, before, after)| FieldChange { path: path.to_string(), before, after })
        .collect()
}

type Differences = Vec<(FieldPath, Option<Value>, Option<Value>)>;

fn walk(path: &FieldPath, before: Option<&Value>, after: Option<&Value>, changes: &mut Differences) {
    if before == after {
        return;
    }
    // What is added or removed whole is told leaf by leaf, as what is changed is.
    let nothing = empty_like(before.or(after));
    match (before.or(nothing.as_ref()), after.or(nothing.as_ref())) {
        (Some(Value::Object(one)), Some(Value::Object(two))) if !(one.is_empty() && two.is_empty()) => {
            let names: BTreeSet<&String> = one.keys().chain(two.keys()).collect();
            for name in names {
                walk(&path.join(format!("f:{name}")), one.get(name), two.get(name), changes);
            }
        }
        (Some(one @ Value::Array(_)), Some(two @ Value::Array(_))) => {
            walk_list(path, (one, two), (before, after), changes);
        }
        _ => changes.push((path.clone(), before.cloned(), after.cloned())),
    }
}

fn walk_list(
    path: &FieldPath,
    (one, two): (&Value, &Value),
    (before, after): (Option<&Value>, Option<&Value>),
    changes: &mut Differences,
) {
    let (before_items, after_items) = (items(one), items(two));
    if let Some(keys) =
        keys_of(path, one, two).filter(|_| !(before_items.is_empty() && after_items.is_empty()))
    {
        let steps =
            |items: &[Value]| -> Vec<String> { items.iter().map(|item| item_step(item, &keys)).collect() };
        let (one, two) = (steps(before_items), steps(after_items));
        let all = one.iter().chain(two.iter().filter(|step| !one.contains(step)));
        for step in all {
            let find = |steps: &[String], items: &'_ [Value]| item_at(steps, items, step).cloned();
            walk(
                &path.join(step.clone()),
                find(&one, before_items).as_ref(),
                find(&two, after_items).as_ref(),
                changes,
            );
        }
        let kept: Vec<&String> = one.iter().filter(|step| two.contains(step)).collect();
        let ordered: Vec<&String> = two.iter().filter(|step| one.contains(step)).collect();
        if kept != ordered {
            let names = |steps: &[String]| Some(steps.iter().map(|step| bare(step)).collect());
            changes.push((path.clone(), names(&one), names(&two)));
        }
    } else if before_items.len() == after_items.len() && before.is_some() && after.is_some() {
        for (index, (one, two)) in before_items.iter().zip(after_items).enumerate() {
            walk(&path.join(format!("i:{index}")), Some(one), Some(two), changes);
        }
    } else {
        changes.push((path.clone(), before.cloned(), after.cloned()));
    }
}

/// An item's keys as people write them.
fn bare(step: &str) -> String {
    FieldPath(vec![step.to_owned()]).to_string().trim_matches(['[', ']']).to_owned()
}

fn item_at<'a>(steps: &[String], items: &'a [Value], step: &String) -> Option<&'a Value> {
    steps.iter().position(|known| known == step).and_then(|index| items.get(index))
}

/// The keys that tell the items of both lists apart.
fn keys_of(path: &FieldPath, one: &Value, two: &Value) -> Option<Vec<String>> {
    match Lists::default().shape(path, &[one, two]) {
        ListShape::Map(keys) => Some(keys),
        ListShape::Set | ListShape::Atomic => {
            let named = |list: &Value| {
                let names: Option<BTreeSet<&str>> =
                    items(list).iter().map(|item| item.get("name")?.as_str()).collect();
                names.is_some_and(|names| names.len() == items(list).len())
            };
            (named(one) && named(two)).then(|| vec!["name".to_owned()])
        }
    }
}

fn items(list: &Value) -> &[Value] {
    list.as_array().map_or(&[], Vec::as_slice)
}

/// The empty value of a container's sort; `None` for a scalar and for a list of scalars.
fn empty_like(value: Option<&Value>) -> Option<Value> {
    match value? {
        Value::Object(_) => Some(Value::Object(Map::new())),
        Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_object) => {
            Some(Value::Array(Vec::new()))
        }
        _ => None,
    }
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
