//! Preparing an attempt: rendering, comparing, and the inverse of what was done.

use std::{collections::BTreeSet, sync::Arc};

use super::{Executor, Hands};
use crate::{
    cluster::{
        Inventory, PrepareRequest, Prepared, RollbackRequest, inventory, prepare_apply, prepare_local,
        prepare_prune, prepare_rollback,
    },
    diff::{Kind, Problem, Wave},
    engine::{Attempt, AttemptNumber, Outcome, RowState},
    object::Object,
    plan::{Step, StepPath},
    render::render,
    rollback::{Fate, RECORD_VERSION, Record, UndoneAttempt},
    runtime::Context,
};

impl Executor {
    pub(super) async fn prepare(
        &self,
        path: &StepPath,
        kind: Kind,
        context: &Context,
    ) -> Result<Prepared, Vec<Problem>> {
        let step = self.step(path)?;
        if kind == Kind::Rollback {
            return self.prepare_rollback(step, context).await;
        }
        let rendered = render(self.renderer.as_ref(), &self.plan, step).await?;
        let held = inventory(self.hands.reader(), &self.inventory_of(step), &self.place())
            .await
            .map_err(|problem| vec![problem])?;
        let request = self.request(step, rendered, held);
        let mut prepared = match (&self.hands, kind) {
            (Hands::Reader(reader), _) => prepare_local(reader, &request).await,
            (Hands::Writer(writer), Kind::Prune) => prepare_prune(writer.planner().reader(), &request).await,
            (Hands::Writer(writer), _) => prepare_apply(writer.planner(), &request).await,
        }?;
        if kind == Kind::Verify {
            prepared.proposal.kind = kind;
        }
        Ok(prepared)
    }

    /// Keeps what is behind a proposal for when it is confirmed, and shows the proposal.
    pub(super) fn shelve(&self, attempt: AttemptNumber, prepared: Prepared) -> Outcome {
        let proposal = prepared.proposal;
        let inventory =
            self.step(&proposal.step).map_or_else(|_| String::new(), |step| self.inventory_of(step));
        let record = Record {
            version: RECORD_VERSION,
            plan: self.plan.name.clone(),
            environment: self.environment.name.clone(),
            step: proposal.step.clone(),
            attempt,
            kind: proposal.kind,
            inventory,
            cluster: proposal.cluster.clone(),
            images: prepared.images,
        };
        self.records().insert(attempt, Arc::new(record));
        Outcome::Prepared(Box::new(proposal))
    }

    async fn prepare_rollback(&self, step: &Step, context: &Context) -> Result<Prepared, Vec<Problem>> {
        let writer = self.hands.writer().map_err(|problem| vec![problem])?;
        let sets: BTreeSet<String> = self.steps.iter().map(|step| self.inventory_of(step)).collect();
        let mut inventories = Vec::new();
        for set in sets {
            let held =
                inventory(self.hands.reader(), &set, &self.place()).await.map_err(|problem| vec![problem])?;
            inventories.push(held);
        }
        let request = RollbackRequest {
            base: self.request(step, Vec::new(), Inventory::default()),
            undone: self.undone(&context.undoes).await?,
            after: context.attempt.after.clone(),
            first: self.undone(&context.first).await?,
            inventories,
        };
        prepare_rollback(writer.planner(), &request).await
    }

    /// Attempts with their records, and what became of their rows.
    async fn undone(&self, attempts: &[Attempt]) -> Result<Vec<UndoneAttempt>, Vec<Problem>> {
        let mut undone = Vec::new();
        for attempt in attempts {
            let context = Context {
                attempt: attempt.clone(),
                undoes: Vec::new(),
                first: Vec::new(),
                superseded: Vec::new(),
            };
            let record = self.record(attempt.number, &context).await.map_err(|problem| vec![problem])?;
            let fates = attempt.rows.iter().map(|(row, state)| fate(attempt, row.wave, state)).collect();
            undone.push(UndoneAttempt { record: (*record).clone(), fates });
        }
        Ok(undone)
    }

    fn request<'a>(
        &'a self,
        step: &'a Step,
        rendered: Vec<Object>,
        inventory: Inventory,
    ) -> PrepareRequest<'a> {
        PrepareRequest {
            environment: &self.environment,
            step,
            rendered,
            renderer: self.renderer.as_ref().ok().map(ToString::to_string),
            digester: &self.digester,
            cluster: self.cluster.clone(),
            context: self.hands.reader().connection().context(),
            inventory,
        }
    }
}

/// What the journal knows of a row's write: one of a wave that was never begun was not written.
fn fate(attempt: &Attempt, wave: Wave, state: &RowState) -> Fate {
    match state {
        RowState::Done { uid, .. } => Fate::Written(uid.clone()),
        RowState::Planned if attempt.wave.is_none_or(|reached| wave > reached) => Fate::NotWritten,
        RowState::Failed(_) | RowState::Planned => Fate::Unknown,
    }
}
