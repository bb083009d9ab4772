//! Which routes a service's labels or variables name for a proxy that reads docker: Traefik, nginx-proxy, Caddy.

use std::collections::BTreeMap;

pub(super) use super::proxy_rule::Route;
use super::{gaps::Fate, proxy_rule};
use crate::compose::Service;

/// One port that a proxy leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Target {
    /// None where the container's only port is meant.
    pub(super) port: Option<u16>,
    pub(super) is_https: bool,
    pub(super) routes: Vec<Route>,
}

/// All that is named for a proxy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Proxied {
    pub(super) targets: Vec<Target>,
    /// By the label's or the variable's name, what becomes of it.
    pub(super) told: BTreeMap<String, (Fate, String)>,
}

/// What stands for names of certificates, and for entry points.
const TLS: &str = "every Ingress of week 4 has TLS, by cert-manager";

/// What is said of a service.
pub(super) fn of(service: &Service) -> Proxied {
    let mut proxied = Proxied::default();
    traefik(service, &mut proxied);
    nginx_proxy(service, &mut proxied);
    caddy(service, &mut proxied);
    proxied
}

impl Proxied {
    fn tell(&mut self, name: &str, fate: Fate, text: impl Into<String>) {
        self.told.insert(name.to_owned(), (fate, text.into()));
    }

    fn add(&mut self, port: Option<u16>, is_https: bool, routes: Vec<Route>) {
        if routes.is_empty() {
            return;
        }
        let found = self.targets.iter_mut().find(|target| target.port == port);
        if let Some(target) = found {
            target.routes.extend(routes);
            target.is_https |= is_https;
        } else {
            self.targets.push(Target { port, is_https, routes });
        }
    }

    /// Tells a name of a proxy what it became: the routes, or that none came of it.
    fn tell_routes(&mut self, name: &str, routes: &[Route], lost: &[String]) {
        let hosts: Vec<String> = routes.iter().map(told).collect();
        if routes.is_empty() || !lost.is_empty() {
            let what =
                if lost.is_empty() { "nothing that an Ingress can say".to_owned() } else { lost.join(", ") };
            let kept = if hosts.is_empty() {
                String::new()
            } else {
                format!("the Ingress of week 4 has {}; ", hosts.join(", "))
            };
            self.tell(name, Fate::NotMapped, format!("{kept}an Ingress has no word for {what}: what it let in is not let in until you write the rule"));
        } else {
            self.tell(name, Fate::Approximated, format!("the Ingress of week 4: {}", hosts.join(", ")));
        }
    }
}

fn told(route: &Route) -> String {
    let host = route.host.as_deref().unwrap_or("a host that you name");
    if route.path == "/" { host.to_owned() } else { format!("{host}{}", route.path) }
}

/// `traefik.http.routers.NAME.rule` and what goes with it.
fn traefik(service: &Service, proxied: &mut Proxied) {
    let labels: BTreeMap<&str, &str> = service
        .labels
        .iter()
        .filter(|(key, _)| key.starts_with("traefik."))
        .map(|(key, value)| (key.as_str(), value.value.as_str()))
        .collect();
    let is_off = labels.get("traefik.enable").is_some_and(|value| *value == "false");
    for (label, value) in &labels {
        let parts: Vec<&str> = label.split('.').collect();
        match parts.as_slice() {
            ["traefik", "enable"] | ["traefik", "docker" | "swarm", ..] => {
                proxied.tell(
                    label,
                    Fate::Approximated,
                    if is_off { "no Ingress for it" } else { "an Ingress for it in week 4" },
                );
            }
            ["traefik", "http", "routers", router, "rule"] if !is_off => {
                let Some(rule) = proxy_rule::read(value) else {
                    proxied.tell(
                        label,
                        Fate::NotMapped,
                        "this rule could not be read; write it into the Ingress of week 4",
                    );
                    continue;
                };
                let of_router =
                    |key: &str| labels.get(format!("traefik.http.routers.{router}.{key}").as_str()).copied();
                let named = of_router("service").map(|name| name.split('@').next().unwrap_or(name));
                if let Some(guard) = guard_of(&labels, of_router("middlewares")) {
                    proxied.tell(label, Fate::NotMapped, guarded(&guard));
                    continue;
                }
                let (port, is_https) = target_of(&labels, named);
                proxied.tell_routes(label, &rule.routes, &rule.lost);
                proxied.add(port, is_https, rule.routes);
            }
            ["traefik", "http", "services", _, "loadbalancer", "server", "port" | "scheme"]
            | ["traefik", "http", "routers", _, "service"] => {
                proxied.tell(label, Fate::Approximated, "the port that the Ingress of week 4 leads to");
            }
            ["traefik", "http", "routers", _, "entrypoints"]
            | ["traefik", "http", "routers", _, "tls", ..] => {
                proxied.tell(label, Fate::Approximated, TLS);
            }
            ["traefik", "http", "routers", _, "middlewares"] => {
                proxied.tell(label, Fate::NotMapped, "see each middleware: annotations of the Ingress of week 4 take its place, or the application does it itself");
            }
            ["traefik", "http", "middlewares", _, sort, ..] => {
                proxied.tell(label, Fate::NotMapped, middleware(&sort.to_ascii_lowercase()));
            }
            ["traefik", "tcp" | "udp", ..] => {
                proxied.tell(label, Fate::NotMapped, "an Ingress carries HTTP only: a Service of the type LoadBalancer, and a policy that lets them in");
            }
            _ => {}
        }
    }
}

