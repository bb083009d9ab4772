//! The live panes: which rows, in which order. Worst first; the selection stays on its object.

use super::{App, Focus, World};
use crate::observed::{Name, Observed, PodRow};

/// A live pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PaneId {
    /// Pods.
    Pods,
    /// HorizontalPodAutoscalers.
    Autoscalers,
    /// Ingresses.
    Ingresses,
    /// Runs of the workflow that deploys.
    Runs,
}

impl PaneId {
    /// All, from left to right.
    pub const ALL: [Self; 4] = [Self::Pods, Self::Autoscalers, Self::Ingresses, Self::Runs];

    /// Those on the screen: runs only where the plan is about them, or there is a workflow to ask about.
    #[must_use]
    pub fn shown(world: &World<'_>) -> &'static [Self] {
        let has_runs = world.setting.tells_runs || world.observed.runs.of.is_some();
        if has_runs { &Self::ALL } else { Self::ALL.split_at(3).0 }
    }

    /// Its place among them.
    #[must_use]
    pub fn index(self) -> usize {
        match self {
            Self::Pods => 0,
            Self::Autoscalers => 1,
            Self::Ingresses => 2,
            Self::Runs => 3,
        }
    }
}

/// How badly a pod needs a look: 0 is worst, 3 is well.
#[must_use]
pub fn pod_rank(pod: &PodRow) -> u8 {
    match (pod.problem.is_some(), pod.is_ready, pod.is_terminating) {
        (true, false, _) => 0,
        (_, false, false) => 1,
        (_, _, true) => 2,
        (_, true, false) => 3,
    }
}

/// The names of a pane's rows, worst first, that hold the filter's text.
#[must_use]
pub fn names<'a>(observed: &'a Observed, pane: PaneId, filter: &str) -> Vec<&'a Name> {
    let filter = filter.to_lowercase();
    let holds =
        |texts: &[&str]| filter.is_empty() || texts.iter().any(|text| text.to_lowercase().contains(&filter));
    match pane {
        PaneId::Pods => {
            // Few ranks over a sorted map: no sorting, however many pods there are.
            let mut ranked: [Vec<&Name>; 4] = Default::default();
            for (name, pod) in &observed.pods.rows {
                let problem = pod.problem.as_deref().unwrap_or_default();
                if holds(&[&name.name, &pod.status, problem])
                    && let Some(rank) = ranked.get_mut(usize::from(pod_rank(pod)))
                {
                    rank.push(name);
                }
            }
            ranked.concat()
        }
        PaneId::Autoscalers => worst_first(
            observed.autoscalers.rows.iter().filter(|(name, _)| holds(&[&name.name])),
            |autoscaler| autoscaler.problem.is_some(),
        ),
        PaneId::Ingresses => {
            worst_first(
                observed.ingresses.rows.iter().filter(|(name, row)| {
                    holds(&[&name.name]) || row.hosts.iter().any(|host| holds(&[host]))
                }),
                |ingress| ingress.addresses.is_empty(),
            )
        }
        PaneId::Runs => {
            let runs = observed.runs.rows.iter();
            let held = runs.filter(|(_, run)| holds(&[&run.title, &run.branch, &run.actor, &run.commit]));
            held.map(|(name, _)| name).collect()
        }
    }
}

fn worst_first<'a, R: 'a>(
    rows: impl Iterator<Item = (&'a Name, &'a R)>,
    is_bad: impl Fn(&R) -> bool,
) -> Vec<&'a Name> {
    let (bad, good): (Vec<_>, Vec<_>) = rows.partition(|(_, row)| is_bad(row));
    bad.into_iter().chain(good).map(|(name, _)| name).collect()
}

impl App {
    pub(super) fn move_in_pane(&mut self, world: &World<'_>, pane: PaneId, by: isize) {
        let names = names(world.observed, pane, self.filter(Focus::Pane(pane)));
        let list = self.list_mut(pane);
        let at = list.selected.as_ref().and_then(|selected| names.iter().position(|name| *name == selected));
        let to = match at {
            Some(at) => at.saturating_add_signed(by).min(names.len().saturating_sub(1)),
            None => 0,
        };
        list.selected = names.get(to).map(|name| (*name).clone());
    }

    /// When the selected object is gone, its successor by name takes over.
    pub(super) fn settle_panes(&mut self, world: &World<'_>) {
        let observed = world.observed;
        for pane in PaneId::ALL {
            let list = self.list_mut(pane);
            let Some(selected) = &list.selected else { continue };
            list.selected = match pane {
                PaneId::Pods => same_or_next(&observed.pods.rows, selected),
                PaneId::Autoscalers => same_or_next(&observed.autoscalers.rows, selected),
                PaneId::Ingresses => same_or_next(&observed.ingresses.rows, selected),
                PaneId::Runs => {
                    let is_there = observed.runs.get(selected).is_some();
                    is_there.then(|| selected.clone())
                }
            };
        }
    }
}

fn same_or_next<R>(rows: &std::collections::BTreeMap<Name, R>, selected: &Name) -> Option<Name> {
    rows.range(selected..).next().or_else(|| rows.iter().next_back()).map(|(name, _)| name.clone())
}
