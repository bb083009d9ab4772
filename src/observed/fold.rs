//! Takes news in.

use std::collections::{BTreeMap, BTreeSet};

use super::{Freshness, Observation, Observed};

/// Lines of the rehearsal's progress that are kept.
const REHEARSAL_LINES: usize = 200;

impl Observed {
    /// Folds one piece of news in. Total: any news in any order leaves a state that can be shown.
    pub fn fold(&mut self, observation: Observation) {
        match observation {
            Observation::Pod(name, row) => put(&mut self.pods.rows, name, row),
            Observation::Workload(kind, name, row) => {
                put(&mut self.workloads.rows, super::WorkloadName { kind, name }, row);
            }
            Observation::Autoscaler(name, row) => put(&mut self.autoscalers.rows, name, row),
            Observation::Ingress(name, row) => put(&mut self.ingresses.rows, name, row),
            Observation::Issuance(kind, name, object) => self.issuance_seen(kind, name, object),
            Observation::Release(name, row) => put(&mut self.releases, name, Some(row)),
            Observation::Runs(runs) => self.runs = *runs,
            Observation::Listed { kind, names } => {
                let names = names.into_iter().collect();
                self.keep_only(kind, &names);
            }
            Observation::Freshness { kind, freshness } => self.set_freshness(kind, freshness),
            Observation::Progress(key, readiness) => {
                self.progress.insert(key, readiness);
            }
            Observation::ProgressCleared => self.progress.clear(),
            Observation::Gate { gate, says } => put(&mut self.gates, gate, says),
            Observation::Lock { step, says } => put(&mut self.locks, step, says),
            Observation::Simulated(simulated) => self.simulated = simulated,
            Observation::Rehearsal(line) => {
                if self.rehearsal_progress.len() >= REHEARSAL_LINES {
                    self.rehearsal_progress.remove(0);
                }
                self.rehearsal_progress.push(line);
            }
        }
    }

    /// Folds a batch in.
    pub fn fold_all(&mut self, batch: impl IntoIterator<Item = Observation>) {
        for observation in batch {
            self.fold(observation);
        }
    }

    fn keep_only(&mut self, kind: &str, names: &BTreeSet<super::Name>) {
        match kind {
            "Pod" => self.pods.rows.retain(|name, _| names.contains(name)),
            "HorizontalPodAutoscaler" => self.autoscalers.rows.retain(|name, _| names.contains(name)),
            "Ingress" => self.ingresses.rows.retain(|name, _| names.contains(name)),
            "Certificate" | "CertificateRequest" | "Order" | "Challenge" => {
                self.issuance.retain(|(of, name), _| *of != kind || names.contains(name));
                self.judge_certificates();
            }
            _ => self.workloads.rows.retain(|name, _| name.kind != kind || names.contains(&name.name)),
        }
    }

    fn set_freshness(&mut self, kind: &'static str, freshness: Freshness) {
        if freshness == Freshness::Live {
            self.rehearsal_progress.clear();
        }
        match kind {
            "Pod" => self.pods.freshness = freshness,
            "HorizontalPodAutoscaler" => self.autoscalers.freshness = freshness,
            "Ingress" => self.ingresses.freshness = freshness,
            "Certificate" => self.certificates.freshness = freshness,
            // They only explain: without them a certificate says less, not something wrong.
            "CertificateRequest" | "Order" | "Challenge" => {}
            _ => {
                self.workload_freshness.insert(kind, freshness);
                let worst = self.workload_freshness.values().min_by_key(|one| trust(one));
                self.workloads.freshness = worst.cloned().unwrap_or(Freshness::Connecting);
            }
        }
    }
}

fn put<N: Ord, R>(rows: &mut BTreeMap<N, R>, name: N, row: Option<R>) {
    match row {
        Some(row) => {
            rows.insert(name, row);
        }
        None => {
            rows.remove(&name);
        }
    }
}

/// How far a state can be trusted, least first: of several kinds in one pane, the least counts.
fn trust(freshness: &Freshness) -> u8 {
    match freshness {
        Freshness::Stale { .. } => 0,
        Freshness::Connecting => 1,
        Freshness::Forbidden { .. } => 2,
        Freshness::Absent => 3,
        Freshness::Live => 4,
    }
}

#[cfg(test)]
#[path = "fold_tests.rs"]
mod tests;
