//! What the steps before this one will have made when its turn comes.

use crate::{diff::Change, object::Object, rollback::Record};

/// What the steps before it in the same request will have made. Nothing of it is there yet, so what needs it
/// is planned, and looked at again when its turn comes.
#[derive(Clone, Debug, Default)]
pub struct Promised {
    objects: Vec<Object>,
}

impl Promised {
    /// What shown and not yet confirmed applies would create.
    pub fn by<'a>(records: impl IntoIterator<Item = &'a Record>) -> Self {
        let images = records.into_iter().flat_map(|record| &record.images);
        let created = images.filter(|image| image.change == Change::Create);
        Self { objects: created.filter_map(|image| image.applied.clone()).collect() }
    }

    /// The objects.
    pub(super) fn objects(&self) -> &[Object] {
        &self.objects
    }

    /// Will there be an object of that kind and name?
    pub(super) fn has(&self, kind: &str, name: &str) -> bool {
        self.objects.iter().any(|object| object.kind() == kind && object.name() == name)
    }

    /// The kinds, as charts ask for them.
    #[must_use]
    pub fn kinds(&self) -> Vec<String> {
        let crds = self.objects.iter().filter(|object| object.kind() == "CustomResourceDefinition");
        crds.flat_map(crate::helm::brought).collect()
    }
}
