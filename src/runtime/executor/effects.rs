//! What is done once an attempt is confirmed.

use std::time::Duration;

use tokio::time::Instant;

use super::Executor;
use crate::{
    cluster::{Closing, close, execute, forget, inspect, preserve, recheck, settle},
    diff::{Kind, Problem, Wave},
    engine::{AttemptNumber, Outcome, RowState},
    gate::{self, Awaited, GateKeeper},
    object::Key,
    observed::Observation,
    plan::{Gate, StepPath},
    readiness::Readiness,
    rollback::Image,
    runtime::Context,
};

/// How long what a wave stands on may take: a namespace to be Active, a CRD to be Established.
const SETTLE_DEADLINE: Duration = Duration::from_mins(1);

impl Executor {
    pub(super) async fn preserve(&self, attempt: AttemptNumber) -> Result<Outcome, Problem> {
        let writer = self.hands.writer()?;
        let record = self.shelved(attempt)?;
        let permit = self.permit(attempt).await?;
        if let Err(reason) = recheck(writer.planner().reader(), &record.images).await {
            return Ok(Outcome::Moved(reason));
        }
        let preserved = preserve(writer, &permit, &record, &self.place()).await?;
        Ok(Outcome::Preserved { record: preserved.record, cannot_undo: preserved.cannot_undo })
    }

    pub(super) async fn execute(
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

    pub(super) async fn settle(
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

    pub(super) async fn wait(
        &self,
        path: &StepPath,
        attempt: AttemptNumber,
        context: &Context,
    ) -> Result<(), Vec<Problem>> {
        let deadline = self.step(path)?.deadline;
        let record = self.record(attempt, context).await.map_err(|problem| vec![problem])?;
        let images = record.images.iter().filter(|image| image.applied.is_some());
        // A verification waits for nothing that was missing when it looked.
        let (missing, there): (Vec<&Image>, Vec<&Image>) =
            images.partition(|image| record.kind == Kind::Verify && image.before.is_none());
        let mut problems: Vec<Problem> = missing.into_iter().map(not_there).collect();
        if let Err(unready) = self.ready(&there, deadline).await {
            problems.extend(unready);
        }
        self.observe(Observation::ProgressCleared);
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    pub(super) async fn ready(&self, images: &[&Image], deadline: Duration) -> Result<(), Vec<Problem>> {
        let awaited: Vec<Awaited> = images
            .iter()
            .map(|image| Awaited { key: image.key.clone(), api_version: image.api_version.clone() })
            .collect();
        gate::wait_ready(self.hands.reader(), &awaited, deadline, |key: Key, readiness: Readiness| {
            self.observe(Observation::Progress(key, readiness));
        })
        .await
    }

    pub(super) async fn gate(&self, path: &StepPath, index: usize) -> Result<Outcome, Problem> {
        let step = self.step(path).map_err(|problems| first(problems, path))?;
        let gate: &Gate = step.gates.get(index).ok_or_else(|| {
            Problem::new(path.to_string(), "the plan has no such gate any more", "look at the step again")
        })?;
        let keeper = GateKeeper::new(self.hands.reader().clone(), self.environment.namespace.clone()).await;
        let passed = gate::wait(&keeper, gate, step.deadline, |_| {}).await?;
        Ok(Outcome::GatePassed { gate: index, detail: passed.detail, simulated: passed.simulated })
    }

    pub(super) async fn close(&self, attempt: AttemptNumber, context: &Context) -> Result<(), Problem> {
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
        close(writer, &permit, &record, Closing { uids: &uids, undone }, &self.place()).await?;
        if record.kind == Kind::Rollback {
            // Nothing is left to undo: before-images, a Secret's among them, are not kept longer.
            for over in context.undoes.iter().chain(&context.superseded).chain([&context.attempt]) {
                let reference = over.record.as_deref().unwrap_or_default();
                if let Err(problem) = forget(writer, &permit, reference, &self.place()).await {
                    tracing::warn!(%problem, "a record that is no longer needed stays");
                }
            }
        }
        Ok(())
    }

    pub(super) async fn inspect(
        &self,
        attempt: AttemptNumber,
        context: &Context,
    ) -> Result<Outcome, Problem> {
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
}

fn not_there(image: &Image) -> Problem {
    Problem::new(image.key.to_string(), "it is not there", "apply the step to have it again, or roll it back")
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