/// The port of the Traefik service that is named, or of the only one.
fn target_of(labels: &BTreeMap<&str, &str>, named: Option<&str>) -> (Option<u16>, bool) {
    let value = |end: &str| {
        let mut found = labels.iter().filter(|(key, _)| {
            let inner = key.strip_prefix("traefik.http.services.").and_then(|rest| rest.strip_suffix(end));
            inner.is_some_and(|name| named.is_none_or(|named| name.eq_ignore_ascii_case(named)))
        });
        found.next().map(|(_, value)| *value)
    };
    let port = value(".loadbalancer.server.port").and_then(|port| port.parse().ok());
    (port, value(".loadbalancer.server.scheme") == Some("https"))
}

/// Middlewares and directives that keep somebody out: without them more would be let in than before.
const GUARDS: [&str; 9] = [
    "basicauth",
    "digestauth",
    "forwardauth",
    "ipallowlist",
    "ipwhitelist",
    "basic_auth",
    "forward_auth",
    "jwtauth",
    "mtls",
];

/// The middleware of a router that keeps somebody out.
fn guard_of(labels: &BTreeMap<&str, &str>, middlewares: Option<&str>) -> Option<String> {
    let names = middlewares.unwrap_or_default().split(',');
    let names = names.map(|name| name.trim().split('@').next().unwrap_or_default());
    names.filter(|name| !name.is_empty()).find_map(|name| {
        let start = format!("traefik.http.middlewares.{name}.");
        let mut sorts =
            labels.keys().filter_map(|label| label.strip_prefix(start.as_str())?.split('.').next());
        sorts.any(|sort| GUARDS.contains(&sort.to_ascii_lowercase().as_str())).then(|| name.to_owned())
    })
}

fn guarded(guard: &str) -> String {
    format!(
        "no Ingress: {guard} keeps somebody out, and an Ingress without it would let everybody in; write one for it, with what takes its place"
    )
}

fn middleware(sort: &str) -> String {
    let instead = match sort {
        "redirectscheme" => return "HTTP leads to HTTPS by itself where an Ingress has TLS".to_owned(),
        "stripprefix" | "stripprefixregex" | "replacepath" | "replacepathregex" | "addprefix" => {
            "the annotation nginx.ingress.kubernetes.io/rewrite-target, with a path that has groups"
        }
        "redirectregex" => {
            "the annotation nginx.ingress.kubernetes.io/permanent-redirect, in an Ingress of its own"
        }
        "basicauth" | "digestauth" => {
            "the annotations nginx.ingress.kubernetes.io/auth-type and auth-secret, with a Secret that has the users"
        }
        "forwardauth" => "the annotation nginx.ingress.kubernetes.io/auth-url",
        "ipallowlist" | "ipwhitelist" => "the annotation nginx.ingress.kubernetes.io/whitelist-source-range",
        "ratelimit" | "inflightreq" => {
            "the annotations nginx.ingress.kubernetes.io/limit-rps and limit-connections"
        }
        "buffering" => "the annotation nginx.ingress.kubernetes.io/proxy-body-size",
        "compress" => "the application, or the controller's own configuration",
        "headers" => {
            "the application, or the annotations nginx.ingress.kubernetes.io/cors-* and custom-headers"
        }
        _ => "an annotation of the Ingress of week 4 where the controller has one, or the application",
    };
    format!("what takes its place: {instead}")
}

