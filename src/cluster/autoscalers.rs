//! Which autoscalers stand for an object: they own its replicas.

use super::{Failure, FailureKind, Reader};
use crate::object::Object;

/// Names of the HorizontalPodAutoscalers whose `scaleTargetRef` names the object. One that may not be
/// listed might exist, so it counts.
///
/// # Errors
/// [`Failure`] when the cluster cannot be asked.
pub(super) async fn of(reader: &Reader, object: &Object) -> Result<Vec<String>, Failure> {
    match reader.list("autoscaling/v2", "HorizontalPodAutoscaler", object.namespace(), None).await {
        Ok(all) => Ok(all
            .iter()
            .filter(|scaler| {
                targets(scaler, object) && scaler.at(&["metadata", "deletionTimestamp"]).is_none()
            })
            .map(|scaler| scaler.name().to_owned())
            .collect()),
        Err(failure) if failure.kind == FailureKind::Forbidden => {
            Ok(vec!["(autoscalers may not be listed)".to_owned()])
        }
        Err(failure) if matches!(failure.kind, FailureKind::KindNotServed | FailureKind::NotFound) => {
            Ok(Vec::new())
        }
        Err(failure) => Err(failure),
    }
}

/// Does this autoscaler name that object?
pub(super) fn targets(scaler: &Object, object: &Object) -> bool {
    let target = |field: &str| scaler.text(&["spec", "scaleTargetRef", field]);
    let group =
        target("apiVersion").and_then(|version| version.split_once('/')).map_or("", |(group, _)| group);
    target("kind") == Some(object.kind())
        && target("name") == Some(object.name())
        && group == object.group()
        && scaler.namespace() == object.namespace()
}
