//! The manifests that the shipped plan applies: what every workload must have, and how overlays differ.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use migrate_tui::{
    catalogue,
    object::Object,
    plan::{Action, EnvironmentName, Gate, Plan, Target},
    render::{Renderer, load},
};
use serde_json::Value;
use tokio::sync::OnceCell;

const ENVIRONMENTS: [&str; 3] = ["dev", "staging", "prod"];
const SERVICES: [&str; 3] = ["gateway", "mime-server", "public-app"];

type RenderedSteps = BTreeMap<(&'static str, String), Vec<Object>>;

/// The objects of each step, by environment; rendered once for all tests.
async fn rendered() -> &'static RenderedSteps {
    static RENDERED: OnceCell<RenderedSteps> = OnceCell::const_new();
    RENDERED.get_or_init(render_all).await
}

async fn render_all() -> RenderedSteps {
    let plan: Plan = load(Path::new("plans/phase-2")).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let renderer = Renderer::detect(None).await.unwrap();
    let mut found = BTreeMap::new();
    for environment in ENVIRONMENTS {
        for step in
            plan.steps_in(&EnvironmentName(environment.to_owned())).iter().flat_map(|stage| &stage.steps)
        {
            let objects =
                renderer.render(&plan, step).await.unwrap_or_else(|problems| panic!("{problems:#?}"));
            found.insert((environment, step.path.to_string()), objects);
        }
    }
    found
}

fn of_kind<'o>(objects: &'o [Object], kind: &str) -> Vec<&'o Object> {
    objects.iter().filter(|object| object.kind() == kind).collect()
}

fn containers(deployment: &Object) -> &Vec<Value> {
    deployment.at(&["spec", "template", "spec", "containers"]).and_then(Value::as_array).unwrap()
}

#[tokio::test]
async fn every_workload_is_fit_for_production() {
    for ((environment, step), objects) in rendered().await {
        for deployment in of_kind(objects, "Deployment") {
            let place = format!("{environment} {step} {}", deployment.key());
            let spec = &deployment.0["spec"];
            let pod = &spec["template"]["spec"];
            assert!(spec.get("replicas").is_none(), "{place}: replicas belong to the autoscaler");
            assert_eq!(spec["strategy"]["rollingUpdate"]["maxUnavailable"], 0, "{place}");
            assert_eq!(pod["securityContext"]["runAsNonRoot"], true, "{place}");
            assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault", "{place}");
            assert_eq!(pod["automountServiceAccountToken"], false, "{place}");
            assert!(!pod["topologySpreadConstraints"].as_array().unwrap().is_empty(), "{place}");
            for container in containers(deployment) {
                let place = format!("{place} {}", container["name"]);
                for amounts in ["requests", "limits"] {
                    for resource in ["cpu", "memory"] {
                        assert!(
                            container["resources"][amounts][resource].is_string(),
                            "{place}: {amounts} of {resource}"
                        );
                    }
                }
                for probe in ["readinessProbe", "livenessProbe"] {
                    assert!(container[probe].is_object(), "{place}: {probe}");
                }
                let security = &container["securityContext"];
                assert_eq!(security["allowPrivilegeEscalation"], false, "{place}");
                assert_eq!(security["readOnlyRootFilesystem"], true, "{place}");
                assert_eq!(security["capabilities"]["drop"], serde_json::json!(["ALL"]), "{place}");
                let image = container["image"].as_str().unwrap();
                assert!(image.starts_with("ghcr.io/acme/") && image.contains(':'), "{place}: {image}");
            }
        }
    }
}

