//! Why pods are not ready, worst first.

use std::fmt::Write as _;

use super::{
    Related,
    fields::{short, text, words},
    pod::{ContainerStatus, PodFacts},
};
use crate::object::Object;

/// Sorts of trouble; the order is how much they tell a person, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    ImagePull,
    CrashLoop,
    CannotStart,
    Unschedulable,
    FailingProbe,
    Quota,
    NotYet,
}

/// One pod's trouble in words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Trouble {
    pub(crate) severity: Severity,
    pub(crate) text: String,
}

impl Trouble {
    /// Is it more than a pod that is merely not ready yet?
    pub(crate) fn is_wrong(&self) -> bool {
        self.severity != Severity::NotYet
    }
}

/// The worst that the pods, their events and the object's own failure to create pods tell.
///
/// `not_created`: what the controller says when it cannot create pods (`ReplicaFailure`, an event
/// `FailedCreate`): quota, an admission refusal, a pod security level.
pub(super) fn worst(related: &Related<'_>, not_created: Option<String>) -> Option<String> {
    let mut found: Vec<Trouble> = related
        .pods
        .iter()
        .map(PodFacts::of)
        .filter(|pod| !pod.is_terminating)
        .filter_map(|pod| {
            let trouble = with_events(&pod, of_pod(&pod), related.events)?;
            Some(Trouble { text: format!("{}: {}", pod.name, trouble.text), ..trouble })
        })
        .collect();
    found.extend(not_created.map(|text| Trouble { severity: Severity::Quota, text }));
    found.sort();
    let worst = found.first()?;
    let same = found.iter().filter(|trouble| trouble.severity == worst.severity).count();
    Some(match same {
        1 => worst.text.clone(),
        more => format!("{} (and {} more like it)", worst.text, more - 1),
    })
}

/// What to do about the worst trouble of these pods.
pub(crate) fn remedy(related: &Related<'_>) -> &'static str {
    let pods = related.pods.iter().map(PodFacts::of).filter(|pod| !pod.is_terminating);
    match pods.filter_map(|pod| with_events(&pod, of_pod(&pod), related.events)).min() {
        Some(worst) => match worst.severity {
            Severity::ImagePull => {
                "check the image's name and tag, and the pull secret; then apply again or roll back"
            }
            Severity::CrashLoop => {
                "read its log (kubectl logs --previous) and mend what it says; then apply again or roll back"
            }
            Severity::CannotStart => {
                "make what it mounts or reads (Secret, ConfigMap, volume), or mend its settings; then resume"
            }
            Severity::Unschedulable => {
                "make room or lower the requests, or mend selectors and tolerations; then resume"
            }
            Severity::FailingProbe => {
                "check the probe's path and port and what the app logs; then apply again or roll back"
            }
            Severity::Quota | Severity::NotYet => WAIT,
        },
        None if related.issuance.is_empty() => WAIT,
        None => ISSUE_AGAIN,
    }
}

/// What to do about a certificate that is not issued.
pub(crate) const ISSUE_AGAIN: &str = "mend the cause, then make cert-manager try again and resume; each try counts towards the issuer's limits";

const WAIT: &str = "look at its events (kubectl describe); resume to go on waiting, or roll back";

/// What is wrong with a pod, from its status alone; `None` for a pod that is well or has ended well.
pub(crate) fn of_pod(pod: &PodFacts) -> Option<Trouble> {
    if pod.status.phase == "Succeeded" || pod.is_ready() {
        return None;
    }
    let containers = pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses);
    let mut found: Vec<Trouble> = containers.filter_map(of_container).collect();
    if pod.status.phase == "Failed" && !pod.status.reason.is_empty() {
        found.push(Trouble {
            severity: Severity::CannotStart,
            text: words(&pod.status.reason, &pod.status.message),
        });
    }
    if let Some(scheduled) = pod.condition("PodScheduled").filter(|condition| condition.status == "False") {
        let text = match scheduled.reason.as_str() {
            "SchedulingGated" => "held back by a scheduling gate".to_owned(),
            _ => format!("no node takes it: {}", short(&scheduled.message)),
        };
        found.push(Trouble { severity: Severity::Unschedulable, text });
    }
    found.sort();
    found.into_iter().next()
}

/// The kubelet's reasons for a container that waits (`pkg/kubelet/images`, `pkg/kubelet/kuberuntime`).
fn of_container(container: &ContainerStatus) -> Option<Trouble> {
    let name = &container.name;
    if let Some(waiting) = &container.state.waiting {
        return match waiting.reason.as_str() {
            "ErrImagePull"
            | "ImagePullBackOff"
            | "InvalidImageName"
            | "ErrImageNeverPull"
            | "RegistryUnavailable"
            | "ImageInspectError"
            | "SignatureValidationFailed" => Some(Trouble {
                severity: Severity::ImagePull,
                text: format!(
                    "cannot get image {}: {}",
                    container.image,
                    words(&waiting.reason, &waiting.message)
                ),
            }),
            "CrashLoopBackOff" => Some(Trouble {
                severity: Severity::CrashLoop,
                text: format!("container {name} crashes again and again, {}", last_words(container)),
            }),
            "" | "PodInitializing" | "ContainerCreating" => None,
            other => Some(Trouble {
                severity: Severity::CannotStart,
                text: format!("container {name} cannot start: {}", words(other, &waiting.message)),
            }),
        };
    }
    if container.state.terminated.as_ref().is_some_and(|end| end.exit_code != 0) {
        return Some(Trouble {
            severity: Severity::CrashLoop,
            text: format!("container {name} ended, {}", last_words(container)),
        });
    }
    (container.state.running.is_some() && !container.ready).then(|| Trouble {
        severity: Severity::NotYet,
        text: format!("container {name} runs but is not ready"),
    })
}

