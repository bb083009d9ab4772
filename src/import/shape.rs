//! Which kind of workload each service becomes, whose pods its containers are in, and who shares a volume.

use std::collections::{BTreeMap, BTreeSet};

use super::{bind, desk::Desk, image::Image, known};
use crate::compose::{DependencyCondition, DeployMode, Mount, MountSource, Project, Restart, Service};

/// What a service becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Deployment,
    StatefulSet,
    DaemonSet,
    Job,
    /// No object of its own: an init container of those that wait for its end.
    Init,
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Deployment => "Deployment",
            Self::StatefulSet => "StatefulSet",
            Self::DaemonSet => "DaemonSet",
            Self::Job => "Job",
            Self::Init => "init container",
        }
    }
}

/// The shape of the whole.
#[derive(Debug, Default)]
pub(super) struct Shape {
    kinds: BTreeMap<String, Kind>,
    /// Services whose pods mount a named volume.
    owners: BTreeMap<String, BTreeSet<String>>,
    /// Services that run to their end before a service starts, in order.
    before: BTreeMap<String, Vec<String>>,
}

impl Shape {
    pub(super) fn of(project: &Project) -> Self {
        let mut shape = Self::default();
        let mut waiting: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let services = project.services.values();
        let depended: BTreeSet<&String> = services.flat_map(|service| service.depends_on.keys()).collect();
        for service in project.services.values() {
            for name in completed(service).filter(|name| project.services.contains_key(*name)) {
                waiting.entry(name).or_default().insert(&service.name);
            }
        }
        for service in project.services.values() {
            for mount in &service.mounts {
                if let Some(source) = source_of(&mount.value) {
                    shape.owners.entry(source).or_default().extend(owners(&service.name, &waiting));
                }
            }
        }
        for service in project.services.values() {
            let is_awaited = waiting.contains_key(service.name.as_str());
            shape.kinds.insert(
                service.name.clone(),
                shape.decide(service, is_awaited, depended.contains(&service.name)),
            );
            let mut before = Vec::new();
            run_before(project, service, &mut before);
            shape.before.insert(service.name.clone(), before);
        }
        shape
    }

    fn decide(&self, service: &Service, is_awaited: bool, is_depended_on: bool) -> Kind {
        match service.mode.as_ref().map(|mode| mode.value) {
            Some(DeployMode::Global) => return Kind::DaemonSet,
            _ if is_awaited => return Kind::Init,
            Some(DeployMode::ReplicatedJob | DeployMode::GlobalJob) => return Kind::Job,
            _ => {}
        }
        let ends = service.restart.as_ref().is_some_and(|restart| restart.value == Restart::No);
        let serves = !service.ports.is_empty() || !service.expose.is_empty() || service.healthcheck.is_some();
        if ends && !serves && !is_depended_on {
            return Kind::Job;
        }
        let replicas = service.replicas.as_ref().map_or(1, |replicas| replicas.value);
        let keeps = service
            .mounts
            .iter()
            .any(|mount| claim_of(service, &mount.value).is_some_and(|claim| self.is_own(&claim)));
        if keeps && (replicas <= 1 || known_of(service).is_some_and(|known| known.is_store)) {
            Kind::StatefulSet
        } else {
            Kind::Deployment
        }
    }

    /// Does one pod alone mount the claim?
    pub(super) fn is_own(&self, claim: &Claim) -> bool {
        self.owner_count(&claim.source) <= 1
    }

    /// The services whose pods mount it.
    pub(super) fn owners_of(&self, source: &str) -> impl Iterator<Item = &String> {
        self.owners.get(source).into_iter().flatten()
    }

    /// How many they are.
    pub(super) fn owner_count(&self, source: &str) -> usize {
        self.owners.get(source).map_or(0, BTreeSet::len)
    }

    pub(super) fn kind(&self, service: &str) -> Kind {
        self.kinds.get(service).copied().unwrap_or(Kind::Deployment)
    }

    /// What runs to its end before this service starts, in order.
    pub(super) fn before(&self, service: &str) -> &[String] {
        self.before.get(service).map_or(&[], Vec::as_slice)
    }
}

/// Data that has to stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    /// The name that it gets.
    pub(super) name: String,
    /// What it was, in words: `volume db_data`, `path ./data`, or nothing for a volume without a name.
    pub(super) source: String,
}

/// What is mounted, where several services may mount the same.
pub(super) fn source_of(mount: &Mount) -> Option<String> {
    match &mount.source {
        MountSource::Volume(volume) => Some(format!("volume {volume}")),
        MountSource::Bind(source) => Some(format!("path {}", source.written.trim_end_matches('/'))),
        MountSource::Anonymous | MountSource::Tmpfs { .. } | MountSource::Other(..) => None,
    }
}

