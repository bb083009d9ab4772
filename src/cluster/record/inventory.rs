//! Which objects a set of steps holds: what prune and rollback may ever delete.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    local,
    names::{self, MANAGED_BY, OWNER, Place},
    preserve::{Namespace, namespace_is_there, refused},
};
use crate::{
    cluster::{FailureKind, Permit, Reader, Writer},
    diff::{Change, Kind, Problem},
    engine::AttemptNumber,
    object::{Key, Object},
    plan::StepPath,
    rollback::{Image, Record},
};

const TRIES: usize = 8;

/// The objects of one inventory set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    /// Sorted by key.
    pub items: Vec<Item>,
}

/// One object of an inventory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// The object.
    pub key: Key,
    /// As in `apps/v1`.
    pub api_version: String,
    /// Its uid, once known.
    pub uid: Option<String>,
    /// The attempts that applied it and have not been undone, oldest first.
    pub holders: Vec<Holder>,
}

/// An attempt that applied an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Holder {
    /// Its step.
    pub step: StepPath,
    /// Its number.
    pub attempt: AttemptNumber,
    /// A rollback that brought it back, in place of attempts that are not known any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_back: bool,
}

impl Item {
    /// The step that applied it last.
    #[must_use]
    pub fn step(&self) -> Option<&StepPath> {
        self.holders.last().map(|holder| &holder.step)
    }
}

/// Reads an inventory set: from the cluster where it is there, else from the file; empty when neither
/// has it.
///
/// # Errors
/// [`Problem`] when the cluster or the file cannot be read.
pub async fn inventory(reader: &Reader, set: &str, place: &Place) -> Result<Inventory, Problem> {
    match read(reader, set, place).await? {
        Some((inventory, _)) => Ok(inventory),
        None => Ok(local::read(file(set, place)).await?.unwrap_or_default()),
    }
}

/// Before the first write: what was in the set and what is about to come, so that a crash leaves no
/// orphan.
pub(super) async fn extend(
    writer: &Writer,
    permit: &Permit,
    record: &Record,
    place: &Place,
) -> Result<(), Problem> {
    update(writer, permit, record, place, |inventory| {
        for image in
            record.images.iter().filter(|image| image.change != Change::Delete && !image.is_release())
        {
            let uid = image.before.as_ref().and_then(Object::uid).map(str::to_owned);
            inventory.put(image, record, uid);
        }
    })
    .await
}

/// After an attempt: with the uids that its rows came to (one per row, `None` where deleted or not
/// known), and without what it deleted. `undone` are the attempts that a rollback took back: they no
/// longer hold anything.
///
/// # Errors
/// [`Problem`] when it cannot be written.
pub async fn close(
    writer: &Writer,
    permit: &Permit,
    record: &Record,
    outcome: Outcome<'_>,
    place: &Place,
) -> Result<(), Problem> {
    update(writer, permit, record, place, |inventory| {
        for (index, image) in record.images.iter().enumerate() {
            let uid = outcome.uids.get(index).cloned().flatten();
            if image.is_release() {
                continue;
            }
            if image.change == Change::Delete {
                inventory.items.retain(|item| item.key != image.key);
            } else {
                inventory.put(image, record, uid);
            }
        }
        if record.kind == Kind::Rollback {
            inventory.release(record, outcome.undone);
        }
    })
    .await
}

/// What an attempt came to.
#[derive(Clone, Copy, Debug)]
pub struct Outcome<'a> {
    /// One per row: the object's uid afterwards.
    pub uids: &'a [Option<String>],
    /// Rollback: the attempts of the step that it undid.
    pub undone: &'a [AttemptNumber],
}

impl Inventory {
    /// The item of that key.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<&Item> {
        let place = self.items.binary_search_by(|item| item.key.cmp(key)).ok()?;
        self.items.get(place)
    }

    fn put(&mut self, image: &Image, record: &Record, uid: Option<String>) {
        let place = match self.items.binary_search_by(|item| item.key.cmp(&image.key)) {
            Ok(place) => place,
            // A rollback brings back what a prune has taken; what else it touches is in the set or not.
            Err(_) if record.kind == Kind::Rollback && image.change != Change::Recreate => return,
            Err(place) => {
                let fresh = Item {
                    key: image.key.clone(),
                    api_version: image.api_version.clone(),
                    uid: None,
                    holders: Vec::new(),
                };
                self.items.insert(place, fresh);
                place
            }
        };
        let Some(item) = self.items.get_mut(place) else { return };
        item.api_version.clone_from(&image.api_version);
        item.uid = uid.or(item.uid.take());
        let holder = Holder { step: record.step.clone(), attempt: record.attempt, is_back: false };
        if record.kind == Kind::Apply && !item.holders.contains(&holder) {
            item.holders.push(holder);
        }
    }

    /// Attempts that are undone hold nothing; an object that nobody holds is not the set's, unless it
    /// was brought back.
    fn release(&mut self, record: &Record, undone: &[AttemptNumber]) {
        let back = |key: &Key| {
            record.images.iter().any(|image| image.key == *key && image.change == Change::Recreate)
        };
        for item in &mut self.items {
            item.holders.retain(|holder| holder.step != record.step || !undone.contains(&holder.attempt));
            if item.holders.is_empty() && back(&item.key) {
                let (step, attempt) = (record.step.clone(), record.attempt);
                item.holders.push(Holder { step, attempt, is_back: true });
            }
        }
        self.items.retain(|item| !item.holders.is_empty());
    }
}

