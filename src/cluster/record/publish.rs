//! Records of attempts that made their own namespace: only a file could have them when they were begun.

use super::{
    load::{forget, refer},
    names::{self, Place},
    preserve::{Namespace, keep_in_cluster, namespace_is_there, refused},
};
use crate::{
    cluster::{FailureKind, Permit, Reader, Writer},
    diff::Problem,
    rollback::Record,
};

/// Puts a record that only a file has into the cluster; the reference by which it is found there, `None`
/// when its namespace is not there or we may not.
///
/// # Errors
/// [`Problem`] when the cluster does not take it.
pub async fn publish(
    writer: &Writer,
    permit: &Permit,
    record: &Record,
    place: &Place,
) -> Result<Option<String>, Problem> {
    if matches!(namespace_is_there(writer, place).await?, Namespace::Absent) {
        return Ok(None);
    }
    // An attempt that was interrupted while closing may have done it before.
    let name = match published(writer.planner().reader(), record, place).await?.pop() {
        Some(name) => Some(name),
        None => keep_in_cluster(writer, permit, record, place).await?,
    };
    Ok(name.map(|name| refer(&place.namespace, &name)))
}

/// Deletes what [`publish`] has put there.
///
/// # Errors
/// [`Problem`] when it is there and cannot be deleted.
pub async fn withdraw(
    writer: &Writer,
    permit: &Permit,
    record: &Record,
    place: &Place,
) -> Result<(), Problem> {
    for name in published(writer.planner().reader(), record, place).await? {
        forget(writer, permit, &refer(&place.namespace, &name), place).await?;
    }
    Ok(())
}

/// The names of the Secrets that have it.
async fn published(reader: &Reader, record: &Record, place: &Place) -> Result<Vec<String>, Problem> {
    let namespace = Some(place.namespace.as_str());
    match reader.list_metadata("v1", "Secret", namespace, &names::selector_of(record)).await {
        Ok(secrets) => {
            let names = secrets.iter().map(|secret| secret.name().to_owned());
            Ok(names.filter(|name| names::is_record_name(name)).collect())
        }
        Err(failure) if failure.kind == FailureKind::Forbidden => Ok(Vec::new()),
        Err(failure) => Err(refused(&place.namespace, &failure)),
    }
}
