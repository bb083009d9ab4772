//! Kinds without a rule of their own.

use super::{Readiness, fields::Condition};
use crate::object::Object;

/// Kinds that always get a `Ready` condition: until it is there, the controller has not looked yet.
/// (kstatus takes a missing condition for ready, which is true of such an object for the first second of
/// its life.)
const ALWAYS_CONDITIONED: [(&str, &str); 1] = [("external-secrets.io", "ExternalSecret")];

/// kstatus's generic rule: `Reconciling` and `Stalled` (the conditions that it asks controllers for),
/// then `Ready` (API conventions), else ready.
pub(super) fn any(object: &Object) -> Readiness {
    if let Some(stalled) = Condition::of(object, "Stalled").filter(|found| found.is_true()) {
        return Readiness::failed(stalled.words());
    }
    if let Some(reconciling) = Condition::of(object, "Reconciling").filter(|found| found.is_true()) {
        return Readiness::progressing(reconciling.words());
    }
    match Condition::of(object, "Ready") {
        Some(ready) if ready.is_true() => Readiness::Ready,
        Some(ready) => Readiness::progressing(ready.words()),
        None if ALWAYS_CONDITIONED.contains(&(object.group(), object.kind())) => {
            Readiness::progressing("its controller has not looked at it yet")
        }
        None => Readiness::Ready,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::any;
    use crate::{object::Object, readiness::Readiness};

    fn secret(conditions: &Value) -> Object {
        Object(json!({"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret",
            "metadata": {"name": "app", "namespace": "staging", "generation": 1},
            "status": {"conditions": conditions}}))
    }

    #[test]
    fn what_is_always_conditioned_is_not_ready_before_anyone_has_looked() {
        assert!(!any(&secret(&json!([]))).is_ready());
        let failing = secret(&json!([{"type": "Ready", "status": "False", "reason": "SecretSyncedError",
            "message": "could not get secret data from provider"}]));
        assert_eq!(
            any(&failing),
            Readiness::progressing("SecretSyncedError: could not get secret data from provider")
        );
        assert_eq!(any(&secret(&json!([{"type": "Ready", "status": "True"}]))), Readiness::Ready);
    }

    #[test]
    fn stalled_fails_and_reconciling_waits() {
        let object = |kind: &str| {
            Object(json!({"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "a"},
                "status": {"conditions": [{"type": kind, "status": "True", "reason": "Why"},
                    {"type": "Ready", "status": "True"}]}}))
        };
        assert_eq!(any(&object("Stalled")), Readiness::failed("Why"));
        assert_eq!(any(&object("Reconciling")), Readiness::progressing("Why"));
        assert_eq!(any(&object("Other")), Readiness::Ready);
    }
}
