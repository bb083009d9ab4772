//! Requests and limits.

use super::{
    desk::Desk,
    yaml::{Map, text},
};
use crate::compose::{Resources, Service};

const MEBI: u64 = 1 << 20;

/// Requests and limits of a container: CPUs in thousandths, memory in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sizes {
    pub(super) cpu: u64,
    pub(super) memory: u64,
    pub(super) cpu_limit: u64,
    pub(super) memory_limit: u64,
    gpus: Option<u32>,
}

impl Sizes {
    /// What a trial environment asks for: half of it, with the same limits.
    pub(super) fn halved(self) -> Self {
        Self {
            cpu: (self.cpu / 2).max(10),
            memory: (self.memory / 2).max(16 * MEBI).min(self.memory),
            ..self
        }
    }

    /// The requests alone, for a patch.
    pub(super) fn requests(self) -> Map {
        let pair = Map::new().with("cpu", text(milli(self.cpu))).with("memory", text(bytes(self.memory)));
        Map::new().with("requests", pair.on_one_line())
    }

    pub(super) fn yaml(self) -> Map {
        let pair = |cpu, memory| Map::new().with("cpu", text(milli(cpu))).with("memory", text(bytes(memory)));
        let mut limits = pair(self.cpu_limit, self.memory_limit);
        if let Some(gpus) = self.gpus {
            limits.put("nvidia.com/gpu", text(gpus.to_string()));
        }
        Map::new()
            .with("requests", pair(self.cpu, self.memory).on_one_line())
            .with("limits", limits.on_one_line())
    }
}

/// As in `250m`, `2`.
fn milli(cpu: u64) -> String {
    if cpu.is_multiple_of(1000) { (cpu / 1000).to_string() } else { format!("{cpu}m") }
}

/// As in `128Mi`.
pub(super) fn bytes(memory: u64) -> String {
    for (unit, name) in [(1 << 30, "Gi"), (MEBI, "Mi"), (1 << 10, "Ki")] {
        if memory.is_multiple_of(unit) && memory > 0 {
            return format!("{}{name}", memory / unit);
        }
    }
    memory.to_string()
}

/// What the service says, and what stands in for what it does not say.
pub(super) fn of(desk: &mut Desk<'_>, service: &Service) -> Sizes {
    let (limits, wanted) = (&service.limits, &service.reservations);
    let value = |placed: &Option<crate::compose::Placed<u64>>| {
        placed.as_ref().map(|placed| placed.value).filter(|value| *value > 0)
    };
    let (cpu, cpu_limit) = pair(value(&wanted.cpus), value(&limits.cpus), 100, 1000);
    let (memory, memory_limit) = pair(value(&wanted.memory), value(&limits.memory), 128 * MEBI, 512 * MEBI);
    let mut invented = Vec::new();
    for (name, wanted, limit) in [
        ("CPU", wanted.cpus.is_some(), limits.cpus.is_some()),
        ("memory", wanted.memory.is_some(), limits.memory.is_some()),
    ] {
        match (wanted, limit) {
            (true, true) => {}
            (false, false) => {
                invented.push(format!("neither a request nor a limit of {name}: both are a guess"));
            }
            (true, false) => invented.push(format!("no limit of {name}: twice the reservation")),
            (false, true) => invented.push(format!("no request of {name}: half of the limit")),
        }
    }
    if !invented.is_empty() {
        desk.ledger.note(
            &service.name,
            format!(
                "the files say {}; look at what it uses (`kubectl top pods`) and write it down",
                invented.join(", ")
            ),
        );
    }
    tell(desk, wanted, "requests");
    tell(desk, limits, "limits");
    if let Some(gpus) = &service.gpus {
        let count = gpus.value.unwrap_or(1);
        match gpus.value {
            Some(_) => desk.ledger.mapped(&gpus.path, format!("limits: nvidia.com/gpu {count}")),
            None => desk.ledger.approximated(
                &gpus.path,
                "limits: nvidia.com/gpu 1: a pod says how many, and cannot say all",
            ),
        }
    }
    let gpus = service.gpus.as_ref().map(|gpus| gpus.value.unwrap_or(1));
    Sizes { cpu, memory, cpu_limit, memory_limit, gpus }
}

fn pair(wanted: Option<u64>, limit: Option<u64>, least: u64, most: u64) -> (u64, u64) {
    match (wanted, limit) {
        (Some(wanted), Some(limit)) => (wanted.min(limit), limit),
        (Some(wanted), None) => (wanted, wanted.saturating_mul(2)),
        (None, Some(limit)) => ((limit / 2).max(1), limit),
        (None, None) => (least, most),
    }
}

fn tell(desk: &mut Desk<'_>, resources: &Resources, what: &str) {
    for (placed, name) in [(&resources.cpus, "cpu"), (&resources.memory, "memory")] {
        if let Some(placed) = placed {
            desk.ledger.mapped(&placed.path, format!("{what}.{name}"));
        }
    }
    if let Some(pids) = &resources.pids {
        desk.ledger.not_mapped(&pids.path, "the number of processes in a pod is the kubelet's setting (podPidsLimit); ask whoever runs the cluster");
    }
}

#[cfg(test)]
mod tests {
    use super::{MEBI, bytes, milli, pair};

    #[test]
    fn quantities_are_written_short() {
        assert_eq!((milli(250), milli(2000)), ("250m".to_owned(), "2".to_owned()));
        assert_eq!(
            (bytes(128 * MEBI), bytes(1 << 30), bytes(1000)),
            ("128Mi".to_owned(), "1Gi".to_owned(), "1000".to_owned())
        );
    }

    #[test]
    fn a_request_is_never_above_its_limit() {
        assert_eq!(pair(Some(500), Some(200), 100, 1000), (200, 200));
        assert_eq!(pair(None, Some(200), 100, 1000), (100, 200));
        assert_eq!(pair(Some(300), None, 100, 1000), (300, 600));
    }
}
