//! network-policy.yml: nothing may talk to anything, but for what compose's networks let through.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    desk::Desk,
    draft::Draft,
    names, ports,
    shape::Kind,
    yaml::{self, Map, Yaml, row, text, texts},
};

/// The label of a pod that is in a network.
pub(super) fn label(network: &str) -> String {
    format!("network-{}", names::fit(network))
}

/// The value of that label.
pub(super) const MEMBER: &str = "member";

const NAME: &str = "app.kubernetes.io/name";

/// The whole file.
pub(super) fn file(desk: &Desk<'_>, drafts: &[Draft<'_>]) -> String {
    let owners: Vec<&Draft<'_>> = drafts.iter().filter(|draft| draft.kind != Kind::Init).collect();
    let mut documents = vec![policy(
        "Nothing may talk to anything, but for what the policies below allow.",
        "default-deny",
        Map::new().with("podSelector", Map::new()).with("policyTypes", texts(["Ingress", "Egress"])),
    )];
    documents.push(dns());
    let mut members: BTreeMap<&str, usize> = BTreeMap::new();
    for draft in &owners {
        for network in &draft.networks {
            *members.entry(network).or_default() += 1;
        }
    }
    for (network, count) in &members {
        if *count > 1 {
            documents.push(egress(network));
        }
    }
    for draft in &owners {
        let shared: Vec<&String> = draft
            .networks
            .iter()
            .filter(|network| members.get(network.as_str()).is_some_and(|count| *count > 1))
            .collect();
        if !shared.is_empty() && (!draft.ports.own.is_empty() || draft.is_reached) {
            documents.push(ingress(draft, &shared));
        }
    }
    let outside: BTreeSet<&str> = owners
        .iter()
        .filter(|draft| {
            draft
                .networks
                .iter()
                .any(|network| desk.project.networks.get(network).is_none_or(|network| !network.is_internal))
        })
        .map(|draft| draft.name.as_str())
        .collect();
    documents.extend(world(&outside, owners.len()));
    documents.extend(entries(&owners));
    yaml::documents(&documents)
}

fn policy(comment: &str, name: &str, spec: Map) -> String {
    let map = Map::new()
        .with("apiVersion", "networking.k8s.io/v1")
        .with("kind", "NetworkPolicy")
        .with("metadata", Map::new().with("name", name))
        .with("spec", spec);
    yaml::document(comment, &map)
}

fn labels(key: &str, value: &str) -> Map {
    Map::new().with("matchLabels", Map::new().with(key, value))
}

fn dns() -> String {
    let to = Map::new()
        .with("namespaceSelector", labels("kubernetes.io/metadata.name", "kube-system"))
        .with("podSelector", labels("k8s-app", "kube-dns"));
    let port = |protocol: &str| row([("protocol", text(protocol)), ("port", 53_u16.into())]);
    let rule = Map::new().with("to", vec![to]).with("ports", vec![port("UDP"), port("TCP")]);
    let spec = Map::new()
        .with("podSelector", Map::new())
        .with("policyTypes", texts(["Egress"]))
        .with("egress", vec![rule]);
    policy("", "allow-dns", spec)
}

fn egress(network: &str) -> String {
    let selector = labels(&label(network), MEMBER);
    let rule = Map::new().with("to", vec![Map::new().with("podSelector", selector.clone())]);
    let spec = Map::new()
        .with("podSelector", selector)
        .with("policyTypes", texts(["Egress"]))
        .with("egress", vec![rule]);
    policy(
        &format!(
            "Who is in the network {network} may ask the others in it; which ports, the one that is asked says."
        ),
        &format!("allow-within-{}", names::fit(network)),
        spec,
    )
}

fn ingress(draft: &Draft<'_>, networks: &[&String]) -> String {
    let from: Vec<Map> = networks
        .iter()
        .map(|network| Map::new().with("podSelector", labels(&label(network), MEMBER)))
        .collect();
    let port = |port: &ports::OwnPort| {
        row([("protocol", text(ports::word(port.protocol))), ("port", text(&port.name))])
    };
    let list: Vec<Map> = draft.ports.own.iter().map(port).collect();
    let rule = Map::new().with("from", from).with_some("ports", Some(list));
    let spec = Map::new()
        .with("podSelector", labels(NAME, &draft.name))
        .with("policyTypes", texts(["Ingress"]))
        .with("ingress", vec![rule]);
    policy("", &format!("allow-to-{}", draft.name), spec)
}

/// What may ask the world outside of the cluster: whoever is in a network that is not internal.
fn world(names: &BTreeSet<&str>, of: usize) -> Option<String> {
    if names.is_empty() {
        return None;
    }
    let private = texts(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]);
    let block = Map::new().with("cidr", "0.0.0.0/0").with("except", private);
    let rule = Map::new().with("to", vec![Map::new().with("ipBlock", block)]);
    let selector = if names.len() == of { Map::new() } else { among(names.iter().copied()) };
    let spec = Map::new()
        .with("podSelector", selector)
        .with("policyTypes", texts(["Egress"]))
        .with("egress", vec![rule]);
    Some(policy(
        "Compose lets these ask the whole world, and so does this; private networks are left out, so that it is no way around the policies above. Add the network of a database that stays outside, and take away whoever needs no world.",
        "allow-world",
        spec,
    ))
}

fn among<'a>(names: impl Iterator<Item = &'a str>) -> Map {
    let expression = row([("key", text(NAME)), ("operator", text("In")), ("values", texts(names))]);
    Map::new().with("matchExpressions", vec![expression])
}

/// For the Ingress of week 4.
fn entries(drafts: &[&Draft<'_>]) -> Vec<String> {
    let mut documents = Vec::new();
    let controllers = texts(["ingress-nginx", "traefik"]);
    let expression = row([
        ("key", text("kubernetes.io/metadata.name")),
        ("operator", text("In")),
        ("values", controllers),
    ]);
    let from = Map::new().with("namespaceSelector", Map::new().with("matchExpressions", vec![expression]));
    for draft in drafts {
        let list: Vec<Map> = draft
            .ports
            .outside
            .iter()
            .filter(|outside| outside.is_http)
            .map(|outside| row([("protocol", text("TCP")), ("port", text(&outside.port))]))
            .collect();
        if list.is_empty() {
            continue;
        }
        let comment = if documents.is_empty() {
            "From week 4 on the ingress controller reaches what compose published for the web."
        } else {
            ""
        };
        let rule = Map::new().with("from", vec![from.clone()]).with("ports", list);
        let spec = Map::new()
            .with("podSelector", labels(NAME, &draft.name))
            .with("policyTypes", texts(["Ingress"]))
            .with("ingress", vec![rule]);
        documents.push(policy(comment, &format!("allow-entry-to-{}", draft.name), spec));
    }
    if !documents.is_empty() {
        let port = row([("protocol", text("TCP")), ("port", Yaml::from(8089_u16))]);
        let rule = Map::new().with("from", vec![from]).with("ports", vec![port]);
        let spec = Map::new()
            .with("podSelector", labels("acme.cert-manager.io/http01-solver", "true"))
            .with("policyTypes", texts(["Ingress"]))
            .with("ingress", vec![rule]);
        documents.push(policy(
            "The pods that answer Let's Encrypt's HTTP-01 challenge run here for a few seconds; without this, default-deny would keep the certificate from ever being issued.",
            "allow-acme-solver",
            spec,
        ));
    }
    documents
}
