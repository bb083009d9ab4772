//! From a compose project to a tree of files: kustomize base and overlays, a plan, and the report on what became of
//! every key.
//!
//! Pure: the tree is text. Nothing secret of the input is in it; what must not be written is asked for in the plan.

mod advice;
mod arguments;
mod base;
mod bind;
mod charts;
mod desk;
mod draft;
mod entries;
mod environment;
mod files;
mod folders;
mod gaps;
mod hidden;
mod image;
mod ingress;
mod keys;
mod known;
mod loki;
mod mentions;
mod names;
mod overlay;
mod plan;
mod plan_needs;
mod plan_traffic;
mod plan_watch;
mod plan_weeks;
mod pod;
mod policy;
mod ports;
mod probes;
mod proxied;
mod proxy_rule;
mod readme;
mod replaced;
mod report;
mod request;
mod resources;
mod scaling;
mod secrecy;
mod secret_values;
mod security;
mod services;
mod shape;
mod user;
mod volumes;
mod whole;
mod workload;
mod yaml;
mod yaml_text;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use desk::Question;
pub use gaps::{Fate, Gap, Gaps, Note};
pub use report::text as report_text;

use secret_values::SecretValues;

use crate::{
    compose::{Build, Project},
    diff::Problem,
};

/// What the operator says beside the compose files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// What the namespaces begin with (`NAME-dev`); empty: the project's name.
    pub namespace: String,
    /// Where images that the project builds are pushed to, as in `ghcr.io/acme`.
    pub registry: Option<String>,
}

/// What a project became.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Every file, by its path with `/`, relative to the folder that the plan is in.
    pub files: BTreeMap<String, String>,
    /// What became of every key.
    pub gaps: Gaps,
    /// What only a person can answer.
    pub questions: Vec<Question>,
    /// What a pipeline has to build and to wait for.
    pub pipeline: Pipeline,
}

/// What a pipeline has to build and to wait for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pipeline {
    /// By the image's name, with its registry and without a tag. An argument that looks secret has no value here, and a
    /// Dockerfile that was in a compose file is one of the tree's files, named from the root (`/docker/web.Dockerfile`).
    pub builds: BTreeMap<String, Build>,
    /// What the namespaces begin with, as in `shop` of `shop-dev`.
    pub namespace: String,
    /// As in `deployment/web`.
    pub workloads: Vec<String>,
}

/// The tree, the report and the questions of a project, or the names that collide.
///
/// # Errors
///
/// Every two services, volumes, configs or secrets that would get the same name in Kubernetes.
pub fn import(project: &Project, options: &Options) -> Result<Imported, Vec<Problem>> {
    let names = names::Names::assign(project)?;
    let mut options = options.clone();
    let prefix = if options.namespace.is_empty() { &project.name } else { &options.namespace };
    options.namespace = names::fit(prefix);
    let mut desk = desk::Desk {
        project,
        options: &options,
        names,
        mentions: mentions::Mentions::collect(project),
        ledger: gaps::Ledger::default(),
        questions: Vec::new(),
        by_hand: BTreeMap::new(),
        generated: BTreeMap::new(),
        copies: BTreeMap::new(),
        folders: BTreeMap::new(),
        dockerfiles: BTreeMap::new(),
        secret_values: SecretValues::new(environment::secret_values(&project.services)),
        secret_uses: desk::secret_uses(project),
        data: BTreeMap::new(),
        shared_claims: BTreeMap::new(),
        replaced: replaced::find(project),
        links: services::links(project),
    };
    replaced::tell(&mut desk);
    let hosts = services::renamed_hosts(&desk, project);
    let shape = shape::Shape::of(project);
    let mut taken: BTreeMap<String, String> =
        project.services.keys().map(|name| (desk.names.of(name).to_owned(), name.clone())).collect();
    let replaced = desk.replaced.clone();
    let mut drafts = Vec::with_capacity(project.services.len());
    let kept = project.services.values().filter(|service| !replaced.contains(&service.name));
    for service in kept {
        drafts.push(draft::make(&mut desk, service, &shape, &hosts, &mut taken));
    }
    whole::tell(&mut desk, &drafts);
    overlay::take_versions(&mut drafts);
    Ok(whole::finish(desk, &drafts))
}
