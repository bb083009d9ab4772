//! The Services: one for each name under which others reach a service.

use std::collections::BTreeMap;

use super::{
    desk::Desk,
    draft::Draft,
    names,
    ports::{self, hosts_of},
    shape::Kind,
    workload,
    yaml::{self, Map, text},
};
use crate::compose::{Project, Protocol, Service, below};

/// Names that are written differently from now on: what compose reached by the name on the left has the Service on the
/// right.
pub(super) fn renamed_hosts(desk: &Desk<'_>, project: &Project) -> BTreeMap<String, String> {
    let mut renamed = BTreeMap::new();
    for service in project.services.values() {
        for host in hosts_of(service) {
            let new = if host == service.name { desk.names.of(host).to_owned() } else { names::fit(host) };
            if new != *host {
                renamed.entry(host.to_owned()).or_insert(new);
            }
        }
    }
    renamed
}

/// The file of the service's Services; none where nobody can reach it.
pub(super) fn file(draft: &Draft<'_>) -> Option<String> {
    let is_asked = draft.kind == Kind::StatefulSet || !draft.ports.own.is_empty() || draft.is_reached;
    if matches!(draft.kind, Kind::Job | Kind::Init) || !is_asked {
        return None;
    }
    let mut documents = vec![service(draft, &draft.name, "")];
    for (alias, why) in &draft.aliases {
        documents.push(service(draft, alias, why));
    }
    Some(yaml::documents(&documents))
}

fn service(draft: &Draft<'_>, name: &str, why: &str) -> String {
    let mut comment = why.to_owned();
    let is_headless = draft.kind == Kind::StatefulSet || draft.ports.own.is_empty();
    if draft.ports.own.is_empty() {
        comment.push_str("No port of it is known: this Service resolves to the pods' own addresses, where every port is reached. List the ports, and take clusterIP away, once they are known.");
    } else if is_headless && why.is_empty() {
        comment
            .push_str("Headless: the name resolves to the pods themselves, each of which has its own data.");
    }
    let port = |port: &ports::OwnPort| {
        let mut map =
            Map::new().with("name", &port.name).with("port", port.number).with("targetPort", &port.name);
        if port.protocol != Protocol::Tcp {
            map.put("protocol", ports::word(port.protocol));
        }
        map.with_some("appProtocol", port.app_protocol.clone()).on_one_line()
    };
    let list: Vec<Map> = draft.ports.own.iter().map(port).collect();
    let mut spec = Map::new();
    if is_headless {
        spec.put("clusterIP", text("None"));
    }
    let selector = Map::new().with("app.kubernetes.io/name", &draft.name);
    let spec = spec.with("selector", selector).with_some("ports", Some(list));
    let map = workload::head("v1", "Service", name, &draft.name).with("spec", spec);
    yaml::document(&comment, &map)
}

/// What the names and addresses of the service in its networks became: further Services, by name, with why.
pub(super) fn aliases(
    desk: &mut Desk<'_>,
    service: &Service,
    taken: &mut BTreeMap<String, String>,
) -> Vec<(String, String)> {
    let own = desk.names.of(&service.name).to_owned();
    let mut found = Vec::new();
    let mut add = |desk: &mut Desk<'_>, host: &str, path: &str, what: &str| {
        let name = names::fit(host);
        if name == own {
            desk.ledger.mapped(path, format!("the Service {own}"));
            return;
        }
        match taken.get(&name) {
            Some(other) if *other == service.name => desk.ledger.mapped(path, format!("the Service {name}")),
            Some(other) => desk.ledger.not_mapped(path, format!("the name {name} is taken by {other}; in compose the two would answer in turn. Give one of them another name, or one Service with a label that both have")),
            None => {
                taken.insert(name.clone(), service.name.clone());
                desk.ledger.mapped(path, format!("a second Service, {name}"));
                found.push((name, format!("{what} of {own}. ")));
            }
        }
    };
    for attachment in service.networks.values() {
        for alias in &attachment.value.aliases {
            add(desk, alias, &attachment.path, "An alias");
        }
    }
    for link in desk.links.remove(&service.name).unwrap_or_default() {
        add(desk, &link.alias, &link.path, &format!("The name that {} has in its links", link.by));
    }
    if let Some(name) = &service.container_name {
        if desk.mentions.told(&name.value, &service.name).is_empty() {
            desk.ledger
                .mapped(&name.path, format!("the Service {own}; nobody uses the container's own name"));
        } else {
            add(desk, &name.value, &name.path, "The container's name");
        }
    }
    found
}

