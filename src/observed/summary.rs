//! What a pane's title and order say.

use serde::{Deserialize, Serialize};

use super::{Name, Observed, PodRow};

/// How badly a pod needs a look, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PodRank {
    /// It has a problem.
    Broken,
    /// On its way up.
    Starting,
    /// On its way out.
    Terminating,
    /// Ready or completed.
    Well,
}

impl PodRow {
    /// How badly it needs a look.
    #[must_use]
    pub fn rank(&self) -> PodRank {
        match (self.is_terminating, self.is_ready, &self.problem) {
            (true, ..) => PodRank::Terminating,
            (false, true, _) => PodRank::Well,
            (false, false, Some(_)) => PodRank::Broken,
            (false, false, None) => PodRank::Starting,
        }
    }
}

/// Pods in the pane's title. Pods on their way out do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PodCounts {
    /// Ready or completed.
    pub ready: usize,
    /// All.
    pub total: usize,
    /// With a problem.
    pub broken: usize,
}

impl Observed {
    /// Counts the pods.
    #[must_use]
    pub fn pod_counts(&self) -> PodCounts {
        let mut counts = PodCounts::default();
        for pod in self.pods.rows.values() {
            match pod.rank() {
                PodRank::Terminating => continue,
                PodRank::Well => counts.ready += 1,
                PodRank::Broken => counts.broken += 1,
                PodRank::Starting => {}
            }
            counts.total += 1;
        }
        counts
    }

    /// The pods, worst first, then by name.
    #[must_use]
    pub fn pods_worst_first(&self) -> Vec<(&Name, &PodRow)> {
        let mut pods: Vec<_> = self.pods.rows.iter().collect();
        // The rows are sorted by name, and the sort is stable.
        pods.sort_by_key(|(_, pod)| pod.rank());
        pods
    }
}

#[cfg(test)]
mod tests {
    use crate::observed::{Name, Observation, Observed, PodCounts, PodRow};

    #[test]
    fn the_broken_come_first_and_those_on_their_way_out_do_not_count() {
        let pod = |name: &str, is_ready, is_terminating, problem: Option<&str>| {
            let name = Name { namespace: "staging".into(), name: name.into() };
            let row = PodRow {
                status: String::new(),
                ready_containers: 0,
                containers: 1,
                restarts: 0,
                node: None,
                owner: None,
                created: None,
                problem: problem.map(str::to_owned),
                is_ready,
                is_terminating,
            };
            Observation::Pod(name, Some(row))
        };
        let mut observed = Observed::default();
        observed.fold_all([
            pod("a", true, false, None),
            pod("b", false, true, None),
            pod("c", false, false, None),
            pod("d", false, false, Some("cannot get image")),
        ]);
        let order: String = observed.pods_worst_first().iter().map(|(name, _)| name.name.as_str()).collect();
        assert_eq!(order, "dcba");
        assert_eq!(observed.pod_counts(), PodCounts { ready: 1, total: 3, broken: 1 });
    }
}
