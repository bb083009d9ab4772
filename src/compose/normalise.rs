//! Short forms that are merged as their long ones: made long before any merge.

use super::{
    notes::Notes,
    shape::{Form, Shape},
    tree::{Entry, Map, Node, Place, Trail, Value, Written},
};

/// Makes a value's short forms long, as its shape says.
pub(super) fn normalise(value: &mut Value, shape: Shape, trail: &Trail<'_>, notes: &mut Notes) {
    lengthen(value, shape.form, trail, notes);
    match &mut value.node {
        Node::Map(map) => {
            for (key, entry) in map {
                if let Some(shape) = shape.under(key) {
                    normalise(&mut entry.value, shape, &Trail::Key(trail, key), notes);
                }
            }
        }
        Node::List(items) if shape.form != Form::Whole => {
            for (index, item) in items.iter_mut().enumerate() {
                normalise(item, shape.item(), &Trail::Index(trail, index), notes);
            }
        }
        _ => {}
    }
}

fn lengthen(value: &mut Value, form: Form, trail: &Trail<'_>, notes: &mut Notes) {
    let place = value.place.clone();
    if value.is_scalar() {
        let only = Value { tag: None, ..value.clone() };
        value.node = match form {
            Form::Listed => Node::List(vec![only]),
            Form::Under(key) => Node::Map(Map::from([(key.to_owned(), Entry { place, value: only })])),
            _ => return,
        };
        value.written = None;
        return;
    }
    let items = match &mut value.node {
        Node::List(items) if matches!(form, Form::Pairs | Form::Hosts | Form::Names) => std::mem::take(items),
        _ => return,
    };
    let mut map = Map::new();
    for (index, item) in items.into_iter().enumerate() {
        let Some(text) = item.scalar() else {
            let message = format!("a text is expected in this list, not {}", item.sort());
            notes.error(&item.place, &Trail::Index(trail, index).path(), message, "");
            continue;
        };
        let (name, node) = split(&text, form);
        let place = item.place.clone();
        add(&mut map, name, below_of(&item, node, form), place, form);
    }
    value.node = Node::Map(map);
}

/// The name and what is behind it.
fn split(text: &str, form: Form) -> (String, Option<String>) {
    let separators: &[char] = match form {
        Form::Pairs => &['='],
        Form::Hosts if text.contains('=') => &['='],
        Form::Hosts => &[':'],
        _ => &[],
    };
    match text.split_once(separators) {
        Some((name, rest)) if !separators.is_empty() => (name.trim().to_owned(), Some(rest.to_owned())),
        _ => (text.to_owned(), None),
    }
}

fn below_of(item: &Value, text: Option<String>, form: Form) -> Value {
    let written = item.written.as_ref().map(|written| {
        let text = split(&written.text, form).1.unwrap_or_default();
        std::sync::Arc::new(Written { text, variables: written.variables.clone() })
    });
    let node = text.map_or(Node::Null, Node::Text);
    Value { written, tag: item.tag, ..Value::new(node, item.place.clone()) }
}

/// A later item stands for an earlier one; a host's addresses are collected.
fn add(map: &mut Map, name: String, value: Value, place: Place, form: Form) {
    if form != Form::Hosts {
        map.insert(name, Entry { place, value });
        return;
    }
    let listed = map.entry(name).or_insert_with(|| {
        let value = Value::new(Node::List(Vec::new()), place.clone());
        Entry { place, value }
    });
    if let Node::List(items) = &mut listed.value.node {
        items.push(value);
    }
}
