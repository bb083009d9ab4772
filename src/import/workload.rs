//! The Deployment, StatefulSet, DaemonSet or Job of a service.

use super::{
    draft::{self, Draft},
    pod, policy, ports, scaling,
    scaling::Scale,
    shape::Kind,
    yaml::{self, Map, text},
};
use crate::compose::{Protocol, Restart};

const NAME: &str = "app.kubernetes.io/name";

/// Kind and metadata of an object that belongs to the service of this name.
pub(super) fn head(api_version: &str, kind: &str, name: &str, service: &str) -> Map {
    let metadata = Map::new().with("name", name).with("labels", Map::new().with(NAME, service));
    Map::new().with("apiVersion", api_version).with("kind", kind).with("metadata", metadata)
}

/// NAME-deployment.yml and the like; `all`: where the containers that run before it are.
pub(super) fn file(draft: &Draft<'_>, all: &[Draft<'_>]) -> String {
    let template = template(draft, all);
    let selector = Map::new().with("matchLabels", Map::new().with(NAME, &draft.name));
    match draft.kind {
        Kind::Deployment | Kind::Init => {
            let mut spec = Map::new();
            let mut comment = "No `replicas`: they belong to the HorizontalPodAutoscaler.";
            if let Scale::Fixed(replicas) = draft.scale {
                comment = "One pod, as compose had it. With `replicas` of 2 or more and a HorizontalPodAutoscaler it would survive a node.";
                if replicas != 1 {
                    comment = "";
                }
                spec.put("replicas", replicas);
            }
            let spec = spec
                .with("revisionHistoryLimit", 5_u32)
                .with("progressDeadlineSeconds", 300_u32)
                .with("selector", selector)
                .with_some(
                    "minReadySeconds",
                    draft
                        .service
                        .update
                        .as_ref()
                        .and_then(|update| update.value.delay)
                        .map(|delay| delay.as_secs())
                        .filter(|seconds| *seconds > 0),
                )
                .with("strategy", strategy(draft))
                .with("template", template);
            yaml::document(
                comment,
                &head("apps/v1", "Deployment", &draft.name, &draft.name).with("spec", spec),
            )
        }
        Kind::StatefulSet => {
            let (Scale::Fixed(replicas) | Scale::From(replicas)) = draft.scale;
            let spec = Map::new()
                .with("serviceName", &draft.name)
                .with("replicas", replicas)
                .with("revisionHistoryLimit", 5_u32)
                .with("selector", selector)
                .with("template", template)
                .with_some("volumeClaimTemplates", Some(draft.volumes.templates.clone()));
            yaml::document(
                "A StatefulSet, because it keeps data: each pod has a claim of its own, which stays when the pod goes.",
                &head("apps/v1", "StatefulSet", &draft.name, &draft.name).with("spec", spec),
            )
        }
        Kind::DaemonSet => {
            let spec = Map::new()
                .with("revisionHistoryLimit", 5_u32)
                .with("selector", selector)
                .with("template", template);
            yaml::document(
                "One pod on each node.",
                &head("apps/v1", "DaemonSet", &draft.name, &draft.name).with("spec", spec),
            )
        }
        Kind::Job => {
            let (Scale::Fixed(pods) | Scale::From(pods)) = draft.scale;
            let tries = match draft.service.restart.as_ref().map(|restart| restart.value) {
                Some(Restart::No) => 0,
                Some(Restart::OnFailure(Some(tries))) => tries,
                _ => 6,
            };
            let mut spec = Map::new().with("backoffLimit", tries);
            if pods != 1 {
                spec = spec.with("completions", pods.max(1)).with("parallelism", pods);
            }
            yaml::document(
                "It runs once. A Job's template cannot be changed: to run it again, or another version of it, delete the Job first.",
                &head("batch/v1", "Job", &draft.name, &draft.name)
                    .with("spec", spec.with("template", template)),
            )
        }
    }
}

