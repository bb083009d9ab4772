//! The charts that weeks 3 and 4 install: where each comes from, and its values for each environment.

use std::collections::BTreeMap;

use super::{
    loki,
    overlay::ENVIRONMENTS,
    plan::head,
    yaml::{Map, Yaml, row, text},
};

/// A chart, pinned.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chart {
    /// The step's id, and the folder of its values in `helm/`.
    pub(super) name: &'static str,
    /// As the plan's `chart` has it.
    pub(super) source: &'static str,
    /// As the plan's `repository` has it; empty for a chart of an OCI registry.
    pub(super) repository: &'static str,
    pub(super) version: &'static str,
    /// As the plan's `release` has it; empty where it is the chart's name.
    pub(super) release: &'static str,
    pub(super) namespace: &'static str,
    /// Its values: those of all environments, then of each.
    values: [&'static str; 4],
}

macro_rules! shipped {
    ($name:literal) => {
        [
            include_str!(concat!("../../plans/phase-2/helm/", $name, "/values.yaml")),
            include_str!(concat!("../../plans/phase-2/helm/", $name, "/dev.yaml")),
            include_str!(concat!("../../plans/phase-2/helm/", $name, "/staging.yaml")),
            include_str!(concat!("../../plans/phase-2/helm/", $name, "/prod.yaml")),
        ]
    };
}

pub(super) const PROMETHEUS: Chart = Chart {
    name: "prometheus",
    source: "oci://ghcr.io/prometheus-community/charts/kube-prometheus-stack",
    repository: "",
    version: "88.1.0",
    release: "monitoring",
    namespace: "monitoring",
    values: shipped!("prometheus"),
};

pub(super) const LOKI: Chart = Chart {
    name: "loki",
    source: "oci://ghcr.io/grafana-community/helm-charts/loki",
    repository: "",
    version: "6.55.0",
    release: "",
    namespace: "monitoring",
    values: loki::VALUES,
};

pub(super) const ALLOY: Chart = Chart {
    name: "alloy",
    source: "alloy",
    repository: "https://grafana.github.io/helm-charts",
    version: "1.4.0",
    release: "",
    namespace: "monitoring",
    values: shipped!("alloy"),
};

pub(super) const JAEGER: Chart = Chart {
    name: "jaeger",
    source: "jaeger",
    repository: "https://jaegertracing.github.io/helm-charts",
    version: "4.1.0",
    release: "",
    namespace: "monitoring",
    values: shipped!("jaeger"),
};

pub(super) const TRAEFIK: Chart = Chart {
    name: "traefik",
    source: "oci://ghcr.io/traefik/helm/traefik",
    repository: "",
    version: "38.0.2",
    release: "traefik",
    namespace: "traefik",
    values: shipped!("traefik"),
};

pub(super) const CERT_MANAGER: Chart = Chart {
    name: "cert-manager",
    source: "oci://quay.io/jetstack/charts/cert-manager",
    repository: "",
    version: "v1.21.2",
    release: "",
    namespace: "cert-manager",
    values: shipped!("cert-manager"),
};

/// What the values of the shipped plan call the place where everything is.
const SHIPPED_DOMAIN: &str = "app.example.com";

impl Chart {
    /// Its values, by path; `domain`: what hosts of its own (Grafana's) are below, in production.
    pub(super) fn files(&self, domain: &str) -> BTreeMap<String, String> {
        let names = ["values"].into_iter().chain(ENVIRONMENTS);
        names
            .zip(self.values)
            .map(|(name, values)| {
                (format!("helm/{}/{name}.yaml", self.name), values.replace(SHIPPED_DOMAIN, domain))
            })
            .collect()
    }

    /// The step that installs it.
    pub(super) fn step(&self, id: &str, title: &str, description: &str, gates: Vec<Map>) -> Map {
        let said = |value: &'static str| (!value.is_empty()).then(|| text(value));
        let mut helm = Map::new()
            .with("chart", text(self.source))
            .with_some("repository", said(self.repository))
            .with("version", text(self.version))
            .with_some("release", said(self.release))
            .with("namespace", self.namespace)
            .with(
                "values",
                ["values", "${environment}"]
                    .map(|name| text(format!("helm/{}/{name}.yaml", self.name)))
                    .to_vec(),
            );
        if self.name == PROMETHEUS.name {
            let labels = row([("environment", text("${environment}"))]);
            let of = |key: &str, map: Map| row([(key, Yaml::Map(map))]);
            helm.put(
                "set",
                Map::new().with("prometheus", of("prometheusSpec", of("externalLabels", labels))),
            );
        }
        head(id, title, description)
            .with("helm", helm)
            .with("deadline", if self.name == PROMETHEUS.name { "15m" } else { "10m" })
            .with_some("gates", Some(gates))
    }

    /// The gate of a workload of it.
    pub(super) fn rollout(&self, kind: &str, name: &str) -> Map {
        let target = row([("kind", text(kind)), ("name", text(name)), ("namespace", text(self.namespace))]);
        Map::new().with("rollout", target)
    }

    /// The gate of a request to a Service of it.
    pub(super) fn asks(&self, service: &str, port: u16, path: &str) -> Request {
        Request(
            Map::new()
                .with("service", service)
                .with("namespace", self.namespace)
                .with("port", port)
                .with("path", text(path)),
        )
    }
}

/// A gate that asks a Service.
pub(super) struct Request(Map);

impl Request {
    /// With what has to be at a place of the answer.
    pub(super) fn json(mut self, path: &str, wanted: (&str, Yaml)) -> Self {
        self.0.put("json", vec![row([("path", text(path)), wanted])]);
        self
    }

    pub(super) fn status(mut self, status: u16) -> Self {
        self.0.put("status", status);
        self
    }

    pub(super) fn gate(self) -> Map {
        Map::new().with("service_http", self.0.on_one_line())
    }
}

/// The gate that a kind is known to the cluster.
pub(super) fn established(kind: &str) -> Map {
    condition(("apiextensions.k8s.io/v1", "CustomResourceDefinition"), kind, "Established")
}

/// The gate that a condition of an object is met.
pub(super) fn condition((api_version, kind): (&str, &str), name: &str, condition: &str) -> Map {
    let condition = row([
        ("api_version", text(api_version)),
        ("kind", text(kind)),
        ("name", text(name)),
        ("condition", text(condition)),
    ]);
    Map::new().with("condition", condition)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{ALLOY, CERT_MANAGER, JAEGER, LOKI, PROMETHEUS, TRAEFIK};
    use crate::{plan::Action, render::load};

    #[test]
    fn the_charts_are_those_of_the_shipped_plan() {
        let plan = load(Path::new("plans/phase-2")).unwrap();
        for chart in [PROMETHEUS, LOKI, ALLOY, JAEGER, TRAEFIK, CERT_MANAGER] {
            let mut steps = plan.stages.iter().flat_map(|stage| &stage.steps);
            let found = steps.any(|step| match &step.action {
                Action::Helm(helm) => format!("{helm:?}").contains(chart.version),
                _ => false,
            });
            assert!(found, "{}: {} is not in the shipped plan", chart.name, chart.version);
        }
    }

    #[test]
    fn no_name_of_the_shipped_plan_is_left() {
        for chart in [PROMETHEUS, LOKI, ALLOY, JAEGER, TRAEFIK, CERT_MANAGER] {
            for (path, text) in chart.files("shop.example.org") {
                let is_shipped = |word: &&str| text.contains(*word);
                let found = ["phase-2", "phase2", "acme-", "mime-server", "app.example.com"];
                assert_eq!(found.iter().find(|word| is_shipped(word)), None, "{path}");
            }
        }
    }
}
