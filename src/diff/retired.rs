//! Charts and images of components that came to their end.

use serde_json::Value;

use super::{Change, Problem, Risk, RiskInput, RiskKind};
use crate::{
    catalogue::{self, Component},
    object::{Key, Object},
    plan::{Action, Step},
};

/// What a step's chart installs or its workloads run that should not be built on: a risk where the plan says that
/// it is meant, else a problem that says what to use instead. Once a component, however many objects run it, and
/// nothing when nothing changes.
#[must_use]
pub fn retired(rows: &[RiskInput<'_>], step: &Step) -> (Vec<Problem>, Vec<Risk>) {
    let changing: Vec<&RiskInput<'_>> =
        rows.iter().filter(|input| input.row.change != Change::Same).collect();
    let chart = match &step.action {
        Action::Helm(chart) if !changing.is_empty() => catalogue::of_chart(&chart.chart.address()),
        _ => None,
    };
    let mut used: Vec<(Option<&Key>, &Component)> =
        chart.map(|component| (None, component)).into_iter().collect();
    for input in changing {
        let components = input.applied.into_iter().flat_map(images).filter_map(catalogue::of_image);
        used.extend(components.map(|component| (Some(&input.row.key), component)));
    }
    let (mut problems, mut risks, mut seen) = (Vec::new(), Vec::new(), Vec::new());
    for (key, component) in used {
        if seen.contains(&component.name.as_str()) {
            continue;
        }
        seen.push(&component.name);
        if let Some(meant) = step.acknowledged.iter().find(|one| one.component == component.name) {
            risks.push(Risk {
                kind: RiskKind::Retired,
                key: key.cloned(),
                message: format!("{}; meant here: {}", component.what, meant.reason),
            });
        } else {
            let subject = key.map_or_else(|| step.path.to_string(), Key::to_string);
            problems.push(unacknowledged(&subject, component));
        }
    }
    (problems, risks)
}

/// The problem of a step that uses a component without saying that it is meant.
fn unacknowledged(subject: &str, component: &Component) -> Problem {
    Problem::new(
        subject,
        format!("{} ({})", component.what, component.source),
        format!(
            "use {} instead; or say in the plan's step that it is meant: acknowledge: [{{component: {}, reason: …}}]",
            component.instead, component.name
        ),
    )
}

/// The images of a workload, a pod or a CronJob.
fn images(object: &Object) -> Vec<&str> {
    const PLACES: [&[&str]; 3] =
        [&["spec", "template", "spec"], &["spec", "jobTemplate", "spec", "template", "spec"], &["spec"]];
    let lists = PLACES
        .into_iter()
        .flat_map(|place| ["initContainers", "containers"].map(|list| object.at(&[place, &[list]].concat())));
    lists
        .flatten()
        .filter_map(Value::as_array)
        .flatten()
        .filter_map(|container| container.get("image")?.as_str())
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::retired;
    use crate::{
        diff::{Change, RiskInput, RiskKind, Row, Wave},
        object::Object,
        plan::{Acknowledgement, Action, ChartSource, HelmChart, Step, testing},
    };

    fn row(object: &Object, change: Change) -> Row {
        Row::new(object.key(), object.api_version(), change, Wave::Workloads)
    }

    fn step(action: Action, acknowledged: &[&str]) -> Step {
        let acknowledged = acknowledged.iter().map(|component| Acknowledgement {
            component: (*component).to_owned(),
            reason: "until May".to_owned(),
        });
        Step {
            inventory: "controller".to_owned(),
            acknowledged: acknowledged.collect(),
            ..testing::step("week-4/controller", action)
        }
    }

    fn manifests(acknowledged: &[&str]) -> Step {
        step(Action::Manifests { paths: Vec::new() }, acknowledged)
    }

    fn pod_spec() -> Value {
        json!({"containers": [{"name": "a", "image": "nginx:1.29"},
            {"name": "b", "image": "registry.k8s.io/ingress-nginx/controller:v1.15.1"}]})
    }

    #[test]
    fn an_ended_component_must_be_meant() {
        let kinds = [
            json!({"apiVersion": "apps/v1", "kind": "DaemonSet", "spec": {"template": {"spec": pod_spec()}}}),
            json!({"apiVersion": "batch/v1", "kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"spec": pod_spec()}}}}}),
            json!({"apiVersion": "v1", "kind": "Pod", "spec": pod_spec()}),
        ];
        for object in kinds.map(Object) {
            let shown = row(&object, Change::Create);
            let input = || [RiskInput { row: &shown, applied: Some(&object), live: None }];
            let (problems, risks) = retired(&input(), &manifests(&[]));
            assert_eq!((problems.len(), risks.len()), (1, 0), "{}", object.kind());
            assert!(problems[0].reason.contains("March 2026"), "{}", problems[0]);
            assert!(
                problems[0].remedy.contains("Traefik") && problems[0].remedy.contains("acknowledge"),
                "{}",
                problems[0]
            );
            let (problems, risks) = retired(&input(), &manifests(&["ingress-nginx"]));
            assert_eq!(problems, []);
            assert!(
                risks[0].kind == RiskKind::Retired && risks[0].message.ends_with("meant here: until May")
            );
        }
    }

    #[test]
    fn a_component_is_told_once_and_not_when_nothing_changes() {
        let object = Object(json!({"kind": "Pod", "spec": pod_spec()}));
        let (first, same) = (row(&object, Change::Change), row(&object, Change::Same));
        let input = |row| RiskInput { row, applied: Some(&object), live: None };
        assert_eq!(retired(&[input(&first), input(&first)], &manifests(&[])).0.len(), 1);
        assert_eq!(retired(&[input(&same)], &manifests(&[])).0, []);
    }

    #[test]
    fn an_ended_chart_must_be_meant_whatever_it_renders() {
        let object = Object(json!({"kind": "ConfigMap", "metadata": {"name": "a"}}));
        let shown = row(&object, Change::Create);
        let input = || [RiskInput { row: &shown, applied: Some(&object), live: None }];
        let chart = HelmChart {
            chart: ChartSource::Repository {
                url: "https://grafana.github.io/helm-charts/".into(),
                name: "loki".into(),
            },
            version: Some("6.0.0".into()),
            release: "loki".into(),
            namespace: None,
            values: Vec::new(),
            set: Value::Null,
        };
        let (problems, _) = retired(&input(), &step(Action::Helm(chart.clone()), &[]));
        assert!(
            problems[0].subject == "week-4/controller" && problems[0].remedy.contains("grafana-community")
        );
        let (problems, risks) = retired(&input(), &step(Action::Helm(chart), &["loki-chart"]));
        assert_eq!((problems.len(), risks.len()), (0, 1));
    }
}
