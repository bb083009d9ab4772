//! kubernetes/overlays: how the environments differ.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    base,
    desk::Desk,
    draft::Draft,
    image::Image,
    scaling::{self, Scale},
    shape::Kind,
    yaml::{self, Map, text},
};

/// The environments, in the order of a release.
pub(super) const ENVIRONMENTS: [&str; 3] = ["dev", "staging", "prod"];

/// Every file of an overlay, by its path in it.
pub(super) fn files(desk: &Desk<'_>, drafts: &[Draft<'_>], environment: &str) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut patches = Vec::new();
    let patch = |path: &str| Map::new().with("path", path);
    if let Some(text) = configmap(drafts, environment) {
        files.insert("configmap.yml".to_owned(), text);
        patches.push(patch("configmap.yml"));
    }
    if let Some(text) = autoscaling(drafts, environment) {
        files.insert("patches/autoscaling.yml".to_owned(), text);
        patches.push(patch("patches/autoscaling.yml"));
    }
    if environment == "dev" {
        files.insert("patches/resources.yml".to_owned(), resources(drafts));
        patches.push(patch("patches/resources.yml"));
    }
    if environment == "prod" && drafts.iter().any(|draft| matches!(draft.scale, Scale::From(_))) {
        files.insert("patches/spread.yml".to_owned(), spread(drafts));
        patches.push(patch("patches/spread.yml"));
    }
    files.insert("kustomization.yml".to_owned(), kustomization(desk, drafts, environment, patches));
    files.insert("namespace/kustomization.yml".to_owned(), namespace(desk, environment));
    files
}

/// The namespace of an environment.
pub(super) fn namespace_of(desk: &Desk<'_>, environment: &str) -> String {
    format!("{}-{environment}", desk.options.namespace)
}

fn kustomization(desk: &Desk<'_>, drafts: &[Draft<'_>], environment: &str, patches: Vec<Map>) -> String {
    let delete = "$patch: delete\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: any";
    let mut all = vec![
        Map::new()
            .note("The Namespace is a step of its own (namespace/): an object belongs to one step.")
            .with("target", Map::new().with("kind", "Namespace"))
            .with("patch", text(delete)),
    ];
    all.extend(patches);
    let head = Map::new()
        .with("apiVersion", "kustomize.config.k8s.io/v1beta1")
        .with("kind", "Kustomization")
        .with("namespace", namespace_of(desk, environment))
        .with("labels", vec![labels(environment, true)])
        .with("resources", vec![text("../../base")]);
    yaml::document("", &head.with_some("images", Some(images(drafts))).with("patches", all))
}

fn labels(environment: &str, is_for_templates: bool) -> Map {
    let map = Map::new().with("pairs", Map::new().with("app.kubernetes.io/instance", environment));
    if is_for_templates { map.with("includeTemplates", true) } else { map }
}

fn namespace(desk: &Desk<'_>, environment: &str) -> String {
    let delete = "$patch: delete\napiVersion: any\nkind: any\nmetadata:\n  name: any";
    let patch = Map::new()
        .with("target", Map::new().with("labelSelector", text("!pod-security.kubernetes.io/enforce")))
        .with("patch", text(delete));
    let map = Map::new()
        .with("apiVersion", "kustomize.config.k8s.io/v1beta1")
        .with("kind", "Kustomization")
        .with("namespace", namespace_of(desk, environment))
        .with("resources", vec![text("../../../base")])
        .with("labels", vec![labels(environment, false)])
        .with("patches", vec![patch]);
    yaml::document("Only the Namespace of the base: whatever does not carry its label is left out.", &map)
}

/// Images whose version the overlays name: those that have one version only in this project.
fn versioned<'a>(drafts: &'a [Draft<'_>]) -> BTreeMap<&'a str, &'a Image> {
    let mut found: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for draft in drafts {
        let image = &draft.image;
        found.entry(&image.name).or_default().insert(image.written());
    }
    let is_single = |name: &str| found.get(name).is_some_and(|versions| versions.len() == 1);
    drafts
        .iter()
        .map(|draft| (draft.image.name.as_str(), &draft.image))
        .filter(|(name, _)| is_single(name))
        .collect()
}

