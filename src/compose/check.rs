//! What a project names must be there, once, and not in a circle.

use std::{
    cell::LazyCell,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use super::{MountSource, Origin, Placed, Project, Service, notes::Notes, tree::below};

/// A service that names another one: which, where, in which words.
struct Edge<'p> {
    to: &'p str,
    origin: &'p Origin,
    path: &'p str,
    how: &'static str,
    is_required: bool,
}

/// Where each key stands, once something is missing.
type Keys<'p, F> = LazyCell<HashMap<&'p str, &'p Origin>, F>;

/// Checks every reference. What is optional and absent is taken out.
pub(super) fn check(project: &mut Project, notes: &mut Notes) {
    let inactive: BTreeMap<&str, &Placed<String>> =
        project.inactive.iter().map(|service| (service.value.as_str(), service)).collect();
    let keys = Keys::new(|| project.keys.iter().map(|key| (key.path.as_str(), &key.origin)).collect());
    for service in project.services.values() {
        for edge in edges(service) {
            if !project.services.contains_key(edge.to) {
                missing_service(service, &edge, &inactive, project, notes);
            }
        }
        check_parts(service, project, &keys, notes);
    }
    check_container_names(project, notes);
    check_cycles(project, notes);
    let there: BTreeSet<String> = project.services.keys().cloned().collect();
    for service in project.services.values_mut() {
        service.depends_on.retain(|name, _| there.contains(name));
    }
}

fn edges(service: &Service) -> Vec<Edge<'_>> {
    let mut edges: Vec<Edge<'_>> = Vec::new();
    for (name, dependency) in &service.depends_on {
        let (origin, path) = (&dependency.origin, dependency.path.as_str());
        let is_required = dependency.value.is_required;
        edges.push(Edge { to: name, origin, path, how: "depends on", is_required });
    }
    for link in service.links.iter().filter(|link| !link.value.is_external) {
        let (origin, path) = (&link.origin, link.path.as_str());
        edges.push(Edge { to: &link.value.target, origin, path, how: "links to", is_required: true });
    }
    let modes = [&service.network_mode, &service.pid, &service.ipc];
    for mode in modes.into_iter().flatten() {
        if let Some(to) = mode.value.strip_prefix("service:") {
            let (origin, path) = (&mode.origin, mode.path.as_str());
            edges.push(Edge { to, origin, path, how: "shares a namespace with", is_required: true });
        }
    }
    edges
}

fn missing_service(
    service: &Service,
    edge: &Edge<'_>,
    inactive: &BTreeMap<&str, &Placed<String>>,
    project: &Project,
    notes: &mut Notes,
) {
    let (name, how, to) = (&service.name, edge.how, edge.to);
    let (message, hint) = if let Some(there) = inactive.get(to) {
        let message = format!("`{name}` {how} `{to}`, which no active profile has ({})", there.origin);
        (message, "give its profile with `--profile`, or `--profile '*'` for all".to_owned())
    } else {
        let known: Vec<&str> = project.services.keys().map(String::as_str).take(50).collect();
        let hint = crate::plan::diagnostic::suggestion(to, &known);
        (format!("`{name}` {how} `{to}`, and there is no such service"), hint)
    };
    if edge.is_required {
        notes.error(edge.origin, edge.path, message, hint);
    } else {
        notes.warn(edge.origin, edge.path, message, "it is not required, and left out");
    }
}

