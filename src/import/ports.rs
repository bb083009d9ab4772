//! On which ports a service listens, what they are called, and which of them want an entry from outside.

use std::collections::BTreeMap;

use super::{
    desk::Desk,
    image::Image,
    names,
    proxied::{self, Proxied, Route},
};
use crate::compose::{HealthTest, Port, Protocol, Service};

/// One port of a container, and of its Service: compose lets others reach it under the container's number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OwnPort {
    pub(super) name: String,
    pub(super) number: u16,
    pub(super) protocol: Protocol,
    pub(super) app_protocol: Option<String>,
}

/// What is to be reached from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outside {
    /// The port's name.
    pub(super) port: String,
    pub(super) number: u16,
    pub(super) protocol: Protocol,
    /// An Ingress of week 4 can carry it.
    pub(super) is_http: bool,
    /// The service itself speaks TLS there.
    pub(super) is_https: bool,
    /// What a proxy was told to lead to it; empty where the compose files name no host.
    pub(super) routes: Vec<Route>,
}

/// The ports of a service.
#[derive(Clone, Debug, Default)]
pub(super) struct Ports {
    pub(super) own: Vec<OwnPort>,
    pub(super) outside: Vec<Outside>,
}

impl Ports {
    pub(super) fn of(&self, number: u16) -> Option<&OwnPort> {
        self.own.iter().find(|port| port.number == number && port.protocol == Protocol::Tcp)
    }
}

/// As Kubernetes writes it.
pub(super) fn word(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "TCP",
        Protocol::Udp => "UDP",
        Protocol::Sctp => "SCTP",
    }
}

/// The service's ports: published, exposed, known of its image, or named behind its name by others.
pub(super) fn of(desk: &mut Desk<'_>, service: &Service, image: &Image) -> Ports {
    let name = desk.names.of(&service.name).to_owned();
    let mut wanted: BTreeMap<(u16, Protocol), (Option<String>, Option<String>)> = BTreeMap::new();
    for port in &service.ports {
        let entry = wanted.entry((port.value.target, port.value.protocol)).or_default();
        entry.0 = entry.0.take().or_else(|| port.value.name.clone());
        entry.1 = entry.1.take().or_else(|| port.value.app_protocol.clone());
    }
    for exposed in &service.expose {
        wanted.entry((exposed.value.port, exposed.value.protocol)).or_default();
        desk.ledger.mapped(&exposed.path, format!("the port {} of the Service {name}", exposed.value.port));
    }
    let has_said = !wanted.is_empty();
    for number in image.known().map_or(&[][..], |known| known.ports) {
        let is_new = !wanted.contains_key(&(*number, Protocol::Tcp));
        if is_new && (!has_said || !is_web(*number)) {
            wanted.entry((*number, Protocol::Tcp)).or_default();
            desk.ledger.note(
                &service.name,
                format!("the port {number} is not said anywhere: it is the one of the image {}", image.name),
            );
        }
    }
    let mentioned: Vec<(u16, String)> = hosts_of(service)
        .flat_map(|host| desk.mentions.of(host, &service.name))
        .filter_map(|mention| Some((mention.port?, format!("{} of {}", mention.at, mention.by))))
        .collect();
    for (number, place) in mentioned {
        if number > 0 && !wanted.contains_key(&(number, Protocol::Tcp)) {
            wanted.insert((number, Protocol::Tcp), (None, None));
            desk.ledger.note(&service.name, format!("the port {number} is not said here: {place} names it"));
        }
    }
    let proxied = proxied::of(service);
    for number in proxied.targets.iter().filter_map(|target| target.port) {
        wanted.entry((number, Protocol::Tcp)).or_default();
    }
    if let Some(number) = health_port(service)
        && wanted.is_empty()
    {
        wanted.insert((number, Protocol::Tcp), (None, None));
    }
    let mut ports = Ports::default();
    for ((number, protocol), (said, app_protocol)) in wanted {
        let name = port_name(&ports.own, number, protocol, said.as_deref());
        ports.own.push(OwnPort { name, number, protocol, app_protocol });
    }
    routed(desk, service, &proxied, &mut ports);
    published(desk, service, &name, &mut ports);
    ports
}

/// What a proxy that reads docker leads to.
fn routed(desk: &mut Desk<'_>, service: &Service, proxied: &Proxied, ports: &mut Ports) {
    for target in &proxied.targets {
        let mut of_http = ports.own.iter().filter(|own| own.protocol == Protocol::Tcp);
        let own = match target.port {
            Some(number) => of_http.find(|own| own.number == number),
            None => of_http.next(),
        };
        let is_secret = |route: &Route| desk.holds_secret(&route.path);
        let Some(own) = own.cloned().filter(|_| !target.routes.iter().any(is_secret)) else {
            desk.ask(
                &service.name,
                Some(&service.origin),
                "on which port does it answer? A proxy is told to lead to it, and no port of it is known",
                "no Ingress for it",
            );
            continue;
        };
        ports.outside.push(Outside {
            port: own.name,
            number: own.number,
            protocol: Protocol::Tcp,
            is_http: true,
            is_https: target.is_https,
            routes: target.routes.clone(),
        });
    }
}

/// The names under which others reach it.
pub(super) fn hosts_of(service: &Service) -> impl Iterator<Item = &str> {
    let aliases =
        service.networks.values().flat_map(|network| network.value.aliases.iter().map(String::as_str));
    [service.name.as_str()]
        .into_iter()
        .chain(service.container_name.iter().map(|name| name.value.as_str()))
        .chain(service.hostname.iter().map(|name| name.value.as_str()))
        .chain(aliases)
}

