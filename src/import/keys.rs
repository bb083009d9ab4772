//! What the keys became that are a line or two of the pod, and those that have no counterpart there.

use super::{
    desk::Desk,
    pod::{
        architecture, is_for_docker, is_label, is_qualified, is_secret_hook, is_secret_value, node_label,
        pull_policy,
    },
    proxied,
    shape::{Kind, Shape},
};
use crate::compose::{DependencyCondition, Service};

/// Says what the keys became.
pub(super) fn tell(desk: &mut Desk<'_>, service: &Service, kind: Kind, shape: &Shape) {
    dependencies(desk, service, shape);
    labels(desk, service);
    hooks(desk, service);
    placement(desk, service);
    let ledger = &mut desk.ledger;
    if let Some(grace) = &service.stop_grace_period {
        ledger.mapped(&grace.path, "terminationGracePeriodSeconds");
    }
    if let Some(signal) = &service.stop_signal {
        if signal.value.trim_start_matches("SIG") == "TERM" {
            ledger.mapped(&signal.path, "SIGTERM is what a pod gets");
        } else {
            ledger.not_mapped(&signal.path, format!("the runtime sends the image's own STOPSIGNAL: say `STOPSIGNAL {}` in the Dockerfile, or a preStop hook that sends it", signal.value));
        }
    }
    if let Some(init) = &service.init {
        ledger.approximated(
            &init.path,
            "shareProcessNamespace: the pod's own process reaps what is left behind",
        );
    }
    if let Some(folder) = &service.working_dir {
        ledger.mapped(&folder.path, "workingDir");
    }
    if let Some(hostname) = &service.hostname
        && !is_label(&hostname.value)
    {
        ledger.not_mapped(
            &hostname.path,
            "a pod's host name is a label of small letters, digits and dashes; it gets the pod's own name",
        );
    }
    for placed in service.tty.iter().chain(&service.stdin_open) {
        ledger.mapped(&placed.path, "tty, stdin");
    }
    for placed in &service.extra_hosts {
        if placed.value.1.iter().all(|address| address.parse::<core::net::IpAddr>().is_ok()) {
            ledger.mapped(
                &placed.path,
                "hostAliases; allow the address in network-policy.yml where it is a private one",
            );
        } else {
            ledger.not_mapped(&placed.path, "a pod has no gateway to the host: name the machine's address in hostAliases, or a Service that leads there");
        }
    }
    for placed in &service.dns {
        ledger.approximated(&placed.path, "dnsConfig.nameservers, asked after the cluster's own, which knows the Services; allow it in network-policy.yml");
    }
    for placed in service.dns_search.iter().chain(&service.dns_opt) {
        ledger.mapped(&placed.path, "dnsConfig");
    }
    if let Some(policy) = &service.pull_policy {
        match pull_policy(&policy.value) {
            Some(told) => ledger.mapped(&policy.path, format!("imagePullPolicy {told}")),
            None => ledger
                .not_mapped(&policy.path, "the kubelet pulls what is missing; the pipeline of week 2 builds"),
        }
    }
    if let Some(update) = &service.update {
        match kind {
            Kind::Deployment => ledger.approximated(
                &update.path,
                "the strategy of the Deployment: how many at once, and whether new pods start first",
            ),
            _ => ledger.approximated(&update.path, "one pod after the other"),
        }
    }
}

fn hooks(desk: &mut Desk<'_>, service: &Service) {
    for hook in &service.hooks {
        if is_secret_hook(desk, hook) {
            desk.ledger.not_mapped(
                &hook.path,
                "there is a secret in the command: write the hook with the variable that it comes in",
            );
        } else {
            let told = if hook.value.is_pre_stop { "lifecycle.preStop" } else { "lifecycle.postStart" };
            desk.ledger.mapped(&hook.path, told);
        }
    }
}

fn dependencies(desk: &mut Desk<'_>, service: &Service, shape: &Shape) {
    for (name, dependency) in &service.depends_on {
        let other = desk.names.of(name).to_owned();
        if desk.replaced.contains(name) {
            desk.ledger.approximated(&dependency.path, "nothing to wait for: week 4 takes its place");
            continue;
        }
        match dependency.value.condition {
            DependencyCondition::Completed if shape.kind(name) == Kind::Init => desk.ledger.approximated(
                &dependency.path,
                format!("the init container {other}: it runs before each pod of {} starts, so it must bear to be repeated, and to run twice at a time", service.name),
            ),
            DependencyCondition::Completed => desk.ledger.not_mapped(&dependency.path, format!("{other} is a {} and does not end; wait for what it does in the application", shape.kind(name).word())),
            DependencyCondition::Healthy => desk.ledger.approximated(&dependency.path, format!("nothing is held back: the Service {other} leads to pods that are ready only, and {} must try again until there is one", service.name)),
            DependencyCondition::Started => desk.ledger.approximated(&dependency.path, format!("nothing is held back: {} must try again until {other} answers", service.name)),
        }
    }
}

fn labels(desk: &mut Desk<'_>, service: &Service) {
    let proxied = proxied::of(service);
    for (variable, (fate, told)) in &proxied.told {
        if let Some(value) = service.environment.get(variable) {
            desk.ledger.mark(&value.named.path, *fate, told.clone());
        }
    }
    for (key, placed) in service.labels.iter().chain(&service.annotations) {
        let is_secret = is_secret_value(desk, placed);
        let ledger = &mut desk.ledger;
        if let Some((fate, told)) = proxied.told.get(key).filter(|_| service.labels.contains_key(key)) {
            ledger.mark(&placed.path, *fate, told.clone());
        } else if key.starts_with("traefik.") {
            ledger.not_mapped(&placed.path, "routes become the Ingress of week 4: host, path and middleware of this label are what its rules and annotations say");
        } else if is_for_docker(key) {
            ledger.not_mapped(&placed.path, "a tool that reads docker's labels reads it, and there is none in the cluster; see what replaces the tool");
        } else if is_secret {
            ledger.not_mapped(&placed.path, "there is a secret in it, and anybody may read an annotation");
        } else if is_qualified(key) {
            ledger.mapped(&placed.path, "an annotation of the pod");
        } else {
            ledger.not_mapped(
                &placed.path,
                "Kubernetes refuses an annotation of this name; nothing reads it here",
            );
        }
    }
}

fn placement(desk: &mut Desk<'_>, service: &Service) {
    let ledger = &mut desk.ledger;
    if let Some(platform) = &service.platform {
        match architecture(&platform.value) {
            Some(arch) => ledger.mapped(&platform.path, format!("nodeSelector kubernetes.io/arch {arch}")),
            None => ledger.not_mapped(&platform.path, "name the nodes with a nodeSelector"),
        }
    }
    for placed in &service.placement {
        if node_label(&placed.value).is_some() {
            ledger.approximated(&placed.path, "nodeSelector; give the nodes that label");
        } else if placed.value.contains("node.role") {
            ledger.mapped(&placed.path, "workloads run on workers, unless a node's taints are tolerated");
        } else {
            ledger.not_mapped(&placed.path, "say it with nodeAffinity, by labels of the nodes");
        }
    }
}
