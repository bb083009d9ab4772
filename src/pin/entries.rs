//! Where in a kustomization digests are written.

use serde_json::{Map, Value, json};

use super::{Edit, applied};
use crate::plan::node::{Item, Node, Place, parse};

/// An image as the overlay renders it, and the digest that it is to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The rendered name, without tag and digest.
    pub name: String,
    /// The rendered tag, or the one that is meant by none.
    pub tag: String,
    /// As in `sha256:…`.
    pub digest: String,
}

const BLOCK: &str = "write its `images` as a list of `- name: …` lines, one key a line";

/// The edits that give each image of a kustomization's text its digest, in the order of their places. An entry
/// keeps its tag, or gets the one that was rendered: so the next pin knows what to look for, and kustomize puts the
/// digest behind it. What has no entry gets one.
///
/// # Errors
/// A sentence on why the text cannot be edited, with what would mend it.
pub fn edits(text: &str, pins: &[Pin]) -> Result<Vec<Edit>, String> {
    let root = parse(text).map_err(|error| error.message)?;
    let images = root.value.get("images");
    let items = images.map(|images| images.value.items()).unwrap_or_default();
    let lines = Lines::of(text);
    let mut edits = Vec::new();
    let mut expected = plain(&root.value);
    let mut chosen: Vec<(Option<usize>, &Pin)> = Vec::new();
    for pin in pins {
        let index = entry_for(items, pin);
        let is_its = |(known, other): &&(Option<usize>, &Pin)| {
            *known == index && (index.is_some() || other.name == pin.name)
        };
        if let Some((_, other)) = chosen.iter().find(is_its).filter(|(_, other)| other.digest != pin.digest) {
            return Err(two_tags(&pin.name, &other.tag, &pin.tag));
        }
        chosen.push((index, pin));
    }
    let added: Vec<&Pin> = chosen.iter().filter(|(index, _)| index.is_none()).map(|(_, pin)| *pin).collect();
    for (index, pin) in &chosen {
        let Some((index, item)) = index.and_then(|index| Some((index, items.get(index)?))) else { continue };
        edits.extend(lines.in_entry(item, pin)?);
        if let Some(entry) = expected.pointer_mut(&format!("/images/{index}")).and_then(Value::as_object_mut)
        {
            entry.insert("digest".to_owned(), pin.digest.clone().into());
            entry.entry("newTag").or_insert_with(|| pin.tag.clone().into());
        }
    }
    if !added.is_empty() {
        edits.push(lines.new_entries(images, &added)?);
        if let Some(root) = expected.as_object_mut() {
            let list = root.entry("images").or_insert(Value::Null);
            let mut all = list.as_array().cloned().unwrap_or_default();
            all.extend(
                added.iter().map(|pin| json!({"name": pin.name, "newTag": pin.tag, "digest": pin.digest})),
            );
            *list = all.into();
        }
    }
    edits.sort_by_key(|edit| edit.at);
    let new = applied(text, &edits).ok_or_else(|| BLOCK.to_owned())?;
    let is_meant = parse(&new).is_ok_and(|new| plain(&new.value) == expected);
    if is_meant {
        Ok(edits)
    } else {
        Err(format!("it cannot be edited without changing more than its images: {BLOCK}"))
    }
}

fn two_tags(name: &str, one: &str, other: &str) -> String {
    format!(
        "{name} is used with the tags {one} and {other}, and one entry of `images` sets both: give each a name of its own in the base, and an entry with `newName`"
    )
}

fn text_of<'i>(item: &'i Item, key: &str) -> Option<&'i str> {
    item.value.get(key)?.value.text()
}

/// The entry that makes an image what is rendered: the last one that comes to its name, before others the one with
/// its tag.
fn entry_for(items: &[Item], pin: &Pin) -> Option<usize> {
    let comes_to_it =
        |item: &Item| text_of(item, "newName").or_else(|| text_of(item, "name")) == Some(&pin.name);
    let has_its_tag = |item: &Item| text_of(item, "newTag") == Some(&pin.tag);
    items
        .iter()
        .rposition(|item| comes_to_it(item) && has_its_tag(item))
        .or_else(|| items.iter().rposition(comes_to_it))
}

/// A tree without places.
fn plain(node: &Node) -> Value {
    match node {
        Node::Null => Value::Null,
        Node::Boolean(value) => (*value).into(),
        Node::Number(number) => number.clone().into(),
        Node::Text(text) => text.clone().into(),
        Node::List(items) => items.iter().map(|item| plain(&item.value)).collect(),
        Node::Map(entries) => {
            let entries = entries.iter().map(|(key, item)| (key.value.clone(), plain(&item.value)));
            Value::Object(entries.collect::<Map<String, Value>>())
        }
    }
}

