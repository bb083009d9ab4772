//! A step's turn has come behind others: prepared again, and compared with what was confirmed.

use super::Executor;
use crate::{
    cluster::Promised,
    diff::{Kind, uncovered},
    engine::{AttemptNumber, Outcome},
    plan::StepPath,
    runtime::Context,
};

impl Executor {
    pub(super) async fn review(&self, path: &StepPath, attempt: AttemptNumber, context: &Context) -> Outcome {
        let confirmed = self.shown_before(attempt);
        let prepared = match self.propose(path, Kind::Apply, context).await {
            Ok(prepared) => prepared,
            Err(problems) => return Outcome::Unprepared(problems),
        };
        let unlike = match confirmed {
            Some(confirmed) => uncovered(&confirmed, &prepared.proposal),
            None => vec![format!("this process has not shown {path}")],
        };
        let proposal = self.shelve(attempt, prepared, context);
        Outcome::Reviewed { proposal, unlike }
    }

    /// What the steps before it in the same request will have made, as far as they are not done yet.
    pub(super) fn promised(&self, context: &Context) -> Promised {
        let records = self.records();
        let before = context.first.iter().filter(|attempt| attempt.kind == Kind::Apply);
        Promised::by(before.filter_map(|attempt| records.get(&attempt.number)).map(AsRef::as_ref))
    }
}
