//! What a step requires before it may be applied.

use super::Executor;
use crate::{
    cluster::Prepared,
    diff::{Kind, Problem, Requirement},
    gate::GateKeeper,
    plan::{Step, StepPath},
    runtime::Context,
};

impl Executor {
    /// Prepared, with what the step requires asked once. What a step before it in the same request may still
    /// bring is asked again when its turn comes.
    pub(super) async fn propose(
        &self,
        path: &StepPath,
        kind: Kind,
        context: &Context,
    ) -> Result<Prepared, Vec<Problem>> {
        let step = self.step(path)?;
        let requirements =
            async { if kind == Kind::Apply { self.requirements(step).await } else { Vec::new() } };
        let (prepared, asked) = tokio::join!(Box::pin(self.prepare(step, kind, context)), requirements);
        let locked = if context.first.is_empty() { self.locked(step, &asked) } else { Vec::new() };
        match prepared {
            Ok(mut prepared) => {
                prepared.proposal.problems.extend(locked);
                prepared.proposal.requires = asked;
                Ok(prepared)
            }
            Err(problems) => Err(problems.into_iter().chain(locked).collect()),
        }
    }

    /// What keeps the step from being written now.
    pub(super) async fn still_locked(&self, path: &StepPath) -> Vec<Problem> {
        let Ok(step) = self.step(path) else { return Vec::new() };
        self.locked(step, &self.requirements(step).await)
    }

    async fn requirements(&self, step: &Step) -> Vec<Requirement> {
        if step.requires.is_empty() {
            return Vec::new();
        }
        self.keeper().await.requirements(&step.requires).await
    }

    /// Who asks gates here.
    pub(super) async fn keeper(&self) -> GateKeeper {
        let keeper = GateKeeper::new(self.hands.reader().clone(), self.environment.namespace.clone());
        keeper.await.of_plan(self.plan.clone()).of_images(self.images.clone())
    }

    fn locked(&self, step: &Step, asked: &[Requirement]) -> Vec<Problem> {
        let open = asked.iter().filter(|requirement| !requirement.holds);
        open.map(|requirement| {
            let remedy = requirement.remedy(step, &self.steps);
            let reason = format!("{} is locked until this holds: {}", step.path, requirement.says);
            Problem::new(requirement.gate.clone(), reason, remedy)
        })
        .collect()
    }
}
