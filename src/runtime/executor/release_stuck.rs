//! A release in the middle of something: at work, or cut off.

use super::{Executor, helm::Known};
use crate::{
    diff::{Problem, Risk, RiskKind},
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
                format!("helm first goes back to revision {}, which stands", deployed.revision),
            ),
            None => (
                Recovery::Uninstall,
                "nothing of it ever stood, so helm first uninstalls what there is of it".to_owned(),
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
