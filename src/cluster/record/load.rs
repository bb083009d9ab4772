//! Finding a record again, and forgetting it.

use std::io::Read;

use flate2::read::GzDecoder;
use k8s_openapi::ByteString;

use super::{
    local,
    names::{self, CHUNKS, Place},
    preserve::refused,
};
use crate::{
    cluster::{Failure, FailureKind, Permit, Reader, Writer},
    diff::Problem,
    engine::AttemptNumber,
    object::Object,
    rollback::Record,
};

/// Reads a record: from the cluster where it is there, else from the file, which lacks Secrets' bodies.
/// `reference` is what [`super::preserve`] answered.
///
/// # Errors
/// [`Problem`] when neither has it.
pub async fn load(
    reader: &Reader,
    attempt: AttemptNumber,
    reference: &str,
    place: &Place,
) -> Result<Record, Problem> {
    if let Some((namespace, name)) = secret_of(reference)
        && let Some(record) = from_cluster(reader, namespace, name, place).await?
    {
        return Ok(record);
    }
    let path = place.folder.join(format!("records/{attempt}.json"));
    local::read(path).await?.ok_or_else(|| {
        Problem::new(
            format!("the record of attempt {attempt}"),
            format!("it is neither in the cluster nor in the run's folder ({reference})"),
            "what it changed cannot be undone from here: compare with kubectl and undo by hand",
        )
    })
}

/// Deletes a record from the cluster, with the Secrets' values in it. The file stays.
///
/// # Errors
/// [`Problem`] when it is there and cannot be deleted.
pub async fn forget(writer: &Writer, permit: &Permit, reference: &str, place: &Place) -> Result<(), Problem> {
    let Some((namespace, name)) = secret_of(reference) else {
        return Ok(());
    };
    let reader = writer.planner().reader();
    let mut chunk = 0;
    loop {
        let name = names::chunk_name(name, chunk);
        let secret = match reader.get("v1", "Secret", Some(namespace), &name).await {
            Ok(Some(secret)) => secret,
            Ok(None) => return Ok(()),
            Err(failure) => return Err(refused(&place.namespace, &failure)),
        };
        let uid = secret.uid().unwrap_or_default();
        writer.delete(permit, &secret, uid).await.map_err(|failure| refused(&place.namespace, &failure))?;
        chunk += 1;
    }
}

async fn from_cluster(
    reader: &Reader,
    namespace: &str,
    name: &str,
    place: &Place,
) -> Result<Option<Record>, Problem> {
    match packed(reader, namespace, name).await {
        Ok(Some(packed)) => unpack(&packed).map(Some).map_err(|reason| broken(name, &reason)),
        Ok(None) => Ok(None),
        Err(failure) if failure.kind == FailureKind::Forbidden => Ok(None),
        Err(failure) => Err(refused(&place.namespace, &failure)),
    }
}

/// The chunks of a record, put together; `None` when one of them is not there.
pub(super) async fn packed(reader: &Reader, namespace: &str, name: &str) -> Result<Option<Vec<u8>>, Failure> {
    let mut packed = Vec::new();
    let mut chunks = 1;
    let mut chunk = 0;
    while chunk < chunks {
        let name = names::chunk_name(name, chunk);
        let Some(secret) = reader.get("v1", "Secret", Some(namespace), &name).await? else {
            return Ok(None);
        };
        chunks = count(&secret);
        packed.extend(bytes(&secret));
        chunk += 1;
    }
    Ok(Some(packed))
}

pub(super) fn broken(name: &str, reason: &str) -> Problem {
    Problem::new(
        format!("Secret/{name}"),
        format!("the record in it cannot be read: {reason}"),
        "someone may have changed it; undo by hand, with the file in the run's folder as a guide",
    )
}

fn count(secret: &Object) -> usize {
    secret.text(&["metadata", "annotations", CHUNKS]).and_then(|text| text.parse().ok()).unwrap_or(1)
}

fn bytes(secret: &Object) -> Vec<u8> {
    secret
        .at(&["data", "record"])
        .and_then(|value| serde_json::from_value::<ByteString>(value.clone()).ok())
        .map(|bytes| bytes.0)
        .unwrap_or_default()
}

/// Says where it went wrong and never what was read: it may be a Secret's.
pub(super) fn unpack(packed: &[u8]) -> Result<Record, String> {
    let mut text = Vec::new();
    GzDecoder::new(packed).read_to_end(&mut text).map_err(|error| error.to_string())?;
    serde_json::from_slice(&text)
        .map_err(|error| format!("it breaks off at line {}, column {}", error.line(), error.column()))
}

/// What [`super::preserve`] answers for a record in the cluster.
pub(super) fn refer(namespace: &str, name: &str) -> String {
    format!("Secret {namespace}/{name}")
}

pub(super) fn secret_of(reference: &str) -> Option<(&str, &str)> {
    reference.strip_prefix("Secret ")?.split_once('/')
}
