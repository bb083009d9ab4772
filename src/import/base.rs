//! kubernetes/base: what is the same in every environment.

use std::collections::BTreeMap;

use super::{
    desk::Desk,
    draft::{self, Draft},
    scaling::{self, Scale},
    security::Level,
    services,
    shape::Kind,
    volumes, workload,
    yaml::{self, Map, text},
};

/// The Secret that the kubelet logs in to the registry with.
pub(super) const PULL_SECRET: &str = "registry-pull";

/// The level that the pods of all services meet.
pub(super) fn level(drafts: &[Draft<'_>]) -> Level {
    drafts.iter().map(|draft| draft.security.level).max().unwrap_or_default()
}

/// Every file of the base, by its path in it.
pub(super) fn files(
    desk: &Desk<'_>,
    drafts: &[Draft<'_>],
    network_policy: String,
) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut listed =
        vec!["namespace.yml".to_owned(), "network-policy.yml".to_owned(), "service-accounts.yml".to_owned()];
    files.insert("namespace.yml".to_owned(), namespace(desk, drafts));
    files.insert("network-policy.yml".to_owned(), network_policy);
    files.insert("service-accounts.yml".to_owned(), accounts(drafts));
    let mut put = |name: String, text: String| {
        listed.push(name.clone());
        files.insert(name, text);
    };
    for draft in drafts {
        if !draft.environment.config.is_empty() {
            put(format!("{}-config.yml", draft.name), config(draft));
        }
        if draft.kind == Kind::Init {
            continue;
        }
        put(draft.file(), workload::file(draft, drafts));
        if let Some(service) = services::file(draft) {
            put(format!("{}-service.yml", draft.name), service);
        }
        if let Scale::From(least) = draft.scale {
            put(format!("{}-autoscaler.yml", draft.name), scaling::autoscaler(draft, least));
            put(format!("{}-disruption-budget.yml", draft.name), scaling::budget(draft));
        }
    }
    if !desk.shared_claims.is_empty() {
        put("claims.yml".to_owned(), claims(desk));
    }
    files.insert("kustomization.yml".to_owned(), kustomization(desk, &listed));
    files.extend(desk.copies.iter().map(|(path, text)| (path.clone(), text.clone())));
    files
}

fn namespace(desk: &Desk<'_>, drafts: &[Draft<'_>]) -> String {
    let level = level(drafts);
    let mut comment =
        "The overlays rename it. It is a step of its own, built by overlays/*/namespace: see ../README.md."
            .to_owned();
    let lowest = drafts.iter().filter(|draft| draft.security.level == level && level > Level::Restricted);
    let reasons: Vec<String> =
        lowest.map(|draft| format!("- {}: {}", draft.name, draft.security.reasons.join("; "))).collect();
    if !reasons.is_empty() {
        comment = format!("{comment}\nNot `restricted`, because of\n{}", reasons.join("\n"));
    }
    let mut labels = Map::new();
    for mode in ["enforce", "warn", "audit"] {
        labels.put(format!("pod-security.kubernetes.io/{mode}"), level.word());
        labels.put(format!("pod-security.kubernetes.io/{mode}-version"), "latest");
    }
    let metadata = Map::new().with("name", desk.options.namespace.as_str()).with("labels", labels);
    yaml::document(
        &comment,
        &Map::new().with("apiVersion", "v1").with("kind", "Namespace").with("metadata", metadata),
    )
}

fn accounts(drafts: &[Draft<'_>]) -> String {
    let mut documents = Vec::new();
    for draft in drafts.iter().filter(|draft| draft.kind != Kind::Init) {
        let comment = if documents.is_empty() {
            "No service talks to the Kubernetes API, so none gets a token."
        } else {
            ""
        };
        let is_private = draft.is_private
            || draft
                .before
                .iter()
                .any(|name| draft::named(drafts, name).is_some_and(|other| other.is_private));
        let pull = is_private.then(|| vec![Map::new().with("name", PULL_SECRET)]);
        let map = workload::head("v1", "ServiceAccount", &draft.name, &draft.name)
            .with("automountServiceAccountToken", false)
            .with_some("imagePullSecrets", pull);
        documents.push(yaml::document(comment, &map));
    }
    yaml::documents(&documents)
}

fn config(draft: &Draft<'_>) -> String {
    let mut data = Map::new();
    for (name, value) in &draft.environment.config {
        data.put(name.clone(), text(value.clone()));
    }
    let name = format!("{}-config", draft.name);
    yaml::document(
        &format!(
            "The variables of {} that may be read by anyone. Pods read them when they start: after a change of this alone, restart them. What differs between environments is in overlays/*/configmap.yml.",
            draft.name
        ),
        &workload::head("v1", "ConfigMap", &name, &draft.name).with("data", data),
    )
}

fn claims(desk: &Desk<'_>) -> String {
    let claim = |(name, is_many): (&String, &bool)| {
        let mode = if *is_many { "ReadWriteMany" } else { "ReadWriteOnce" };
        let comment = if *is_many {
            "Several pods mount it: the StorageClass must offer that (a network file system)."
        } else {
            ""
        };
        let map = Map::new()
            .with("apiVersion", "v1")
            .with("kind", "PersistentVolumeClaim")
            .with("metadata", Map::new().with("name", name))
            .with("spec", volumes::claim_spec(mode));
        yaml::document(comment, &map)
    };
    yaml::documents(&desk.shared_claims.iter().map(claim).collect::<Vec<_>>())
}

fn kustomization(desk: &Desk<'_>, listed: &[String]) -> String {
    let labels = Map::new()
        .with("pairs", Map::new().with("app.kubernetes.io/part-of", super::names::fit(&desk.project.name)))
        .with("includeTemplates", true);
    let generate = |(name, generated): (&String, &super::desk::Generated)| {
        let pairs: Vec<yaml::Yaml> =
            generated.files.iter().map(|(key, path)| text(format!("{key}={path}"))).collect();
        Map::new().with("name", name).with("files", pairs)
    };
    let generators: Vec<Map> =
        desk.generated.iter().filter(|(_, generated)| !generated.files.is_empty()).map(generate).collect();
    let mut map = Map::new()
        .with("apiVersion", "kustomize.config.k8s.io/v1beta1")
        .with("kind", "Kustomization")
        .with("labels", vec![labels])
        .with("resources", listed.iter().map(yaml::Yaml::from).collect::<Vec<_>>());
    if !generators.is_empty() {
        map = map.note("A generated name carries a hash of the content: a change of a file rolls the pods that mount it, and the way back finds the earlier one still there.");
    }
    yaml::document("", &map.with_some("configMapGenerator", Some(generators)))
}

/// The part of an object that names it, for a patch.
pub(super) fn target(api_version: &str, kind: &str, name: &str) -> Map {
    Map::new()
        .with("apiVersion", api_version)
        .with("kind", kind)
        .with("metadata", Map::new().with("name", name))
}
