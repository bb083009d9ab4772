//! The STATUS, READY and RESTARTS columns of `kubectl get pods`.
//!
//! Source: `printPod` in `k8s.io/kubernetes/pkg/printers/internalversion/printers.go` (1.36), so that
//! what is shown here and what kubectl shows never differ.

use super::pod::{Container, ContainerState, PodFacts};

/// What `kubectl get pods` shows of a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PodSummary {
    pub(crate) status: String,
    pub(crate) ready_containers: u32,
    pub(crate) containers: u32,
    pub(crate) restarts: u32,
}

/// The columns of a pod.
pub(crate) fn summarize(pod: &PodFacts) -> PodSummary {
    let status = &pod.status;
    let mut summary = PodSummary {
        status: if status.reason.is_empty() { status.phase.clone() } else { status.reason.clone() },
        ready_containers: 0,
        containers: count(pod.spec.containers.len() + sidecars(pod).count()),
        restarts: 0,
    };
    if pod.condition("PodScheduled").is_some_and(|scheduled| scheduled.reason == "SchedulingGated") {
        "SchedulingGated".clone_into(&mut summary.status);
    }
    let initializing = initialize(pod, &mut summary);
    if !initializing || pod.condition("Initialized").is_some_and(|done| done.status == "True") {
        run(pod, &mut summary);
    }
    if pod.is_terminating {
        if status.reason == "NodeLost" {
            "Unknown".clone_into(&mut summary.status);
        } else if !matches!(status.phase.as_str(), "Succeeded" | "Failed") {
            "Terminating".clone_into(&mut summary.status);
        }
    }
    summary
}

/// Goes through the init containers up to the first that is not done. Is there one?
fn initialize(pod: &PodFacts, summary: &mut PodSummary) -> bool {
    for (index, container) in pod.status.init_container_statuses.iter().enumerate() {
        summary.restarts += container.restart_count;
        let terminated = container.state.terminated.as_ref();
        if terminated.is_some_and(|end| end.exit_code == 0) {
            continue;
        }
        if is_sidecar(pod, &container.name) && container.started == Some(true) {
            summary.ready_containers += u32::from(container.ready);
            continue;
        }
        let waiting = container.state.waiting.as_ref().map_or("", |waiting| &waiting.reason);
        summary.status = match ending(&container.state) {
            Some(end) => format!("Init:{end}"),
            None if !matches!(waiting, "" | "PodInitializing") => format!("Init:{waiting}"),
            None => format!("Init:{index}/{}", pod.spec.init_containers.len()),
        };
        return true;
    }
    false
}

/// Goes through the containers, last one first: the first one's reason is the one that stays.
fn run(pod: &PodFacts, summary: &mut PodSummary) {
    let of_sidecars = pod.status.init_container_statuses.iter().filter(|one| is_sidecar(pod, &one.name));
    summary.restarts = of_sidecars.map(|one| one.restart_count).sum();
    let mut has_running = false;
    let mut error = None;
    for container in pod.status.container_statuses.iter().rev() {
        summary.restarts += container.restart_count;
        let waiting = container.state.waiting.as_ref().map_or("", |waiting| &waiting.reason);
        if !waiting.is_empty() {
            waiting.clone_into(&mut summary.status);
        } else if let Some(end) = ending(&container.state) {
            if container.state.terminated.as_ref().is_some_and(|end| end.exit_code != 0) {
                error = Some(end.clone());
            }
            summary.status = end;
        } else if container.ready && container.state.running.is_some() {
            has_running = true;
            summary.ready_containers += 1;
        }
    }
    if summary.status == "Completed" {
        if has_running && pod.is_ready() {
            "Running".clone_into(&mut summary.status);
        } else if let Some(error) = error {
            summary.status = error;
        } else if has_running {
            "NotReady".clone_into(&mut summary.status);
        }
    }
}

/// How a container ended: its reason, else its signal, else its exit code.
fn ending(state: &ContainerState) -> Option<String> {
    state.terminated.as_ref().map(|end| match (end.reason.as_str(), end.signal) {
        ("", 0) => format!("ExitCode:{}", end.exit_code),
        ("", signal) => format!("Signal:{signal}"),
        (reason, _) => reason.to_owned(),
    })
}

/// Init containers that are restarted for as long as the pod lives (KEP-753).
fn sidecars(pod: &PodFacts) -> impl Iterator<Item = &Container> {
    pod.spec.init_containers.iter().filter(|container| container.restart_policy.as_deref() == Some("Always"))
}

