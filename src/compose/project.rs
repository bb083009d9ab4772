//! The whole way: from a request to the project.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::words::clean;

use super::{
    InputKey, KeySort, Placed, Project, Reading, Refused, Request, Service, Source, Variable, VariableSource,
    at::At,
    check::check,
    environment::Environment,
    keys::{check_shape, walk},
    load::Loader,
    notes::Notes,
    reader::Reader,
    select,
    specification::ROOT,
    tree::{Entry, Map, Node, Trail, Value, below},
    version::no_services,
};

const NOT_ACTIVE: &str = "no active profile has this service";

/// Reads a project.
///
/// # Errors
/// Everything that is wrong, in the order of files and lines.
pub fn read(source: &dyn Source, request: &Request) -> Result<Reading, Refused> {
    let mut loader = Loader::new(source, request);
    let process = Environment::new(source);
    let environment = if request.env_files.is_empty() {
        process.extended(&[PathBuf::from(".env")], false, None, &mut loader.notes)
    } else {
        process.extended(&request.env_files, true, None, &mut loader.notes)
    };
    let files = select::files(source, request, &environment, &mut loader.notes);
    let root = loader.merged(&files, Path::new(""), &environment, &mut files.clone());
    let Some(mut root) = root else {
        let nothing = Refused { errors: Vec::new(), warnings: Vec::new() };
        return Err(loader.notes.finish().err().unwrap_or(nothing));
    };
    loader.purge(&mut root);
    loader.seen.warn(&mut loader.notes);
    let Loader { mut notes, seen, consumed, .. } = loader;
    check_shape(&root, ROOT, &Trail::Root, &mut notes);
    let name = select::name(request, &environment, &root, &mut notes);
    let profiles = select::profiles(request, &environment);
    let variables = variables(&root, seen.sources);
    let is_loaded = notes.errors.is_empty();

    let mut keys = consumed;
    let inactive = take_inactive(&mut root, &profiles, &mut keys, &mut notes);
    list(&root, &mut keys);
    let mut reader = Reader::new(source, request, environment, notes);
    reader.is_whole = is_loaded;
    let mut project = model(&root, &mut reader);
    keys.extend(reader.take_keys());
    project.name = name;
    project.inactive = inactive;
    project.variables = variables;
    project.keys = in_order(keys, &files);
    let mut notes = reader.notes;
    if is_loaded {
        if project.services.is_empty() && project.inactive.is_empty() {
            no_services(&root.place, &mut notes);
        }
        check(&mut project, &mut notes);
    }
    notes.finish().map(|warnings| Reading { project, warnings })
}

fn model(root: &Value, reader: &mut Reader<'_>) -> Project {
    let whole = At::new(root, String::new());
    check_names(&whole, &mut reader.notes);
    let mut services = BTreeMap::new();
    if let Some(section) = whole.get("services") {
        for (name, at) in section.entries(&mut reader.notes) {
            if let Some(service) = service(name, &at, reader) {
                services.insert(name.to_owned(), service);
            }
        }
    }
    let mut networks =
        whole.get("networks").map(|at| super::objects::networks(&at, &mut reader.notes)).unwrap_or_default();
    if services.values().any(|service: &Service| service.networks.contains_key("default")) {
        networks.entry("default".into()).or_default();
    }
    Project {
        name: String::new(),
        services,
        networks,
        volumes: whole
            .get("volumes")
            .map(|at| super::objects::named_volumes(&at, &mut reader.notes))
            .unwrap_or_default(),
        secrets: whole.get("secrets").map(|at| reader.objects(&at, true)).unwrap_or_default(),
        configs: whole.get("configs").map(|at| reader.objects(&at, false)).unwrap_or_default(),
        inactive: Vec::new(),
        variables: BTreeMap::new(),
        keys: Vec::new(),
    }
}

fn service(name: &str, at: &At<'_>, reader: &mut Reader<'_>) -> Option<Service> {
    if !matches!(at.value.node, Node::Map(_) | Node::Null) {
        at.expected(
            format!("a service, a mapping with `image` or `build`, for `{}`", clean(name)),
            "",
            &mut reader.notes,
        );
        return None;
    }
    if reader.is_whole && ["image", "build", "provider"].iter().all(|key| at.get(key).is_none()) {
        let message = format!("the service `{}` has neither `image` nor `build`", clean(name));
        reader.notes.error(at.place, &at.path, message, "say which image it runs");
    }
    Some(reader.service(name, at))
}

/// Names that compose itself would not take.
fn check_names(root: &At<'_>, notes: &mut Notes) {
    for section in ["services", "networks", "volumes", "configs", "secrets"] {
        let Some(map) = root.value.get(section).and_then(|entry| entry.value.map()) else { continue };
        for (name, entry) in map {
            let is_fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
            if name.is_empty() || !name.chars().all(is_fit) {
                let message = format!("`{}` is no name: letters, digits, `.`, `_` and `-` are", clean(name));
                notes.error(&entry.place, &below(section, name), message, "name it otherwise");
            }
        }
    }
}

