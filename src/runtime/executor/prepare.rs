//! Preparing an attempt: rendering, comparing, and the inverse of what was done.

use std::sync::Arc;

use super::{Executor, Hands};
use crate::{
    cluster::{
        FIELD_MANAGER, Inventory, PrepareRequest, Prepared, Promised, inventory, prepare_apply,
        prepare_local, prepare_prune,
    },
    diff::{Kind, Problem, Proposal, Wave},
    engine::{Attempt, AttemptNumber, RowState},
    object::{Object, additions},
    plan::{Action, Step},
    render::{Renderer, render},
    rollback::{Fate, RECORD_VERSION, Record, UndoneAttempt},
    runtime::Context,
};

impl Executor {
    pub(super) async fn prepare(
        &self,
        step: &Step,
        kind: Kind,
        context: &Context,
    ) -> Result<Prepared, Vec<Problem>> {
        if kind == Kind::Rollback {
            return self.prepare_rollback(step, context).await;
        }
        if let Action::Helm(helm) = &step.action {
            let held = inventory(self.hands.reader(), &self.inventory_of(step), &self.place())
                .await
                .map_err(|problem| vec![problem])?;
            return self.prepare_helm(step, helm, kind, (held, self.promised(context))).await;
        }
        if let Action::Pin { path } = &step.action {
            return self.prepare_pin(step, path, kind).await;
        }
        let renderer = self.renderer(step).await;
        let (set, place) = (self.inventory_of(step), self.place());
        let (rendered, held) = tokio::join!(
            render(renderer.as_ref(), &self.plan, step),
            inventory(self.hands.reader(), &set, &place),
        );
        let held = held.map_err(|problem| vec![problem]);
        let mut request = self.request(step, rendered?, held?);
        request.promised = self.promised(context);
        request.renderer = renderer.ok().map(|renderer| renderer.to_string());
        let mut prepared = match (&self.hands, kind) {
            (Hands::Reader(reader), _) => prepare_local(reader, &request).await,
            (Hands::Writer(writer), Kind::Prune) => prepare_prune(writer.planner().reader(), &request).await,
            (Hands::Writer(writer), _) => prepare_apply(writer.planner(), &request).await,
        }?;
        if kind == Kind::Verify {
            prepared.proposal.kind = kind;
            for (row, image) in prepared.proposal.rows.iter_mut().zip(&prepared.images) {
                if let (Some(live), Some(applied)) = (&image.before, &image.applied) {
                    row.added = additions(live, applied, FIELD_MANAGER);
                }
            }
        }
        Ok(prepared)
    }

    /// The program that renders a step; it takes a while to say who it is, and only an overlay needs it.
    async fn renderer(&self, step: &Step) -> Result<Renderer, Problem> {
        match step.action {
            Action::Kustomize { .. } => {
                self.renderer.get_or_init(|| Renderer::detect_in(&self.search, None)).await.clone()
            }
            Action::Manifests { .. } | Action::Helm(_) | Action::Pin { .. } | Action::Manual(_) => {
                Err(Problem::new(step.path.to_string(), "no program renders it", "report this as a bug"))
            }
        }
    }

    /// Keeps a proposal, and what is behind it, for when it is confirmed.
    pub(super) fn shelve(
        &self,
        attempt: AttemptNumber,
        prepared: Prepared,
        context: &Context,
    ) -> Box<Proposal> {
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
            undoes: context.undoes.iter().map(Attempt::recorded_as).collect(),
            author: Some(self.author.clone()),
            inventory,
            cluster: proposal.cluster.clone(),
            images: prepared.images,
            release: prepared.release,
            pin: prepared.pin,
            leftovers: prepared.leftovers,
        };
        self.records().insert(attempt, Arc::new(record));
        self.shown().insert(attempt, proposal.clone());
        Box::new(proposal)
    }

    /// Attempts with their records, and what became of their rows.
    pub(super) async fn undone(&self, attempts: &[Attempt]) -> Result<Vec<UndoneAttempt>, Vec<Problem>> {
        let mut undone = Vec::new();
        for attempt in attempts {
            let context = Context::alone(attempt.clone());
            let record = self.record(attempt.number, &context).await.map_err(|problem| vec![problem])?;
            let fates = attempt.rows.iter().map(|(row, state)| fate(attempt, row.wave, state)).collect();
            undone.push(UndoneAttempt { record: (*record).clone(), fates });
        }
        Ok(undone)
    }

    pub(super) fn request<'a>(
        &'a self,
        step: &'a Step,
        rendered: Vec<Object>,
        inventory: Inventory,
    ) -> PrepareRequest<'a> {
        PrepareRequest {
            environment: &self.environment,
            step,
            rendered,
            renderer: None,
            digester: &self.digester,
            cluster: self.cluster.clone(),
            context: self.hands.reader().connection().context(),
            inventory,
            promised: Promised::default(),
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