/// The claim that a mount stands for, when it is data that is written.
pub(super) fn claim_of(service: &Service, mount: &Mount) -> Option<Claim> {
    let source = source_of(mount).unwrap_or_default();
    match &mount.source {
        MountSource::Volume(volume) => {
            (!mount.is_read_only).then(|| Claim { name: super::names::fit(volume), source })
        }
        MountSource::Anonymous => known_of(service)
            .filter(|known| known.is_store && mount.target.starts_with(known.data))
            .map(|_| Claim { name: "data".to_owned(), source }),
        MountSource::Bind(bound) => bind::data_name(service, mount, bound).map(|name| Claim { name, source }),
        MountSource::Tmpfs { .. } | MountSource::Other(..) => None,
    }
}

/// What is known of the service's image.
pub(super) fn known_of(service: &Service) -> Option<&'static known::Known> {
    if service.build.is_some() {
        return None;
    }
    service.image.as_ref().and_then(|image| Image::parse(&image.value).known())
}

fn completed(service: &Service) -> impl Iterator<Item = &str> {
    let is_end = |condition| condition == DependencyCondition::Completed;
    service
        .depends_on
        .iter()
        .filter(move |(_, dependency)| is_end(dependency.value.condition))
        .map(|(name, _)| name.as_str())
}

/// The service itself, or those whose pods it runs in.
fn owners(service: &str, waiting: &BTreeMap<&str, BTreeSet<&str>>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::from([service]);
    let mut open = vec![service];
    while let Some(name) = open.pop() {
        match waiting.get(name) {
            None => {
                found.insert(name.to_owned());
            }
            Some(dependents) => open.extend(dependents.iter().filter(|name| seen.insert(name))),
        }
    }
    found
}

fn run_before(project: &Project, service: &Service, before: &mut Vec<String>) {
    for name in completed(service) {
        if before.iter().any(|other| other == name) {
            continue;
        }
        if let Some(other) = project.services.get(name) {
            run_before(project, other, before);
            before.push(name.to_owned());
        }
    }
}

/// Says in the ledger what the keys became that decided it.
pub(super) fn tell(desk: &mut Desk<'_>, service: &Service, kind: Kind) {
    let name = &service.name;
    if let Some(mode) = &service.mode {
        match mode.value {
            DeployMode::Replicated => desk.ledger.mapped(&mode.path, format!("a {}", kind.word())),
            DeployMode::Global => desk.ledger.mapped(&mode.path, "a DaemonSet: one pod on each node"),
            DeployMode::ReplicatedJob => desk.ledger.mapped(&mode.path, "a Job"),
            DeployMode::GlobalJob => {
                desk.ledger.approximated(&mode.path, "a Job that runs once, and not on each node");
            }
        }
    }
    let Some(restart) = service.restart.clone() else { return };
    match (restart.value, kind) {
        (Restart::Always, Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet) => {
            desk.ledger.mapped(&restart.path, "pods of a workload are always started again");
        }
        (Restart::UnlessStopped, Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet) => desk
            .ledger
            .mapped(&restart.path, "pods of a workload are always started again; to stop it, scale it to 0"),
        (Restart::No, Kind::Job) => {
            desk.ledger.mapped(&restart.path, "a Job, whose pod is not started again");
            desk.ask(
                name,
                Some(&restart.origin),
                "when does it run? It ends by itself, and runs once whenever a Job of that name is made",
                "a Job: to run it at fixed times make it a CronJob, to run it again delete the Job and apply",
            );
        }
        (Restart::OnFailure(tries), Kind::Job) => {
            let tries = tries.map_or_else(|| "6 times".to_owned(), |tries| format!("{tries} times"));
            desk.ledger.mapped(&restart.path, format!("a Job, which tries again {tries}"));
        }
        (Restart::Always | Restart::UnlessStopped, Kind::Job) => {
            desk.ledger.not_mapped(&restart.path, "a Job ends; remove this key");
        }
        (_, Kind::Init) => {
            desk.ledger.approximated(&restart.path, "an init container is tried again until it succeeds");
        }
        (Restart::No, _) => desk.ledger.approximated(
            &restart.path,
            format!("pods of a {} are always started again; others use it, so it is no Job", kind.word()),
        ),
        (Restart::OnFailure(_), _) => {
            desk.ledger.approximated(
                &restart.path,
                format!("pods of a {} are started again even when they end well", kind.word()),
            );
            desk.ask(
                name,
                Some(&restart.origin),
                "does it end by itself? Then it is a Job",
                format!("a {}, which is started again whenever it ends", kind.word()),
            );
        }
    }
}
