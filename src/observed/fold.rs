//! Takes news from a watch into what is shown.

use super::{Freshness, Name, Observation, Observed, Pane};

impl Observed {
    /// Takes one piece of news in.
    pub fn fold(&mut self, observation: Observation) {
        match observation {
            Observation::Pod(name, row) => self.pods.set(name, row),
            Observation::Workload(_, name, row) => self.workloads.set(name, row),
            Observation::Autoscaler(name, row) => self.autoscalers.set(name, row),
            Observation::Ingress(name, row) => self.ingresses.set(name, row),
            Observation::Listed { kind, names } => match kind {
                "Pod" => self.pods.keep(&names),
                "HorizontalPodAutoscaler" => self.autoscalers.keep(&names),
                "Ingress" => self.ingresses.keep(&names),
                _ => {}
            },
            Observation::Freshness { kind, freshness } => *self.freshness_mut(kind) = freshness,
            Observation::Progress(key, readiness) => {
                self.progress.insert(key, readiness);
            }
            Observation::ProgressCleared => self.progress.clear(),
            Observation::Simulated(simulated) => self.simulated = simulated,
            Observation::Rehearsal(line) => self.rehearsal_progress.push(line),
        }
    }

    fn freshness_mut(&mut self, kind: &str) -> &mut Freshness {
        match kind {
            "Pod" => &mut self.pods.freshness,
            "HorizontalPodAutoscaler" => &mut self.autoscalers.freshness,
            "Ingress" => &mut self.ingresses.freshness,
            _ => &mut self.workloads.freshness,
        }
    }
}

impl<R> Pane<R> {
    fn set(&mut self, name: Name, row: Option<R>) {
        match row {
            Some(row) => {
                self.rows.insert(name, row);
            }
            None => {
                self.rows.remove(&name);
            }
        }
    }

    fn keep(&mut self, names: &[Name]) {
        self.rows.retain(|name, _| names.contains(name));
    }
}