#[tokio::test]
async fn every_service_has_what_stands_around_it() {
    for ((environment, step), objects) in rendered().await {
        if step != "week-1/overlay" {
            continue;
        }
        let named =
            |kind: &str| -> BTreeSet<&str> { of_kind(objects, kind).iter().map(|one| one.name()).collect() };
        for kind in
            ["Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget", "ServiceAccount"]
        {
            assert_eq!(named(kind), BTreeSet::from(SERVICES), "{environment}: {kind}");
        }
        for policy in [
            "default-deny",
            "allow-dns",
            "allow-ingress-controller",
            "allow-monitoring-scrape",
            "allow-acme-solver",
        ] {
            assert!(named("NetworkPolicy").contains(policy), "{environment}: {policy}");
        }
        for autoscaler in of_kind(objects, "HorizontalPodAutoscaler") {
            let metrics = autoscaler.at(&["spec", "metrics"]).and_then(Value::as_array).unwrap();
            let metrics: Vec<&str> =
                metrics.iter().map(|metric| metric["resource"]["name"].as_str().unwrap()).collect();
            assert_eq!(metrics, ["cpu", "memory"], "{environment}: {}", autoscaler.key());
        }
        let maps = named("ConfigMap");
        for deployment in of_kind(objects, "Deployment") {
            let text = deployment.0.to_string();
            for name in maps.iter().filter(|name| name.starts_with("gateway-nginx-")) {
                assert_eq!(
                    text.contains(name),
                    deployment.name() == "gateway",
                    "{environment}: {}",
                    deployment.key()
                );
            }
            assert_eq!(text.contains(r#"{"name":"app-config"}"#), deployment.name() != "gateway");
        }
        assert!(of_kind(objects, "Secret").is_empty(), "values have no place in a repository");
        assert!(of_kind(objects, "Namespace").is_empty(), "the namespace is a step of its own");
        assert!(objects.iter().all(|object| object.namespace() == Some(&format!("phase2-{environment}"))));
    }
}

#[tokio::test]
async fn the_namespace_is_a_step_of_its_own_and_enforces_the_restricted_level() {
    let rendered = rendered().await;
    for environment in ENVIRONMENTS {
        let objects = &rendered[&(environment, "week-1/namespace".to_owned())];
        let [namespace] = objects.as_slice() else { panic!("{environment}: {objects:?}") };
        assert_eq!(
            (namespace.kind(), namespace.name()),
            ("Namespace", format!("phase2-{environment}").as_str())
        );
        let enforced = namespace.text(&["metadata", "labels", "pod-security.kubernetes.io/enforce"]);
        assert_eq!(enforced, Some("restricted"));
    }
}

#[tokio::test]
async fn the_overlays_differ_where_environments_do() {
    let rendered = rendered().await;
    let mut found: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for environment in ENVIRONMENTS {
        let objects = &rendered[&(environment, "week-1/overlay".to_owned())];
        let get = |kind: &str, name: &str| {
            let of_kind = of_kind(objects, kind);
            of_kind.into_iter().find(|object| object.name() == name).unwrap().0.clone()
        };
        let bounds = &get("HorizontalPodAutoscaler", "gateway")["spec"];
        let app = &get("Deployment", "public-app")["spec"]["template"]["spec"]["containers"][0];
        let settings = &get("ConfigMap", "app-config")["data"];
        let egress = &get("NetworkPolicy", "allow-public-app-egress")["spec"]["egress"];
        for (what, value) in [
            ("replicas", format!("{}-{}", bounds["minReplicas"], bounds["maxReplicas"])),
            ("resources", app["resources"].to_string()),
            ("image", app["image"].to_string()),
            ("log level", settings["LOG_LEVEL"].to_string()),
            ("host", settings["PUBLIC_URL"].to_string()),
            ("network", egress.to_string()),
        ] {
            found.entry(what).or_default().insert(value);
        }
    }
    for (what, values) in found {
        assert_eq!(values.len(), ENVIRONMENTS.len(), "{what}: {values:?}");
    }
}

/// What a chart makes is in a namespace of its own, or a kind.
fn is_of_a_chart(target: &Target) -> bool {
    target.namespace.is_some() || target.kind == "CustomResourceDefinition"
}

/// The Certificates that cert-manager makes for an Ingress: one for each Secret that it names.
fn certificates_of(object: &Object) -> Vec<String> {
    let is_annotated = object.at(&["metadata", "annotations", "cert-manager.io/cluster-issuer"]).is_some();
    let entries = object.at(&["spec", "tls"]).and_then(Value::as_array).filter(|_| is_annotated);
    entries.into_iter().flatten().map(|entry| entry["secretName"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn gates_and_the_ingress_name_objects_that_are_there() {
    let plan = load(Path::new("plans/phase-2")).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let rendered = rendered().await;
    for environment in ENVIRONMENTS {
        let objects =
            rendered.iter().filter(|((name, _), _)| *name == environment).flat_map(|(_, some)| some);
        let mut here: BTreeSet<(String, String)> =
            objects.clone().map(|object| (object.kind().to_owned(), object.name().to_owned())).collect();
        here.extend(objects.flat_map(certificates_of).map(|name| ("Certificate".to_owned(), name)));
        let stages = plan.steps_in(&EnvironmentName(environment.to_owned()));
        for gate in stages.iter().flat_map(|stage| &stage.steps).flat_map(|step| &step.gates) {
            let wanted = match gate {
                Gate::Rollout(target) | Gate::Condition { target, .. } if is_of_a_chart(target) => continue,
                Gate::Rollout(target) | Gate::Condition { target, .. } => {
                    (target.kind.clone(), target.name.clone())
                }
                Gate::Autoscaler { name } => ("HorizontalPodAutoscaler".to_owned(), name.clone()),
                Gate::IngressAddress { name } => ("Ingress".to_owned(), name.clone()),
                Gate::Http { .. }
                | Gate::Service(_)
                | Gate::Certificate(_)
                | Gate::Parity(_)
                | Gate::Dns { .. }
                | Gate::Images { .. }
                | Gate::Workflow(_) => continue,
            };
            assert!(here.contains(&wanted), "{environment}: {gate}");
        }
        let ingress = &rendered[&(environment, "week-4/ingress".to_owned())][0];
        let host = &plan.environment(environment).unwrap().variables["host"];
        let rule = &ingress.0["spec"]["rules"][0];
        assert_eq!(rule["host"], host.as_str());
        for path in rule["http"]["paths"].as_array().unwrap() {
            let service = path["backend"]["service"]["name"].as_str().unwrap();
            assert!(here.contains(&("Service".to_owned(), service.to_owned())), "{environment}: {service}");
        }
        let settings = &rendered[&(environment, "week-1/overlay".to_owned())];
        let settings = settings.iter().find(|object| object.name() == "app-config").unwrap();
        assert_eq!(settings.text(&["data", "PUBLIC_URL"]), Some(format!("https://{host}").as_str()));
    }
}

#[tokio::test]
async fn every_service_is_scraped_at_a_port_that_it_has() {
    let rendered = rendered().await;
    for environment in ENVIRONMENTS {
        let monitor = &rendered[&(environment, "week-3/scraping".to_owned())][0];
        let wanted = monitor.0["spec"]["selector"]["matchLabels"].as_object().unwrap();
        let port = &monitor.0["spec"]["podMetricsEndpoints"][0]["port"];
        let overlay = &rendered[&(environment, "week-1/overlay".to_owned())];
        assert_eq!(monitor.namespace(), overlay[0].namespace());
        for deployment in of_kind(overlay, "Deployment") {
            let labels = &deployment.0["spec"]["template"]["metadata"]["labels"];
            assert!(wanted.iter().all(|(name, value)| labels[name] == *value), "{}", deployment.key());
            let ports = containers(deployment).iter().flat_map(|one| one["ports"].as_array().unwrap());
            assert!(ports.map(|one| &one["name"]).any(|name| name == port), "{}", deployment.key());
        }
    }
}

#[tokio::test]
async fn certificates_come_from_issuers_that_are_a_step_before() {
    let rendered = rendered().await;
    for environment in ENVIRONMENTS {
        let ingress = &rendered[&(environment, "week-4/ingress".to_owned())][0];
        let issuer = ingress.text(&["metadata", "annotations", "cert-manager.io/cluster-issuer"]).unwrap();
        let step = format!("week-4/issuer-{}", issuer.strip_prefix("letsencrypt-").unwrap());
        let found = &rendered[&(environment, step)][0];
        assert_eq!((found.kind(), found.name()), ("ClusterIssuer", issuer));
        let class = &found.0["spec"]["acme"]["solvers"][0]["http01"]["ingress"]["ingressClassName"];
        assert_eq!(class, &ingress.0["spec"]["ingressClassName"]);
        assert_eq!(rendered[&(environment, "week-4/ingress-class".to_owned())][0].name(), class);
    }
    let trial = &rendered[&("prod", "week-4/trial-certificate".to_owned())][0];
    let host = &rendered[&("prod", "week-4/ingress".to_owned())][0].0["spec"]["rules"][0]["host"];
    assert_eq!(&trial.0["spec"]["dnsNames"][0], host);
}

#[test]
fn an_ended_chart_is_only_installed_where_the_plan_says_that_it_is_meant() {
    let mut meant = 0;
    for file in ["plans/phase-2/plan.yaml", "plans/phase-2/plan-as-written.yaml"] {
        let plan = load(Path::new(file)).unwrap_or_else(|errors| panic!("{errors:#?}"));
        for step in plan.stages.iter().flat_map(|stage| &stage.steps) {
            let Action::Helm(helm) = &step.action else { continue };
            let Some(ended) = catalogue::of_chart(&helm.chart.address()) else { continue };
            let is_meant = step.acknowledged.iter().any(|one| one.component == ended.name);
            assert!(is_meant && file.contains("as-written"), "{file} {}: {}", step.path, ended.what);
            meant += 1;
        }
    }
    assert_eq!(meant, 2, "the first draft's ingress-nginx and Jaeger operator");
}
