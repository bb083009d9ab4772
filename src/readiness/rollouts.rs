//! Workloads that keep pods running.
//!
//! The counts are those of `kubectl rollout status` (`k8s.io/kubectl/pkg/polymorphichelpers`), which
//! asks for more than kstatus where they differ; wanted replicas are read from the live spec, so that
//! an autoscaler's number is the one that counts.

use super::{
    Readiness, Related,
    fields::{Condition, count, list, text, words},
    trouble,
};
use crate::object::Object;

/// `DeploymentStatusViewer`: the controller has seen the spec, every replica is updated, the old ones
/// are gone, the updated ones are available. `ProgressDeadlineExceeded` is the one verdict.
pub(super) fn deployment(object: &Object, related: &Related<'_>) -> Readiness {
    if let Some(unseen) = never_observed(object) {
        return unseen;
    }
    let wanted = count(object, &["spec", "replicas"]).unwrap_or(1);
    let updated = status_count(object, "updatedReplicas");
    let all = status_count(object, "replicas");
    let available = status_count(object, "availableReplicas");
    let why = || trouble::worst(related, not_created(object, related));
    if let Some(progress) = Condition::of(object, "Progressing")
        && progress.reason() == "ProgressDeadlineExceeded"
    {
        let seconds = count(object, &["spec", "progressDeadlineSeconds"]).unwrap_or(600);
        let verdict = format!("no progress for {seconds} s (ProgressDeadlineExceeded)");
        return Readiness::failed(explained(why(), &verdict));
    }
    if updated < wanted {
        let paused = object.at(&["spec", "paused"]).and_then(serde_json::Value::as_bool) == Some(true);
        let note = if paused { ", the rollout is paused" } else { "" };
        return Readiness::progressing(explained(why(), &format!("{updated} of {wanted} updated{note}")));
    }
    if all > updated {
        return Readiness::progressing(explained(
            why(),
            &format!("{} of the old pods still there", all - updated),
        ));
    }
    if available < updated {
        return Readiness::progressing(explained(why(), &format!("{available} of {updated} available")));
    }
    Readiness::Ready
}

/// `StatefulSetStatusViewer`; it refuses `OnDelete`, which kstatus takes for ready: here it is ready
/// with a warning for as long as pods of the earlier revision run. A partition ends the rollout early
/// on purpose.
pub(super) fn stateful_set(object: &Object, related: &Related<'_>) -> Readiness {
    if let Some(unseen) = never_observed(object) {
        return unseen;
    }
    let wanted = count(object, &["spec", "replicas"]).unwrap_or(1);
    let ready = count(object, &["status", "availableReplicas"]).map_or_else(
        || status_count(object, "readyReplicas"),
        |available| available.min(status_count(object, "readyReplicas")),
    );
    let why = || trouble::worst(related, not_created(object, related));
    if ready < wanted {
        return Readiness::progressing(explained(why(), &format!("{ready} of {wanted} ready")));
    }
    if status_count(object, "replicas") > wanted {
        return Readiness::progressing(explained(why(), "scaling down"));
    }
    let revision = |field| object.text(&["status", field]).unwrap_or_default();
    let updated = if revision("updateRevision") == revision("currentRevision") {
        wanted
    } else {
        status_count(object, "updatedReplicas")
    };
    if object.text(&["spec", "updateStrategy", "type"]) == Some("OnDelete") {
        return on_delete(wanted.saturating_sub(updated));
    }
    let partition =
        count(object, &["spec", "updateStrategy", "rollingUpdate", "partition"]).unwrap_or_default();
    let to_update = wanted.saturating_sub(partition);
    if updated < to_update {
        return Readiness::progressing(explained(why(), &format!("{updated} of {to_update} updated")));
    }
    if updated < wanted {
        return Readiness::warning(format!(
            "{updated} of {wanted} updated, as its partition of {partition} asks for"
        ));
    }
    Readiness::Ready
}