/// A text by lines.
struct Lines<'t> {
    text: &'t str,
    /// Where each begins.
    starts: Vec<usize>,
    /// What ends one.
    end: &'static str,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts, end: if text.contains("\r\n") { "\r\n" } else { "\n" } }
    }

    /// The line of this number, counted from 1, without its end; and where it begins.
    fn line(&self, number: u64) -> Option<(usize, &'t str)> {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        let start = *self.starts.get(index)?;
        let rest = self.text.get(start..)?;
        let line = rest.split('\n').next().unwrap_or(rest);
        Some((start, line.strip_suffix('\r').unwrap_or(line)))
    }

    /// What stands before a place on its line, and the place in bytes.
    fn before(&self, place: Place) -> Option<(&'t str, usize)> {
        let (start, line) = self.line(place.line)?;
        let column = usize::try_from(place.column).ok()?.checked_sub(1)?;
        let length = line.char_indices().nth(column).map_or(line.len(), |(at, _)| at);
        Some((line.get(..length)?, start + length))
    }

    /// Puts the digest, and the tag where there is none, into an entry.
    fn in_entry(&self, item: &Item, pin: &Pin) -> Result<Vec<Edit>, String> {
        let failed = || format!("the entry of {}: {BLOCK}", pin.name);
        let Node::Map(fields) = &item.value else { return Err(failed()) };
        let place_of =
            |name: &str| fields.iter().rfind(|(key, _)| key.value == name).map(|(key, _)| Place::of(key));
        let first = fields.first().map(|(key, _)| Place::of(key)).ok_or_else(failed)?;
        let anchor = place_of("newTag")
            .or_else(|| place_of("newName"))
            .or_else(|| place_of("name"))
            .ok_or_else(failed)?;
        let tag = (place_of("newTag").is_none()).then(|| quoted(&pin.tag));
        let mut edits = Vec::new();
        let digest = item.value.get("digest");
        if let Some(digest) = digest.filter(|digest| digest.value != Node::Null) {
            let known = digest.value.text().ok_or_else(failed)?;
            let (_, from) = self.before(Place::of(digest)).ok_or_else(failed)?;
            let offset = self.text.get(from..).and_then(|rest| rest.find(known)).ok_or_else(failed)?;
            if known != pin.digest {
                edits.push(Edit {
                    at: from + offset,
                    removed: known.to_owned(),
                    inserted: pin.digest.clone(),
                });
            }
        }
        let mut fields: Vec<String> = tag.map(|tag| format!("newTag: {tag}")).into_iter().collect();
        if digest.is_none() {
            fields.push(format!("digest: {}", pin.digest));
        }
        if fields.is_empty() {
            return Ok(edits);
        }
        let (lead, _) = self.before(first).ok_or_else(failed)?;
        if lead.trim_end().ends_with('{') {
            let (_, at) = self.before(anchor).ok_or_else(failed)?;
            edits.push(Edit { at, removed: String::new(), inserted: format!("{}, ", fields.join(", ")) });
        } else {
            let (start, line) = self.line(anchor.line).ok_or_else(failed)?;
            let indent = " ".repeat(lead.chars().count());
            let lead = format!("{}{indent}", self.end);
            let inserted = format!("{lead}{}", fields.join(&lead));
            edits.push(Edit { at: start + line.len(), removed: String::new(), inserted });
        }
        Ok(edits)
    }

    /// Entries for images that have none, behind the others.
    fn new_entries(&self, images: Option<&Item>, pins: &[&Pin]) -> Result<Edit, String> {
        let Some(images) = images else {
            let gap = if self.text.is_empty() || self.text.ends_with('\n') { "" } else { self.end };
            let inserted = format!("{gap}images:{}{}", self.entries("  ", pins), self.end);
            return Ok(Edit { at: self.text.len(), removed: String::new(), inserted });
        };
        let behind = |line: u64, dash: &str| {
            let (start, line) = self.line(line).ok_or_else(|| BLOCK.to_owned())?;
            Ok(Edit { at: start + line.len(), removed: String::new(), inserted: self.entries(dash, pins) })
        };
        let Some(last) = images.value.items().last() else {
            let is_empty = images.value == Node::Null;
            return if is_empty {
                behind(Place::of(images).line, "  ")
            } else {
                Err("remove its empty `images: []`".to_owned())
            };
        };
        let Node::Map(fields) = &last.value else { return Err(BLOCK.to_owned()) };
        let first = fields.first().map(|(key, _)| Place::of(key)).ok_or_else(|| BLOCK.to_owned())?;
        let (lead, _) = self.before(first).ok_or_else(|| BLOCK.to_owned())?;
        let dash = lead.trim_end().strip_suffix('-').filter(|dash| dash.chars().all(|c| c == ' '));
        let end = fields.iter().map(|(_, value)| Place::of(value).line).max().unwrap_or(first.line);
        behind(end, dash.ok_or_else(|| BLOCK.to_owned())?)
    }

    fn entries(&self, dash: &str, pins: &[&Pin]) -> String {
        let end = self.end;
        let entry = |pin: &&Pin| {
            let Pin { name, tag, digest } = pin;
            format!(
                "{end}{dash}- name: {name}{end}{dash}  newTag: {}{end}{dash}  digest: {digest}",
                quoted(tag)
            )
        };
        pins.iter().map(entry).collect()
    }
}

/// A tag as YAML takes it for a text, whatever it looks like.
fn quoted(tag: &str) -> String {
    format!("\"{tag}\"")
}

#[cfg(test)]
#[path = "entries_tests.rs"]
mod tests;