fn published(desk: &mut Desk<'_>, service: &Service, name: &str, ports: &mut Ports) {
    for placed in &service.ports {
        let port = &placed.value;
        let Some(own) =
            ports.own.iter().find(|own| own.number == port.target && own.protocol == port.protocol).cloned()
        else {
            continue;
        };
        let number = port.target;
        if is_local(port) {
            desk.ledger.approximated(&placed.path, format!("the port {number} of the Service {name}; from this machine alone it is reached by `kubectl port-forward service/{name} {number}`"));
            continue;
        }
        if ports.outside.iter().any(|outside| outside.number == number && outside.protocol == port.protocol) {
            desk.ledger.mapped(
                &placed.path,
                format!("the port {number} of the Service {name}, as another entry has it"),
            );
            continue;
        }
        if is_tls(number) && service.ports.iter().any(|other| is_plain_twin(&other.value)) {
            desk.ledger.approximated(&placed.path, format!("the port {number} of the Service {name}; from outside TLS ends at the Ingress of week 4, which leads to its other port"));
            desk.ask(
                &service.name,
                Some(&placed.origin),
                format!("does its port for HTTP do no more than lead to HTTPS? TLS ends at the Ingress now, and what it leads to must answer by itself; otherwise name the port {number} in its Ingress, with the annotation nginx.ingress.kubernetes.io/backend-protocol: HTTPS"),
                "the Ingress leads to the port for HTTP",
            );
            continue;
        }
        let is_store = image_is_store(service);
        let is_http = port.protocol == Protocol::Tcp
            && !is_store
            && (is_web(number) || is_web_protocol(port) || has_http_health(service, number));
        if is_http {
            desk.ledger.approximated(
                &placed.path,
                format!("the port {number} of the Service {name}; from outside by the Ingress of week 4"),
            );
        } else {
            let published = port.published.clone().unwrap_or_else(|| "any port".to_owned());
            desk.ledger.approximated(
                &placed.path,
                format!("the port {number} of the Service {name}, inside the cluster; see the question"),
            );
            desk.ask(
                &service.name,
                Some(&placed.origin),
                format!("does anybody outside need its port {number} ({}, published as {published})? An Ingress does not carry it: make a Service of the type LoadBalancer or NodePort and allow it in network-policy.yml", word(port.protocol)),
                "reached inside the cluster only",
            );
        }
        let is_https = is_tls(number) || port.app_protocol.as_deref() == Some("https");
        ports.outside.push(Outside {
            port: own.name,
            number,
            protocol: port.protocol,
            is_http,
            is_https,
            routes: Vec::new(),
        });
    }
}

fn image_is_store(service: &Service) -> bool {
    super::shape::known_of(service)
        .is_some_and(|known| known.is_store && !matches!(known.name, "grafana" | "prometheus" | "jenkins"))
}

fn is_local(port: &Port) -> bool {
    port.host_ip
        .as_deref()
        .is_some_and(|address| address.starts_with("127.") || address == "::1" || address == "localhost")
}

fn is_web(number: u16) -> bool {
    matches!(number, 80 | 443 | 8443 | 3000..=3009 | 4200 | 4000 | 5000..=5001 | 5173 | 8000..=8099 | 8888 | 9000 | 9090 | 15672)
}

fn is_web_protocol(port: &Port) -> bool {
    port.app_protocol.as_deref().is_some_and(|protocol| protocol.starts_with("http") || protocol == "ws")
}

fn has_http_health(service: &Service, number: u16) -> bool {
    let Some(check) = &service.healthcheck else { return false };
    super::request::http(&check.value.test, &service.name).is_some_and(|http| http.port == number)
}

fn health_port(service: &Service) -> Option<u16> {
    let test: &HealthTest = &service.healthcheck.as_ref()?.value.test;
    super::request::http(test, &service.name).map(|http| http.port)
}

fn is_tls(number: u16) -> bool {
    matches!(number, 443 | 8443)
}

/// Is it published for what has not found its way to HTTPS yet?
fn is_plain_twin(port: &Port) -> bool {
    port.protocol == Protocol::Tcp && !is_local(port) && is_web(port.target) && !is_tls(port.target)
}

fn port_name(taken: &[OwnPort], number: u16, protocol: Protocol, said: Option<&str>) -> String {
    let common = match (number, protocol) {
        (443 | 8443, Protocol::Tcp) => Some("https"),
        (5432, Protocol::Tcp) => Some("postgres"),
        (3306, Protocol::Tcp) => Some("mysql"),
        (6379, Protocol::Tcp) => Some("redis"),
        (27017, Protocol::Tcp) => Some("mongodb"),
        (5672, Protocol::Tcp) => Some("amqp"),
        (11211, Protocol::Tcp) => Some("memcached"),
        (53, Protocol::Udp) => Some("dns"),
        (number, Protocol::Tcp) if is_web(number) => Some("http"),
        _ => None,
    };
    let said = said.map(names::fit).filter(|name| name.len() <= 15 && !name.contains("--"));
    let is_free = |name: &String| !taken.iter().any(|port| port.name == *name);
    let numbered = format!("{}-{number}", word(protocol).to_ascii_lowercase());
    said.filter(is_free).or_else(|| common.map(str::to_owned).filter(is_free)).unwrap_or(numbered)
}
