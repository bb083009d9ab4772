//! A release in the middle of something: at work, or cut off.

use super::{Executor, helm::Known};
use crate::{
    diff::{Problem, Risk, RiskKind},
    helm::{Hook, Revision, Status},
    plan::Step,
    rollback::Recovery,
};

/// What a helm that was cut off, or is at work, means for the next change.
#[derive(Default)]
pub(super) struct Stuck {
    pub(super) recovery: Option<Recovery>,
    pub(super) problems: Vec<Problem>,
    pub(super) risks: Vec<Risk>,
}

impl Executor {
    /// Is the release in the middle of something? Somebody else's young change is waited for; one that was
    /// cut off is cleared away first.
    pub(super) fn stuck(&self, step: &Step, known: &Known, name: &str) -> Stuck {
        let Some(last) = known.last().filter(|last| last.status.is_pending()) else {
            return Stuck::default();
        };
        let place = self.helm.place.get().map(|(place, _)| place);
        let is_at_work = place.is_some_and(|place| place.is_at_work().unwrap_or(true));
        let is_ours = place.is_some_and(|place| place.has_begun(name, last.revision));
        let age = last.updated.parse::<jiff::Timestamp>().map(|at| at.duration_until(jiff::Timestamp::now()));
        let deadline =
            jiff::SignedDuration::try_from(step.deadline).unwrap_or(jiff::SignedDuration::from_mins(5));
        let is_young = age.is_ok_and(|age| age < deadline);
        if is_at_work || (is_young && !is_ours) {
            return Stuck {
                problems: vec![Problem::new(
                    format!("release {name}"),
                    format!(
                        "helm may be at work on it right now: revision {} is {} since {}",
                        last.revision, last.status, last.updated
                    ),
                    "wait for it; if whoever began it is gone, look again once the step's deadline has passed",
                )],
                ..Stuck::default()
            };
        }
        let (recovery, how) = match known.deployed() {
            Some(deployed) => (
                Recovery::Rollback(deployed.revision),
                format!(
                    "helm first goes back to revision {}, which stands{}",
                    deployed.revision,
                    known.running("rollback")
                ),
            ),
            None => (
                Recovery::Uninstall,
                format!(
                    "nothing of it ever stood, so helm first uninstalls what there is of it{}",
                    known.running("delete")
                ),
            ),
        };
        let message = format!(
            "the release is stuck in {} since {} (revision {}), cut off in the middle: {how}",
            last.status, last.updated, last.revision
        );
        let risk = Risk { kind: RiskKind::Warning, key: None, message };
        Stuck { recovery: Some(recovery), problems: Vec::new(), risks: vec![risk] }
    }
}

impl Stuck {
    /// A first install that has failed: `hooks` are those that only an install runs. Its own are run by
    /// installing anew; what someone else has installed is not taken away for that.
    pub(super) fn failed_install(&mut self, known: &Known, hooks: &[&Hook], is_ours: bool) {
        let named: Vec<String> = hooks.iter().map(|hook| hook.object.key().to_string()).collect();
        let (Some(last), false) = (known.last(), named.is_empty()) else { return };
        let named = named.join(", ");
        let message = if is_ours {
            self.recovery = Some(Recovery::Uninstall);
            format!(
                "its install has failed (revision {}) and never stood, and an upgrade would pass over hooks that only \
                 an install runs ({named}): helm first uninstalls what there is of it, the objects below with it, \
                 then installs anew{}",
                last.revision,
                known.running("delete")
            )
        } else {
            format!(
                "someone else's install of it has failed (revision {}): an upgrade passes over hooks that only an \
                 install runs, which may never have come through: {named}",
                last.revision
            )
        };
        self.risks.push(Risk { kind: RiskKind::Warning, key: None, message });
    }
}

impl Known {
    /// Is there a release of which no revision ever stood, and the last has failed?
    pub(super) fn is_failed_install(&self) -> bool {
        let never_stood = |one: &Revision| one.status == Status::Failed || one.status.is_pending();
        self.last().is_some_and(|last| last.status == Status::Failed) && self.history.iter().all(never_stood)
    }

    /// The hooks of what stands, or is left, that helm runs at this; as the end of a sentence.
    fn running(&self, what: &str) -> String {
        let hooks = self.release.iter().flat_map(|release| &release.hooks);
        let named: Vec<String> =
            hooks.filter(|hook| hook.runs_at(what)).map(|hook| hook.object.key().to_string()).collect();
        if named.is_empty() {
            String::new()
        } else {
            format!(", and runs its hooks for that: {}", named.join(", "))
        }
    }
}
