//! `deploy`, and the attributes of version 2 that say the same.

use super::{
    DeployMode, Placed, Resources, Restart, Service, UpdateConfig, at::At, notes::Notes, reader::Reader,
    tree::Node,
};

impl Reader<'_> {
    /// Limits and reservations.
    pub(super) fn resources(&mut self, service: &At<'_>) -> (Resources, Resources) {
        let notes = &mut self.notes;
        let resources = service.get("deploy").and_then(|deploy| deploy.get("resources"));
        let below = |key: &str| resources.as_ref().and_then(|resources| resources.get(key));
        let (limits, reservations) = (below("limits"), below("reservations"));
        check_superseded(service, resources.is_some(), notes);
        let cpus = pick(limits.as_ref(), "cpus").or_else(|| service.get("cpus"));
        let memory = pick(limits.as_ref(), "memory").or_else(|| service.get("mem_limit"));
        let pids = pick(limits.as_ref(), "pids").or_else(|| service.get("pids_limit"));
        let limits = Resources {
            cpus: cpus.and_then(|at| at.cpus(notes).filter(|cpus| *cpus > 0).map(|cpus| at.placed(cpus))),
            memory: memory.and_then(|at| memory_of(&at, notes)),
            pids: pids.and_then(|at| at.number(notes).map(|pids| at.placed(pids))),
        };
        let cpus = pick(reservations.as_ref(), "cpus");
        let memory = pick(reservations.as_ref(), "memory").or_else(|| service.get("mem_reservation"));
        let reservations = Resources {
            cpus: cpus.and_then(|at| at.cpus(notes).filter(|cpus| *cpus > 0).map(|cpus| at.placed(cpus))),
            memory: memory.and_then(|at| memory_of(&at, notes)),
            pids: None,
        };
        (limits, reservations)
    }
}

fn pick<'v>(of: Option<&At<'v>>, key: &str) -> Option<At<'v>> {
    of?.get(key)
}

/// What version 2 says may be wrong even where `deploy` says it better.
fn check_superseded(service: &At<'_>, is_superseded: bool, notes: &mut Notes) {
    if is_superseded {
        service.get("cpus").and_then(|at| at.cpus(notes));
        service.get("mem_limit").and_then(|at| memory_of(&at, notes));
        service.get("mem_reservation").and_then(|at| memory_of(&at, notes));
    }
}

/// 0 and -1 are no limit.
fn memory_of(at: &At<'_>, notes: &mut Notes) -> Option<Placed<u64>> {
    if at.value.scalar().as_deref() == Some("-1") {
        return None;
    }
    at.bytes(notes).filter(|bytes| *bytes > 0).map(|bytes| at.placed(bytes))
}

/// What is left of `deploy`: replicas, mode, restart policy, update, placement.
pub(super) fn deploy(at: &At<'_>, service: &mut Service, notes: &mut Notes) {
    const MODES: [(&str, DeployMode); 4] = [
        ("replicated", DeployMode::Replicated),
        ("global", DeployMode::Global),
        ("replicated-job", DeployMode::ReplicatedJob),
        ("global-job", DeployMode::GlobalJob),
    ];
    let deploy = at.get("deploy");
    let field = |key: &str| deploy.as_ref().and_then(|deploy| deploy.get(key));
    service.replicas = field("replicas")
        .or_else(|| at.get("scale"))
        .and_then(|value| value.number(notes).map(|replicas| value.placed(replicas)));
    service.mode = field("mode").and_then(|mode| mode.choice(&MODES, notes).map(|found| mode.placed(found)));
    if let (None, Some(policy)) = (&service.restart, field("restart_policy")) {
        service.restart = restart_policy(&policy, notes);
    }
    service.update = field("update_config").map(|update| update.placed(update_config(&update, notes)));
    if let Some(constraints) = field("placement").and_then(|placement| placement.get("constraints")) {
        service.placement = constraints.placed_texts(notes);
    }
}

/// `restart`.
pub(super) fn restart(at: &At<'_>, notes: &mut Notes) -> Option<Placed<Restart>> {
    let text = at.text(notes)?;
    let (word, times) =
        text.split_once(':').map_or((text.as_str(), None), |(word, times)| (word, Some(times)));
    let found = match (word, times) {
        ("no" | "false" | "", None) => Restart::No,
        ("always", None) => Restart::Always,
        ("unless-stopped", None) => Restart::UnlessStopped,
        ("on-failure", None) => Restart::OnFailure(None),
        ("on-failure", Some(times)) => {
            let Ok(times) = times.parse() else {
                at.expected("a number of tries", "write it as in `on-failure:3`", notes);
                return None;
            };
            Restart::OnFailure(Some(times))
        }
        _ => {
            let hint = "known here: no, always, on-failure, on-failure:N, unless-stopped";
            at.error(format!("`{}` is no restart policy", at.value.as_written()), hint, notes);
            return None;
        }
    };
    Some(at.placed(found))
}

fn restart_policy(at: &At<'_>, notes: &mut Notes) -> Option<Placed<Restart>> {
    let tries = at.get("max_attempts").and_then(|value| value.number(notes));
    let Some(condition) = at.get("condition") else { return Some(at.placed(Restart::Always)) };
    let choices = [
        ("none", Restart::No),
        ("on-failure", Restart::OnFailure(tries)),
        ("any", Restart::Always),
        ("unless-stopped", Restart::UnlessStopped),
        ("always", Restart::Always),
    ];
    condition.choice(&choices, notes).map(|found| condition.placed(found))
}

fn update_config(at: &At<'_>, notes: &mut Notes) -> UpdateConfig {
    UpdateConfig {
        parallelism: at.get("parallelism").and_then(|value| value.number(notes)),
        delay: at.get("delay").and_then(|value| value.duration(notes)),
        starts_first: at
            .get("order")
            .and_then(|value| value.choice(&[("start-first", true), ("stop-first", false)], notes)),
    }
}

/// `gpus`, or reserved devices with the capability `gpu`.
pub(super) fn gpus(service: &At<'_>, notes: &mut Notes) -> Option<Placed<Option<u32>>> {
    if let Some(gpus) = service.get("gpus") {
        if gpus.value.scalar().as_deref() == Some("all") {
            return Some(gpus.placed(None));
        }
        let items = gpus.items(notes);
        return Some(gpus.placed(sum(&items, notes)));
    }
    let devices = service.get("deploy")?.get("resources")?.get("reservations")?.get("devices")?;
    let items: Vec<At<'_>> = devices.items(notes).into_iter().filter(has_gpu).collect();
    (!items.is_empty()).then(|| devices.placed(sum(&items, notes)))
}

fn has_gpu(device: &At<'_>) -> bool {
    let capabilities = device.get("capabilities");
    let has = |item: &super::tree::Value| item.scalar().as_deref() == Some("gpu");
    capabilities
        .is_some_and(|list| list.value.items().iter().any(|item| has(item) || item.items().iter().any(has)))
}

/// None when one of them is all there are.
fn sum(devices: &[At<'_>], notes: &mut Notes) -> Option<u32> {
    let mut total = 0_u32;
    for device in devices {
        let ids = device.get("device_ids").map(|ids| ids.value.items().len());
        let count = match (device.get("count"), ids) {
            (Some(count), _) if count.value.scalar().as_deref() == Some("all") => return None,
            (Some(count), _) => count.number(notes)?,
            (None, Some(ids)) => u32::try_from(ids).ok()?,
            (None, None) if matches!(device.value.node, Node::Map(_)) => return None,
            (None, None) => 1,
        };
        total = total.saturating_add(count);
    }
    Some(total)
}
