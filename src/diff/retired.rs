//! Images of components that came to their end.

use serde_json::Value;

use super::{Change, Problem, Risk, RiskInput, RiskKind};
use crate::{catalogue, object::Object, plan::Acknowledgement};

/// What a step's workloads run that should not be built on: a risk where the plan says that it is meant, else a
/// problem that says what to use instead. Once a component, however many objects run it.
#[must_use]
pub fn retired(rows: &[RiskInput<'_>], acknowledged: &[Acknowledgement]) -> (Vec<Problem>, Vec<Risk>) {
    let (mut problems, mut risks, mut seen) = (Vec::new(), Vec::new(), Vec::new());
    for input in rows.iter().filter(|input| input.row.change != Change::Same) {
        for component in input.applied.into_iter().flat_map(images).filter_map(catalogue::of_image) {
            if seen.contains(&component.name) {
                continue;
            }
            seen.push(component.name.clone());
            let meant = acknowledged.iter().find(|one| one.component == component.name);
            match meant {
                Some(meant) => risks.push(Risk {
                    kind: RiskKind::Retired,
                    key: Some(input.row.key.clone()),
                    message: format!("{}; meant here: {}", component.what, meant.reason),
                }),
                None => problems.push(unacknowledged(&input.row.key.to_string(), component)),
            }
        }
    }
    (problems, risks)
}

/// The problem of a step that uses a component without saying that it is meant.
#[must_use]
pub fn unacknowledged(subject: &str, component: &catalogue::Component) -> Problem {
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
        object::{Digest, Object},
        plan::Acknowledgement,
    };

    fn row(object: &Object, change: Change) -> Row {
        Row {
            key: object.key(),
            api_version: object.api_version().to_owned(),
            change,
            wave: Wave::Workloads,
            fields: Vec::new(),
            adoptions: Vec::new(),
            conflicts: Vec::new(),
            replicas_left_to: None,
            known_after: None,
            warnings: Vec::new(),
            cannot_undo: None,
            digest: Digest(String::new()),
        }
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
            let (problems, risks) = retired(&input(), &[]);
            assert_eq!((problems.len(), risks.len()), (1, 0), "{}", object.kind());
            assert!(problems[0].reason.contains("March 2026"), "{}", problems[0]);
            assert!(
                problems[0].remedy.contains("Traefik") && problems[0].remedy.contains("acknowledge"),
                "{}",
                problems[0]
            );
            let meant = [Acknowledgement { component: "ingress-nginx".into(), reason: "until May".into() }];
            let (problems, risks) = retired(&input(), &meant);
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
        assert_eq!(retired(&[input(&first), input(&first)], &[]).0.len(), 1);
        assert_eq!(retired(&[input(&same)], &[]).0, []);
    }
}
