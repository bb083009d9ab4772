//! A write whose answer was lost: the cluster is looked at before anything is said or done.

use std::time::Duration;

use super::row::RowWriter;
use crate::{cluster::Failure, diff::Problem, object::Object};

/// Looks at the object again and again while the API server cannot be reached: about 30 s in all.
const PAUSES_MILLIS: [u64; 8] = [100, 400, 1_000, 2_000, 4_000, 6_000, 8_000, 8_000];

/// What is live, asked until there is an answer.
///
/// # Errors
/// [`Problem`] that says that the write's outcome is unknown.
pub(super) async fn look(row: &RowWriter<'_>, lost: &Failure) -> Result<Option<Object>, Problem> {
    for pause in PAUSES_MILLIS {
        tokio::time::sleep(Duration::from_millis(pause)).await;
        if let Ok(live) = row.read().await {
            return Ok(live);
        }
    }
    Err(Problem::new(
        row.key().to_string(),
        format!("it is not known whether it was written: {}", lost.message),
        "check the network and VPN; then resume: it is compared with the cluster first",
    ))
}
