//! Kinds without a rule of their own.

use super::{Readiness, fields::Condition};
use crate::object::Object;

/// Groups whose kinds always get a `Ready` condition: until it is there, the controller has not
/// looked yet. (kstatus takes a missing condition for ready, which is true of such an object for the
/// first second of its life.)
const ALWAYS_CONDITIONED: [(&str, &str); 5] = [
    ("cert-manager.io", "Certificate"),
    ("cert-manager.io", "CertificateRequest"),
    ("cert-manager.io", "Issuer"),
    ("cert-manager.io", "ClusterIssuer"),
    ("external-secrets.io", "ExternalSecret"),
];

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

    fn certificate(conditions: &Value) -> Object {
        Object(json!({"apiVersion": "cert-manager.io/v1", "kind": "Certificate",
            "metadata": {"name": "app-tls", "namespace": "staging", "generation": 1},
            "status": {"conditions": conditions}}))
    }

    #[test]
    fn a_certificate_goes_by_ready_and_is_not_ready_before_anyone_has_looked() {
        assert!(!any(&certificate(&json!([]))).is_ready());
        let issuing = certificate(&json!([
            {"type": "Issuing", "status": "True", "reason": "DoesNotExist", "message": "Issuing certificate as Secret does not exist"},
            {"type": "Ready", "status": "False", "reason": "DoesNotExist", "message": "Issuing certificate as Secret does not exist"}]));
        assert_eq!(
            any(&issuing),
            Readiness::progressing("DoesNotExist: Issuing certificate as Secret does not exist")
        );
        assert_eq!(any(&certificate(&json!([{"type": "Ready", "status": "True"}]))), Readiness::Ready);
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
