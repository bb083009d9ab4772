//! What is done once an attempt is confirmed.

use std::time::Duration;

use tokio::time::Instant;

use super::Executor;
use crate::{
    cluster::{
        Closing, Permit, Writer, close, execute, forget, inspect, mark_closed, missed, preserve, publish,
        recheck, settle, withdraw,
    },
    diff::{Kind, Problem, Wave},
    engine::{Attempt, AttemptNumber, Outcome, RowState},
    gate::{self, Awaited},
    object::Key,
    observed::Observation,
    plan::{Gate, StepPath},
    readiness::Readiness,
    rollback::{Image, Record},
    runtime::Context,
};

impl Executor {
    pub(super) async fn preserve(
        &self,
        attempt: AttemptNumber,
        context: &Context,
    ) -> Result<Outcome, Problem> {
        let writer = self.hands.writer()?;
        let record = self.shelved(attempt)?;
        let locked =
            if record.kind == Kind::Apply { self.still_locked(&record.step).await } else { Vec::new() };
        if !locked.is_empty() {
            return Ok(Outcome::Stopped(locked));
        }
        if let Some(order) = &record.pin {
            return self.preserve_pin(&record, order).await;
        }
        let (permit, checked) =
            tokio::join!(self.permit(attempt), recheck(writer.planner().reader(), &record.images));
        let permit = permit?;
        if let Err(reason) = checked {
            return Ok(Outcome::Moved(reason));
        }
        if let Some(order) = &record.release
            && let Err(reason) = self.recheck_release(order).await?
        {
            return Ok(Outcome::Moved(reason));
        }
        if let Err(reason) = self.recheck_leftovers(&record, context).await {
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
        if let Some(order) = &record.pin {
            return self.execute_pin(order, row).await;
        }
        let permit = self.permit(attempt).await?;
        let image = record.images.get(row).ok_or_else(|| missing_row(attempt, row))?;
        if image.is_release() {
            return self.execute_release(&record, row).await;
        }
        let done = execute(writer, &permit, record.kind, image, context.attempt.tries).await?;
        Ok(Outcome::RowDone { row, uid: done.uid, created: done.created, warnings: done.warnings })
    }

    pub(super) async fn settle(
        &self,
        attempt: AttemptNumber,
        wave: Wave,
        context: &Context,
    ) -> Result<(), Vec<Problem>> {
        let record = self.record(attempt, context).await.map_err(|problem| vec![problem])?;
        if record.pin.is_some() {
            return Ok(());
        }
        let deadline = self.step(&record.step)?.deadline;
        let until = Instant::now() + context.attempt.limit(deadline).unwrap_or(deadline);
        let is_meant = |image: &&Image| image.wave == wave || (image.carried && wave == Wave::Release);
        let images: Vec<&Image> = record.images.iter().filter(is_meant).collect();
        let progress =
            |key: &Key, readiness: Readiness| self.observe(Observation::Progress(key.clone(), readiness));
        let settled = settle(self.hands.reader(), record.kind, wave, &images, until, &progress).await;
        self.observe(Observation::ProgressCleared);
        settled
    }

    pub(super) async fn wait(
        &self,
        path: &StepPath,
        attempt: AttemptNumber,
        context: &Context,
    ) -> Result<(), Vec<Problem>> {
        let deadline = self.step(path)?.deadline;
        let deadline = context.attempt.limit(deadline).unwrap_or(deadline);
        let record = self.record(attempt, context).await.map_err(|problem| vec![problem])?;
        if let Some(order) = &record.pin {
            return self.see_pinned(path, record.kind, order).await;
        }
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

    pub(super) async fn gate(
        &self,
        path: &StepPath,
        index: usize,
        context: &Context,
    ) -> Result<Outcome, Problem> {
        let step = self.step(path).map_err(|problems| first(problems, path))?;
        let gate: &Gate = step.gates.get(index).ok_or_else(|| {
            Problem::new(path.to_string(), "the plan has no such gate any more", "look at the step again")
        })?;
        let keeper = self.keeper().await;
        let says = |says: Option<&str>| {
            self.observe(Observation::Gate { gate: gate.to_string(), says: says.map(str::to_owned) });
        };
        // What it said in an earlier attempt is no news of now.
        says(None);
        let is_by_hand = context.attempt.by_hand.is_some();
        let deadline = if is_by_hand {
            Duration::ZERO
        } else {
            context.attempt.limit(step.deadline).unwrap_or(step.deadline)
        };
        let passed = match gate::wait(&keeper, gate, deadline, |reason| says(Some(reason))).await {
            Err(problem) if is_by_hand => return Ok(Outcome::GateOpen { gate: index, problem }),
            answered => answered?,
        };
        Ok(Outcome::GatePassed { gate: index, detail: passed.detail, simulated: passed.simulated })
    }

    pub(super) async fn close(&self, attempt: AttemptNumber, context: &Context) -> Result<(), Problem> {
        let writer = self.hands.writer()?;
        let record = self.record(attempt, context).await?;
        if record.pin.is_some() {
            return Ok(());
        }
        let permit = self.permit(attempt).await?;
        let mut uids: Vec<Option<String>> = context
            .attempt
            .rows
            .iter()
            .zip(&record.images)
            .map(|((_, state), image)| match state {
                RowState::Done { uid, .. } => uid.clone(),
                _ => image.before.as_ref().and_then(|before| before.uid()).map(str::to_owned),
            })
            .collect();
        for (uid, image) in uids.iter_mut().zip(&record.images).filter(|(_, image)| image.carried) {
            // helm does not tell what it has made.
            let live = self.hands.reader().by_key(&image.api_version, &image.key).await;
            *uid = live.ok().flatten().and_then(|live| live.uid().map(str::to_owned));
        }
        let undone = Self::undone_by(&record, context);
        let closing = Closing { uids: &uids, undone: &undone };
        close(writer, &permit, &record, closing, &self.place()).await?;
        if record.kind != Kind::Rollback {
            return self.keep_as_closed(writer, &permit, &record, &context.attempt).await;
        }
        // Nothing is left to undo: before-images, a Secret's among them, are not kept longer.
        let mut all_gone = true;
        for over in context.undoes.iter().chain(&context.superseded) {
            if let Err(problem) = self.forget(writer, &permit, over).await {
                tracing::warn!(%problem, "a record that is no longer needed stays");
                all_gone = false;
            }
        }
        // What has undone a record that stays goes on saying so.
        if !all_gone {
            return self.keep_as_closed(writer, &permit, &record, &context.attempt).await;
        }
        if let Err(problem) = self.forget(writer, &permit, &context.attempt).await {
            tracing::warn!(%problem, "a record that is no longer needed stays");
        }
        Ok(())
    }

    /// So that other machines find it, and know that it came to a good end.
    async fn keep_as_closed(
        &self,
        writer: &Writer,
        permit: &Permit,
        record: &Record,
        attempt: &Attempt,
    ) -> Result<(), Problem> {
        let place = self.place();
        match attempt.record.as_deref() {
            Some(reference) if reference.starts_with("file ") => {
                match publish(writer, permit, record, &place).await? {
                    Some(reference) => mark_closed(writer, permit, &reference, &place).await,
                    None => Ok(()),
                }
            }
            reference => mark_closed(writer, permit, reference.unwrap_or_default(), &place).await,
        }
    }

    /// Deletes an attempt's record from the cluster.
    async fn forget(&self, writer: &Writer, permit: &Permit, over: &Attempt) -> Result<(), Problem> {
        let reference = over.record.as_deref().unwrap_or_default();
        if !reference.starts_with("file ") {
            return forget(writer, permit, reference, &self.place()).await;
        }
        let context = Context::alone(over.clone());
        let record = self.record(over.number, &context).await?;
        withdraw(writer, permit, &record, &self.place()).await
    }

    /// The attempts that it undoes, as the inventory names them; a record of an earlier version does not say.
    fn undone_by(record: &Record, context: &Context) -> Vec<AttemptNumber> {
        if record.undoes.is_empty() {
            return context.undoes.iter().map(Attempt::recorded_as).collect();
        }
        record.undoes.clone()
    }

    pub(super) async fn inspect(
        &self,
        attempt: AttemptNumber,
        context: &Context,
    ) -> Result<Outcome, Problem> {
        let record = self.record(attempt, context).await?;
        let rows: Vec<usize> = context
            .attempt
            .rows
            .iter()
            .enumerate()
            .filter(|(_, (row, state))| !row.carried && !matches!(state, RowState::Done { .. }))
            .map(|(row, _)| row)
            .collect();
        if let Some(order) = &record.pin {
            return self.inspect_pin(order, &rows).await;
        }
        if record.release.is_some() {
            return self.inspect_release(&record, &rows).await;
        }
        let written: Vec<(usize, &str)> = context
            .attempt
            .rows
            .iter()
            .enumerate()
            .filter_map(|(row, (_, state))| match state {
                // What an undo has put back may go with what it goes on to take away.
                RowState::Done { uid: Some(uid), .. } if record.kind == Kind::Apply => {
                    Some((row, uid.as_str()))
                }
                _ => None,
            })
            .collect();
        let reader = self.hands.reader();
        let (found, missed) =
            tokio::try_join!(inspect(reader, &record, &rows), missed(reader, &record, &written))?;
        Ok(Outcome::Inspected([found, missed].concat()))
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
