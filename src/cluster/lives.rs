//! Many live objects, read with few requests.

use std::collections::BTreeMap;

use super::{Failure, Reader, together::together};
use crate::{
    object::{Object, mask},
    rollback::Image,
};

/// From so many objects of a kind on, the kind is listed: one list costs about as much as three reads.
const MANY: usize = 8;

/// Objects beyond those asked for, for each of them, that a list may bring. A namespace that holds more
/// is read object by object.
const SURPLUS: usize = 3;

/// Names one object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    pub(super) api_version: &'a str,
    pub(super) kind: &'a str,
    pub(super) namespace: Option<&'a str>,
    pub(super) name: &'a str,
    /// A Secret of which the metadata will do.
    pub(super) is_bare: bool,
}

/// What a list is of.
type Group<'a> = (&'a str, &'a str, Option<&'a str>);

/// What one object is read as.
type Live = Result<Option<Object>, Failure>;

impl<'a> Wanted<'a> {
    /// The live version of an object: same kind, namespace and name.
    pub(super) fn of(object: &'a Object) -> Self {
        Self {
            api_version: object.api_version(),
            kind: object.kind(),
            namespace: object.namespace(),
            name: object.name(),
            is_bare: false,
        }
    }

    /// What is behind a row, as far as it is kept.
    pub(super) fn by(image: &'a Image) -> Self {
        let key = &image.key;
        Self {
            api_version: &image.api_version,
            kind: &key.kind,
            namespace: key.namespace.as_deref(),
            name: &key.name,
            is_bare: image.is_bare(),
        }
    }

    /// Read by itself.
    pub(super) async fn live(&self, reader: &Reader) -> Live {
        if self.is_bare {
            let found = reader.bare_secret(self.namespace, self.name).await?;
            Ok(found.as_ref().map(mask))
        } else {
            reader.get(self.api_version, self.kind, self.namespace, self.name).await
        }
    }

    fn group(&self) -> Group<'a> {
        (self.api_version, self.kind, self.namespace)
    }
}

/// The live versions, in the same order, as [`Reader::get`] has them. Where a kind may not be listed, or
/// its list is too long, its objects are read one by one; Secrets always are, so that nobody reads those
/// that the plan does not name.
pub(super) async fn lives(reader: &Reader, wanted: &[Wanted<'_>]) -> Vec<Live> {
    let mut counts: BTreeMap<Group<'_>, usize> = BTreeMap::new();
    for one in wanted.iter().filter(|one| one.kind != "Secret") {
        *counts.entry(one.group()).or_default() += 1;
    }
    let lists = counts.into_iter().filter(|(_, count)| *count >= MANY);
    let lists = lists.map(|(group, count)| async move { (group, list(reader, group, count).await) });
    let listed: BTreeMap<Group<'_>, Option<BTreeMap<String, Object>>> =
        together(lists.collect()).await.into_iter().collect();
    let looks = wanted.iter().map(|one| async {
        match listed.get(&one.group()) {
            Some(Some(objects)) => Ok(objects.get(one.name).cloned()),
            _ => one.live(reader).await,
        }
    });
    together(looks.collect()).await
}

/// By name; `None` when the objects are better read one by one.
async fn list(reader: &Reader, group: Group<'_>, count: usize) -> Option<BTreeMap<String, Object>> {
    let (api_version, kind, namespace) = group;
    let most = u32::try_from(count * (1 + SURPLUS)).ok()?;
    let objects = reader.list_at_most(api_version, kind, namespace, most).await.ok()??;
    Some(objects.into_iter().map(|object| (object.name().to_owned(), object)).collect())
}
