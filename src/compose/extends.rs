//! `extends`: a service with what another one says, of this file or another.

use std::{
    path::{Path, PathBuf},
    rc::Rc,
    sync::Arc,
};

use super::{
    environment::Environment,
    load::Loader,
    merge::{Replaced, merge},
    paths::folder,
    specification::SERVICE,
    tree::{Entry, File, Node, Place, Value, below},
};

/// A service with all that it extends.
pub(super) type Resolved = Rc<Value>;

const FOLLOWED: &str = "what it names is in this service";
const ANEW: &str = "the service that extends it says it anew";

/// One service on the way to the first that extends nothing.
struct Link {
    file: PathBuf,
    name: String,
    entry: Entry,
}

impl<'s> Loader<'s> {
    /// Every service of a file with what it extends. `earlier`: what earlier files of the command line say.
    pub(super) fn extend(
        &mut self,
        mut root: Value,
        path: &Path,
        environment: &Environment<'s>,
        earlier: Option<&Value>,
    ) -> Value {
        let is_extending = |value: &Value| value.get("extends").is_some();
        let has_any = root
            .get("services")
            .and_then(|services| services.value.map())
            .is_some_and(|services| services.values().any(|entry| is_extending(&entry.value)));
        if !has_any {
            return root;
        }
        let document = Rc::new(root.clone());
        self.documents.insert(path.to_path_buf(), Some(Rc::clone(&document)));
        let Node::Map(map) = &mut root.node else { return root };
        let Some(Node::Map(services)) = map.get_mut("services").map(|entry| &mut entry.value.node) else {
            return root;
        };
        for (name, entry) in services.iter_mut() {
            let at = below("services", name);
            let Some(extends) = entry.value.get("extends").cloned() else { continue };
            let shape = SERVICE.under("extends").unwrap_or(SERVICE);
            self.consume(&extends.value, &extends.place, shape, &below(&at, "extends"), FOLLOWED);
            if let Some(resolved) = self.resolve(path, name, environment, earlier) {
                entry.value = (*resolved).clone();
            }
        }
        root
    }

    fn resolve(
        &mut self,
        file: &Path,
        name: &str,
        environment: &Environment<'s>,
        earlier: Option<&Value>,
    ) -> Option<Resolved> {
        let (chain, mut base) = self.chain(file, name, environment, earlier)?;
        for link in chain.into_iter().rev() {
            let path = below("services", &link.name);
            let mut own = link.entry.value;
            if let Node::Map(map) = &mut own.node {
                map.remove("extends");
            }
            let value = match base {
                None => own,
                Some(base) => {
                    let is_elsewhere = base.place.file != own.place.file;
                    let mut replaced = Replaced::because(is_elsewhere.then_some(ANEW));
                    let merged = merge((*base).clone(), own, SERVICE, &path, &mut replaced);
                    self.consumed.append(&mut replaced.keys);
                    merged
                }
            };
            let value = Rc::new(value);
            self.resolved.insert((link.file, link.name), Some(Rc::clone(&value)));
            base = Some(value);
        }
        base
    }

    /// From a service to the first that extends nothing, or that is resolved already.
    fn chain(
        &mut self,
        file: &Path,
        name: &str,
        environment: &Environment<'s>,
        earlier: Option<&Value>,
    ) -> Option<(Vec<Link>, Option<Resolved>)> {
        let (mut file, mut name) = (file.to_path_buf(), name.to_owned());
        let mut chain: Vec<Link> = Vec::new();
        let mut met = std::collections::HashSet::new();
        loop {
            if let Some(resolved) = self.resolved.get(&(file.clone(), name.clone())) {
                return resolved.clone().map(|resolved| (chain, Some(resolved)));
            }
            let document = self.documents.get(&file).cloned().flatten()?;
            let service = |root: &Value| root.get("services")?.value.get(&name).cloned();
            let found = service(&document).or_else(|| earlier.and_then(service));
            let Some(entry) = found else {
                self.missing(chain.last(), &name, &document);
                return None;
            };
            if !met.insert((file.clone(), name.clone())) {
                self.cycle(&chain, &file, &name);
                return None;
            }
            let extends = entry.value.get("extends").cloned();
            chain.push(Link { file: file.clone(), name: name.clone(), entry });
            let Some(extends) = extends else { return Some((chain, None)) };
            let at = below(&below("services", &name), "extends");
            let Some(wanted) = extends.value.get("service").and_then(|entry| entry.value.scalar()) else {
                let message = "`extends` names no service";
                self.notes.error(&extends.place, &at, message, "write `extends: {service: NAME}`");
                return None;
            };
            if let Some(other) = extends.value.get("file") {
                file = self.document(&other.value, &below(&at, "file"), environment)?;
            }
            name = wanted;
        }
    }

    /// Reads the file that `extends` names, unless that has been done.
    fn document(&mut self, written: &Value, at: &str, environment: &Environment<'s>) -> Option<PathBuf> {
        let path = self.located(written, at)?;
        if !self.documents.contains_key(&path) {
            let read = self.named_text(written, at).and_then(|(path, text)| {
                let file = File { name: path.display().to_string().into(), base: folder(&path) };
                self.tree(&text, &Arc::new(file), environment)
            });
            self.documents.insert(path.clone(), read.map(Rc::new));
        }
        Some(path)
    }

    fn missing(&mut self, from: Option<&Link>, name: &str, document: &Value) {
        let Some(from) = from else { return };
        let extends = from.entry.value.get("extends");
        let service = extends.and_then(|extends| extends.value.get("service"));
        let place = service.or(extends).unwrap_or(&from.entry).place.clone();
        let file = &document.place.file.name;
        let at = below(&below("services", &from.name), "extends");
        let message = format!("it extends `{name}`, and {file} has no such service");
        let known: Vec<&str> = document
            .get("services")
            .and_then(|services| services.value.map())
            .map(|services| services.keys().map(String::as_str).take(50).collect())
            .unwrap_or_default();
        self.notes.error(&place, &at, message, crate::plan::diagnostic::suggestion(name, &known));
    }

    fn cycle(&mut self, chain: &[Link], file: &Path, name: &str) {
        let start = chain.iter().position(|link| link.file == file && link.name == name).unwrap_or_default();
        let round = chain.get(start..).unwrap_or_default();
        let steps: Vec<String> =
            round.iter().take(20).map(|link| format!("`{}` ({})", link.name, place_of(link))).collect();
        let Some(first) = round.first() else { return };
        let message =
            format!("services extend each other in a circle: {}, and again `{name}`", steps.join(", "));
        let place = place_of(first);
        let at = below(&below("services", name), "extends");
        self.notes.error(&place, &at, message, "take out one of the `extends`");
        for link in chain {
            self.resolved.insert((link.file.clone(), link.name.clone()), None);
        }
    }
}

fn place_of(link: &Link) -> Place {
    link.entry.value.get("extends").map_or(&link.entry.place, |extends| &extends.place).clone()
}
