//! Who would miss what is about to go.

use super::{Failure, Reader, contents};
use crate::{
    object::{Key, Object},
    rollback::uses,
};

/// What may use a claim, and a Secret, in their namespace.
const OF_CLAIMS: [(&str, &str); 2] = [("v1", "Pod"), ("apps/v1", "StatefulSet")];
const OF_SECRETS: [(&str, &str); 4] = [
    ("v1", "Pod"),
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
    let near = key.namespace.as_deref();
    let kinds: &[(&str, &str)] = if key.is("", "PersistentVolumeClaim") {
        &OF_CLAIMS
    } else if key.is("", "Secret") {
        &OF_SECRETS
    } else {
        &[]
    };
    let mut found = Vec::new();
    for (api_version, kind) in kinds {
        found.extend(of_kind(reader, (api_version, kind), near, &key).await?);
    }
    if key.is("", "Secret") {
        found.extend(of_kind(reader, ("cert-manager.io/v1", "ClusterIssuer"), None, &key).await?);
    }
    Ok(found)
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
