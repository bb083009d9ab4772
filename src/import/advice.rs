//! What to do about a key that has no counterpart.

/// By the key's name, in the service or at the top level.
const ADVICE: &[(&str, &str)] = &[
    ("attach", "`kubectl logs` reads any pod; nothing to do"),
    (
        "blkio_config",
        "the weight of block devices is the node's matter: choose a StorageClass that is fast enough",
    ),
    ("cgroup", "cgroups belong to the kubelet; leave it out"),
    ("cgroup_parent", "cgroups belong to the kubelet; leave it out"),
    ("cpu_count", "say limits.cpu in the deployment instead"),
    ("cpu_percent", "say limits.cpu in the deployment instead"),
    ("cpu_period", "say limits.cpu in the deployment instead: the quota divided by the period"),
    ("cpu_quota", "say limits.cpu in the deployment instead: the quota divided by the period"),
    ("cpu_rt_period", "real-time scheduling needs a node set up for it; ask whoever runs the cluster"),
    ("cpu_rt_runtime", "real-time scheduling needs a node set up for it; ask whoever runs the cluster"),
    ("cpu_shares", "a share is what requests.cpu is for: 1024 shares are about one CPU"),
    (
        "cpuset",
        "pinning to CPUs needs the kubelet's static CPU manager and whole CPUs as requests and limits",
    ),
    (
        "credential_spec",
        "a group managed service account is for Windows nodes; see windowsOptions in the pod's securityContext",
    ),
    ("develop", "watching sources is for the developer's machine; nothing to do here"),
    ("device_cgroup_rules", "a device needs a device plugin on the node; ask whoever runs the cluster"),
    (
        "devices",
        "a device needs a device plugin on the node, which offers it as a resource to ask for in limits",
    ),
    ("domainname", "names come from the namespace: NAME.NAMESPACE.svc.cluster.local"),
    (
        "endpoint_mode",
        "a Service balances by itself; one with clusterIP None answers with the pods' addresses (dnsrr)",
    ),
    ("isolation", "for Windows only; a RuntimeClass chooses another isolation"),
    (
        "label_file",
        "labels of containers are read by nothing here; put what is wanted into the pod's annotations",
    ),
    (
        "logging",
        "the node collects what is written to stdout and stderr; choose where to in week 3, and take log files out of the application",
    ),
    ("mac_address", "a pod's address is the network plugin's matter; leave it out"),
    ("mem_swappiness", "a node does not swap; leave it out"),
    ("memswap_limit", "a node does not swap; limits.memory is all there is"),
    ("models", "run the model as a service of its own, and name its address in the environment"),
    (
        "oom_kill_disable",
        "a container over its memory limit is killed; give it a limit that it does not reach",
    ),
    (
        "oom_score_adj",
        "the kubelet sets it by requests and limits: equal ones make a pod the last to be killed",
    ),
    ("preferences", "spread is what topologySpreadConstraints in the deployment is for"),
    (
        "provider",
        "a provider makes a resource outside of compose; make it where it belongs and name its address in the environment",
    ),
    (
        "rollback_config",
        "a rollout that fails stops and the old pods go on serving; the cockpit takes it back",
    ),
    ("runtime", "another runtime is a RuntimeClass: make it, and name it as runtimeClassName in the pod"),
    ("scale", "see deploy.replicas"),
    ("storage_opt", "limit what a container writes with limits.ephemeral-storage"),
    (
        "ulimits",
        "limits of processes come from the node's container runtime; ask whoever runs the cluster for what the application needs",
    ),
    (
        "use_api_socket",
        "a container that steers containers must be rewritten against the Kubernetes API, with a ServiceAccount and a Role",
    ),
    ("userns_mode", "see hostUsers in the pod: false gives it a user namespace of its own"),
    ("uts", "a pod has a host name of its own; leave it out"),
    ("volumes_from", "name the volumes one by one in the service that uses them"),
    ("window", "a pod is restarted with growing pauses, up to five minutes"),
    ("delay", "a pod is restarted with growing pauses, up to five minutes"),
    ("max_attempts", "a pod is restarted for ever; a Job gives up after its backoffLimit"),
    ("monitor", "progressDeadlineSeconds is how long a rollout may make no progress"),
    ("failure_action", "a rollout that fails stops and the old pods go on serving"),
    ("max_failure_ratio", "maxUnavailable in the deployment says how many may be missing"),
    ("labels", "read by nothing here; put what is wanted into metadata.annotations"),
    (
        "ipam",
        "the cluster gives out the addresses; whoever named one by its number names the Service instead",
    ),
    ("driver_opts", "the network plugin or the StorageClass decides; ask whoever runs the cluster"),
    ("enable_ipv6", "the cluster's matter: ask for a dual-stack one, and see ipFamilyPolicy of a Service"),
    ("enable_ipv4", "the cluster's matter: see ipFamilyPolicy of a Service"),
    ("attachable", "a policy of the network decides who may talk; nothing to do"),
    ("template_driver", "write out the template before it becomes a Secret or ConfigMap"),
    ("mac", "a pod's address is the network plugin's matter; leave it out"),
];

const OTHERWISE: &str =
    "this has no counterpart that could be written without you: decide whether it is still needed";

/// What to do about the key at this path: the nearest one that something is known of.
pub(super) fn on(path: &str) -> &'static str {
    let words = path.split(['.', '[']).rev();
    words
        .filter_map(|word| ADVICE.iter().find(|(name, _)| *name == word))
        .map(|(_, text)| *text)
        .next()
        .unwrap_or(OTHERWISE)
}

#[cfg(test)]
mod tests {
    use super::{OTHERWISE, on};

    #[test]
    fn the_nearest_key_that_something_is_known_of_decides() {
        assert!(on("services.web.logging.options.max-size").starts_with("the node collects"));
        assert!(on("services.web.ulimits.nofile.soft").contains("container runtime"));
        assert_eq!(on("services.web.unheard_of"), OTHERWISE);
    }
}
