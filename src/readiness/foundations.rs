//! What other objects stand on: namespaces, definitions, aggregated APIs.

use super::{Readiness, fields::Condition};
use crate::object::Object;

/// A namespace is there to be filled while its phase is `Active` (core/v1 `NamespacePhase`). kstatus
/// takes it for ready in any phase.
pub(super) fn namespace(object: &Object) -> Readiness {
    match object.text(&["status", "phase"]) {
        Some("Active") => Readiness::Ready,
        Some("Terminating") => Readiness::Gone,
        _ => Readiness::progressing("it has no phase yet"),
    }
}

/// kstatus `crdConditions`: `Established`; names that another definition has are never accepted.
pub(super) fn definition(object: &Object) -> Readiness {
    if let Some(names) = Condition::of(object, "NamesAccepted").filter(|found| found.is_false()) {
        return Readiness::failed(format!("its names were not accepted: {}", names.words()));
    }
    match Condition::of(object, "Established") {
        Some(established) if established.is_true() => Readiness::Ready,
        Some(established) => Readiness::progressing(format!("not established: {}", established.words())),
        None => Readiness::progressing("not established yet"),
    }
}

/// `Available` (kube-aggregator's availability controller): the API answers through its service.
pub(super) fn api_service(object: &Object) -> Readiness {
    match Condition::of(object, "Available") {
        Some(available) if available.is_true() => Readiness::Ready,
        Some(available) => Readiness::progressing(format!("not available: {}", available.words())),
        None => Readiness::progressing("nobody has asked whether it is available yet"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{api_service, definition, namespace};
    use crate::{object::Object, readiness::Readiness};

    fn with_status(status: &Value) -> Object {
        Object(json!({"metadata": {"name": "a"}, "status": status}))
    }

    #[test]
    fn a_namespace_is_ready_while_active() {
        assert_eq!(namespace(&with_status(&json!({"phase": "Active"}))), Readiness::Ready);
        assert_eq!(namespace(&with_status(&json!({"phase": "Terminating"}))), Readiness::Gone);
        assert!(!namespace(&with_status(&json!({}))).is_ready());
    }

    #[test]
    fn a_definition_is_ready_once_established_and_fails_on_taken_names() {
        let conditions = |names: &str, established: &str| {
            with_status(&json!({"conditions": [
                {"type": "NamesAccepted", "status": names, "reason": "PluralConflict", "message": "\"things\" is already in use"},
                {"type": "Established", "status": established, "reason": "Installing", "message": "not all names are accepted"}]}))
        };
        assert_eq!(definition(&conditions("True", "True")), Readiness::Ready);
        assert!(matches!(definition(&conditions("True", "False")), Readiness::Progressing { .. }));
        assert!(matches!(definition(&conditions("False", "False")),
            Readiness::Failed { reason } if reason.contains("already in use")));
        assert!(!definition(&with_status(&json!({}))).is_ready());
    }

    #[test]
    fn an_aggregated_api_says_why_it_is_not_available() {
        let missing = with_status(&json!({"conditions": [{"type": "Available", "status": "False",
            "reason": "MissingEndpoints", "message": "endpoints for service/metrics-server in \"kube-system\" have no addresses"}]}));
        assert!(
            matches!(api_service(&missing), Readiness::Progressing { reason } if reason.contains("MissingEndpoints"))
        );
        let available = with_status(&json!({"conditions": [{"type": "Available", "status": "True"}]}));
        assert_eq!(api_service(&available), Readiness::Ready);
    }
}