fn strategy(draft: &Draft<'_>) -> Map {
    let update = draft.service.update.as_ref().map(|update| &update.value);
    if draft.volumes.is_exclusive && matches!(draft.scale, Scale::Fixed(_)) {
        return Map::new()
            .note("The old pod must let go of the volume before the new one can have it.")
            .with("type", "Recreate");
    }
    let at_once = update.and_then(|update| update.parallelism);
    let many = |number: Option<u32>| match number {
        Some(0) => text("100%"),
        number => number.unwrap_or(1).into(),
    };
    let is_stop_first = update.and_then(|update| update.starts_first) == Some(false)
        && !matches!(draft.scale, Scale::Fixed(1));
    let (unavailable, surge) =
        if is_stop_first { (many(at_once), 0_u32.into()) } else { (0_u32.into(), many(at_once)) };
    Map::new()
        .with("type", "RollingUpdate")
        .with("rollingUpdate", Map::new().with("maxUnavailable", unavailable).with("maxSurge", surge))
}

fn template(draft: &Draft<'_>, all: &[Draft<'_>]) -> Map {
    let before: Vec<&Draft<'_>> = draft.before.iter().filter_map(|name| draft::named(all, name)).collect();
    let mut labels = Map::new().with(NAME, &draft.name);
    for network in &draft.networks {
        labels.put(policy::label(network), policy::MEMBER);
    }
    let metadata =
        Map::new().with("labels", labels).with_some("annotations", Some(draft.annotations.clone()));
    let mut spec =
        Map::new().with("serviceAccountName", &draft.name).with("automountServiceAccountToken", false);
    spec = spec
        .note("Without it each Service would add variables, as REDIS_PORT, that compose does not set.")
        .with("enableServiceLinks", false);
    if draft.kind == Kind::Job {
        spec.put("restartPolicy", "Never");
    }
    let has_low_port = draft.ports.own.iter().any(|port| port.number < 1024);
    spec = pod::pod(draft, spec).with("securityContext", draft.security.pod(has_low_port));
    if matches!(draft.scale, Scale::From(_)) {
        spec.put("topologySpreadConstraints", scaling::spread(&draft.name));
    }
    let init: Vec<Map> = before.iter().map(|other| container(other, true)).collect();
    spec = spec.with_some("initContainers", Some(init)).with("containers", vec![container(draft, false)]);
    let mut volumes: Vec<(String, Map)> = draft.volumes.pod.clone();
    for other in before {
        for (name, volume) in &other.volumes.pod {
            if !volumes.iter().any(|(held, _)| held == name) {
                volumes.push((name.clone(), volume.clone()));
            }
        }
    }
    let volumes: Vec<Map> = volumes.into_iter().map(|(_, volume)| volume).collect();
    Map::new().with("metadata", metadata).with("spec", spec.with_some("volumes", Some(volumes)))
}

fn container(draft: &Draft<'_>, is_init: bool) -> Map {
    let mut map = Map::new();
    if is_init {
        map = map.note("In compose it runs to its end before this service starts (service_completed_successfully). Here it runs before every pod: it must bear to be repeated, and to run twice at a time.");
    }
    map = map.with("name", &draft.name).with("image", text(draft.image.written()));
    map = map
        .with_some("command", draft.command.as_ref().map(|words| yaml::texts(words.clone())))
        .with_some("args", draft.arguments.as_ref().map(|words| yaml::texts(words.clone())));
    map = pod::container(draft, map);
    if !is_init {
        let port = |port: &ports::OwnPort| {
            let mut map = Map::new().with("name", &port.name).with("containerPort", port.number);
            if port.protocol != Protocol::Tcp {
                map.put("protocol", ports::word(port.protocol));
            }
            map.on_one_line()
        };
        let list: Vec<Map> = draft.ports.own.iter().map(port).collect();
        map = map.with_some("ports", Some(list));
    }
    map = draft.environment.put_into(map, &draft.name);
    if !is_init && draft.kind != Kind::Job {
        map = pod::lifecycle(draft, map);
        for (key, probe) in &draft.probes {
            map.put(*key, probe.clone());
        }
    }
    map.with("resources", draft.sizes.yaml())
        .with_some("securityContext", Some(draft.security.container(is_init)))
        .with_some("volumeMounts", Some(draft.volumes.mounts.clone()))
}