/// Takes out the services that no active profile has, and every `profiles`.
fn take_inactive(
    root: &mut Value,
    active: &[String],
    keys: &mut Vec<InputKey>,
    notes: &mut Notes,
) -> Vec<Placed<String>> {
    let Node::Map(map) = &mut root.node else { return Vec::new() };
    let Some(Node::Map(services)) = map.get_mut("services").map(|entry| &mut entry.value.node) else {
        return Vec::new();
    };
    let shape = ROOT.under("services").and_then(|services| services.under("")).unwrap_or(ROOT);
    let mut inactive = Vec::new();
    let mut kept = Map::new();
    for (name, mut entry) in std::mem::take(services) {
        let path = below("services", &name);
        let profiles = match &mut entry.value.node {
            Node::Map(map) => map.remove("profiles"),
            _ => None,
        };
        let is_active = profiles.as_ref().is_none_or(|profiles| is_active(profiles, &path, active, notes));
        if let Some(profiles) = &profiles {
            let how = if is_active { "an active profile has this service" } else { NOT_ACTIVE };
            let path = below(&path, "profiles");
            walk(&profiles.value, &profiles.place, shape, &path, Some(KeySort::Consumed(how)), keys);
        }
        if is_active {
            kept.insert(name, entry);
        } else {
            walk(&entry.value, &entry.place, shape, &path, Some(KeySort::Consumed(NOT_ACTIVE)), keys);
            inactive.push(Placed { value: name, origin: entry.place.origin(), path });
        }
    }
    *services = kept;
    inactive
}

fn is_active(profiles: &Entry, path: &str, active: &[String], notes: &mut Notes) -> bool {
    let at = At { value: &profiles.value, place: &profiles.place, path: below(path, "profiles") };
    let names = at.texts(notes);
    names.is_empty() || names.iter().any(|name| active.iter().any(|wanted| wanted == name || wanted == "*"))
}

fn list(root: &Value, keys: &mut Vec<InputKey>) {
    let Some(map) = root.map() else { return };
    for (key, entry) in map {
        let sort = match key.as_str() {
            "name" => Some(KeySort::Consumed("the project is called so")),
            "version" => Some(KeySort::Consumed("obsolete: compose has no versions any more")),
            key if key.starts_with("x-") => Some(KeySort::Extension),
            key if ROOT.under(key).is_none() => Some(KeySort::Unknown),
            _ => None,
        };
        let shape = ROOT.under(key).unwrap_or_else(super::shape::opaque);
        walk(&entry.value, &entry.place, shape, &below("", key), sort, keys);
    }
}

/// Where each variable is used, in what counts in the end.
fn variables(root: &Value, sources: BTreeMap<String, VariableSource>) -> BTreeMap<String, Variable> {
    let mut variables: BTreeMap<String, Variable> =
        sources.into_iter().map(|(name, source)| (name, Variable { uses: Vec::new(), source })).collect();
    uses(root, &Trail::Root, &mut variables);
    variables
}

fn uses(value: &Value, trail: &Trail<'_>, variables: &mut BTreeMap<String, Variable>) {
    for name in value.variables() {
        let used = Placed { value: (), origin: value.place.origin(), path: trail.path() };
        if let Some(variable) = variables.get_mut(name)
            && variable.uses.last() != Some(&used)
        {
            variable.uses.push(used);
        }
    }
    match &value.node {
        Node::Map(map) => {
            for (key, entry) in map {
                uses(&entry.value, &Trail::Key(trail, key), variables);
            }
        }
        Node::List(items) => {
            for (index, item) in items.iter().enumerate() {
                uses(item, &Trail::Index(trail, index), variables);
            }
        }
        _ => {}
    }
}

/// In the order of files, as named and then as met, and of lines.
fn in_order(keys: Vec<InputKey>, files: &[PathBuf]) -> Vec<InputKey> {
    let mut order: HashMap<Arc<str>, usize> = HashMap::new();
    for file in files {
        let next = order.len();
        order.entry(file.display().to_string().into()).or_insert(next);
    }
    for key in &keys {
        let next = order.len();
        order.entry(Arc::clone(&key.origin.file)).or_insert(next);
    }
    let rank = |key: &InputKey| order.get(&key.origin.file).copied().unwrap_or(usize::MAX);
    let mut ranked: Vec<(usize, InputKey)> = keys.into_iter().map(|key| (rank(&key), key)).collect();
    ranked.sort_by(|one, two| {
        let place = |(rank, key): &(usize, InputKey)| (*rank, key.origin.line, key.origin.column);
        place(one).cmp(&place(two)).then_with(|| one.1.path.cmp(&two.1.path))
    });
    ranked.into_iter().map(|(_, key)| key).collect()
}