/// Takes the versions out of the drafts' images that the overlays name.
pub(super) fn take_versions(drafts: &mut [Draft<'_>]) {
    let taken: BTreeSet<String> = versioned(drafts).into_keys().map(str::to_owned).collect();
    for draft in drafts {
        if taken.contains(&draft.image.name) {
            draft.version = Some(draft.image.clone());
            draft.image.tag = None;
            draft.image.digest = None;
        }
    }
}

fn images(drafts: &[Draft<'_>]) -> Vec<Map> {
    let versions: BTreeMap<&str, &Image> = drafts
        .iter()
        .filter_map(|draft| draft.version.as_ref())
        .map(|image| (image.name.as_str(), image))
        .collect();
    let entry = |(name, image): (&str, &Image)| {
        let mut map = Map::new();
        if image.is_built {
            map = map.note("Built by this project; the pipeline of week 2 writes its version here.");
        }
        map = map.with("name", text(name));
        match (&image.digest, &image.tag) {
            (Some(digest), _) => map.with("digest", text(digest.clone())),
            (None, tag) => map.with_some("newTag", tag.as_ref().map(|tag| text(tag.clone()))),
        }
    };
    versions.into_iter().map(entry).collect()
}

fn configmap(drafts: &[Draft<'_>], environment: &str) -> Option<String> {
    let mut documents = Vec::new();
    for draft in drafts {
        let mut data = Map::new();
        for name in &draft.environment.varying {
            if let Some(value) = draft.environment.config.get(name) {
                data.put(name.clone(), text(of_environment(name, value, environment)));
            }
        }
        if data.is_empty() {
            continue;
        }
        let comment = if documents.is_empty() {
            format!(
                "What likely differs in {environment}: variables that compose took from outside, and those that tell environments apart. The values are those of the compose files until they are changed here."
            )
        } else {
            String::new()
        };
        let map = base::target("v1", "ConfigMap", &format!("{}-config", draft.name)).with("data", data);
        documents.push(yaml::document(&comment, &map));
    }
    (!documents.is_empty()).then(|| yaml::documents(&documents))
}

/// A level of logging is turned up in dev; everything else is as it was.
fn of_environment(name: &str, value: &str, environment: &str) -> String {
    let is_level = name.to_ascii_uppercase().ends_with("LOG_LEVEL");
    match value {
        "info" | "warn" | "warning" | "error" if is_level && environment == "dev" => "debug".to_owned(),
        "INFO" | "WARN" | "WARNING" | "ERROR" if is_level && environment == "dev" => "DEBUG".to_owned(),
        other => other.to_owned(),
    }
}

fn autoscaling(drafts: &[Draft<'_>], environment: &str) -> Option<String> {
    let mut documents = Vec::new();
    for draft in drafts {
        let Scale::From(least) = draft.scale else { continue };
        let (least, most) = match environment {
            "dev" => (1, 3),
            "prod" => (least.max(3), scaling::most(least).max(12)),
            _ => continue,
        };
        let spec = Map::new().with("minReplicas", least).with("maxReplicas", most);
        let map = base::target("autoscaling/v2", "HorizontalPodAutoscaler", &draft.name).with("spec", spec);
        documents.push(yaml::document("", &map));
    }
    (!documents.is_empty()).then(|| yaml::documents(&documents))
}

fn resources(drafts: &[Draft<'_>]) -> String {
    let mut documents = Vec::new();
    for draft in drafts.iter().filter(|draft| !matches!(draft.kind, Kind::Init | Kind::Job)) {
        let container =
            Map::new().with("name", &draft.name).with("resources", draft.sizes.halved().requests());
        let map = workload(draft, Map::new().with("containers", vec![container]));
        let comment =
            if documents.is_empty() { "Half of what the base asks for, with the same limits." } else { "" };
        documents.push(yaml::document(comment, &map));
    }
    yaml::documents(&documents)
}

fn spread(drafts: &[Draft<'_>]) -> String {
    let mut documents = Vec::new();
    for draft in drafts.iter().filter(|draft| matches!(draft.scale, Scale::From(_))) {
        let selector = Map::new().with("matchLabels", Map::new().with("app.kubernetes.io/name", &draft.name));
        let constraint = Map::new()
            .with("maxSkew", 1_u32)
            .with("topologyKey", "topology.kubernetes.io/zone")
            .with("whenUnsatisfiable", "ScheduleAnyway")
            .with("labelSelector", selector)
            .with("matchLabelKeys", yaml::texts(["pod-template-hash"]));
        let map = workload(draft, Map::new().with("topologySpreadConstraints", vec![constraint]));
        let comment = if documents.is_empty() {
            "Spread over zones as well as nodes, where the scheduler can."
        } else {
            ""
        };
        documents.push(yaml::document(comment, &map));
    }
    yaml::documents(&documents)
}

fn workload(draft: &Draft<'_>, pod: Map) -> Map {
    base::target("apps/v1", draft.kind.word(), &draft.name)
        .with("spec", Map::new().with("template", Map::new().with("spec", pod)))
}
