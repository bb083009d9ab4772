//! Performs the engine's effects with the cluster, the renderer and the gates.
//!
//! It decides nothing: it does what an effect says and answers with what came of it. A write needs a
//! permit, which is made here only once the cluster has been asked again who it is.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};
use tokio::{sync::mpsc, time::Instant};

use super::driver::{Context, Perform};
use crate::{
    cluster::{
        Closing, Inventory, Permit, Place, PrepareRequest, Prepared, Reader, RollbackRequest, Writer, close,
        execute, inspect, inventory, load, prepare_apply, prepare_local, prepare_prune, prepare_rollback,
        preserve, recheck, settle,
    },
    diff::{ClusterIdentity, Kind, Problem, Wave},
    engine::{Attempt, AttemptNumber, Effect, Outcome, RowState},
    gate::{self, Awaited, GateKeeper},
    journal::RunFolder,
    object::{Digester, Key, Object},
    observed::Observation,
    plan::{Environment, Gate, Plan, Step, StepPath},
    readiness::Readiness,
    render::{Renderer, render},
    rollback::{Fate, Image, RECORD_VERSION, Record, UndoneAttempt},
};

/// How long what a wave stands on may take: a namespace to be Active, a CRD to be Established.
const SETTLE_DEADLINE: Duration = Duration::from_mins(1);

/// What may be done. Read-only has no writer to call.
#[derive(Clone)]
pub(super) enum Hands {
    /// Reads only.
    Reader(Reader),
    /// Everything.
    Writer(Writer),
}

impl Hands {
    fn reader(&self) -> &Reader {
        match self {
            Self::Reader(reader) => reader,
            Self::Writer(writer) => writer.planner().reader(),
        }
    }

    fn writer(&self) -> Result<&Writer, Problem> {
        match self {
            Self::Writer(writer) => Ok(writer),
            Self::Reader(_) => Err(Problem::new(
                "read-only",
                "nothing can be changed in this session",
                "start it again without --read-only",
            )),
        }
    }
}

/// What this process holds of its attempts, unmasked, in memory only.
#[derive(Default)]
pub(super) struct Shelf {
    records: Mutex<BTreeMap<AttemptNumber, Arc<Record>>>,
    permits: Mutex<BTreeMap<AttemptNumber, Permit>>,
}

/// Performs effects for one run.
pub(super) struct Executor {
    pub(super) plan: Arc<Plan>,
    pub(super) steps: Vec<Step>,
    pub(super) environment: Environment,
    pub(super) hands: Hands,
    pub(super) cluster: ClusterIdentity,
    pub(super) renderer: Result<Renderer, Problem>,
    pub(super) digester: Digester,
    pub(super) folder: RunFolder,
    pub(super) observations: Option<mpsc::Sender<Vec<Observation>>>,
    pub(super) shelf: Shelf,
}

