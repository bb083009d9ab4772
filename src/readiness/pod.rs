//! What of a pod matters here, and its rule.
//!
//! The types are read from whole objects and are what the watch of pods decodes: nothing of a pod
//! besides these fields is ever held.

use serde::Deserialize;

use super::{Readiness, Related, trouble};
use crate::object::Object;

/// A pod's fields that readiness, status text and trouble are read from.
#[derive(Clone, Debug, Default)]
pub(crate) struct PodFacts {
    pub(crate) name: String,
    pub(crate) is_terminating: bool,
    pub(crate) spec: PodSpec,
    pub(crate) status: PodStatus,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct PodSpec {
    pub(crate) node_name: Option<String>,
    pub(crate) init_containers: Vec<Container>,
    pub(crate) containers: Vec<Container>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Container {
    pub(crate) name: String,
    pub(crate) restart_policy: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct PodStatus {
    pub(crate) phase: String,
    pub(crate) reason: String,
    pub(crate) message: String,
    pub(crate) conditions: Vec<PodCondition>,
    pub(crate) init_container_statuses: Vec<ContainerStatus>,
    pub(crate) container_statuses: Vec<ContainerStatus>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PodCondition {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) reason: String,
    pub(crate) message: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ContainerStatus {
    pub(crate) name: String,
    pub(crate) image: String,
    pub(crate) ready: bool,
    pub(crate) started: Option<bool>,
    pub(crate) restart_count: u32,
    pub(crate) state: ContainerState,
    pub(crate) last_state: ContainerState,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ContainerState {
    pub(crate) waiting: Option<Waiting>,
    pub(crate) running: Option<Running>,
    pub(crate) terminated: Option<Terminated>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Waiting {
    pub(crate) reason: String,
    pub(crate) message: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Running {}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Terminated {
    pub(crate) exit_code: i32,
    pub(crate) signal: i32,
    pub(crate) reason: String,
    pub(crate) message: String,
}

impl ContainerStatus {
    /// Has it written a log?
    pub(crate) fn has_run(&self) -> bool {
        self.state.running.is_some()
            || self.state.terminated.is_some()
            || self.last_state.terminated.is_some()
    }
}

impl PodFacts {
    /// Reads a whole pod. What cannot be read is taken for not there.
    pub(crate) fn of(object: &Object) -> Self {
        fn part<T: Default + for<'de> Deserialize<'de>>(object: &Object, field: &str) -> T {
            object.at(&[field]).and_then(|value| T::deserialize(value).ok()).unwrap_or_default()
        }
        Self {
            name: object.name().to_owned(),
            is_terminating: object.text(&["metadata", "deletionTimestamp"]).is_some(),
            spec: part(object, "spec"),
            status: part(object, "status"),
        }
    }

    /// The condition of that type.
    pub(crate) fn condition(&self, kind: &str) -> Option<&PodCondition> {
        self.status.conditions.iter().find(|condition| condition.kind == kind)
    }

    /// `Ready` is `True`.
    pub(crate) fn is_ready(&self) -> bool {
        self.condition("Ready").is_some_and(|ready| ready.status == "True")
    }
}

/// kstatus `podConditions`, but for what is too kind there: a failed pod has failed. `Succeeded` is
/// the end of a pod that was meant to end; a running one is ready when its `Ready` condition says so.
pub(super) fn pod(object: &Object, related: &Related<'_>) -> Readiness {
    let facts = PodFacts::of(object);
    let why = || {
        trouble::worst(&Related { pods: std::slice::from_ref(object), ..*related }, None)
            .unwrap_or_else(|| format!("it is {}", super::summarize(&facts).status))
    };
    match facts.status.phase.as_str() {
        "Succeeded" => Readiness::Ready,
        "Failed" => Readiness::failed(why()),
        _ if facts.is_ready() => Readiness::Ready,
        _ => Readiness::progressing(why()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::pod;
    use crate::readiness::{Readiness, Related, samples};

    #[test]
    fn a_pod_is_ready_when_its_condition_says_so_or_when_it_has_succeeded() {
        assert_eq!(pod(&samples::ready_pod("a"), &Related::default()), Readiness::Ready);
        let done = samples::pod("a", "Succeeded", &json!([]));
        assert_eq!(pod(&done, &Related::default()), Readiness::Ready);
        let started = samples::pod("a", "Running", &json!([]));
        assert!(matches!(pod(&started, &Related::default()), Readiness::Progressing { .. }));
    }

    #[test]
    fn a_failed_pod_has_failed_and_says_why() {
        let mut evicted = samples::pod("a", "Failed", &json!([]));
        evicted.0["status"]["reason"] = json!("Evicted");
        evicted.0["status"]["message"] = json!("The node was low on resource: memory.");
        assert!(matches!(pod(&evicted, &Related::default()),
            Readiness::Failed { reason } if reason.contains("Evicted") && reason.contains("memory")));
    }

    #[test]
    fn a_crash_loop_only_progresses_because_it_may_heal() {
        let Readiness::Progressing { reason } = pod(&samples::crashing_pod("a"), &Related::default()) else {
            panic!("a crash loop is no verdict");
        };
        assert!(
            reason.contains("137") && reason.contains("OOMKilled") && reason.contains("4 restarts"),
            "{reason}"
        );
    }
}
