//! Who would miss what is about to go.

use super::{Failure, Reader, contents, together::together};
use crate::{
    object::{Key, Object},
    rollback::uses,
};

/// What may use a claim or a Secret in their namespace.
const WORKLOADS: [(&str, &str); 5] = [
    ("v1", "Pod"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "DaemonSet"),
    ("batch/v1", "CronJob"),
];

/// What else may use a Secret there.
const OF_SECRETS: [(&str, &str); 3] = [
    ("networking.k8s.io/v1", "Ingress"),
    ("cert-manager.io/v1", "Certificate"),
    ("cert-manager.io/v1", "Issuer"),
];

/// Everything live that would miss a claim or a Secret, and every object of a CRD's kind; what may not be
/// listed counts as one.
///
/// # Errors
/// [`Failure`] when the cluster cannot be asked.
pub(super) async fn users(reader: &Reader, of: &Object) -> Result<Vec<Object>, Failure> {
    let key = of.key();
    if key.is("apiextensions.k8s.io", "CustomResourceDefinition") {
        return contents::defined(reader, of).await;
    }
    let is_secret = key.is("", "Secret");
    if !is_secret && !key.is("", "PersistentVolumeClaim") {
        return Ok(Vec::new());
    }
    let near = key.namespace.as_deref();
    let mut asked: Vec<_> = WORKLOADS.iter().map(|kind| of_kind(reader, *kind, near, &key)).collect();
    if is_secret {
        asked.extend(OF_SECRETS.iter().map(|kind| of_kind(reader, *kind, near, &key)));
        asked.push(of_kind(reader, ("cert-manager.io/v1", "ClusterIssuer"), None, &key));
    }
    let found: Vec<Result<Vec<Object>, Failure>> = together(asked).await;
    Ok(found.into_iter().collect::<Result<Vec<_>, _>>()?.concat())
}

async fn of_kind(
    reader: &Reader,
    (api_version, kind): (&str, &str),
    namespace: Option<&str>,
    key: &Key,
) -> Result<Vec<Object>, Failure> {
    let Some(resource) = reader.resource(api_version, kind).await? else { return Ok(Vec::new()) };
    let mut objects = contents::list(reader, &resource, namespace).await?;
    let is_over = |pod: &Object| matches!(pod.text(&["status", "phase"]), Some("Succeeded" | "Failed"));
    objects.retain(|object| contents::is_unknown(object) || uses(object, key) && !is_over(object));
    Ok(objects)
}
