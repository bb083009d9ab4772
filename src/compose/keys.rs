//! Every key of the input, as a report lists it.

use crate::words::clean;

use super::{
    InputKey, KeySort,
    notes::Notes,
    secret::may_be_secret,
    shape::{Below, Form, Shape, opaque},
    tree::{Node, Place, Trail, Value, below},
};

/// What is shown of a value, in characters.
const SHOWN: usize = 60;

/// The keys at and below a value that stands at its own place: of an item of a list, or of a whole.
pub(super) fn list_keys(
    value: &Value,
    shape: Shape,
    path: &str,
    sort: Option<KeySort>,
    keys: &mut Vec<InputKey>,
) {
    walk(value, &value.place, shape, path, sort, keys);
}

/// The same for a value whose key stands at `place`.
pub(super) fn walk(
    value: &Value,
    place: &Place,
    shape: Shape,
    path: &str,
    sort: Option<KeySort>,
    keys: &mut Vec<InputKey>,
) {
    match &value.node {
        Node::Map(map) if !map.is_empty() && shape.form != Form::Whole => {
            for (key, entry) in map {
                let path = below(path, key);
                let (shape, sort) = match (shape.under(key), sort) {
                    (Some(shape), sort) => (shape, sort),
                    (None, Some(sort)) => (opaque(), Some(sort)),
                    (None, None) if key.starts_with("x-") => (opaque(), Some(KeySort::Extension)),
                    (None, None) => (opaque(), Some(KeySort::Unknown)),
                };
                walk(&entry.value, &entry.place, shape, &path, sort, keys);
            }
        }
        Node::List(items) if !items.is_empty() && !is_one(shape, items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &item.place, shape.item(), &format!("{path}[{index}]"), sort, keys);
            }
        }
        _ => keys.push(InputKey {
            path: path.to_owned(),
            origin: place.origin(),
            shown: shown(value, shape, path),
            sort: sort.unwrap_or(KeySort::Known),
        }),
    }
}

fn is_one(shape: Shape, items: &[Value]) -> bool {
    shape.form == Form::Whole
        || (matches!(shape.below, Below::Anything) && items.iter().all(Value::is_scalar))
}

fn shown(value: &Value, shape: Shape, path: &str) -> Option<String> {
    let text = one_line(value)?;
    // What stands below `secrets` are names and paths; a content is hidden by its shape.
    let names_only =
        path.starts_with("secrets.") || path.contains(".secrets[") || path.contains(".env_file[");
    let key = path.rsplit('.').next().unwrap_or(path);
    let is_hidden = shape.is_hidden && value.map().is_none();
    if is_hidden || (!names_only && (may_be_secret(key) || may_be_secret(&text))) {
        return None;
    }
    let text = clean(&text).into_owned();
    Some(if text.chars().count() > SHOWN {
        text.chars().take(SHOWN - 1).chain(['…']).collect()
    } else {
        text
    })
}

fn one_line(value: &Value) -> Option<String> {
    match &value.node {
        Node::Null => None,
        Node::List(items) => {
            let items: Vec<String> = items.iter().filter_map(one_line).collect();
            Some(format!("[{}]", items.join(", ")))
        }
        Node::Map(map) => {
            Some(format!("{{{}}}", map.keys().map(String::as_str).collect::<Vec<_>>().join(", ")))
        }
        _ => Some(value.as_written()),
    }
}

/// Warns of keys that nothing knows, with what may have been meant; what is no mapping and has to be is an error.
pub(super) fn check_shape(value: &Value, shape: Shape, trail: &Trail<'_>, notes: &mut Notes) {
    match &value.node {
        Node::Boolean(_) | Node::Number(_) | Node::Text(_) | Node::List(_) if shape.form == Form::Mapping => {
            let message = format!("a mapping is expected here, not {}", value.sort());
            notes.error(&value.place, &trail.path(), message, "");
        }
        Node::Map(map) if shape.form != Form::Whole => {
            for (key, entry) in map {
                let trail = Trail::Key(trail, key);
                match shape.under(key) {
                    Some(shape) => check_shape(&entry.value, shape, &trail, notes),
                    None if key.starts_with("x-") => {}
                    None => {
                        let hint = match crate::plan::diagnostic::suggestion(key, &shape.names()) {
                            hint if hint.starts_with("did you") => hint,
                            _ => String::new(),
                        };
                        notes.warn(
                            &entry.place,
                            &trail.path(),
                            format!("compose has no key `{key}` here; it is not used"),
                            hint,
                        );
                    }
                }
            }
        }
        Node::List(items) if shape.form != Form::Whole => {
            for (index, item) in items.iter().enumerate() {
                check_shape(item, shape.item(), &Trail::Index(trail, index), notes);
            }
        }
        _ => {}
    }
}
