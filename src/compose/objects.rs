//! The top level besides services: networks, volumes, configs, secrets; and how services mount the latter.

use std::collections::BTreeMap;

use super::{
    FileContent, FileMount, FileObject, NamedVolume, Network, Placed, at::At, notes::Notes, reader::Reader,
};

/// `configs` and `secrets` of a service.
pub(super) fn file_mounts(at: &At<'_>, notes: &mut Notes) -> Vec<Placed<FileMount>> {
    let mut found = Vec::new();
    for item in at.items(notes) {
        if !item.is_map() {
            let mount = |source| FileMount { source, target: None, mode: None, uid: None, gid: None };
            found.extend(item.text(notes).map(|source| item.placed(mount(source))));
            continue;
        }
        let text = |key: &str, notes: &mut Notes| item.get(key).and_then(|value| value.text(notes));
        let Some(source) = text("source", notes) else {
            item.error("this names no `source`", "name one of the top level", notes);
            continue;
        };
        found.push(item.placed(FileMount {
            source,
            target: text("target", notes),
            mode: item.get("mode").and_then(|value| value.mode(notes)),
            uid: text("uid", notes),
            gid: text("gid", notes),
        }));
    }
    found
}

/// `external: true`, or as version 2 has it, with the name below. Then the name.
fn external<'v>(at: &At<'v>, notes: &mut Notes) -> (bool, Option<At<'v>>) {
    match at.get("external") {
        None => (false, None),
        Some(value) if value.is_map() => (true, value.get("name")),
        Some(value) => (value.boolean(notes).unwrap_or_default(), None),
    }
}

/// `networks` of the top level.
pub(super) fn networks(at: &At<'_>, notes: &mut Notes) -> BTreeMap<String, Network> {
    let mut found = BTreeMap::new();
    for (name, value) in at.entries(notes) {
        let (is_external, other) = external(&value, notes);
        let text = |key: &str, notes: &mut Notes| value.get(key).and_then(|value| value.placed_text(notes));
        let network = Network {
            origin: Some(value.place.origin()),
            is_external,
            is_internal: value.get("internal").and_then(|value| value.boolean(notes)).unwrap_or_default(),
            driver: text("driver", notes),
            name: text("name", notes).or_else(|| other.and_then(|name| name.placed_text(notes))),
        };
        found.insert(name.to_owned(), network);
    }
    found
}

/// `volumes` of the top level.
pub(super) fn named_volumes(at: &At<'_>, notes: &mut Notes) -> BTreeMap<String, NamedVolume> {
    let mut found = BTreeMap::new();
    for (name, value) in at.entries(notes) {
        let (is_external, other) = external(&value, notes);
        let text = |key: &str, notes: &mut Notes| value.get(key).and_then(|value| value.placed_text(notes));
        let volume = NamedVolume {
            origin: Some(value.place.origin()),
            is_external,
            driver: text("driver", notes),
            driver_opts: value.get("driver_opts").map(|value| value.placed_pairs(notes)).unwrap_or_default(),
            name: text("name", notes).or_else(|| other.and_then(|name| name.placed_text(notes))),
        };
        found.insert(name.to_owned(), volume);
    }
    found
}

impl Reader<'_> {
    /// `configs` or `secrets` of the top level. A secret's content is never kept, nor read.
    pub(super) fn objects(&mut self, at: &At<'_>, are_secret: bool) -> BTreeMap<String, FileObject> {
        let mut found = BTreeMap::new();
        for (name, value) in at.entries(&mut self.notes) {
            let (is_external, other) = external(&value, &mut self.notes);
            let said = ["file", "environment", "content"].into_iter().filter(|key| value.get(key).is_some());
            let said: Vec<&str> = said.collect();
            if said.len() > 1 {
                let message = format!("what `{name}` holds is said in several ways: {}", said.join(", "));
                value.error(message, "keep one", &mut self.notes);
            }
            let content = match (value.get("file"), value.get("environment"), value.get("content")) {
                _ if is_external => FileContent::External,
                (Some(file), _, _) => match file.text(&mut self.notes) {
                    Some(written) => FileContent::File(self.bind(&file, &written, !are_secret)),
                    None => continue,
                },
                (_, Some(variable), _) => match variable.text(&mut self.notes) {
                    Some(variable) => FileContent::Environment(variable),
                    None => continue,
                },
                (_, _, Some(_)) if are_secret => FileContent::Inline(None),
                (_, _, Some(content)) => FileContent::Inline(content.text(&mut self.notes)),
                _ => {
                    let sort = if are_secret { "secret" } else { "config" };
                    let hint = "write `file`, `environment`, `content` or `external: true`";
                    value.error(format!("nothing says what this {sort} holds"), hint, &mut self.notes);
                    continue;
                }
            };
            let name_of = value.get("name").or(other).and_then(|name| name.placed_text(&mut self.notes));
            let object = FileObject { origin: value.place.origin(), content, name: name_of };
            found.insert(name.to_owned(), object);
        }
        found
    }
}