/// Exit code, reason, restarts, and what the container wrote as its termination message.
fn last_words(container: &ContainerStatus) -> String {
    let Some(end) = container.state.terminated.as_ref().or(container.last_state.terminated.as_ref()) else {
        return format!("{} restarts", container.restart_count);
    };
    // Writing to a text cannot fail.
    let mut text = format!("exit code {}", end.exit_code);
    if !matches!(end.reason.as_str(), "" | "Error") {
        let _ = write!(text, " ({})", end.reason);
    }
    if container.restart_count > 0 {
        let _ = write!(text, ", {} restarts", container.restart_count);
    }
    if !end.message.trim().is_empty() {
        let _ = write!(text, ": {}", short(&end.message));
    }
    text
}

/// Events tell what a pod's status does not: a probe that fails, a volume that cannot be mounted.
fn with_events(pod: &PodFacts, trouble: Option<Trouble>, events: &[Object]) -> Option<Trouble> {
    if pod.is_ready() || trouble.as_ref().is_some_and(|known| known.severity < Severity::FailingProbe) {
        return trouble;
    }
    let warnings = events
        .iter()
        .filter(|event| event.text(&["involvedObject", "name"]) == Some(&pod.name))
        .filter(|event| text(&event.0, "type") == "Warning");
    let newest = warnings.max_by_key(|event| event.text(&["lastTimestamp"]).unwrap_or_default());
    let Some(told) = newest else {
        return trouble;
    };
    let message = text(&told.0, "message");
    let severity = match text(&told.0, "reason") {
        "Unhealthy" => Severity::FailingProbe,
        "FailedMount" | "FailedAttachVolume" | "FailedCreatePodSandBox" => Severity::CannotStart,
        "FailedScheduling" => Severity::Unschedulable,
        _ => return trouble,
    };
    Some(Trouble { severity, text: short(message) })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::worst;
    use crate::readiness::{
        Related,
        samples::{crashing_pod, event, pod, ready_pod, waiting_pod},
    };

    #[test]
    fn an_image_that_cannot_be_pulled_comes_before_a_crash_and_a_crash_before_quota() {
        let pull = waiting_pod("gateway-7d-a", "ImagePullBackOff", "Back-off pulling image: not found");
        let pods = [ready_pod("gateway-7d-c"), crashing_pod("gateway-7d-b"), pull];
        let quota = Some("exceeded quota".to_owned());
        let said = worst(&Related { pods: &pods, ..Related::default() }, quota.clone()).unwrap_or_default();
        assert!(said.starts_with("gateway-7d-a: cannot get image ghcr.io/acme/gateway:1.4.2"), "{said}");
        let said =
            worst(&Related { pods: &pods[..2], ..Related::default() }, quota.clone()).unwrap_or_default();
        assert!(said.starts_with("gateway-7d-b: container nginx crashes"), "{said}");
        assert!(said.contains("exit code 137 (OOMKilled), 4 restarts: cannot allocate"), "{said}");
        assert_eq!(
            worst(&Related { pods: &pods[..1], ..Related::default() }, quota).as_deref(),
            Some("exceeded quota")
        );
        assert_eq!(worst(&Related { pods: &pods[..1], ..Related::default() }, None), None);
    }

    #[test]
    fn a_probe_that_fails_is_told_by_an_event() {
        let starting =
            pod("a", "Running", &json!([{"name": "app", "ready": false, "state": {"running": {}}}]));
        let events = [event(
            "Pod",
            "a",
            "Unhealthy",
            "Readiness probe failed: HTTP probe failed with statuscode: 503",
        )];
        let said = worst(
            &Related { pods: std::slice::from_ref(&starting), events: &events, ..Related::default() },
            None,
        )
        .unwrap_or_default();
        assert_eq!(said, "a: Readiness probe failed: HTTP probe failed with statuscode: 503");
        let said = worst(&Related { pods: &[starting], ..Related::default() }, None).unwrap_or_default();
        assert_eq!(said, "a: container app runs but is not ready");
    }

    #[test]
    fn no_node_and_missing_config_are_named_and_like_pods_counted() {
        let mut pending = pod("a", "Pending", &json!([]));
        pending.0["status"]["conditions"] = json!([{"type": "PodScheduled", "status": "False",
            "reason": "Unschedulable", "message": "0/3 nodes are available: 3 Insufficient cpu."}]);
        let said = worst(&Related { pods: &[pending], ..Related::default() }, None).unwrap_or_default();
        assert_eq!(said, "a: no node takes it: 0/3 nodes are available: 3 Insufficient cpu.");
        let config = |name| waiting_pod(name, "CreateContainerConfigError", "secret \"db\" not found");
        let said = worst(&Related { pods: &[config("a"), config("b")], ..Related::default() }, None)
            .unwrap_or_default();
        assert!(said.contains("secret \"db\" not found") && said.ends_with("(and 1 more like it)"), "{said}");
    }
}
