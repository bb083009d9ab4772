//! Whether a namespace's quotas have room. Roughly: a dry run passes them all, and then no pod starts.

use serde_json::Value;

use super::{Risk, RiskInput, RiskKind};
use crate::object::Object;

/// What a ResourceQuota calls a demand: section and resource of a container, and the names.
const DEMANDS: [(&str, &str, &[&str]); 4] = [
    ("requests", "cpu", &["requests.cpu", "cpu"]),
    ("requests", "memory", &["requests.memory", "memory"]),
    ("limits", "cpu", &["limits.cpu"]),
    ("limits", "memory", &["limits.memory"]),
];

/// Quotas that what is applied would go beyond, counting what is live of the same objects as given back;
/// and containers that name no amount where a quota wants one. `defaults`: a `LimitRange` fills amounts in.
#[must_use]
pub fn quota_risks(rows: &[RiskInput<'_>], quotas: &[Object], defaults: bool) -> Vec<Risk> {
    let mut risks = Vec::new();
    for quota in quotas {
        let hard =
            |name: &str| quota.at(&["status", "hard", name]).or_else(|| quota.at(&["spec", "hard", name]));
        for (section, resource, names) in DEMANDS {
            let Some((name, limit)) = names.iter().find_map(|name| Some((*name, amount(hard(name)?)?)))
            else {
                continue;
            };
            let used = quota.at(&["status", "used", name]).and_then(amount).unwrap_or_default();
            let growth: f64 = rows.iter().map(|input| growth(input, section, resource)).sum();
            if growth > 0.0 && used + growth > limit * 1.000_001 {
                risks.push(told(quota, format!(
                    "{name}: {} used, {} more wanted, {} allowed: some pods would not be created (roughly)",
                    shown(used, resource), shown(growth, resource), shown(limit, resource)
                )));
            }
            let unnamed = rows.iter().find(|input| {
                !defaults
                    && input
                        .applied
                        .is_some_and(|applied| amounts(applied, section, resource).any(|one| one.is_none()))
            });
            if let Some(input) = unnamed {
                risks.push(told(quota, format!(
                    "it wants {section}.{resource} of every container, and one of {} names none: its pods would not be created",
                    input.row.key
                )));
            }
        }
    }
    risks
}

fn told(quota: &Object, message: String) -> Risk {
    Risk { kind: RiskKind::Warning, key: Some(quota.key()), message }
}

fn growth(input: &RiskInput<'_>, section: &str, resource: &str) -> f64 {
    let replicas = |object: &Object| object.at(&["spec", "replicas"]).and_then(Value::as_f64);
    let of = |object: &Object, count: f64| -> f64 {
        count * amounts(object, section, resource).flatten().sum::<f64>()
    };
    let Some(applied) = input.applied else { return 0.0 };
    let live_count = input.live.and_then(replicas);
    let wanted = of(applied, replicas(applied).or(live_count).unwrap_or(1.0));
    wanted - input.live.map_or(0.0, |live| of(live, live_count.unwrap_or(1.0)))
}

/// The amount that each container of a workload names.
fn amounts<'a>(
    object: &'a Object,
    section: &'a str,
    resource: &'a str,
) -> impl Iterator<Item = Option<f64>> + 'a {
    let containers = ["Deployment", "StatefulSet", "ReplicaSet", "Job"]
        .contains(&object.kind())
        .then(|| object.at(&["spec", "template", "spec", "containers"]).and_then(Value::as_array))
        .flatten();
    containers
        .into_iter()
        .flatten()
        .map(move |container| container.get("resources")?.get(section)?.get(resource).and_then(amount))
}

/// A quantity (`250m`, `1.5Gi`) as a number.
fn amount(value: &Value) -> Option<f64> {
    const UNITS: [(&str, f64); 12] = [
        ("Ki", 1024.0),
        ("Mi", 1_048_576.0),
        ("Gi", 1_073_741_824.0),
        ("Ti", 1_099_511_627_776.0),
        ("n", 1e-9),
        ("u", 1e-6),
        ("m", 1e-3),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("T", 1e12),
        ("P", 1e15),
    ];
    let Some(text) = value.as_str() else { return value.as_f64() };
    let (number, unit) = UNITS
        .iter()
        .find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)))
        .unwrap_or((text, 1.0));
    Some(number.parse::<f64>().ok()? * unit)
}

fn shown(amount: f64, resource: &str) -> String {
    if resource == "memory" {
        format!("{:.0}Mi", amount / 1_048_576.0)
    } else {
        format!("{:.0}m", amount * 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{amount, quota_risks};
    use crate::{
        diff::{Change, RiskInput, Row, Wave},
        object::Object,
    };

    fn workload(replicas: u32, resources: &Value) -> Object {
        Object(json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {
            "replicas": replicas, "template": {"spec": {"containers": [{"name": "a", "resources": resources}]}}}}))
    }

    fn row(object: &Object) -> Row {
        Row::new(object.key(), "apps/v1", Change::Change, Wave::Workloads)
    }

    #[test]
    fn only_what_is_wanted_more_counts() {
        let quota = Object(json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"},
            "status": {"hard": {"requests.cpu": "1"}, "used": {"requests.cpu": "800m"}}}));
        let quotas = [quota];
        let live = workload(4, &json!({"requests": {"cpu": "200m"}}));
        let told = |applied: &Object| {
            let row = row(applied);
            let input = RiskInput { row: &row, applied: Some(applied), live: Some(&live) };
            quota_risks(&[input], &quotas, false).into_iter().map(|risk| risk.message).collect::<Vec<_>>()
        };
        assert!(told(&workload(5, &json!({"requests": {"cpu": "200m"}}))).is_empty());
        assert!(
            told(&workload(6, &json!({"requests": {"cpu": "200m"}})))[0].contains("800m used, 400m more")
        );
        assert!(told(&workload(1, &json!({})))[0].contains("names none"));
    }

    #[test]
    fn quantities_are_read_with_their_units() {
        for (text, wanted) in [("250m", 0.25), ("1.5Gi", 1_610_612_736.0), ("2k", 2000.0), ("3", 3.0)] {
            let read = amount(&json!(text)).unwrap();
            assert!((read - wanted).abs() < 1e-6, "{text}: {read}");
        }
        assert_eq!(amount(&json!("much")), None);
    }
}