impl Executor {
    /// The executor as the driver calls it.
    pub(super) fn perform(self) -> Perform {
        let executor = Arc::new(self);
        Arc::new(move |effect, context| -> BoxFuture<'static, Outcome> {
            let executor = executor.clone();
            Box::pin(executor.one(effect, context))
        })
    }

    async fn one(self: Arc<Self>, effect: Effect, context: Context) -> Outcome {
        let context = &context;
        let stopped = |problem: Problem| Outcome::Stopped(vec![problem]);
        match effect {
            Effect::Prepare { step, attempt, kind, .. } => {
                match self.prepare(&step, kind, context).boxed().await {
                    Ok(prepared) => self.shelve(attempt, prepared),
                    Err(problems) => Outcome::Unprepared(problems),
                }
            }
            Effect::Preserve { attempt, .. } => self.preserve(attempt).boxed().await.unwrap_or_else(stopped),
            Effect::Execute { attempt, row, .. } => self
                .execute(attempt, row, context)
                .await
                .unwrap_or_else(|problem| Outcome::RowFailed { row, problem }),
            Effect::Settle { attempt, wave, .. } => match self.settle(attempt, wave, context).boxed().await {
                Ok(()) => Outcome::Settled(wave),
                Err(problems) => Outcome::Stopped(problems),
            },
            Effect::Wait { step, attempt } => match self.wait(&step, attempt, context).boxed().await {
                Ok(()) => Outcome::Ready,
                Err(problems) => Outcome::Stopped(problems),
            },
            Effect::Gate { step, gate, .. } => self.gate(&step, gate).boxed().await.unwrap_or_else(stopped),
            Effect::Close { attempt, .. } => {
                self.close(attempt, context).boxed().await.map_or_else(stopped, |()| Outcome::Closed)
            }
            Effect::Inspect { attempt, .. } => {
                self.inspect(attempt, context).boxed().await.unwrap_or_else(stopped)
            }
        }
    }

    async fn prepare(
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
        let held = inventory(self.hands.reader(), &step.inventory, &self.place())
            .await
            .map_err(|problem| vec![problem])?;
        let request = self.request(step, rendered, held);
        match (&self.hands, kind) {
            (Hands::Reader(reader), _) => prepare_local(reader, &request).await,
            (Hands::Writer(writer), Kind::Prune) => prepare_prune(writer.planner().reader(), &request).await,
            (Hands::Writer(writer), _) => prepare_apply(writer.planner(), &request).await,
        }
    }

    /// Keeps what is behind a proposal for when it is confirmed, and shows the proposal.
    fn shelve(&self, attempt: AttemptNumber, prepared: Prepared) -> Outcome {
        let proposal = prepared.proposal;
        let inventory =
            self.step(&proposal.step).map_or_else(|_| String::new(), |step| step.inventory.clone());
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

    async fn preserve(&self, attempt: AttemptNumber) -> Result<Outcome, Problem> {
        let writer = self.hands.writer()?;
        let record = self.shelved(attempt)?;
        let permit = self.permit(attempt).await?;
        if let Err(reason) = recheck(writer.planner().reader(), &record.images).await {
            return Ok(Outcome::Moved(reason));
        }
        let preserved = preserve(writer, &permit, &record, &self.place()).await?;
        Ok(Outcome::Preserved { record: preserved.record, cannot_undo: preserved.cannot_undo })
    }

    async fn execute(
        &self,
        attempt: AttemptNumber,
        row: usize,
        context: &Context,
    ) -> Result<Outcome, Problem> {
        let writer = self.hands.writer()?;
        let record = self.record(attempt, context).await?;
        let permit = self.permit(attempt).await?;
        let image = record.images.get(row).ok_or_else(|| missing_row(attempt, row))?;
        let done = execute(writer, &permit, record.kind, image).await?;
        Ok(Outcome::RowDone { row, uid: done.uid, created: done.created, warnings: done.warnings })
    }

    async fn settle(
        &self,
        attempt: AttemptNumber,
        wave: Wave,
        context: &Context,
    ) -> Result<(), Vec<Problem>> {
        let record = self.record(attempt, context).await.map_err(|problem| vec![problem])?;
        let deadline = match record.kind {
            Kind::Apply | Kind::Verify => SETTLE_DEADLINE,
            Kind::Prune | Kind::Rollback => self.step(&record.step)?.deadline,
        };
        let images: Vec<&Image> = record.images.iter().filter(|image| image.wave == wave).collect();
        let progress = |_: String| {};
        settle(self.hands.reader(), record.kind, wave, &images, Instant::now() + deadline, &progress).await
    }

    async fn wait(
        &self,
        path: &StepPath,
        attempt: AttemptNumber,
        context: &Context,
    ) -> Result<(), Vec<Problem>> {
        let deadline = self.step(path)?.deadline;
        let record = self.record(attempt, context).await.map_err(|problem| vec![problem])?;
        let images: Vec<&Image> = record.images.iter().filter(|image| image.applied.is_some()).collect();
        let ready = self.ready(&images, deadline).await;
        self.observe(Observation::ProgressCleared);
        ready
    }

    async fn ready(&self, images: &[&Image], deadline: Duration) -> Result<(), Vec<Problem>> {
        let awaited: Vec<Awaited> = images
            .iter()
            .map(|image| Awaited { key: image.key.clone(), api_version: image.api_version.clone() })
            .collect();
        gate::wait_ready(self.hands.reader(), &awaited, deadline, |key: Key, readiness: Readiness| {
            self.observe(Observation::Progress(key, readiness));
        })
        .await
    }

    async fn gate(&self, path: &StepPath, index: usize) -> Result<Outcome, Problem> {
        let step = self.step(path).map_err(|problems| first(problems, path))?;
        let gate: &Gate = step.gates.get(index).ok_or_else(|| {
            Problem::new(path.to_string(), "the plan has no such gate any more", "look at the step again")
        })?;
        let keeper = GateKeeper::new(self.hands.reader().clone(), self.environment.namespace.clone()).await;
        let passed = gate::wait(&keeper, gate, step.deadline, |_| {}).await?;
        Ok(Outcome::GatePassed { gate: index, detail: passed.detail, simulated: passed.simulated })
    }

    async fn close(&self, attempt: AttemptNumber, context: &Context) -> Result<(), Problem> {
        let writer = self.hands.writer()?;
        let record = self.record(attempt, context).await?;
        let permit = self.permit(attempt).await?;
        let uids: Vec<Option<String>> = context
            .attempt
            .rows
            .iter()
            .zip(&record.images)
            .map(|((_, state), image)| match state {
                RowState::Done { uid, .. } => uid.clone(),
                _ => image.before.as_ref().and_then(|before| before.uid()).map(str::to_owned),
            })
            .collect();
        let undone = &context.attempt.undoes;
        close(writer, &permit, &record, Closing { uids: &uids, undone }, &self.place()).await
    }

    async fn inspect(&self, attempt: AttemptNumber, context: &Context) -> Result<Outcome, Problem> {
        let record = self.record(attempt, context).await?;
        let unknown: Vec<usize> = context
            .attempt
            .rows
            .iter()
            .enumerate()
            .filter(|(_, (_, state))| !matches!(state, RowState::Done { .. }))
            .map(|(row, _)| row)
            .collect();
        inspect(self.hands.reader(), &record, &unknown).await.map(Outcome::Inspected)
    }

    async fn prepare_rollback(&self, step: &Step, context: &Context) -> Result<Prepared, Vec<Problem>> {
        let writer = self.hands.writer().map_err(|problem| vec![problem])?;
        let sets: BTreeSet<&str> = self.steps.iter().map(|step| step.inventory.as_str()).collect();
        let mut inventories = Vec::new();
        for set in sets {
            let held =
                inventory(self.hands.reader(), set, &self.place()).await.map_err(|problem| vec![problem])?;
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
            let context = Context { attempt: attempt.clone(), undoes: Vec::new(), first: Vec::new() };
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

    fn step(&self, path: &StepPath) -> Result<&Step, Vec<Problem>> {
        self.steps.iter().find(|step| &step.path == path).ok_or_else(|| {
            vec![Problem::new(
                path.to_string(),
                "the plan has no such step any more",
                "look at the plan again",
            )]
        })
    }

    fn place(&self) -> Place {
        Place { namespace: self.environment.namespace.clone(), folder: self.folder.path().to_owned() }
    }

    fn records(&self) -> std::sync::MutexGuard<'_, BTreeMap<AttemptNumber, Arc<Record>>> {
        self.shelf.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What this process prepared.
    fn shelved(&self, attempt: AttemptNumber) -> Result<Arc<Record>, Problem> {
        self.records().get(&attempt).cloned().ok_or_else(|| {
            Problem::new(
                format!("attempt {attempt}"),
                "this process did not prepare it",
                "look at the changes again",
            )
        })
    }

    /// What this process prepared, or what an earlier one preserved.
    async fn record(&self, attempt: AttemptNumber, context: &Context) -> Result<Arc<Record>, Problem> {
        if let Ok(record) = self.shelved(attempt) {
            return Ok(record);
        }
        let reference = context.attempt.record.as_deref().unwrap_or_default();
        let record = Arc::new(load(self.hands.reader(), attempt, reference, &self.place()).await?);
        self.records().insert(attempt, record.clone());
        Ok(record)
    }

    /// Leave to write for an attempt; the cluster is asked who it is before the first.
    async fn permit(&self, attempt: AttemptNumber) -> Result<Permit, Problem> {
        let known = self.shelf.permits.lock().unwrap_or_else(PoisonError::into_inner).get(&attempt).cloned();
        if let Some(permit) = known {
            return Ok(permit);
        }
        let connection = self.hands.reader().connection();
        let identity = connection
            .identity(&self.environment.namespace)
            .await
            .map_err(|failure| Problem::new("the cluster", failure.to_string(), failure.kind.remedy()))?;
        if identity != self.cluster {
            return Err(Problem::new(
                format!("the cluster at {}", connection.server()),
                format!("it is {} now, and was {}", identity.short(), self.cluster.short()),
                "nothing was written; find out which cluster answers there before anything else",
            ));
        }
        let permit = Permit::after_intent(attempt, identity);
        self.shelf.permits.lock().unwrap_or_else(PoisonError::into_inner).insert(attempt, permit.clone());
        Ok(permit)
    }

    fn observe(&self, observation: Observation) {
        if let Some(observations) = &self.observations
            && observations.try_send(vec![observation]).is_err()
        {
            tracing::debug!("the screen is behind; a line of progress is left out");
        }
    }
}

/// What the journal knows of a row's write: one of a wave that was never begun was not written.
fn fate(attempt: &Attempt, wave: Wave, state: &RowState) -> Fate {
    match state {
        RowState::Done { uid, .. } => Fate::Written(uid.clone()),
        RowState::Failed(_) => Fate::Unknown,
        RowState::Planned if attempt.wave.is_none_or(|reached| wave > reached) => Fate::NotWritten,
        RowState::Planned => Fate::Unknown,
    }
}

fn missing_row(attempt: AttemptNumber, row: usize) -> Problem {
    Problem::new(
        format!("attempt {attempt}"),
        format!("its record has no row {row}"),
        "look at the changes again",
    )
}

fn first(problems: Vec<Problem>, path: &StepPath) -> Problem {
    problems.into_iter().next().unwrap_or_else(|| Problem::new(path.to_string(), "unknown", "look again"))
}
