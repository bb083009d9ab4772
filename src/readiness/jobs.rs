//! Work that ends.

use super::{
    Readiness, Related,
    fields::{Condition, count},
    trouble,
};
use crate::object::Object;

/// `Complete` or `Failed` (batch/v1 `JobConditionType`). kstatus takes a Job for ready as soon as it
/// has started; what a migration needs is that it has ended well.
pub(super) fn job(object: &Object, related: &Related<'_>) -> Readiness {
    let is = |kind| Condition::of(object, kind).filter(|found| found.is_true());
    if is("Complete").is_some() {
        return Readiness::Ready;
    }
    if let Some(failed) = is("Failed") {
        let cause = trouble::worst(related, None);
        return Readiness::failed(match cause {
            Some(cause) => format!("{cause} ({})", failed.words()),
            None => failed.words(),
        });
    }
    if is("Suspended").is_some() {
        return Readiness::warning("suspended: it does not run until it is resumed");
    }
    let wanted = count(object, &["spec", "completions"]).unwrap_or(1);
    let succeeded = count(object, &["status", "succeeded"]).unwrap_or_default();
    let active = count(object, &["status", "active"]).unwrap_or_default();
    let counts = format!("{succeeded} of {wanted} completed, {active} running");
    Readiness::progressing(match trouble::worst(related, None) {
        Some(trouble) => format!("{trouble} ({counts})"),
        None => counts,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::job;
    use crate::{
        object::Object,
        readiness::{Readiness, Related, samples::crashing_pod},
    };

    fn with(status: &Value) -> Object {
        Object(json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "migrate"},
            "spec": {"completions": 2}, "status": status}))
    }

    #[test]
    fn a_job_is_ready_when_it_is_complete_not_when_it_has_started() {
        let started = job(&with(&json!({"active": 1, "succeeded": 1})), &Related::default());
        assert_eq!(started, Readiness::progressing("1 of 2 completed, 1 running"));
        let complete = json!({"succeeded": 2, "conditions": [{"type": "Complete", "status": "True"}]});
        assert_eq!(job(&with(&complete), &Related::default()), Readiness::Ready);
    }

    #[test]
    fn a_failed_job_says_what_its_pods_said() {
        let failed = with(&json!({"failed": 3, "conditions": [{"type": "Failed", "status": "True",
            "reason": "BackoffLimitExceeded", "message": "Job has reached the specified backoff limit"}]}));
        let pods = [crashing_pod("migrate-x")];
        let Readiness::Failed { reason } = job(&failed, &Related { pods: &pods, ..Related::default() })
        else {
            panic!("it failed");
        };
        assert!(reason.starts_with("migrate-x:") && reason.contains("BackoffLimitExceeded"), "{reason}");
    }

    #[test]
    fn a_suspended_job_is_not_waited_for() {
        let held = with(&json!({"conditions": [{"type": "Suspended", "status": "True"}]}));
        assert!(matches!(job(&held, &Related::default()), Readiness::ReadyWithWarning { .. }));
    }
}