fn is_sidecar(pod: &PodFacts, name: &str) -> bool {
    sidecars(pod).any(|container| container.name == name)
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::summarize;
    use crate::{object::Object, readiness::PodFacts};

    /// Status text and `ready/containers restarts`, as kubectl prints them.
    fn columns(metadata: &Value, spec: &Value, status: &Value) -> String {
        let pod = Object(json!({"metadata": metadata, "spec": spec, "status": status}));
        let summary = summarize(&PodFacts::of(&pod));
        format!("{} {}/{} {}", summary.status, summary.ready_containers, summary.containers, summary.restarts)
    }

    fn of(spec: &Value, status: &Value) -> String {
        columns(&json!({"name": "a"}), spec, status)
    }

    /// The cases of kubectl's own `TestPrintPod`.
    #[test]
    fn the_columns_are_those_of_kubectl() {
        let two = json!({"containers": [{"name": "a"}, {"name": "b"}]});
        let running = json!({"ready": true, "restartCount": 6, "state": {"running": {}}});
        let idle = json!({"restartCount": 3});
        assert_eq!(
            of(&two, &json!({"phase": "podPhase", "containerStatuses": [running, idle]})),
            "podPhase 1/2 9"
        );
        let waits = json!({"restartCount": 3, "state": {"waiting": {"reason": "ContainerWaitingReason"}}});
        assert_eq!(
            of(&two, &json!({"phase": "podPhase", "containerStatuses": [waits, idle]})),
            "ContainerWaitingReason 0/2 6"
        );
        let signal = json!({"restartCount": 3, "state": {"terminated": {"signal": 9, "exitCode": 137}}});
        assert_eq!(
            of(&two, &json!({"phase": "podPhase", "containerStatuses": [signal, idle]})),
            "Signal:9 0/2 6"
        );
        assert_eq!(of(&two, &json!({"phase": "Pending", "reason": "podReason"})), "podReason 0/2 0");
    }

    #[test]
    fn completed_beside_running_follows_readiness_and_errors_win() {
        let three = json!({"containers": [{"name": "a"}, {"name": "b"}, {"name": "c"}]});
        let done = json!({"state": {"terminated": {"reason": "Completed", "exitCode": 0}}});
        let runs = json!({"ready": true, "state": {"running": {}}});
        let error = json!({"state": {"terminated": {"reason": "Error", "exitCode": 1}}});
        let ready = json!([{"type": "Ready", "status": "True"}]);
        let with = |statuses: Value, conditions: &Value| {
            of(&three, &json!({"phase": "Running", "containerStatuses": statuses, "conditions": conditions}))
        };
        assert_eq!(with(json!([done, runs, runs]), &ready), "Running 2/3 0");
        assert_eq!(with(json!([done, runs, runs]), &json!([])), "NotReady 2/3 0");
        assert_eq!(with(json!([done, error, runs]), &json!([])), "Error 1/3 0");
    }

    #[test]
    fn init_containers_and_sidecars_show_how_far_it_is() {
        let spec = json!({"initContainers": [{"name": "one"}, {"name": "side", "restartPolicy": "Always"}],
            "containers": [{"name": "main"}]});
        let with =
            |statuses: Value| of(&spec, &json!({"phase": "Pending", "initContainerStatuses": statuses}));
        let done = json!({"name": "one", "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}});
        let side = json!({"name": "side", "started": true, "ready": true, "restartCount": 1, "state": {"running": {}}});
        assert_eq!(
            with(json!([{"name": "one", "state": {"waiting": {"reason": "PodInitializing"}}}])),
            "Init:0/2 0/2 0"
        );
        assert_eq!(
            with(
                json!([{"name": "one", "restartCount": 2, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}])
            ),
            "Init:CrashLoopBackOff 0/2 2"
        );
        assert_eq!(
            with(json!([{"name": "one", "state": {"terminated": {"exitCode": 2}}}])),
            "Init:ExitCode:2 0/2 0"
        );
        assert_eq!(with(json!([done, side])), "Pending 1/2 1");
    }

    #[test]
    fn a_pod_on_its_way_out_terminates_unless_it_had_ended() {
        let metadata = json!({"name": "a", "deletionTimestamp": "2026-11-24T10:00:00Z"});
        let spec = json!({"containers": [{"name": "a"}]});
        assert_eq!(columns(&metadata, &spec, &json!({"phase": "Running"})), "Terminating 0/1 0");
        assert_eq!(columns(&metadata, &spec, &json!({"phase": "Succeeded"})), "Succeeded 0/1 0");
        let lost = json!({"phase": "Running", "reason": "NodeLost"});
        assert_eq!(columns(&metadata, &spec, &lost), "Unknown 0/1 0");
    }

    #[test]
    fn a_gated_pod_says_so() {
        let gated = json!({"phase": "Pending", "conditions": [
            {"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}]});
        assert_eq!(of(&json!({"containers": [{"name": "a"}]}), &gated), "SchedulingGated 0/1 0");
    }
}