fn check_parts<'p>(
    service: &Service,
    project: &Project,
    keys: &Keys<'p, impl FnOnce() -> HashMap<&'p str, &'p Origin>>,
    notes: &mut Notes,
) {
    let name = &service.name;
    for mount in &service.mounts {
        if let MountSource::Volume(volume) = &mount.value.source
            && !project.volumes.contains_key(volume)
        {
            let message =
                format!("`{name}` mounts the volume `{volume}`, and `volumes` of the top level has none");
            let hint = format!("add it there, or write `./{volume}` for a folder");
            let source = below(&mount.path, "source");
            let origin = keys.get(source.as_str()).copied().unwrap_or(&mount.origin);
            notes.error(origin, &mount.path, message, hint);
        }
    }
    for (network, attachment) in &service.networks {
        if network != "default" && !project.networks.contains_key(network) {
            let message =
                format!("`{name}` is on the network `{network}`, and `networks` of the top level has none");
            notes.error(&attachment.origin, &attachment.path, message, "add it there");
        }
    }
    let secrets = service.secrets.iter().map(|mount| (mount, "secret", &project.secrets));
    let configs = service.configs.iter().map(|mount| (mount, "config", &project.configs));
    for (mount, sort, objects) in secrets.chain(configs) {
        let source = &mount.value.source;
        if !objects.contains_key(source) {
            let message =
                format!("`{name}` uses the {sort} `{source}`, and `{sort}s` of the top level has none");
            notes.error(&mount.origin, &mount.path, message, "add it there");
        }
    }
    if let Some(mode) = &service.network_mode
        && let Some((_, attachment)) = service.networks.iter().next()
    {
        let message = format!("`{name}` has both `network_mode` and `networks`");
        notes.error(
            &mode.origin,
            &mode.path,
            message,
            format!("keep one; the other is in line {}", attachment.origin.line),
        );
    }
}

fn check_container_names(project: &Project, notes: &mut Notes) {
    let mut taken: BTreeMap<&str, &Service> = BTreeMap::new();
    for service in project.services.values() {
        let Some(own) = &service.container_name else { continue };
        match taken.get(own.value.as_str()) {
            None => {
                taken.insert(&own.value, service);
            }
            Some(other) => {
                let message = format!("`{}` and `{}` have one container name", other.name, service.name);
                notes.error(&own.origin, &own.path, message, "give each its own, or none");
            }
        }
    }
}

/// Walks depth first, without recursion: a chain may be as long as the file.
fn check_cycles(project: &Project, notes: &mut Notes) {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for start in project.services.keys() {
        if done.contains(start.as_str()) {
            continue;
        }
        let mut trail: Vec<(&str, std::vec::IntoIter<Edge<'_>>)> = Vec::new();
        let mut on_trail: BTreeMap<&str, usize> = BTreeMap::new();
        let mut taken: Vec<Edge<'_>> = Vec::new();
        let mut next = Some(start.as_str());
        loop {
            if let Some(name) = next.take()
                && let Some(service) = project.services.get(name)
            {
                on_trail.insert(&service.name, trail.len());
                trail.push((&service.name, edges(service).into_iter()));
            }
            let Some((name, rest)) = trail.last_mut() else { break };
            match rest.next() {
                None => {
                    done.insert(*name);
                    on_trail.remove(*name);
                    trail.pop();
                    taken.pop();
                }
                Some(edge) => {
                    if let Some(from) = on_trail.get(edge.to) {
                        let round = taken.get(*from..).unwrap_or_default();
                        report_cycle(&trail, *from, round, &edge, notes);
                    } else if !done.contains(edge.to) && project.services.contains_key(edge.to) {
                        next = Some(edge.to);
                        taken.push(edge);
                    }
                }
            }
        }
    }
}

fn report_cycle(
    trail: &[(&str, std::vec::IntoIter<Edge<'_>>)],
    from: usize,
    round: &[Edge<'_>],
    last: &Edge<'_>,
    notes: &mut Notes,
) {
    let names = trail.get(from..).unwrap_or_default().iter().map(|(name, _)| *name);
    let steps: Vec<String> = names
        .zip(round.iter().chain([last]))
        .take(20)
        .map(|(name, edge)| format!("`{name}` {} `{}` ({})", edge.how, edge.to, edge.origin))
        .collect();
    let message = format!("services wait for each other in a circle: {}", steps.join(", "));
    let first = round.first().unwrap_or(last);
    notes.error(first.origin, first.path, message, "take out one of them: none could ever start");
}