/// A name that a service has in the links of another.
#[derive(Clone, Debug)]
pub(super) struct Link {
    /// Whose link it is.
    by: String,
    alias: String,
    path: String,
}

/// Links under another name, by the service that they lead to.
pub(super) fn links(project: &Project) -> BTreeMap<String, Vec<Link>> {
    let mut found: BTreeMap<String, Vec<Link>> = BTreeMap::new();
    for service in project.services.values() {
        for link in service.links.iter().filter(|link| !link.value.is_external) {
            if let Some(alias) = &link.value.alias {
                let (by, alias, path) = (service.name.clone(), alias.clone(), link.path.clone());
                found.entry(link.value.target.clone()).or_default().push(Link { by, alias, path });
            }
        }
    }
    found
}

/// What the remaining keys about names and networks became.
pub(super) fn tell(desk: &mut Desk<'_>, service: &Service) {
    let name = desk.names.of(&service.name).to_owned();
    if name != service.name {
        let told = desk.mentions.told(&service.name, &service.name);
        let used = if told.is_empty() { String::new() } else { format!("; it is named by {told}") };
        desk.ledger.note(
            &service.name,
            format!(
                "it is called {name} in the cluster, where names have no underscores, dots or capitals{used}"
            ),
        );
    }
    for link in &service.links {
        if link.value.is_external {
            desk.ledger.not_mapped(&link.path, "make a Service of the type ExternalName that leads there, or name the address in the environment");
        } else if link.value.alias.as_ref().is_none_or(|alias| *alias == link.value.target) {
            desk.ledger.mapped(&link.path, format!("the Service {}", desk.names.of(&link.value.target)));
        }
    }
    // The default network that nobody wrote down has the service's own path.
    let whole = below("services", &service.name);
    for attachment in service.networks.values().filter(|attachment| attachment.path != whole) {
        desk.ledger.mapped(&attachment.path, "a label of its pods, which network-policy.yml goes by");
        for address in attachment.value.ipv4_address.iter().chain(&attachment.value.ipv6_address) {
            let told = desk.mentions.told(address, "");
            let where_from = if told.is_empty() {
                String::new()
            } else {
                format!(" It is named by {told}: write {name} there.")
            };
            desk.ledger.not_mapped(&attachment.path, format!("pods get their addresses from the cluster: whoever used {address} uses the name {name} instead.{where_from}"));
            if !told.is_empty() {
                desk.ask(
                    &service.name,
                    Some(&attachment.origin),
                    format!("who else uses the address {address}? {told} must name {name} instead"),
                    "the address as it stands",
                );
            }
        }
    }
    if let Some(mode) = &service.network_mode {
        match mode.value.as_str() {
            "none" => desk.ledger.mapped(&mode.path, "no policy lets it talk to anything, names included"),
            "bridge" | "default" => {
                desk.ledger.approximated(&mode.path, "the network of the cluster, and network-policy.yml");
            }
            "host" => {
                desk.ledger.not_mapped(&mode.path, "a pod has an address of its own; hostNetwork takes the level `privileged` and a port of the node");
                desk.ask(&service.name, Some(&mode.origin), "why is it in the host's network? To see the host's traffic it needs hostNetwork and a DaemonSet; for mere ports a Service will do", "a pod with an address of its own; list its ports in its Service");
            }
            other => {
                desk.ledger.not_mapped(&mode.path, format!("containers that share a network ({other}) are one pod in Kubernetes: move its container into the other's deployment as a second one (a sidecar)"));
            }
        }
    }
    if let Some(hostname) = &service.hostname {
        desk.ledger.mapped(&hostname.path, "the pod's hostname");
    }
}
