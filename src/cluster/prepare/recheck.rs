//! Has anything moved between the showing and the confirming?

use super::row;
use crate::{
    cluster::{
        Reader,
        lives::{Wanted, lives},
    },
    diff::Change,
    object::Object,
    rollback::Image,
};

/// Reads every live object again. A status or resourceVersion that moved is nothing; a uid or a meaning is.
///
/// # Errors
/// A sentence that names the first object that moved, or that could not be read.
pub async fn recheck(reader: &Reader, images: &[Image]) -> Result<(), String> {
    // What was shown as the same must still be so; a rollback has no live version behind such a row.
    let shown: Vec<&Image> = images
        .iter()
        .filter(|image| !image.is_release() && (image.change != Change::Same || image.before.is_some()))
        .collect();
    let wanted: Vec<Wanted<'_>> = shown.iter().map(|image| Wanted::by(image)).collect();
    let lives = lives(reader, &wanted).await;
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

fn same(image: &Image, before: &Object, live: &Object) -> bool {
    let applied = image.applied.as_ref();
    row::steady(applied, before) == row::steady(applied, live)
}
