//! `include`: other projects, whose services, networks, volumes, configs and secrets become this one's.

use std::path::PathBuf;

use super::{
    environment::Environment,
    load::{Loader, Stack},
    specification::ROOT,
    tree::{Entry, Map, Node, Value, below},
};

/// Sections that an included project brings.
const SECTIONS: [&str; 6] = ["services", "networks", "volumes", "configs", "secrets", "models"];

/// How deep projects may include each other.
const DEEPEST: usize = 50;

impl<'s> Loader<'s> {
    /// A file's tree with what it includes.
    pub(super) fn include(
        &mut self,
        mut root: Value,
        environment: &Environment<'s>,
        stack: &mut Stack,
    ) -> Value {
        let Node::Map(map) = &mut root.node else { return root };
        let Some(include) = map.remove("include") else { return root };
        let shape = ROOT.under("include").unwrap_or(ROOT);
        self.consume(&include.value, &include.place, shape, "include", "what it names is in the project");
        if !matches!(include.value.node, Node::List(_)) {
            let message = format!("`include` is a list of files, not {}", include.value.sort());
            self.notes.error(&include.place, "include", message, "begin each file with `- `");
        }
        for (index, item) in include.value.items().iter().enumerate() {
            let at = format!("include[{index}]");
            if let Some(included) = self.included(item, &at, environment, stack) {
                self.add(map, included);
            }
        }
        root
    }

    fn included(
        &mut self,
        item: &Value,
        at: &str,
        environment: &Environment<'s>,
        stack: &mut Stack,
    ) -> Option<Value> {
        let written: Vec<&Value> = match item.get("path") {
            Some(entry) => entry.value.items().iter().collect(),
            None if item.is_scalar() => vec![item],
            None => {
                self.notes.error(&item.place, at, "`include` names no `path`", "write `- path: FILE`");
                return None;
            }
        };
        let mut files = Vec::new();
        for value in written {
            files.push(self.named_text(value, at)?.0);
        }
        let first = files.first()?.clone();
        if let Some(again) = files.iter().find(|file| stack.contains(file)) {
            let round: Vec<String> = stack.iter().map(|file| file.display().to_string()).collect();
            let message =
                format!("files include each other in a circle: {}, {}", round.join(", "), again.display());
            self.notes.error(&item.place, at, message, "take out one of the `include`");
            return None;
        }
        if stack.len() > DEEPEST {
            self.notes.error(&item.place, at, "files include each other too deeply", "");
            return None;
        }
        let base = match item.get("project_directory") {
            Some(entry) => self.located(&entry.value, at)?,
            None => Self::base_of(&first),
        };
        let environment = self.environment_of(item, at, &base, environment);
        let depth = stack.len();
        stack.extend(files.iter().cloned());
        let whole = self.merged(&files, &base, &environment, stack);
        stack.truncate(depth);
        whole
    }

    fn environment_of(
        &mut self,
        item: &Value,
        at: &str,
        base: &std::path::Path,
        outer: &Environment<'s>,
    ) -> Environment<'s> {
        let Some(entry) = item.get("env_file") else {
            let files = [base.join(".env")];
            return outer.extended(&files, false, None, &mut self.notes);
        };
        let files: Vec<PathBuf> =
            entry.value.items().iter().filter_map(|value| self.located(value, at)).collect();
        outer.extended(&files, true, Some(&entry.place), &mut self.notes)
    }

    fn add(&mut self, root: &mut Map, included: Value) {
        let Node::Map(included) = included.node else { return };
        for (section, entry) in included {
            if !SECTIONS.contains(&section.as_str()) {
                if !section.starts_with("x-") {
                    let shape = ROOT.under(&section).unwrap_or(ROOT);
                    self.consume(
                        &entry.value,
                        &entry.place,
                        shape,
                        &section,
                        "it is the included project's own",
                    );
                }
                continue;
            }
            let Node::Map(resources) = entry.value.node else { continue };
            let empty =
                Entry { place: entry.place.clone(), value: Value::new(Node::Map(Map::new()), entry.place) };
            let target = root.entry(section.clone()).or_insert(empty);
            if matches!(target.value.node, Node::Null) {
                target.value.node = Node::Map(Map::new());
            }
            let Node::Map(target) = &mut target.value.node else { continue };
            for (name, resource) in resources {
                match target.get(&name) {
                    None => {
                        target.insert(name, resource);
                    }
                    // Two ways to one file.
                    Some(there) if there.place.origin() == resource.place.origin() => {}
                    Some(there) => {
                        let message = format!("`{name}` is in {} and in {}", there.place, resource.place);
                        let hint = "name one of them otherwise, or change it in an override file";
                        self.notes.error(&there.place, &below(&section, &name), message, hint);
                    }
                }
            }
        }
    }
}
