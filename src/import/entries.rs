//! What is reached from outside by HTTP: an Ingress each, with its hosts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    desk::{Desk, some},
    draft::Draft,
    names,
    ports::Outside,
    proxied::Route,
    shape::Kind,
};

/// One Ingress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Of the Ingress.
    pub(super) name: String,
    /// The Service that it leads to.
    pub(super) service: String,
    /// The port's name.
    pub(super) port: String,
    /// The service itself speaks TLS.
    pub(super) is_https: bool,
    /// At least one.
    pub(super) paths: Vec<EntryPath>,
}

/// What is asked under one host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EntryPath {
    /// The plan's variable that holds the host.
    pub(super) variable: String,
    pub(super) path: String,
    pub(super) is_exact: bool,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Entries {
    pub(super) list: Vec<Entry>,
    /// The host of production, by the plan's variable.
    pub(super) hosts: BTreeMap<String, String>,
    /// The variable, by the host of production.
    variables: HashMap<String, String>,
    is_named: bool,
}

/// The variable of the host that most people know.
pub(super) const HOST: &str = "host";

impl Entry {
    /// The Secret of its certificate, and the certificate.
    pub(super) fn certificate(&self) -> String {
        format!("{}-tls", self.name)
    }

    /// The variables of its hosts, each once, in order.
    pub(super) fn variables(&self) -> Vec<&str> {
        let mut seen = BTreeSet::new();
        let all = self.paths.iter().map(|path| path.variable.as_str());
        all.filter(|variable| seen.insert(*variable)).collect()
    }
}

impl Entries {
    pub(super) fn of(desk: &mut Desk<'_>, drafts: &[Draft<'_>]) -> Self {
        let mut entries = Self::default();
        let outside: Vec<(&Draft<'_>, &Outside)> = drafts
            .iter()
            .filter(|draft| !matches!(draft.kind, Kind::Init | Kind::Job))
            .flat_map(|draft| draft.ports.outside.iter().map(move |outside| (draft, outside)))
            .filter(|(_, outside)| outside.is_http)
            .collect();
        let main = outside.iter().enumerate().min_by_key(|(_, (draft, outside))| rank(draft, outside));
        let main = main.map(|(index, _)| index);
        let mut taken = BTreeSet::new();
        let mut unnamed = Vec::new();
        // The main one first, so that its host is `host`.
        let order = main.into_iter().chain((0..outside.len()).filter(|index| Some(*index) != main));
        for (draft, port) in order.filter_map(|index| outside.get(index)) {
            let mut name = draft.name.clone();
            if !taken.insert(name.clone()) {
                name = format!("{name}-{}", port.number);
                taken.insert(name.clone());
            }
            let fallback = entries.fallback(desk, &name);
            let bare = [Route { host: None, path: "/".to_owned(), is_exact: false }];
            let routes = if port.routes.is_empty() { &bare[..] } else { &port.routes[..] };
            if routes.iter().any(|route| route.host.is_none()) {
                unnamed.push(format!("{name} ({fallback})"));
            }
            entries.is_named |= routes.iter().any(|route| route.host.is_some());
            let paths: Vec<EntryPath> = routes
                .iter()
                .map(|route| EntryPath {
                    variable: entries.variable(&name, route.host.as_deref().unwrap_or(&fallback)),
                    path: route.path.clone(),
                    is_exact: route.is_exact,
                })
                .collect();
            let (service, port_name) = (draft.name.clone(), port.port.clone());
            entries.list.push(Entry { name, service, port: port_name, is_https: port.is_https, paths });
        }
        entries.list.sort_by(|one, other| one.name.cmp(&other.name));
        if !unnamed.is_empty() {
            desk.ask(
                "the whole project",
                None,
                format!("under which host names are these reached, in each environment: {}? The compose files name none", some(unnamed)),
                "names below example.com in the plan's variables and in ingress/*/ingress.yml; write yours in both",
            );
        }
        entries
    }

    /// What the hosts are below that nobody named, in production.
    pub(super) fn domain(&self, desk: &Desk<'_>) -> String {
        let main = self.hosts.get(HOST).cloned();
        main.unwrap_or_else(|| format!("{}.example.com", names::fit(&desk.project.name)))
    }

    /// Does a compose file name one of the hosts?
    pub(super) fn is_named(&self) -> bool {
        self.is_named
    }

    /// The host of an entry that has no name of its own.
    fn fallback(&self, desk: &Desk<'_>, name: &str) -> String {
        let domain = self.domain(desk);
        if self.hosts.contains_key(HOST) { format!("{name}.{domain}") } else { domain }
    }

    /// The variable that holds a host; made where there is none.
    fn variable(&mut self, entry: &str, host: &str) -> String {
        if let Some(variable) = self.variables.get(host) {
            return variable.clone();
        }
        let own = format!("host_{}", entry.replace('-', "_"));
        let numbered = (2..).map(|number| format!("{own}_{number}"));
        let mut names = [HOST.to_owned(), own.clone()].into_iter().chain(numbered);
        let variable = names.find(|name| !self.hosts.contains_key(name)).unwrap_or(own);
        self.hosts.insert(variable.clone(), host.to_owned());
        self.variables.insert(host.to_owned(), variable.clone());
        variable
    }

    /// The host that a variable holds in an environment.
    pub(super) fn host(&self, variable: &str, environment: &str) -> String {
        self.hosts.get(variable).map(|host| in_environment(host, environment)).unwrap_or_default()
    }
}

/// A host of production as another environment has it.
pub(super) fn in_environment(host: &str, environment: &str) -> String {
    if environment == "prod" { host.to_owned() } else { format!("{environment}.{host}") }
}

/// The least is what most people ask for: named with all its paths, then what was published as 80 or 443, then by its name.
fn rank(draft: &Draft<'_>, outside: &Outside) -> (bool, bool, bool) {
    let is_named = outside.routes.iter().any(|route| route.host.is_some() && route.path == "/");
    let published = draft.service.ports.iter().filter(|port| port.value.target == outside.number);
    let is_front = published
        .filter_map(|port| port.value.published.as_deref())
        .any(|published| matches!(published, "80" | "443"));
    let sounds = ["web", "www", "frontend", "front", "gateway", "proxy", "nginx", "site", "app", "shop"];
    let sounds = draft.name.split('-').any(|word| sounds.contains(&word));
    (!is_named, !is_front, !sounds)
}