/// `DaemonSetStatusViewer`; `OnDelete` as for StatefulSets. One that no node wants is ready, and says
/// so: that is seldom what was meant.
pub(super) fn daemon_set(object: &Object, related: &Related<'_>) -> Readiness {
    if let Some(unseen) = never_observed(object) {
        return unseen;
    }
    let wanted = status_count(object, "desiredNumberScheduled");
    let updated = status_count(object, "updatedNumberScheduled");
    let available = status_count(object, "numberAvailable");
    let why = || trouble::worst(related, not_created(object, related));
    let is_on_delete = object.text(&["spec", "updateStrategy", "type"]) == Some("OnDelete");
    if wanted == 0 {
        return Readiness::warning("no node matches it, so it runs nowhere");
    }
    if updated < wanted && !is_on_delete {
        return Readiness::progressing(explained(why(), &format!("{updated} of {wanted} updated")));
    }
    if available < wanted {
        return Readiness::progressing(explained(why(), &format!("{available} of {wanted} available")));
    }
    if is_on_delete {
        return on_delete(wanted.saturating_sub(updated));
    }
    Readiness::Ready
}

/// kstatus `replicasetConditions`: as many pods as wanted, all available, none too many.
pub(super) fn replica_set(object: &Object, related: &Related<'_>) -> Readiness {
    if let Some(unseen) = never_observed(object) {
        return unseen;
    }
    let wanted = count(object, &["spec", "replicas"]).unwrap_or(1);
    let available = status_count(object, "availableReplicas");
    let all = status_count(object, "replicas");
    let why = || trouble::worst(related, not_created(object, related));
    if available < wanted {
        return Readiness::progressing(explained(why(), &format!("{available} of {wanted} available")));
    }
    if all > wanted {
        return Readiness::progressing(explained(why(), "scaling down"));
    }
    Readiness::Ready
}

fn status_count(object: &Object, field: &str) -> u64 {
    count(object, &["status", field]).unwrap_or_default()
}

/// A status without `observedGeneration` was never written by its controller.
fn never_observed(object: &Object) -> Option<Readiness> {
    count(object, &["status", "observedGeneration"])
        .is_none()
        .then(|| Readiness::progressing("its controller has not looked at it yet"))
}

fn on_delete(outdated: u64) -> Readiness {
    match outdated {
        0 => Readiness::Ready,
        1 => Readiness::warning("1 pod runs the earlier revision until it is deleted by hand (OnDelete)"),
        pods => Readiness::warning(format!(
            "{pods} pods run the earlier revision until they are deleted by hand (OnDelete)"
        )),
    }
}

/// The trouble, with the counts behind it; or the counts alone.
fn explained(trouble: Option<String>, counts: &str) -> String {
    match trouble {
        Some(trouble) => format!("{trouble} ({counts})"),
        None => counts.to_owned(),
    }
}

/// Why the controller cannot create pods: the `ReplicaFailure` condition of Deployments and
/// ReplicaSets; StatefulSets and DaemonSets only have events.
fn not_created(object: &Object, related: &Related<'_>) -> Option<String> {
    if let Some(failure) = Condition::of(object, "ReplicaFailure").filter(|found| found.is_true()) {
        return Some(format!("pods cannot be created: {}", failure.words()));
    }
    if !list(object, &["status", "conditions"]).is_empty() {
        return None;
    }
    let event = related
        .events
        .iter()
        .filter(|event| text(&event.0, "reason") == "FailedCreate")
        .filter(|event| event.text(&["involvedObject", "name"]) == Some(object.name()))
        .max_by_key(|event| event.text(&["lastTimestamp"]).unwrap_or_default())?;
    Some(format!("pods cannot be created: {}", words("FailedCreate", text(&event.0, "message"))))
}

#[cfg(test)]
#[path = "rollouts_tests.rs"]
mod tests;
