//! Claims on storage.

use super::{
    Readiness, Related,
    fields::{text, words},
};
use crate::object::Object;

/// kstatus `pvcConditions`: `Bound`. A claim whose class waits for its first consumer
/// (`WaitForFirstConsumer`) stays `Pending` until a pod wants it, which is no reason to wait here; the
/// volume controller says so in an event. `Lost` is for good.
pub(super) fn claim(object: &Object, related: &Related<'_>) -> Readiness {
    match object.text(&["status", "phase"]) {
        Some("Bound") => return Readiness::Ready,
        Some("Lost") => return Readiness::failed("the volume that it was bound to is gone"),
        _ => {}
    }
    let own = related.events.iter().filter(|event| {
        event.text(&["involvedObject", "kind"]) == Some("PersistentVolumeClaim")
            && event.text(&["involvedObject", "name"]) == Some(object.name())
    });
    // The newest event is the one that tells why it is pending now.
    let newest = own.max_by_key(|event| event.text(&["lastTimestamp"]).unwrap_or_default());
    match newest.map(|event| (text(&event.0, "reason"), text(&event.0, "message"))) {
        Some(("WaitForFirstConsumer", _)) => {
            Readiness::warning("its volume is made when the first pod that uses it is scheduled")
        }
        Some((reason, message)) => Readiness::progressing(format!("not bound: {}", words(reason, message))),
        None => Readiness::progressing("not bound to a volume yet"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::claim;
    use crate::{
        object::Object,
        readiness::{Readiness, Related, samples::event},
    };

    fn in_phase(phase: &str) -> Object {
        Object(json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
            "metadata": {"name": "data"}, "status": {"phase": phase}}))
    }

    #[test]
    fn a_claim_is_ready_when_bound_and_failed_when_lost() {
        assert_eq!(claim(&in_phase("Bound"), &Related::default()), Readiness::Ready);
        assert!(matches!(claim(&in_phase("Lost"), &Related::default()), Readiness::Failed { .. }));
        assert!(matches!(claim(&in_phase("Pending"), &Related::default()), Readiness::Progressing { .. }));
    }

    #[test]
    fn waiting_for_the_first_consumer_is_a_warning_and_other_events_say_why() {
        let waits =
            event("PersistentVolumeClaim", "data", "WaitForFirstConsumer", "waiting for first consumer");
        let fails =
            event("PersistentVolumeClaim", "data", "ProvisioningFailed", "storageclass \"fast\" not found");
        let other = event("PersistentVolumeClaim", "logs", "WaitForFirstConsumer", "");
        let pending = in_phase("Pending");
        assert!(claim(&pending, &Related { events: &[waits], ..Related::default() }).is_ready());
        assert!(matches!(claim(&pending, &Related { events: &[fails, other], ..Related::default() }),
            Readiness::Progressing { reason } if reason.contains("\"fast\" not found")));
    }
}
