//! The keys that become a line or two of the pod or its container.

use std::collections::BTreeMap;

use super::{
    desk::Desk,
    draft::Draft,
    hidden, names, secrecy,
    shape::Kind,
    yaml::{Map, row, text, texts},
};
use crate::compose::{Hook, Placed, Service};

/// How long a pod has to end, unless the service says: compose's own ten seconds.
const GRACE: u64 = 10;

/// For how long a pod that is told to stop goes on answering.
const DRAIN: u64 = 10;

/// Puts into the pod what these keys say.
pub(super) fn pod(draft: &Draft<'_>, mut pod: Map) -> Map {
    let service = draft.service;
    let grace = service.stop_grace_period.as_ref().map_or(GRACE, |grace| grace.value.as_secs().max(1));
    pod.put("terminationGracePeriodSeconds", if drains(draft) { grace + DRAIN } else { grace });
    if service.init.as_ref().is_some_and(|init| init.value) {
        pod = pod
            .note("In place of an init process: the pod's own reaps what is left behind.")
            .with("shareProcessNamespace", true);
    }
    if let Some(hostname) = service.hostname.as_ref().filter(|hostname| is_label(&hostname.value)) {
        pod.put("hostname", text(hostname.value.clone()));
    }
    let aliases = service.extra_hosts.iter().flat_map(|placed| {
        let (name, addresses) = &placed.value;
        addresses
            .iter()
            .filter(|address| address.parse::<core::net::IpAddr>().is_ok())
            .map(move |address| row([("ip", text(address.clone())), ("hostnames", texts([name.clone()]))]))
    });
    let aliases: Vec<Map> = aliases.collect();
    let option = |option: &str| match option.split_once(':') {
        Some((name, value)) => row([("name", text(name)), ("value", text(value))]),
        None => row([("name", text(option))]),
    };
    let list = |placed: &[Placed<String>]| texts(placed.iter().map(|placed| placed.value.clone()));
    let options: Vec<Map> = service.dns_opt.iter().map(|placed| option(&placed.value)).collect();
    // A dot alone is "no search" to compose; the cluster's own are needed for the Services' names.
    let searches = service.dns_search.iter().map(|placed| placed.value.clone()).filter(|name| name != ".");
    let dns = Map::new()
        .with_some("nameservers", Some(list(service.dns.get(..service.dns.len().min(2)).unwrap_or_default())))
        .with_some("searches", Some(texts(searches)))
        .with_some("options", Some(options));
    let mut selector = Map::new();
    for placed in &service.placement {
        if let Some((key, value)) = node_label(&placed.value) {
            selector.put(key, text(value));
        }
    }
    if let Some(arch) = service.platform.as_ref().and_then(|platform| architecture(&platform.value)) {
        selector.put("kubernetes.io/arch", text(arch));
    }
    pod.with_some("hostAliases", Some(aliases))
        .with_some("dnsConfig", Some(dns))
        .with_some("nodeSelector", Some(selector))
}

/// Puts into the container what these keys say.
pub(super) fn container(draft: &Draft<'_>, mut container: Map) -> Map {
    let service = draft.service;
    container = container
        .with_some("workingDir", service.working_dir.as_ref().map(|folder| text(folder.value.clone())));
    let policy = service.pull_policy.as_ref().and_then(|policy| pull_policy(&policy.value));
    container = container.with_some("imagePullPolicy", policy.map(text));
    if service.tty.as_ref().is_some_and(|tty| tty.value) {
        container.put("tty", true);
    }
    if service.stdin_open.as_ref().is_some_and(|open| open.value) {
        container.put("stdin", true);
    }
    container
}

/// Its `lifecycle`: the hooks, or the moment of draining where several pods answer.
pub(super) fn lifecycle(draft: &Draft<'_>, container: Map) -> Map {
    let hook = |is_pre_stop: bool| {
        let of =
            |hook: &&&Placed<Hook>| hook.value.is_pre_stop == is_pre_stop && !hook.value.command.is_empty();
        draft.hooks.iter().find(of).map(|hook| {
            Map::new().with("exec", Map::new().with("command", texts(hook.value.command.clone())))
        })
    };
    let mut lifecycle = Map::new().with_some("postStart", hook(false)).with_some("preStop", hook(true));
    if !drains(draft) {
        return container.with_some("lifecycle", Some(lifecycle));
    }
    lifecycle.put("preStop", Map::new().with("sleep", Map::new().with("seconds", DRAIN)));
    container
        .note("Endpoints forget a pod a moment after it is told to stop; until then it still answers.")
        .with("lifecycle", lifecycle)
}

