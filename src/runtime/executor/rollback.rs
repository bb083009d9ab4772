//! Preparing a rollback: what takes a step's changes back, and what others have made because of it.

use std::collections::BTreeSet;

use super::Executor;
use crate::{
    cluster::{
        Inventory, LeftoversRequest, Prepared, RollbackRequest, amend, inventory, prepare_rollback, trace,
    },
    diff::Problem,
    engine::Attempt,
    plan::{Action, Step, StepPath},
    rollback::Leftover,
    runtime::Context,
};

impl Executor {
    pub(super) async fn prepare_rollback(
        &self,
        step: &Step,
        context: &Context,
    ) -> Result<Prepared, Vec<Problem>> {
        let writer = self.hands.writer().map_err(|problem| vec![problem])?;
        if matches!(step.action, Action::Pin { .. }) {
            return self.prepare_unpin(step, &self.undone(&context.undoes).await?).await;
        }
        let sets: BTreeSet<String> = self.steps.iter().map(|step| self.inventory_of(step)).collect();
        let mut inventories = Vec::new();
        for set in sets {
            let held =
                inventory(self.hands.reader(), &set, &self.place()).await.map_err(|problem| vec![problem])?;
            inventories.push(held);
        }
        let (undone, first) = (self.undone(&context.undoes).await?, self.undone(&context.first).await?);
        let remembered = self.remembered(&context.remembering).await;
        let base = || self.request(step, Vec::new(), Inventory::default());
        let request = LeftoversRequest {
            base: base(),
            undone: &undone,
            first: &first,
            after: &context.attempt.after,
            remembered: &remembered,
            inventories: &inventories,
            wish: context.attempt.leftovers,
        };
        let traced = trace(self.hands.reader(), &request).await?;
        let prepared = if undone.iter().any(|attempt| attempt.record.release.is_some()) {
            self.prepare_release_rollback(step, &undone).await?
        } else {
            let after = context.attempt.after.clone();
            let (inventories, traced) = (&inventories[..], &traced);
            let request = RollbackRequest {
                base: base(),
                undone: undone.clone(),
                after,
                first: first.clone(),
                inventories,
                traced,
            };
            prepare_rollback(writer.planner(), &request).await?
        };
        Ok(amend(&base(), prepared, traced))
    }

    /// What rollbacks have left, as far as their records are still to be had: the cluster does not keep them.
    async fn remembered(&self, attempts: &[Attempt]) -> Vec<(StepPath, Leftover)> {
        let mut remembered = Vec::new();
        for attempt in attempts {
            let context = Context::alone(attempt.clone());
            match self.record(attempt.number, &context).await {
                Ok(record) => remembered
                    .extend(record.leftovers.iter().map(|leftover| (attempt.step.clone(), leftover.clone()))),
                Err(problem) => tracing::info!(%problem, "what a rollback has left is not known"),
            }
        }
        remembered
    }
}
