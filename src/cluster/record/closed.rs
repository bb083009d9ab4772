//! The mark of an attempt that came to a good end: from a record without it, another machine cannot tell
//! an attempt that was cut off from one that somebody is still at.

use serde_json::json;

use super::{
    load::secret_of,
    names::{CLOSED, Place},
    preserve::refused,
};
use crate::{
    cluster::{FIELD_MANAGER, FailureKind, Permit, Writer},
    diff::Problem,
    object::Object,
};

/// Marks a record in the cluster. Who may not change Secrets leaves it unmarked: another machine then
/// compares and asks.
///
/// # Errors
/// [`Problem`] when the cluster does not take it.
pub async fn mark_closed(
    writer: &Writer,
    permit: &Permit,
    reference: &str,
    place: &Place,
) -> Result<(), Problem> {
    let Some((namespace, name)) = secret_of(reference) else { return Ok(()) };
    let record = Object(json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": namespace},
    }));
    let patch = json!({"metadata": {"annotations": {CLOSED: "true"}}});
    match writer.merge(permit, &record, &patch, FIELD_MANAGER).await {
        Ok(_) => Ok(()),
        Err(failure)
            if matches!(
                failure.kind,
                FailureKind::Forbidden | FailureKind::NotFound | FailureKind::NamespaceNotFound
            ) =>
        {
            tracing::warn!(%failure, "the record is not marked as closed");
            Ok(())
        }
        Err(failure) => Err(refused(&place.namespace, &failure)),
    }
}