fn drains(draft: &Draft<'_>) -> bool {
    let has_hook = draft.hooks.iter().any(|hook| hook.value.is_pre_stop);
    draft.kind == Kind::Deployment && !draft.ports.own.is_empty() && !has_hook
}

/// Annotations of the pod: compose's own, and labels that no tool of docker's reads.
pub(super) fn annotations(desk: &Desk<'_>, service: &Service) -> Map {
    let labels = service.labels.iter().filter(|(key, _)| !is_for_docker(key));
    let both: BTreeMap<&String, &Placed<String>> = labels
        .chain(&service.annotations)
        .filter(|(key, value)| is_qualified(key) && !is_secret_value(desk, value))
        .collect();
    let mut map = Map::new();
    for (key, value) in both {
        map.put(key.clone(), text(value.value.clone()));
    }
    map
}

/// Must the value not be written?
pub(super) fn is_secret_value(desk: &Desk<'_>, placed: &Placed<String>) -> bool {
    secrecy::is_secret_text(&placed.value)
        || desk.holds_secret(&placed.value)
        || !desk.secrets_named_at(&placed.path).is_empty()
}

/// Must the command not be written?
pub(super) fn is_secret_hook(desk: &Desk<'_>, hook: &Placed<Hook>) -> bool {
    !hidden::find(&hook.value.command, &desk.secret_values).is_empty()
        || !desk.secrets_named_at(&hook.path).is_empty()
}

pub(super) fn is_for_docker(key: &str) -> bool {
    [
        "traefik.",
        "com.docker.",
        "com.centurylinklabs.",
        "caddy",
        "ofelia.",
        "prometheus.",
        "logging",
        "io.portainer",
        "homepage.",
        "autoheal",
        "wud.",
        "diun.",
    ]
    .iter()
    .any(|start| key.starts_with(start))
        || secrecy::is_secret_name(key)
}

pub(super) fn is_qualified(key: &str) -> bool {
    let (prefix, name) = key.rsplit_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    let ends = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.ends_with(|c: char| c.is_ascii_alphanumeric())
    };
    let is_name = name.len() <= 63
        && ends(name)
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    let is_prefix = |prefix: &str| {
        prefix.len() <= 253
            && prefix.split('.').all(|part| {
                ends(part) && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            })
    };
    is_name && prefix.is_none_or(is_prefix)
}

pub(super) fn is_label(name: &str) -> bool {
    names::fit(name) == name
}

pub(super) fn pull_policy(policy: &str) -> Option<&'static str> {
    match policy {
        "always" => Some("Always"),
        "never" => Some("Never"),
        "missing" | "if_not_present" => Some("IfNotPresent"),
        _ => None,
    }
}

pub(super) fn architecture(platform: &str) -> Option<String> {
    let arch = platform.split('/').nth(1)?;
    (arch.chars().all(|c| c.is_ascii_alphanumeric()) && !arch.is_empty()).then(|| arch.to_owned())
}

/// `node.labels.zone == a` as a label and its value.
pub(super) fn node_label(constraint: &str) -> Option<(String, String)> {
    let (name, value) = constraint.split_once("==")?;
    let (name, value) = (name.trim(), value.trim());
    let name =
        if name == "node.hostname" { "kubernetes.io/hostname" } else { name.strip_prefix("node.labels.")? };
    let is_value = value.len() <= 63 && value.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    (is_qualified(name) && is_value).then(|| (name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{architecture, is_qualified, node_label};

    #[test]
    fn a_constraint_names_a_label_of_nodes() {
        assert_eq!(node_label("node.labels.zone == a"), Some(("zone".to_owned(), "a".to_owned())));
        assert_eq!(node_label("node.role==manager"), None);
        assert_eq!(architecture("linux/arm64/v8").as_deref(), Some("arm64"));
        assert!(
            is_qualified("example.com/team") && is_qualified("com.example.team") && !is_qualified("a/b/c d")
        );
    }
}
