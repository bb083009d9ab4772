//! Has anything moved between the showing and the confirming?

use super::together;
use crate::{
    cluster::{Failure, Reader},
    diff::Change,
    object::{Object, meaning},
    rollback::Image,
};

/// Reads every live object again. A status or resourceVersion that moved is nothing; a uid or a meaning is.
///
/// # Errors
/// A sentence that names the first object that moved, or that could not be read.
pub async fn recheck(reader: &Reader, images: &[Image]) -> Result<(), String> {
    let shown: Vec<&Image> = images.iter().filter(|image| image.change != Change::Same).collect();
    let lives = together(shown.iter().map(|image| live(reader, image)).collect()).await;
    for (image, live) in shown.into_iter().zip(lives) {
        let key = &image.key;
        let live = live.map_err(|failure| format!("{key} could not be read again: {failure}"))?;
        match (&image.before, &live) {
            (None, Some(_)) => {
                return Err(format!("{key} has been created by someone else since it was shown"));
            }
            (Some(_), None) => return Err(format!("{key} has been deleted since it was shown")),
            (Some(before), Some(live)) if before.uid() != live.uid() => {
                return Err(format!("{key} has been deleted and created again since it was shown"));
            }
            (Some(before), Some(live)) if !same(image, before, live) => {
                return Err(format!("{key} has been changed since it was shown"));
            }
            (None, None) | (Some(_), Some(_)) => {}
        }
    }
    Ok(())
}

async fn live(reader: &Reader, image: &Image) -> Result<Option<Object>, Failure> {
    let key = &image.key;
    reader.get(&image.api_version, &key.kind, key.namespace.as_deref(), &key.name).await
}

/// Equal in meaning; replicas that an autoscaler has are its own to move.
fn same(image: &Image, before: &Object, live: &Object) -> bool {
    let ours = image.applied.as_ref().is_some_and(|applied| applied.at(&["spec", "replicas"]).is_some());
    let without = |object: &Object| {
        let mut meant = meaning(object);
        if !ours && let Some(serde_json::Value::Object(spec)) = meant.0.get_mut("spec") {
            spec.remove("replicas");
        }
        meant
    };
    without(before) == without(live)
}
