//! From a row to the writes that it takes.

use std::time::Duration;

use super::{adopt, apply, remove, restore};
use crate::{
    cluster::{Failure, FailureKind, Permit, Writer, lives::Wanted},
    diff::{Change, Kind, Problem},
    engine::Tries,
    object::{Key, Object},
    rollback::Image,
};

/// Pauses before a read is made again.
const READ_PAUSES_MILLIS: [u64; 3] = [100, 400, 1_000];

/// What a written row came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowDone {
    /// The object's uid; `None` once it is deleted.
    pub uid: Option<String>,
    /// The API server created it.
    pub created: bool,
    /// The API server's warnings.
    pub warnings: Vec<String>,
}

/// Writes one row of a proposal, or finds that it is written already.
///
/// # Errors
/// [`Problem`] when it is refused, when what is live is not what was shown, or when it cannot be known
/// what became of it.
pub async fn execute(
    writer: &Writer,
    permit: &Permit,
    kind: Kind,
    image: &Image,
    tries: Tries,
) -> Result<RowDone, Problem> {
    let row = RowWriter { writer, permit, image, tries };
    match image.change {
        Change::Same => Ok(RowDone { uid: uid_of(image.before.as_ref()), ..RowDone::default() }),
        Change::Create => apply::create(&row).await,
        Change::Change => apply::change(&row).await,
        Change::Adopt => adopt::adopt(&row).await,
        Change::Replace => remove::replace(&row).await,
        Change::Delete => remove::delete(&row, kind).await,
        Change::Revert => restore::revert(&row).await,
        Change::Recreate => restore::recreate(&row).await,
    }
}

/// One row, and what it takes to write it.
pub(super) struct RowWriter<'a> {
    pub(super) writer: &'a Writer,
    pub(super) permit: &'a Permit,
    pub(super) image: &'a Image,
    pub(super) tries: Tries,
}

impl RowWriter<'_> {
    pub(super) fn key(&self) -> &Key {
        &self.image.key
    }

    /// What is sent.
    pub(super) fn applied(&self) -> Result<&Object, Problem> {
        self.image.applied.as_ref().ok_or_else(|| self.broken("what is to be applied"))
    }

    /// What was live when the row was shown.
    pub(super) fn before(&self) -> Result<&Object, Problem> {
        self.image.before.as_ref().ok_or_else(|| self.broken("the object as it was"))
    }

    /// What it should become.
    pub(super) fn expected(&self) -> Result<&Object, Problem> {
        self.image.expected.as_ref().ok_or_else(|| self.broken("the object as it should become"))
    }

    /// What is live now. A read whose answer is lost is simply made again.
    pub(super) async fn live(&self) -> Result<Option<Object>, Problem> {
        for pause in READ_PAUSES_MILLIS {
            match self.read().await {
                Err(failure) if failure.leaves_outcome_unknown() => {
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                }
                answer => return answer.map_err(|failure| self.refused(&failure)),
            }
        }
        self.read().await.map_err(|failure| self.refused(&failure))
    }

    /// One read.
    pub(super) async fn read(&self) -> Result<Option<Object>, Failure> {
        Wanted::by(self.image).live(self.writer.planner().reader()).await
    }

    pub(super) fn refused(&self, failure: &Failure) -> Problem {
        failure.problem(self.key())
    }

    /// Live is not what was shown, and not what the row makes of it.
    pub(super) fn moved(&self, what: impl Into<String>) -> Problem {
        Problem::new(self.key().to_string(), what, FailureKind::Conflict.remedy())
    }

    fn broken(&self, what: &str) -> Problem {
        Problem::new(
            self.key().to_string(),
            format!("the attempt's record lacks {what}"),
            "look at the changes again, which makes a new record",
        )
    }
}

pub(super) fn uid_of(object: Option<&Object>) -> Option<String> {
    object.and_then(Object::uid).map(str::to_owned)
}
