//! Autoscalers and disruption budgets.

use super::{
    Readiness,
    fields::{Condition, count},
    metrics::readings,
};
use crate::object::Object;

/// `ScalingActive`, `AbleToScale` (autoscaling/v2 conditions) and a current value for each metric:
/// only then will it scale. kstatus has no rule for autoscalers and takes them for ready.
pub(super) fn autoscaler(object: &Object) -> Readiness {
    if let Some(able) = Condition::of(object, "AbleToScale").filter(|found| found.is_false()) {
        return Readiness::progressing(format!("it cannot scale: {}", able.words()));
    }
    let Some(active) = Condition::of(object, "ScalingActive") else {
        return Readiness::progressing("its controller has not looked at it yet");
    };
    if !active.is_true() {
        return match active.reason() {
            // Its target has no replicas: that is how an autoscaler is switched off.
            "ScalingDisabled" => Readiness::warning("switched off: its target has 0 replicas"),
            _ => Readiness::progressing(format!("no metrics: {}", active.words())),
        };
    }
    let missing: Vec<String> = readings(object)
        .into_iter()
        .filter(|reading| reading.current.is_none())
        .map(|reading| reading.name)
        .collect();
    if !missing.is_empty() {
        return Readiness::progressing(format!("no metrics: no value yet for {}", missing.join(", ")));
    }
    Readiness::Ready
}

/// kstatus `pdbConditions`: the disruption controller has seen it. A budget that the controller cannot
/// work out, or that lets no pod go, is worth a word: nodes cannot be drained then.
pub(super) fn disruption_budget(object: &Object) -> Readiness {
    let number = |field: &str| count(object, &["status", field]).unwrap_or_default();
    if count(object, &["status", "observedGeneration"]).is_none() {
        return Readiness::progressing("its controller has not looked at it yet");
    }
    if let Some(allowed) = Condition::of(object, "DisruptionAllowed")
        && allowed.reason() == "SyncFailed"
    {
        return Readiness::warning(format!("it protects nothing: {}", allowed.words()));
    }
    let (healthy, wanted, expected) =
        (number("currentHealthy"), number("desiredHealthy"), number("expectedPods"));
    if expected == 0 {
        return Readiness::warning("it selects no pods (yet)");
    }
    if number("disruptionsAllowed") == 0 {
        return Readiness::warning(format!(
            "no pod may be evicted now: {healthy} of {expected} healthy, {wanted} must stay"
        ));
    }
    Readiness::Ready
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{autoscaler, disruption_budget};
    use crate::{object::Object, readiness::Readiness};

    fn scaler(conditions: &Value, current: &Value) -> Readiness {
        autoscaler(&Object(json!({"metadata": {"name": "gateway"},
            "spec": {"metrics": [
                {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}},
                {"type": "Resource", "resource": {"name": "memory", "target": {"type": "Utilization", "averageUtilization": 80}}}]},
            "status": {"conditions": conditions, "currentMetrics": current}})))
    }

    #[test]
    fn an_autoscaler_is_ready_when_it_reads_every_metric() {
        let active = json!([{"type": "AbleToScale", "status": "True"}, {"type": "ScalingActive", "status": "True", "reason": "ValidMetricFound"}]);
        let cpu =
            json!({"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 43}}});
        let memory = json!({"type": "Resource", "resource": {"name": "memory", "current": {"averageUtilization": 12}}});
        assert_eq!(scaler(&active, &json!([cpu, memory])), Readiness::Ready);
        assert_eq!(
            scaler(&active, &json!([cpu])),
            Readiness::progressing("no metrics: no value yet for memory")
        );
    }

    #[test]
    fn an_autoscaler_says_why_it_does_not_scale() {
        assert!(!scaler(&json!([]), &json!(null)).is_ready());
        let blind = json!([{"type": "ScalingActive", "status": "False", "reason": "FailedGetResourceMetric",
            "message": "the HPA was unable to compute the replica count: unable to get metrics for resource cpu"}]);
        assert!(matches!(scaler(&blind, &json!(null)),
            Readiness::Progressing { reason } if reason.starts_with("no metrics: FailedGetResourceMetric")));
        let lost = json!([{"type": "AbleToScale", "status": "False", "reason": "FailedGetScale",
            "message": "deployments.apps \"gateway\" not found"}]);
        assert!(matches!(scaler(&lost, &json!(null)),
            Readiness::Progressing { reason } if reason.contains("not found")));
        let off = json!([{"type": "ScalingActive", "status": "False", "reason": "ScalingDisabled"}]);
        assert!(matches!(scaler(&off, &json!(null)), Readiness::ReadyWithWarning { .. }));
    }

    #[test]
    fn a_budget_that_lets_nothing_go_is_a_warning() {
        let budget =
            |status: &Value| disruption_budget(&Object(json!({"metadata": {"name": "a"}, "status": status})));
        assert!(matches!(budget(&json!({})), Readiness::Progressing { .. }));
        let at = |allowed: u64| {
            json!({"observedGeneration": 1, "disruptionsAllowed": allowed,
            "currentHealthy": 2, "desiredHealthy": 2 - allowed, "expectedPods": 2})
        };
        assert_eq!(budget(&at(1)), Readiness::Ready);
        assert!(matches!(budget(&at(0)), Readiness::ReadyWithWarning { .. }));
        let failed = json!({"observedGeneration": 1, "conditions": [{"type": "DisruptionAllowed", "status": "False",
            "reason": "SyncFailed", "message": "found no controllers"}]});
        assert!(
            matches!(budget(&failed), Readiness::ReadyWithWarning { warning } if warning.contains("no controllers"))
        );
    }
}
