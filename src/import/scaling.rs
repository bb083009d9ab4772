//! How many pods: an autoscaler and a disruption budget where several run, a question where one does.

use super::{
    desk::Desk,
    draft::Draft,
    shape::Kind,
    workload,
    yaml::{self, Map, Yaml, row, text},
};
use crate::compose::Service;

/// How many pods a workload has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    /// So many, by an autoscaler from here on.
    From(u32),
    /// So many.
    Fixed(u32),
}

/// What the service says, and what its kind lets it.
pub(super) fn of(desk: &mut Desk<'_>, service: &Service, kind: Kind) -> Scale {
    let said = service.replicas.as_ref().map(|replicas| replicas.value);
    let number = said.unwrap_or(1);
    let path = service.replicas.as_ref().map(|replicas| replicas.path.clone()).unwrap_or_default();
    let scale = match kind {
        Kind::Deployment if number >= 2 => {
            desk.ledger.mapped(
                &path,
                format!("the least number of the autoscaler, which goes up to {}", most(number)),
            );
            return Scale::From(number);
        }
        Kind::StatefulSet if number >= 2 => {
            desk.ledger.approximated(
                &path,
                format!("{number} pods, each with a volume of its own; in compose they share one"),
            );
            let origin = service.replicas.as_ref().map(|replicas| replicas.origin.clone());
            desk.ask(
                &service.name,
                origin.as_ref(),
                format!("do its {number} pods know of each other? Each has data of its own from now on"),
                format!("a StatefulSet of {number}"),
            );
            return Scale::Fixed(number);
        }
        Kind::DaemonSet | Kind::Init if said.is_some() => {
            desk.ledger.not_mapped(&path, format!("a {} has as many as it is needed in", kind.word()));
            return Scale::Fixed(1);
        }
        _ => Scale::Fixed(number),
    };
    if said.is_some() {
        desk.ledger.mapped(
            &path,
            format!(
                "{} {}",
                if kind == Kind::Job { "completions and parallelism" } else { "replicas" },
                number
            ),
        );
    }
    scale
}

/// Up to how many the autoscaler goes.
pub(super) fn most(least: u32) -> u32 {
    least.saturating_mul(3)
}

/// NAME-autoscaler.yml.
pub(super) fn autoscaler(draft: &Draft<'_>, least: u32) -> String {
    let metric = |name: &str, percent: u32| {
        let target = row([("type", text("Utilization")), ("averageUtilization", percent.into())]);
        Map::new()
            .with("type", "Resource")
            .with("resource", Map::new().with("name", name).with("target", target))
    };
    let policy = |kind: &str, value: u32, seconds: u32| {
        row([("type", text(kind)), ("value", value.into()), ("periodSeconds", seconds.into())])
    };
    let up = Map::new()
        .with("stabilizationWindowSeconds", 0_u32)
        .with("policies", vec![policy("Percent", 100, 30), policy("Pods", 2, 30)])
        .with("selectPolicy", "Max");
    let down =
        Map::new().with("stabilizationWindowSeconds", 300_u32).with("policies", vec![policy("Pods", 1, 60)]);
    let spec = Map::new()
        .with(
            "scaleTargetRef",
            Map::new().with("apiVersion", "apps/v1").with("kind", "Deployment").with("name", &draft.name),
        )
        .with("minReplicas", least)
        .with("maxReplicas", most(least))
        .with("metrics", vec![metric("cpu", 70), metric("memory", 80)])
        .with("behavior", Map::new().with("scaleUp", up).with("scaleDown", down));
    yaml::document(
        "Whichever of CPU and memory asks for more replicas wins. Scaling down waits five minutes and takes one pod at a time, so that a short lull does not cost capacity.",
        &workload::head("autoscaling/v2", "HorizontalPodAutoscaler", &draft.name, &draft.name)
            .with("spec", spec),
    )
}

/// NAME-disruption-budget.yml.
pub(super) fn budget(draft: &Draft<'_>) -> String {
    let spec =
        Map::new().with("maxUnavailable", 1_u32).with("unhealthyPodEvictionPolicy", "AlwaysAllow").with(
            "selector",
            Map::new().with("matchLabels", Map::new().with("app.kubernetes.io/name", &draft.name)),
        );
    yaml::document(
        "A node may be drained one pod at a time, never faster.",
        &workload::head("policy/v1", "PodDisruptionBudget", &draft.name, &draft.name).with("spec", spec),
    )
}

/// Spread over nodes, where the scheduler can.
pub(super) fn spread(name: &str) -> Yaml {
    let constraint = Map::new()
        .with("maxSkew", 1_u32)
        .with("topologyKey", "kubernetes.io/hostname")
        .with("whenUnsatisfiable", "ScheduleAnyway")
        .with(
            "labelSelector",
            Map::new().with("matchLabels", Map::new().with("app.kubernetes.io/name", name)),
        )
        .with("matchLabelKeys", yaml::texts(["pod-template-hash"]));
    vec![constraint].into()
}
