//! What this process holds of its attempts: records and permits.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::Executor;
use crate::{
    cluster::{Permit, load},
    diff::{Problem, Proposal},
    engine::AttemptNumber,
    rollback::Record,
    runtime::Context,
};

/// What this process holds of its attempts, unmasked, in memory only.
#[derive(Default)]
pub(in crate::runtime) struct Shelf {
    records: Mutex<BTreeMap<AttemptNumber, Arc<Record>>>,
    shown: Mutex<BTreeMap<AttemptNumber, Proposal>>,
    permits: Mutex<BTreeMap<AttemptNumber, Permit>>,
}

impl Executor {
    pub(super) fn records(&self) -> MutexGuard<'_, BTreeMap<AttemptNumber, Arc<Record>>> {
        self.shelf.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What this process has shown last.
    pub(super) fn shown_before(&self, attempt: AttemptNumber) -> Option<Proposal> {
        self.shown().get(&attempt).cloned()
    }

    pub(super) fn shown(&self) -> MutexGuard<'_, BTreeMap<AttemptNumber, Proposal>> {
        self.shelf.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What this process prepared.
    pub(super) fn shelved(&self, attempt: AttemptNumber) -> Result<Arc<Record>, Problem> {
        self.records().get(&attempt).cloned().ok_or_else(|| {
            Problem::new(
                format!("attempt {attempt}"),
                "this process did not prepare it",
                "look at the changes again",
            )
        })
    }

    /// What this process prepared, or what an earlier one preserved.
    pub(super) async fn record(
        &self,
        attempt: AttemptNumber,
        context: &Context,
    ) -> Result<Arc<Record>, Problem> {
        if let Ok(record) = self.shelved(attempt) {
            return Ok(record);
        }
        let reference = context.attempt.record.as_deref().unwrap_or_default();
        let record = load(self.hands.reader(), attempt, reference, &self.place()).await?;
        let rows = context.attempt.rows.iter().map(|(row, _)| &row.key);
        // A folder that outlived its journal may hold another attempt's file under that number.
        if record.step != context.attempt.step || !rows.eq(record.images.iter().map(|image| &image.key)) {
            return Err(Problem::new(
                format!("the record of attempt {attempt}"),
                format!("it is not in the cluster ({reference}), and the file is another attempt's"),
                "what it changed cannot be undone from here: compare with kubectl and undo by hand",
            ));
        }
        let record = Arc::new(record);
        self.records().insert(attempt, record.clone());
        Ok(record)
    }

    /// Leave to write for an attempt; the cluster is asked who it is before the first.
    pub(super) async fn permit(&self, attempt: AttemptNumber) -> Result<Permit, Problem> {
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
}