/// `VIRTUAL_HOST` and what goes with it.
fn nginx_proxy(service: &Service, proxied: &mut Proxied) {
    let value = |name: &str| {
        let found = service.environment.get(name).and_then(|value| value.value.as_ref());
        found.map(|value| value.value.as_str()).filter(|value| !value.is_empty())
    };
    if value("LETSENCRYPT_HOST").is_some() {
        proxied.tell("LETSENCRYPT_HOST", Fate::Approximated, TLS);
    }
    let Some(hosts) = value("VIRTUAL_HOST") else { return };
    let path = value("VIRTUAL_PATH").unwrap_or("/");
    let is_path = path.starts_with('/') && !path.contains(['~', '*', ' ', '^']);
    let mut lost = Vec::new();
    let mut routes = Vec::new();
    for host in hosts.split(',').map(str::trim).filter(|host| !host.is_empty()) {
        if host.contains(['*', '~']) || !is_path {
            lost.push(format!("{host} {path}"));
        } else {
            routes.push(Route {
                host: proxy_rule::public_host(host),
                path: path.to_owned(),
                is_exact: false,
            });
        }
    }
    proxied.tell_routes("VIRTUAL_HOST", &routes, &lost);
    if value("VIRTUAL_PORT").is_some() {
        proxied.tell("VIRTUAL_PORT", Fate::Approximated, "the port that the Ingress of week 4 leads to");
    }
    let is_https = value("VIRTUAL_PROTO") == Some("https");
    proxied.add(value("VIRTUAL_PORT").and_then(|port| port.parse().ok()), is_https, routes);
}

/// `caddy`, `caddy_1` and the `reverse_proxy` of each.
fn caddy(service: &Service, proxied: &mut Proxied) {
    for (key, site) in &service.labels {
        let is_site = key.strip_prefix("caddy").is_some_and(|rest| {
            rest.is_empty()
                || rest.strip_prefix('_').is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit()))
        });
        if !is_site || site.value.starts_with('(') {
            continue;
        }
        let addresses: Vec<&str> =
            site.value.split([' ', ',']).filter(|address| !address.is_empty()).collect();
        let mut lost = Vec::new();
        let mut hosts = Vec::new();
        for address in addresses {
            let host = address.trim_start_matches("https://").trim_start_matches("http://");
            let host = host.split(':').next().unwrap_or(host);
            if host.contains(['*', '/']) {
                lost.push(address.to_owned());
            } else {
                hosts.push(proxy_rule::public_host(host));
            }
        }
        let of_site =
            |label: &String| label.strip_prefix(key.as_str()).is_some_and(|rest| rest.starts_with('.'));
        let is_guard = |label: &String| label.split('.').any(|word| GUARDS.contains(&word));
        if let Some(guard) = service.labels.keys().find(|label| of_site(label) && is_guard(label)) {
            proxied.tell(key, Fate::NotMapped, guarded(guard));
            continue;
        }
        let mut all = Vec::new();
        for (label, value) in &service.labels {
            let Some(inner) = label.strip_prefix(key.as_str()).and_then(|rest| rest.strip_prefix('.')) else {
                continue;
            };
            let directive = inner.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_');
            if directive == "tls" || directive.starts_with("tls.") {
                proxied.tell(label, Fate::Approximated, TLS);
            } else if directive == "reverse_proxy" {
                let (path, port, is_https) = upstream(&value.value);
                let routes: Vec<Route> = hosts
                    .iter()
                    .map(|host| Route { host: host.clone(), path: path.clone(), is_exact: false })
                    .collect();
                proxied.tell_routes(label, &routes, &[]);
                all.extend(routes.iter().cloned());
                proxied.add(port, is_https, routes);
            } else {
                proxied.tell(label, Fate::NotMapped, "a directive of Caddy: an annotation of the Ingress of week 4 where the controller has one, or the application");
            }
        }
        proxied.tell_routes(key, &all, &lost);
    }
}

/// Path, port and protocol of `[/PATH/*] {{upstreams [https] [PORT]}}`.
fn upstream(text: &str) -> (String, Option<u16>, bool) {
    let words: Vec<&str> = text.split([' ', '{', '}']).filter(|word| !word.is_empty()).collect();
    let path = words.first().filter(|word| word.starts_with('/'));
    let path = path.map(|path| path.trim_end_matches('*').trim_end_matches('/'));
    let path = path.filter(|path| !path.is_empty()).unwrap_or("/").to_owned();
    let port = words.iter().rev().find_map(|word| word.rsplit(':').next()?.parse().ok());
    (path, port, words.iter().any(|word| *word == "https" || word.starts_with("https://")))
}

#[cfg(test)]
mod tests {
    use super::upstream;

    #[test]
    fn an_upstream_comes_apart() {
        assert_eq!(upstream("{{upstreams 8080}}"), ("/".to_owned(), Some(8080), false));
        assert_eq!(upstream("/api/* {{upstreams https 8443}}"), ("/api".to_owned(), Some(8443), true));
        assert_eq!(upstream("{{upstreams}}"), ("/".to_owned(), None, false));
    }
}
