//! Preparing a rollback: what takes a step's changes back, and what others have made because of it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Executor, helm::Wanted};
use crate::{
    cluster::{
        Inventory, LeftoversRequest, Prepared, RollbackRequest, Traced, amend, inventory, prepare_rollback,
        trace,
    },
    diff::{Problem, Wave},
    engine::Attempt,
    object::{Key, Object},
    plan::{Action, Step, StepPath},
    rollback::{Image, Leftover, Record, UndoneAttempt},
    runtime::Context,
};

/// What a rollback is prepared from.
struct Ground {
    inventories: Vec<Inventory>,
    undone: Vec<UndoneAttempt>,
    first: Vec<UndoneAttempt>,
    traced: Traced,
}

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
        let Ground { inventories, undone, first, traced } = self.ground(step, context).await?;
        let base = || self.request(step, Vec::new(), Inventory::default());
        let prepared = if undone.iter().any(|attempt| attempt.record.release.is_some()) {
            self.prepare_release_rollback(step, &undone, context).await?
        } else {
            let after = context.attempt.after.clone();
            let coming = self.made_at_the_end(&first).await?;
            let (inventories, traced) = (&inventories[..], &traced);
            let request = RollbackRequest {
                base: base(),
                undone: undone.clone(),
                after,
                first: first.clone(),
                inventories,
                traced,
                steps: &self.steps,
                coming: &coming,
            };
            prepare_rollback(writer.planner(), &request).await?
        };
        Ok(amend(&base(), prepared, traced))
    }

    /// What hooks will make when the releases of these attempts are uninstalled, and that stays then.
    async fn made_at_the_end(
        &self,
        attempts: &[UndoneAttempt],
    ) -> Result<Vec<(StepPath, Object)>, Vec<Problem>> {
        let mut oldest: BTreeMap<Key, &UndoneAttempt> = BTreeMap::new();
        for attempt in attempts {
            let Some(order) = &attempt.record.release else { continue };
            oldest.insert(order.key(), attempt);
        }
        let mut all = Vec::new();
        for attempt in oldest.values() {
            let Some(order) = attempt.record.release.as_ref().filter(|order| order.stood.is_none()) else {
                continue;
            };
            let known = self.known(&order.name, &order.namespace, Wanted::Last).await;
            let release = known.map_err(|problem| vec![problem])?.release;
            let is_at_the_end = |event: &String| matches!(event.as_str(), "pre-delete" | "post-delete");
            let hooks = release.map(|release| release.hooks).unwrap_or_default();
            let mut hooks = self.placed(hooks, &order.namespace).await;
            hooks.retain(|hook| !hook.goes && hook.events.iter().any(is_at_the_end));
            all.extend(hooks.into_iter().map(|hook| (attempt.record.step.clone(), hook.object)));
        }
        Ok(all)
    }

    async fn ground(&self, step: &Step, context: &Context) -> Result<Ground, Vec<Problem>> {
        let sets: BTreeSet<String> = self.steps.iter().map(|step| self.inventory_of(step)).collect();
        let mut inventories = Vec::new();
        for set in sets {
            let held =
                inventory(self.hands.reader(), &set, &self.place()).await.map_err(|problem| vec![problem])?;
            inventories.push(held);
        }
        let (undone, first) = (self.undone(&context.undoes).await?, self.undone(&context.first).await?);
        let remembered = self.remembered(&context.remembering).await;
        let request = LeftoversRequest {
            base: self.request(step, Vec::new(), Inventory::default()),
            undone: &undone,
            first: &first,
            after: &context.attempt.after,
            remembered: &remembered,
            inventories: &inventories,
            wish: context.attempt.leftovers,
        };
        let traced = trace(self.hands.reader(), &request).await?;
        Ok(Ground { inventories, undone, first, traced })
    }

    /// May the leftovers that were shown to go still go? A sentence when one may not.
    pub(super) async fn recheck_leftovers(&self, record: &Record, context: &Context) -> Result<(), String> {
        let is_leftover = |image: &&Image| image.wave == Wave::DeleteLeftovers;
        let mut shown = record.images.iter().filter(is_leftover).filter_map(|image| image.before.as_ref());
        if shown.clone().next().is_none() {
            return Ok(());
        }
        let said = |problems: Vec<Problem>| {
            let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
            all.join("; ")
        };
        let step = self.step(&record.step).map_err(said)?;
        let ground = self.ground(step, context).await.map_err(said)?;
        match shown.find_map(|object| ground.traced.why_not(object)) {
            Some(reason) => Err(format!("a leftover that was shown to go would stay now: {reason}")),
            None => Ok(()),
        }
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