fn file(set: &str, place: &Place) -> std::path::PathBuf {
    place.folder.join(format!("{}.json", names::inventory_name(set)))
}

async fn read(reader: &Reader, set: &str, place: &Place) -> Result<Option<(Inventory, Object)>, Problem> {
    let name = names::inventory_name(set);
    match reader.get("v1", "ConfigMap", Some(&place.namespace), &name).await {
        Ok(Some(object)) => Ok(Some((parse(&object)?, object))),
        Ok(None) => Ok(None),
        Err(failure) => Err(refused(&place.namespace, &failure)),
    }
}

/// The inventory in its ConfigMap.
pub(super) fn parse(object: &Object) -> Result<Inventory, Problem> {
    let text = object.text(&["data", "objects"]).unwrap_or("{\"items\":[]}");
    serde_json::from_str(text).map_err(|error| {
        Problem::new(
            format!("ConfigMap/{}", object.name()),
            format!("the inventory in it cannot be read: {error}"),
            "someone may have changed it: restore it, or delete it to start with an empty one",
        )
    })
}

/// Reads, changes and writes; again when someone else wrote in between.
async fn update(
    writer: &Writer,
    permit: &Permit,
    record: &Record,
    place: &Place,
    change: impl Fn(&mut Inventory),
) -> Result<(), Problem> {
    let set = record.inventory.as_str();
    let mut last = None;
    for _ in 0..TRIES {
        let found = read(writer.planner().reader(), set, place).await?;
        let mut inventory = match &found {
            Some((inventory, _)) => inventory.clone(),
            None => local::read(file(set, place)).await?.unwrap_or_default(),
        };
        change(&mut inventory);
        local::write(file(set, place), &inventory).await?;
        if matches!(namespace_is_there(writer, place).await?, Namespace::Absent) {
            return Ok(());
        }
        let outcome = match found {
            Some((before, _)) if before == inventory => return Ok(()),
            Some((_, object)) if inventory.items.is_empty() => {
                writer.delete(permit, &object, object.uid().unwrap_or_default()).await.map(|_| ())
            }
            None if inventory.items.is_empty() => return Ok(()),
            Some((_, object)) => writer
                .replace(permit, &config_map(record, place, &inventory, Some(&object)))
                .await
                .map(|_| ()),
            None => writer.create(permit, &config_map(record, place, &inventory, None)).await.map(|_| ()),
        };
        match outcome {
            Ok(()) => return Ok(()),
            Err(failure) if failure.kind == FailureKind::Conflict || failure.leaves_outcome_unknown() => {
                last = Some(failure);
            }
            // The namespace is going, and the inventory with it.
            Err(failure)
                if matches!(
                    failure.kind,
                    FailureKind::NamespaceNotFound | FailureKind::NamespaceTerminating
                ) =>
            {
                return Ok(());
            }
            Err(failure) => return Err(refused(&place.namespace, &failure)),
        }
    }
    Err(last.map_or_else(
        || Problem::new("the inventory", "it could not be written", "try again"),
        |failure| refused(&place.namespace, &failure),
    ))
}

fn config_map(record: &Record, place: &Place, inventory: &Inventory, live: Option<&Object>) -> Object {
    let mut object = Object(json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {
            "name": names::inventory_name(&record.inventory), "namespace": place.namespace,
            "labels": {MANAGED_BY: OWNER},
        },
        "data": {"objects": serde_json::to_string(inventory).unwrap_or_default()},
    }));
    if let Some(live) = live {
        let metadata = object.metadata_mut();
        metadata.insert("uid".to_owned(), json!(live.uid()));
        metadata.insert("resourceVersion".to_owned(), json!(live.resource_version()));
    }
    object
}
