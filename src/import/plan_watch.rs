//! Week 3 of the plan: what is watched.

use super::{
    charts::{ALLOY, JAEGER, LOKI, PROMETHEUS, established},
    draft::Draft,
    plan::{head, manual, stage},
    yaml::{Map, text},
};

/// Programs that a chart of this week takes the place of, by a word of their image.
const WATCHERS: [&str; 10] = [
    "prometheus",
    "grafana",
    "loki",
    "jaeger",
    "promtail",
    "alertmanager",
    "cadvisor",
    "node-exporter",
    "alloy",
    "otel",
];

/// The step that creates a namespace for charts.
pub(super) fn namespace(name: &str, description: &str) -> Map {
    head(&format!("{name}-namespace"), &format!("Create the namespace {name}"), description)
        .with("manifests", Map::new().with("paths", vec![text(format!("namespaces/{name}.yml"))]))
        .with("deadline", "1m")
}

/// The whole week.
pub(super) fn observability(drafts: &[Draft<'_>]) -> Map {
    let steps = vec![
        retention(drafts),
        manual(
            "chart-versions",
            "See that the pinned versions are the wanted ones",
            "They are pinned, because what is installed must not change by itself.",
            vec!["For each chart of weeks 3 and 4, `helm show chart` names the newest version, and `helm show values` the paths that helm/*/values.yaml uses.".to_owned()],
            false,
        ),
        namespace(
            "monitoring",
            "The policies allow-traces and allow-scrape in kubernetes/base/network-policy.yml go by its name.",
        ),
        prometheus(),
        loki(),
        alloy(),
        jaeger(),
        alerts(),
    ];
    stage(
        "week-3",
        "Week 3 Observability",
        "Metrics, logs and traces are read from the cluster before traffic moves there.",
        steps,
    )
}

fn retention(drafts: &[Draft<'_>]) -> Map {
    let is_watching = |draft: &&Draft<'_>| {
        let name = draft.image.name.rsplit('/').next().unwrap_or_default();
        WATCHERS.iter().any(|word| name.contains(word))
    };
    let own: Vec<&str> = drafts.iter().filter(is_watching).map(|draft| draft.name.as_str()).collect();
    let mut list = vec![
        "Decide retention and volume size for metrics, logs and traces, and which StorageClass holds them; write them into helm/*/${environment}.yaml.".to_owned(),
        "Decide whether the old data is moved, or the old systems stay readable until it is no longer asked for.".to_owned(),
    ];
    if !own.is_empty() {
        list.push(format!("The compose files run {}: decide whether the charts take their place, and take them out of kubernetes/base if so.", own.join(", ")));
    }
    manual("retention", "Decide what is kept, and for how long", "", list, false)
}

fn prometheus() -> Map {
    let chart = PROMETHEUS;
    let gates = vec![
        established("servicemonitors.monitoring.coreos.com"),
        established("podmonitors.monitoring.coreos.com"),
        chart.rollout("Deployment", "monitoring-kube-prometheus-operator"),
        chart.rollout("Deployment", "monitoring-grafana"),
        chart.rollout("StatefulSet", "prometheus-monitoring-kube-prometheus-prometheus"),
        chart.rollout("StatefulSet", "alertmanager-monitoring-kube-prometheus-alertmanager"),
        chart.asks("monitoring-kube-prometheus-prometheus", 9090, "/-/ready").gate(),
        chart.asks("monitoring-grafana", 80, "/api/health").json("database", ("equals", text("ok"))).gate(),
    ];
    chart.step(
        "prometheus",
        "Install kube-prometheus-stack",
        "Prometheus, Alertmanager and Grafana. Helm never updates the kinds of a chart's crds/ folder; on an upgrade apply them server-side first.",
        gates,
    )
}

fn loki() -> Map {
    let gates = vec![
        LOKI.rollout("StatefulSet", "loki"),
        LOKI.rollout("Deployment", "loki-gateway"),
        LOKI.asks("loki", 3100, "/ready").gate(),
    ];
    LOKI.step(
        "loki",
        "Install Loki",
        "One program with its logs in a claim. A claim that is full takes no more logs: see retention.",
        gates,
    )
}

fn alloy() -> Map {
    let query = "/loki/api/v1/query?query=sum(count_over_time({namespace=\"${namespace}\"}[15m]))";
    let gates = vec![
        ALLOY.rollout("DaemonSet", "alloy"),
        LOKI.asks("loki", 3100, query).json("data.result[0].value[1]", ("at_least", 1_u32.into())).gate(),
    ];
    ALLOY.step("alloy", "Ship the logs with Alloy", "Open when Loki has lines of ${namespace}.", gates)
}

fn jaeger() -> Map {
    let gates = vec![
        JAEGER.rollout("Deployment", "jaeger"),
        JAEGER.asks("jaeger-query", 16686, "/api/services").gate(),
        // OTLP takes POST only: 405 says that the collector is there.
        JAEGER.asks("jaeger-collector", 4318, "/v1/traces").status(405).gate(),
    ];
    JAEGER.step(
        "jaeger",
        "Install Jaeger",
        "Traces in memory. What sends some does so by OTLP to jaeger-collector.monitoring, port 4317 or 4318. Skip it where nothing does.",
        gates,
    )
}

fn alerts() -> Map {
    manual(
        "alerts",
        "Bring dashboards and alerts over",
        "",
        vec![
            "`kubectl -n monitoring port-forward service/monitoring-grafana 3000:80`; the data sources Prometheus, Loki and Jaeger answer. Keep dashboards as ConfigMaps with the label grafana_dashboard=1.".to_owned(),
            "Bring over every alert that has fired in the last year, and one for each HorizontalPodAutoscaler at its maximum, for pods that restart, for claims that fill up and for certificates that end within 14 days.".to_owned(),
            "Fire a test alert and see it arrive where people look.".to_owned(),
        ],
        true,
    )
}
