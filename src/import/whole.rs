//! What is about the whole project: its networks and volumes, and the tree that everything is put into.

use std::collections::BTreeMap;

use crate::compose::below;

use super::{
    Fate, Imported, Pipeline, base, charts,
    desk::{Desk, some},
    draft::Draft,
    entries::Entries,
    image, ingress, overlay, plan, policy, readme, replaced, report,
    scaling::Scale,
    secrecy,
    shape::Kind,
};

/// What the top level's keys became, and the questions that are asked once for all services.
pub(super) fn tell(desk: &mut Desk<'_>, drafts: &[Draft<'_>]) {
    let project = desk.project;
    for (name, network) in &project.networks {
        let path = below("networks", name);
        if network.is_external {
            desk.ledger.approximated(&path, "a label of the pods that are in it; who is in it outside of this project is let in by a policy of their namespace");
        } else if network.is_internal {
            desk.ledger.mapped(
                &path,
                "a label of the pods that are in it; who is in no other network does not get out",
            );
        } else {
            desk.ledger.mapped(&path, "a label of the pods that are in it, which network-policy.yml goes by");
        }
        if let Some(driver) =
            network.driver.as_ref().filter(|driver| driver.value != "bridge" && driver.value != "overlay")
        {
            desk.ledger.not_mapped(&driver.path, "the network plugin of the cluster takes its place");
        }
    }
    for (name, volume) in &project.volumes {
        let path = below("volumes", name);
        if replaced::is_theirs(desk, name) {
            desk.ledger.approximated(&path, "no claim: what mounts it is replaced in week 4");
        } else if volume.is_external {
            desk.ledger.approximated(
                &path,
                "a claim; the volume outside of compose has the data that must be moved",
            );
        } else {
            desk.ledger.mapped(&path, "a claim of the default StorageClass");
        }
        if let Some(driver) = volume.driver.as_ref().filter(|driver| driver.value != "local") {
            desk.ledger.not_mapped(&driver.path, "choose the StorageClass that takes its place");
        }
        for option in volume.driver_opts.values() {
            desk.ledger.not_mapped(&option.path, "choose the StorageClass that takes its place, or make a PersistentVolume (of an NFS export, say) by hand");
        }
    }
    if desk.options.registry.is_none() && drafts.iter().any(|draft| draft.image.is_built) {
        desk.ask(
            "the whole project",
            None,
            "to which registry are the project's own images pushed?",
            "registry.example.com, which does not exist",
        );
    }
    let alone: Vec<&str> = drafts
        .iter()
        .filter(|draft| draft.kind == Kind::Deployment && draft.scale == Scale::Fixed(1))
        .map(|draft| draft.name.as_str())
        .collect();
    if !alone.is_empty() {
        let names = some(alone);
        desk.ask(
            "the whole project",
            None,
            format!("which of these may run twice at a time: {names}? One that may gets a HorizontalPodAutoscaler and survives a node; say `deploy: {{replicas: 2}}` in the compose file and run init again"),
            "one pod of each",
        );
    }
}

/// The tree, with what became of every key.
pub(super) fn finish(mut desk: Desk<'_>, drafts: &[Draft<'_>]) -> Imported {
    let entries = Entries::of(&mut desk, drafts);
    let ledger = std::mem::take(&mut desk.ledger);
    let gaps = ledger.close(desk.project, |shown| !desk.tells_secret(shown));
    let mut files = BTreeMap::new();
    let network_policy = policy::file(&desk, drafts);
    for (path, text) in base::files(&desk, drafts, network_policy) {
        files.insert(format!("kubernetes/base/{path}"), text);
    }
    for environment in overlay::ENVIRONMENTS {
        for (path, text) in overlay::files(&desk, drafts, environment) {
            files.insert(format!("kubernetes/overlays/{environment}/{path}"), text);
        }
    }
    files.insert("kubernetes/README.md".to_owned(), readme::file(&desk, drafts));
    files.extend(installed(&desk, &entries));
    files.extend(desk.dockerfiles.clone());
    files.insert("plan.yaml".to_owned(), plan::file(&desk, drafts, &entries, gaps.count(Fate::NotMapped)));
    files.insert("MIGRATION.md".to_owned(), report::markdown(&desk.project.name, &desk.questions, &gaps));
    let pipeline = pipeline(&desk, drafts);
    Imported { files, gaps, questions: desk.questions, pipeline }
}

/// What weeks 3 and 4 install: values of charts, their namespaces, Ingresses and issuers.
fn installed(desk: &Desk<'_>, entries: &Entries) -> BTreeMap<String, String> {
    let domain = entries.domain(desk);
    let mut files = BTreeMap::new();
    for chart in [charts::PROMETHEUS, charts::LOKI, charts::ALLOY, charts::JAEGER] {
        files.extend(chart.files(&domain));
    }
    let project = super::names::fit(&desk.project.name);
    files.insert(
        "namespaces/monitoring.yml".to_owned(),
        ingress::namespace(
            &project,
            "monitoring",
            "privileged",
            "The node exporter and Alloy read the nodes, which the levels below privileged refuse.",
        ),
    );
    if !entries.list.is_empty() {
        for chart in [charts::TRAEFIK, charts::CERT_MANAGER] {
            files.extend(chart.files(&domain));
        }
        files.extend(ingress::files(desk, entries));
    }
    files
}

fn pipeline(desk: &Desk<'_>, drafts: &[Draft<'_>]) -> Pipeline {
    let mut pipeline = Pipeline { namespace: desk.options.namespace.clone(), ..Pipeline::default() };
    for draft in drafts {
        if let Some(build) = &draft.service.build {
            let mut build = build.value.clone();
            if build.inline_dockerfile.take().is_some() {
                build.dockerfile = Some(format!("/{}", image::inline_path(&draft.name)));
            }
            for (name, value) in &mut build.args {
                let is_secret = |text: &mut String| secrecy::is_secret_name(name) || desk.tells_secret(text);
                if value.as_mut().is_some_and(is_secret) {
                    *value = None;
                }
            }
            pipeline.builds.entry(draft.image.name.clone()).or_insert(build);
        }
        if !matches!(draft.kind, Kind::Job | Kind::Init) {
            pipeline.workloads.push(format!("{}/{}", draft.kind.word().to_ascii_lowercase(), draft.name));
        }
    }
    pipeline
}
