//! Is what helm has installed what was shown?

use std::collections::BTreeMap;

use crate::{
    cluster::stamped,
    helm::blanked,
    object::{Key, Object},
    rollback::{Record, ReleaseOrder},
};

/// A sentence for each object that helm rendered otherwise than it was shown, but for what the chart makes
/// anew each time.
pub(super) fn otherwise(record: &Record, order: &ReleaseOrder, installed: &[Object]) -> Vec<String> {
    let anew: BTreeMap<Key, &[String]> =
        order.made_anew.iter().map(|(key, places)| (key.without_namespace(), places.as_slice())).collect();
    let shown: BTreeMap<Key, &Object> = record
        .images
        .iter()
        .filter(|image| image.carried)
        .filter_map(|image| Some((image.key.without_namespace(), image.applied.as_ref()?)))
        .collect();
    let differs = |object: &&Object| {
        let key = object.key().without_namespace();
        let Some(shown) = shown.get(&key) else { return true };
        let mut installed = stamped(object, order);
        if let (None, Some(namespace)) = (installed.namespace(), shown.namespace()) {
            installed.metadata_mut().insert("namespace".to_owned(), namespace.into());
        }
        let places = anew.get(&key).copied().unwrap_or_default();
        blanked(&installed.0, places) != blanked(&shown.0, places)
    };
    let said = |object: &Object| {
        format!("helm has rendered {} otherwise than it was shown: verify the step to see it", object.key())
    };
    installed.iter().filter(differs).map(said).collect()
}
