//! What is left of a release that helm no longer knows.

use super::{release_marks as marks, rollback::lives};
use crate::{
    cluster::Reader,
    diff::Problem,
    object::{Key, Object},
    rollback::{ReleaseOrder, UndoneAttempt},
};

/// The objects of attempts that are live, are not about to go, and bear the marks of the release. Reads only.
///
/// # Errors
/// What keeps the cluster from being read.
pub async fn orphans(
    reader: &Reader,
    order: &ReleaseOrder,
    attempts: &[UndoneAttempt],
) -> Result<Vec<Key>, Vec<Problem>> {
    let live = lives(reader, attempts.iter(), |key| *key != order.key()).await?;
    let is_left = |object: &Object| {
        let is_going = object.at(&["metadata", "deletionTimestamp"]).is_some();
        marks::is_of(object, order) && !marks::is_kept(object) && !is_going
    };
    Ok(live.into_iter().filter(|(_, object)| is_left(object)).map(|(key, _)| key).collect())
}
