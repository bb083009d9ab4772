//! The three-way comparison: before a step, after it, and live now.
//!
//! Live as the step left it goes back; live as before is done; anything else is a conflict and stays.
//! Fields that the step did not change are not looked at, whoever changed them since.

use std::fmt;

use serde_json::{Map, Value};

use crate::object::{FieldPath, ListShape, Lists, item_step};

/// One field that someone changed after the step did. Its values may be a Secret's.
#[derive(Clone, PartialEq)]
pub struct Disputed {
    /// Where.
    pub path: FieldPath,
    /// Before the step.
    pub before: Option<Value>,
    /// As the step left it.
    pub after: Option<Value>,
    /// Live now.
    pub live: Option<Value>,
}

/// The path only.
impl fmt::Debug for Disputed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Disputed({})", self.path)
    }
}

/// One value, three times; `None`: not there.
#[derive(Clone, Copy)]
pub(super) struct Sides<'a> {
    pub(super) before: Option<&'a Value>,
    pub(super) after: Option<&'a Value>,
    pub(super) live: Option<&'a Value>,
}

/// Compares, and collects what is disputed.
pub(super) struct Merge<'a> {
    pub(super) lists: &'a Lists,
    pub(super) disputed: Vec<Disputed>,
}

impl<'a> Sides<'a> {
    fn at(&self, pick: impl Fn(&'a Value) -> Option<&'a Value>) -> Self {
        Self {
            before: self.before.and_then(&pick),
            after: self.after.and_then(&pick),
            live: self.live.and_then(&pick),
        }
    }

    fn present(&self) -> impl Iterator<Item = &'a Value> {
        [self.before, self.after, self.live].into_iter().flatten()
    }

    fn all(&self, holds: impl Fn(&Value) -> bool) -> bool {
        self.present().all(holds)
    }

    /// Is a map or list that holds nothing any more still there? Only where someone meant it to be empty:
    /// the API server leaves one out that has lost all it held.
    fn stays_empty(&self) -> bool {
        [self.before, self.live].into_iter().flatten().any(|value| match value {
            Value::Object(map) => map.is_empty(),
            Value::Array(list) => list.is_empty(),
            _ => false,
        })
    }

    fn complete(&self) -> bool {
        self.present().count() == 3
    }
}

impl Merge<'_> {
    /// What the value goes back to.
    pub(super) fn value(&mut self, path: &FieldPath, sides: Sides<'_>) -> Option<Value> {
        if sides.before == sides.after || sides.live == sides.before {
            return sides.live.cloned();
        }
        if sides.live == sides.after {
            return sides.before.cloned();
        }
        // A map that is not there on one side is merged only when it is a plain set of pairs (labels,
        // data): half of a probe or of a container would be refused.
        if sides.all(Value::is_object) && (sides.complete() || sides.all(is_pairs)) {
            return self.map(path, sides);
        }
        if sides.all(Value::is_array) {
            let versions: Vec<&Value> = sides.present().collect();
            match self.lists.shape(path, &versions) {
                ListShape::Map(keys) => return self.list(path, sides, &keys),
                ListShape::Set => return Some(set(sides)),
                ListShape::Atomic => {}
            }
        }
        self.dispute(path, sides)
    }

    /// An item of a list map: whole or not at all, since without its keys it would be nothing.
    fn item(&mut self, path: &FieldPath, sides: Sides<'_>) -> Option<Value> {
        let settled = sides.before == sides.after || sides.live == sides.before || sides.live == sides.after;
        if settled || sides.complete() { self.value(path, sides) } else { self.dispute(path, sides) }
    }

    fn dispute(&mut self, path: &FieldPath, sides: Sides<'_>) -> Option<Value> {
        self.disputed.push(Disputed {
            path: path.clone(),
            before: sides.before.cloned(),
            after: sides.after.cloned(),
            live: sides.live.cloned(),
        });
        sides.live.cloned()
    }

    fn map(&mut self, path: &FieldPath, sides: Sides<'_>) -> Option<Value> {
        let mut names: Vec<&String> =
            sides.present().filter_map(Value::as_object).flat_map(Map::keys).collect();
        names.sort_unstable();
        names.dedup();
        let mut result = Map::new();
        for name in names {
            let below = self.value(&path.join(format!("f:{name}")), sides.at(|value| value.get(name)));
            if let Some(value) = below {
                result.insert(name.clone(), value);
            }
        }
        (!result.is_empty() || sides.stays_empty()).then_some(Value::Object(result))
    }

    fn list(&mut self, path: &FieldPath, sides: Sides<'_>, keys: &[String]) -> Option<Value> {
        let mut result: Vec<(String, Value)> = Vec::new();
        for step in order(sides, |item| item_step(item, keys)) {
            let item = sides.at(|list| find(list, &step, keys));
            if let Some(value) = self.item(&path.join(step.clone()), item) {
                result.push((step, value));
            }
        }
        let values: Vec<Value> = result.into_iter().map(|(_, value)| value).collect();
        (!values.is_empty() || sides.stays_empty()).then_some(Value::Array(values))
    }
}

fn set(sides: Sides<'_>) -> Value {
    let has = |list: Option<&Value>, name: &Value| {
        list.and_then(Value::as_array).is_some_and(|items| items.contains(name))
    };
    order(sides, Value::to_string)
        .into_iter()
        .filter_map(|name| serde_json::from_str::<Value>(&name).ok())
        .filter(|item| {
            let (before, after, live) =
                (has(sides.before, item), has(sides.after, item), has(sides.live, item));
            if before == after { live } else { before }
        })
        .collect()
}

/// The order of a merged list: as before the step, and what has come since behind what it follows now.
fn order(sides: Sides<'_>, name: impl Fn(&Value) -> String) -> Vec<String> {
    let names = |list: Option<&Value>| -> Vec<String> {
        list.and_then(Value::as_array).map(|items| items.iter().map(&name).collect()).unwrap_or_default()
    };
    let mut order = names(sides.before);
    for later in [names(sides.after), names(sides.live)] {
        let mut place = 0;
        for name in later {
            if let Some(position) = order.iter().position(|known| *known == name) {
                place = position + 1;
            } else {
                order.insert(place.min(order.len()), name);
                place += 1;
            }
        }
    }
    order
}

fn find<'a>(list: &'a Value, step: &str, keys: &[String]) -> Option<&'a Value> {
    list.as_array()?.iter().find(|item| item_step(item, keys) == step)
}

fn is_pairs(value: &Value) -> bool {
    value.as_object().is_some_and(|map| map.values().all(|value| !value.is_object() && !value.is_array()))
}
