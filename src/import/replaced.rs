//! Services that get no workload, since the ingress controller of week 4 does what they did: proxies that are told by
//! docker's labels where to lead.

use std::collections::BTreeSet;

use super::{desk::Desk, proxied};
use crate::compose::{MountSource, Project, Protocol, Service, below};

/// Words of the images of such proxies, and of what makes certificates for them.
const PROXIES: [&str; 7] = [
    "traefik",
    "nginx-proxy",
    "caddy-docker-proxy",
    "acme-companion",
    "letsencrypt-nginx-proxy-companion",
    "docker-gen",
    "docker-socket-proxy",
];

/// Their names.
pub(super) fn find(project: &Project) -> BTreeSet<String> {
    let is_told = project.services.values().any(|service| !proxied::of(service).targets.is_empty());
    let services = project.services.values().filter(|service| is_told && is_proxy(service));
    services.map(|service| service.name.clone()).collect()
}

fn is_proxy(service: &Service) -> bool {
    let image = service.image.as_ref().map(|image| image.value.as_str()).unwrap_or_default();
    let name = image.split([':', '@']).next().and_then(|name| name.rsplit('/').next()).unwrap_or_default();
    let sees_docker = service.mounts.iter().any(|mount| match &mount.value.source {
        MountSource::Bind(source) => {
            source.written.ends_with("docker.sock") || source.written.ends_with("podman.sock")
        }
        _ => false,
    });
    sees_docker && PROXIES.iter().any(|word| name.contains(word))
}

/// What their keys became, and what of theirs no Ingress carries.
pub(super) fn tell(desk: &mut Desk<'_>) {
    for name in desk.replaced.clone() {
        let Some(service) = desk.project.services.get(&name) else { continue };
        desk.ledger.approximated(
            &below("services", &name),
            "the ingress controller and cert-manager of week 4 take its place: it is not in kubernetes/base",
        );
        desk.ledger.note(&name, "it has no workload: the ingress controller of week 4 takes its place");
        for placed in &service.ports {
            let port = &placed.value;
            let is_web = matches!(port.target, 80 | 443 | 8080 | 8443);
            if port.protocol != Protocol::Tcp || !is_web {
                desk.ledger.not_mapped(
                    &placed.path,
                    "an Ingress carries HTTP only: give what it leads to a Service of the type LoadBalancer, and a policy that lets them in",
                );
            }
        }
    }
}

/// Is the volume mounted by nothing but them?
pub(super) fn is_theirs(desk: &Desk<'_>, volume: &str) -> bool {
    let users = desk.project.services.values().filter(|service| {
        service
            .mounts
            .iter()
            .any(|mount| matches!(&mount.value.source, MountSource::Volume(name) if name == volume))
    });
    let mut users = users.peekable();
    !desk.replaced.is_empty()
        && users.peek().is_some()
        && users.all(|user| desk.replaced.contains(&user.name))
}
