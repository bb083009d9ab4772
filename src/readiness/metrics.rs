//! What an autoscaler measures, and against what.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fields::{list, text};
use crate::object::Object;

/// One metric of an autoscaler.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MetricReading {
    /// As in `cpu`.
    pub name: String,
    /// As in `43%` or `120Mi`; `None` while unknown.
    pub current: Option<String>,
    /// As in `70%`.
    pub target: String,
}

/// The metrics of an `autoscaling/v2` HorizontalPodAutoscaler in the order of its spec, each with
/// what the controller last read (`formatHPAMetrics` in kubectl's printers pairs them the same way,
/// by index; here they are paired by name, which holds when one of several is missing).
pub(crate) fn readings(object: &Object) -> Vec<MetricReading> {
    let current = list(object, &["status", "currentMetrics"]);
    list(object, &["spec", "metrics"])
        .iter()
        .map(|wanted| MetricReading {
            name: name(wanted).1,
            current: current
                .iter()
                .find(|reading| name(reading) == name(wanted))
                .and_then(|reading| value(reading, "current", prefers(wanted))),
            target: value(wanted, "target", prefers(wanted)).unwrap_or_else(|| "?".to_owned()),
        })
        .collect()
}

/// Type and name: what pairs a metric of the spec with its reading.
fn name(metric: &Value) -> (&str, String) {
    let kind = text(metric, "type");
    let source = source(metric);
    let named = source.and_then(|source| source.get("metric")).map_or("", |metric| text(metric, "name"));
    let resource = source.map_or("", |source| text(source, "name"));
    let label = match kind {
        "ContainerResource" => {
            format!("{resource} of {}", source.map_or("", |source| text(source, "container")))
        }
        "Resource" => resource.to_owned(),
        _ => named.to_owned(),
    };
    (kind, label)
}

/// The part of a metric that its type names: `type: ContainerResource` has `containerResource`.
fn source(metric: &Value) -> Option<&Value> {
    metric.get(match text(metric, "type") {
        "Resource" => "resource",
        "ContainerResource" => "containerResource",
        "Pods" => "pods",
        "Object" => "object",
        _ => "external",
    })
}

/// The sort of target that the spec names; the reading of the same sort is the one to compare.
fn prefers(metric: &Value) -> &str {
    source(metric).and_then(|source| source.get("target")).map_or("", |target| text(target, "type"))
}

/// The number under `target` or `current`, of the wanted sort. A zero quantity is a reading too.
fn value(metric: &Value, field: &str, sort: &str) -> Option<String> {
    let numbers = source(metric)?.get(field)?;
    let quantity = |field: &str| numbers.get(field).and_then(Value::as_str).map(quantity);
    match sort {
        "Utilization" => {
            numbers.get("averageUtilization").and_then(Value::as_u64).map(|share| format!("{share}%"))
        }
        "AverageValue" => quantity("averageValue"),
        _ => quantity("value").or_else(|| quantity("averageValue")),
    }
}

/// A quantity as people read it: the API server writes measured memory in plain bytes.
fn quantity(text: &str) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "Gi"), (1 << 20, "Mi"), (1 << 10, "Ki")];
    let Ok(number) = text.parse::<u64>() else {
        return text.to_owned();
    };
    UNITS
        .into_iter()
        .find(|(size, _)| number >= *size)
        .map_or_else(|| text.to_owned(), |(size, unit)| format!("{}{unit}", number / size))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::readings;
    use crate::object::Object;

    #[test]
    fn readings_are_paired_by_name_and_shown_as_the_target_is() {
        let object = Object(json!({
            "spec": {"metrics": [
                {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}},
                {"type": "Resource", "resource": {"name": "memory", "target": {"type": "AverageValue", "averageValue": "256Mi"}}},
                {"type": "Pods", "pods": {"metric": {"name": "rps"}, "target": {"type": "AverageValue", "averageValue": "100"}}},
                {"type": "ContainerResource", "containerResource": {"name": "cpu", "container": "app",
                    "target": {"type": "Utilization", "averageUtilization": 50}}}]},
            "status": {"currentMetrics": [
                {"type": "ContainerResource", "containerResource": {"name": "cpu", "container": "app", "current": {"averageUtilization": 0, "averageValue": "0"}}},
                {"type": "Resource", "resource": {"name": "memory", "current": {"averageValue": "126353408"}}},
                {"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 43, "averageValue": "43m"}}}]}}));
        let said: Vec<String> = readings(&object)
            .into_iter()
            .map(|reading| {
                format!("{} {}/{}", reading.name, reading.current.unwrap_or_default(), reading.target)
            })
            .collect();
        assert_eq!(said, ["cpu 43%/70%", "memory 120Mi/256Mi", "rps /100", "cpu of app 0%/50%"]);
    }
}
