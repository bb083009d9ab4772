//! Does traffic run through what is about to be taken away?

use super::{Run, Standing, run::Mark};
use crate::{
    diff::{Change, Kind, Proposal, Risk, RiskKind},
    object::Key,
    plan::{Gate, Step, StepPath},
    words::moment,
};

impl Run {
    /// Why taking away what is proposed would take traffic down: names lead to the stack by now. None while no
    /// item that moves a name is ticked, nor for what has no part in it.
    #[must_use]
    pub fn traffic(&self, proposal: &Proposal) -> Vec<Risk> {
        if !matches!(proposal.kind, Kind::Rollback | Kind::Prune) {
            return Vec::new();
        }
        let rows = proposal.rows.iter().filter(|row| row.change != Change::Same);
        self.traffic_through(&proposal.step, &proposal.namespace, rows.map(|row| &row.key))
    }

    /// The same of objects of a step. What carries traffic is the stage in which it was moved, and whatever is
    /// in the environment's own namespace.
    #[must_use]
    pub fn traffic_through<'a>(
        &self,
        step: &StepPath,
        namespace: &str,
        keys: impl Iterator<Item = &'a Key>,
    ) -> Vec<Risk> {
        let is_of_stack = |key: &Key| {
            key.namespace.as_deref() == Some(namespace) || key.is("", "Namespace") && key.name == namespace
        };
        let mut keys = keys.peekable();
        if keys.peek().is_none() {
            return Vec::new();
        }
        let is_of_stack = keys.any(is_of_stack);
        let moved = self.steps.iter().filter_map(|item| Some((item, self.ticked(item)?, names(item)?)));
        moved
            .filter(|(item, ..)| is_of_stack || item.path.stage == step.stage)
            .map(|(item, mark, names)| Risk {
                kind: RiskKind::Traffic,
                key: None,
                message: self.told_moved(item, mark, &names),
            })
            .collect()
    }

    fn ticked(&self, item: &Step) -> Option<&Mark> {
        self.states.get(&item.path)?.mark.as_ref().filter(|mark| mark.standing == Standing::Done)
    }

    fn told_moved(&self, item: &Step, moved: &Mark, names: &str) -> String {
        let behind = self.steps.iter().skip_while(|step| step.path != item.path).skip(1);
        let since: Vec<String> = behind
            .filter(|step| step.path.stage == item.path.stage && self.ticked(step).is_some())
            .map(|step| format!("\u{201c}{}\u{201d}", step.title))
            .collect();
        let since = match since.as_slice() {
            [] => String::new(),
            since => format!(", and after it {}", since.join(", ")),
        };
        format!(
            "users come through this: \u{201c}{}\u{201d} was ticked {} ({names}){since}. First move the record back and \
             see the old stack answer, then reopen that item",
            item.title,
            moment(moved.at),
        )
    }
}

/// Where an item's gates say that names lead.
fn names(item: &Step) -> Option<String> {
    let names: Vec<String> =
        item.gates.iter().filter(|gate| matches!(gate, Gate::Dns { .. })).map(ToString::to_string).collect();
    (!names.is_empty()).then(|| names.join(", "))
}
