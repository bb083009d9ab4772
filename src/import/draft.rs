//! A service on its way to be a workload: everything that was decided about it.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    arguments,
    desk::Desk,
    environment::{self, Environment},
    image::{self, Image},
    keys, pod, ports,
    ports::Ports,
    probes,
    resources::{self, Sizes},
    scaling::{self, Scale},
    security::{self, Security},
    services,
    shape::{self, Kind, Shape},
    volumes::{self, Volumes},
    yaml::Map,
};
use crate::compose::{Hook, Placed, Service};

/// A service on its way to be a workload.
pub(super) struct Draft<'a> {
    pub(super) service: &'a Service,
    /// Of its objects.
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) image: Image,
    /// With its version, once the overlays name it in place of the base.
    pub(super) version: Option<Image>,
    pub(super) ports: Ports,
    pub(super) environment: Environment,
    /// What takes the place of the image's entrypoint.
    pub(super) command: Option<Vec<String>>,
    pub(super) arguments: Option<Vec<String>>,
    pub(super) probes: Vec<(&'static str, Map)>,
    pub(super) volumes: Volumes,
    pub(super) security: Security,
    pub(super) sizes: Sizes,
    pub(super) scale: Scale,
    /// Compose's networks that its pods are in.
    pub(super) networks: BTreeSet<String>,
    /// Further Services, with why.
    pub(super) aliases: Vec<(String, String)>,
    /// Of its pods.
    pub(super) annotations: Map,
    /// Commands of its life that may be written.
    pub(super) hooks: Vec<&'a Placed<Hook>>,
    /// Does anybody name it?
    pub(super) is_reached: bool,
    /// Services that run to their end before it starts.
    pub(super) before: Vec<String>,
    /// Does the kubelet log in somewhere to pull its image?
    pub(super) is_private: bool,
}

impl Draft<'_> {
    /// As the plan and the overlays name it, as in `Deployment/web`.
    pub(super) fn file(&self) -> String {
        format!("{}-{}.yml", self.name, self.kind.word().to_ascii_lowercase())
    }
}

/// The draft of a service of this name; drafts are in the order of the services' names.
pub(super) fn named<'d, 'a>(drafts: &'d [Draft<'a>], service: &str) -> Option<&'d Draft<'a>> {
    let index = drafts.binary_search_by(|draft| draft.service.name.as_str().cmp(service)).ok()?;
    drafts.get(index)
}

/// Decides everything about a service.
pub(super) fn make<'a>(
    desk: &mut Desk<'a>,
    service: &'a Service,
    shape: &Shape,
    hosts: &BTreeMap<String, String>,
    taken: &mut BTreeMap<String, String>,
) -> Draft<'a> {
    let kind = shape.kind(&service.name);
    shape::tell(desk, service, kind);
    let image = image::of(desk, service);
    let ports = ports::of(desk, service, &image);
    let mut environment = environment::of(desk, service, hosts);
    let command = service.entrypoint.as_ref().and_then(|entrypoint| {
        desk.ledger.mapped(&entrypoint.path, "command");
        arguments::of(desk, service, &mut environment, hosts, &entrypoint.value, &entrypoint.path)
    });
    let arguments = service.command.as_ref().and_then(|command| {
        desk.ledger.mapped(&command.path, "args");
        arguments::of(desk, service, &mut environment, hosts, &command.value, &command.path)
    });
    let probes = if matches!(kind, Kind::Job | Kind::Init) {
        if let Some(check) = &service.healthcheck {
            desk.ledger.not_mapped(&check.path, "what runs to its end is not asked for its health");
        }
        Vec::new()
    } else {
        probes::of(desk, service, &ports, &mut environment)
    };
    let scale = scaling::of(desk, service, kind);
    let (Scale::From(replicas) | Scale::Fixed(replicas)) = scale;
    let volumes = volumes::of(desk, service, shape, replicas);
    let security = security::of(desk, service, &image);
    let sizes = resources::of(desk, service);
    services::tell(desk, service);
    let aliases = services::aliases(desk, service, taken);
    keys::tell(desk, service, kind, shape);
    let is_named =
        ports::hosts_of(service).any(|host| desk.mentions.of(host, &service.name).next().is_some());
    let before = shape.before(&service.name).to_vec();
    let together = before.iter().filter_map(|name| desk.project.services.get(name)).chain([service]);
    let networks = together.flat_map(|service| service.networks.keys().cloned()).collect();
    let is_private = image.is_private();
    let annotations = pod::annotations(desk, service);
    let hooks = service.hooks.iter().filter(|hook| !pod::is_secret_hook(desk, hook)).collect();
    Draft {
        name: desk.names.of(&service.name).to_owned(),
        is_reached: is_named || !aliases.is_empty(),
        service,
        kind,
        image,
        version: None,
        ports,
        environment,
        command,
        arguments,
        probes,
        volumes,
        security,
        sizes,
        scale,
        networks,
        aliases,
        annotations,
        hooks,
        before,
        is_private,
    }
}
