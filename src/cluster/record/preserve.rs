//! Writing a record, before anything else is written.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use k8s_openapi::ByteString;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{
    inventory,
    load::{forget, refer},
    local,
    names::{self, Place, RECORD_TYPE},
};
use crate::{
    cluster::{Failure, FailureKind, Permit, Writer},
    diff::{Change, Problem},
    object::{Key, Object},
    rollback::{Image, Record},
};

/// Bytes of one Secret: well under etcd's limit of 1.5 MB once in base64.
const CHUNK: usize = 700 * 1024;

/// A record that is safe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preserved {
    /// Where it is: `Secret NAMESPACE/NAME` or `file records/N.json`.
    pub record: String,
    /// Objects whose state before could not be kept.
    pub cannot_undo: Vec<Key>,
}

/// Keeps an attempt's record: a file first, then the Secret and the inventory where the namespace is
/// there and we may.
///
/// # Errors
/// [`Problem`] when the file cannot be written, or the cluster fails in the middle; nothing of the
/// step has been written then.
pub async fn preserve(
    writer: &Writer,
    permit: &Permit,
    record: &Record,
    place: &Place,
) -> Result<Preserved, Problem> {
    let file = format!("records/{}.json", record.attempt);
    local::write(place.folder.join(&file), &without_secrets(record)).await?;
    let in_cluster = async {
        match namespace_is_there(writer, place).await? {
            Namespace::There => keep_in_cluster(writer, permit, record, place).await,
            Namespace::Absent => Ok(None),
        }
    };
    let (in_cluster, extended) = tokio::join!(in_cluster, inventory::extend(writer, permit, record, place));
    let reference = in_cluster?.map(|name| refer(&place.namespace, &name));
    if let Err(problem) = extended {
        // The attempt ends here: no other machine is to take it for one that was cut off.
        if let Err(second) = forget(writer, permit, reference.as_deref().unwrap_or_default(), place).await {
            tracing::warn!(%second, "the record of an attempt that wrote nothing stays");
        }
        return Err(problem);
    }
    match reference {
        Some(record) => Ok(Preserved { record, cannot_undo: Vec::new() }),
        None => Ok(Preserved { record: format!("file {file}"), cannot_undo: lost_without_cluster(record) }),
    }
}

/// Keeps the record of an attempt that writes nothing to the cluster: a file is all of it.
///
/// # Errors
/// [`Problem`] when the file cannot be written.
pub async fn keep_here(record: &Record, place: &Place) -> Result<Preserved, Problem> {
    let file = format!("records/{}.json", record.attempt);
    local::write(place.folder.join(&file), &without_secrets(record)).await?;
    Ok(Preserved { record: format!("file {file}"), cannot_undo: Vec::new() })
}

/// The record without any Secret's body.
fn without_secrets(record: &Record) -> Record {
    let mut copy = record.clone();
    for image in copy.images.iter_mut().filter(|image| is_secret(image) && !image.is_bare()) {
        image.applied = None;
        image.before = None;
        image.expected = None;
    }
    copy.release = copy.release.map(|order| order.without_values());
    copy
}

/// Secrets that are changed or deleted: what they held is kept nowhere.
fn lost_without_cluster(record: &Record) -> Vec<Key> {
    record
        .images
        .iter()
        .filter(|image| is_secret(image) && !image.carried)
        .filter(|image| !matches!(image.change, Change::Same | Change::Create))
        .map(|image| image.key.clone())
        .collect()
}

fn is_secret(image: &Image) -> bool {
    image.key.is("", "Secret")
}

pub(super) enum Namespace {
    There,
    Absent,
}

/// Who may not read namespaces has one.
pub(super) async fn namespace_is_there(writer: &Writer, place: &Place) -> Result<Namespace, Problem> {
    match writer.planner().reader().get("v1", "Namespace", None, &place.namespace).await {
        Ok(None) => Ok(Namespace::Absent),
        Ok(Some(object)) if object.at(&["metadata", "deletionTimestamp"]).is_some() => Ok(Namespace::Absent),
        Ok(Some(_)) => Ok(Namespace::There),
        Err(failure) if failure.kind == FailureKind::Forbidden => Ok(Namespace::There),
        Err(failure) => Err(refused(&place.namespace, &failure)),
    }
}

/// The Secret's name; `None` when we may not write one.
pub(super) async fn keep_in_cluster(
    writer: &Writer,
    permit: &Permit,
    record: &Record,
    place: &Place,
) -> Result<Option<String>, Problem> {
    let packed = pack(record).map_err(|reason| {
        Problem::new("the attempt's record", reason, "see the log; nothing was written to the cluster")
    })?;
    let hash = hex::encode(Sha256::digest(&packed));
    let name = names::record_name(record, hash.get(..10).unwrap_or_default());
    let chunks: Vec<&[u8]> = packed.chunks(CHUNK).collect();
    // The first chunk names how many there are, so it comes last: a record is whole or not found.
    for (index, chunk) in chunks.iter().enumerate().rev() {
        let secret = Object(json!({
            "apiVersion": "v1", "kind": "Secret", "type": RECORD_TYPE, "immutable": true,
            "metadata": {
                "name": names::chunk_name(&name, index), "namespace": place.namespace,
                "labels": names::labels(record), "annotations": names::annotations(record, chunks.len()),
            },
            "data": {"record": bytes(chunk)},
        }));
        match writer.create(permit, &secret).await {
            Ok(_) => {}
            // The name holds the digest of the content: it is this very chunk, from a lost answer.
            Err(failure) if failure.kind == FailureKind::Conflict => {}
            Err(failure) if failure.kind == FailureKind::Forbidden => return Ok(None),
            Err(failure) => return Err(refused(&place.namespace, &failure)),
        }
    }
    Ok(Some(name))
}

fn pack(record: &Record) -> Result<Vec<u8>, String> {
    let text = serde_json::to_vec(record).map_err(|error| error.to_string())?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&text).and_then(|()| encoder.finish()).map_err(|error| error.to_string())
}

fn bytes(chunk: &[u8]) -> Value {
    serde_json::to_value(ByteString(chunk.to_vec())).unwrap_or_default()
}

pub(super) fn refused(namespace: &str, failure: &Failure) -> Problem {
    Problem::new(
        format!("the record in namespace {namespace}"),
        failure.message.clone(),
        failure.kind.remedy(),
    )
}
