//! What records and inventories in the cluster tell, for a machine that was not there. Reads only.

use std::collections::{BTreeMap, BTreeSet};

use futures::FutureExt;
use jiff::Timestamp;

use super::{
    inventory::{Inventory, parse},
    load::{broken, packed, refer, unpack},
    names::{self, CLOSED, MANAGED_BY, OWNER, inventory_set},
    preserve::refused,
};
use crate::{
    cluster::{Failure, FailureKind, Reader, together::together},
    diff::{ClusterIdentity, Problem},
    engine::{Held, Recorded, RowIntent, Survey},
    object::{Digest, Key, Object},
    plan::{Environment, EnvironmentName, Step},
    rollback::Record,
};

/// Whose records are looked for, and where.
#[derive(Clone, Debug)]
pub struct Search<'a> {
    plan: &'a str,
    environment: &'a EnvironmentName,
    namespace: &'a str,
    cluster: &'a ClusterIdentity,
    sets: BTreeSet<String>,
}

impl<'a> Search<'a> {
    /// For a plan's steps in an environment, on a cluster: records that came with a backup of another one
    /// are not its own.
    #[must_use]
    pub fn new(
        plan: &'a str,
        environment: &'a Environment,
        steps: &[Step],
        cluster: &'a ClusterIdentity,
    ) -> Self {
        let name = &environment.name;
        let sets = steps.iter().map(|step| inventory_set(plan, name, step)).collect();
        Self { plan, environment: name, namespace: &environment.namespace, cluster, sets }
    }
}

/// Reads the inventories, and every record that is not known by its reference and whether it is closed.
///
/// # Errors
/// [`Problem`] when the cluster cannot be asked. What may not be read, or what is broken, is told in the
/// survey instead.
pub async fn survey(
    reader: &Reader,
    search: &Search<'_>,
    is_known: &(dyn Fn(&str, bool) -> bool + Sync),
) -> Result<Survey, Problem> {
    let namespace = Some(search.namespace);
    let selector = names::selector(search.plan, &search.environment.0);
    let managed = format!("{MANAGED_BY}={OWNER}");
    let (maps, secrets) = tokio::join!(
        reader.list("v1", "ConfigMap", namespace, Some(&managed)),
        reader.list_metadata("v1", "Secret", namespace, &selector),
    );
    let mut dark = Vec::new();
    let inventories = inventories(search, readable(search, maps, &mut dark)?, &mut dark);
    let secrets = readable(search, secrets, &mut dark)?;
    let unknown = secrets.into_iter().filter(|secret| names::is_record_name(secret.name()));
    let unknown = unknown.filter(|secret| !is_known(&reference(search, secret), is_closed(secret)));
    let reads = unknown.map(|secret| read(reader, search, secret).boxed()).collect();
    let mut records = Vec::new();
    for outcome in together(reads).await {
        match outcome? {
            Read::Is(secret, record) => records.push(told(search, &secret, &record, &inventories)),
            Read::Dark(reason) => dark.push(reason),
            Read::Gone => {}
        }
    }
    let held = inventories.values().flat_map(held).collect();
    let unreadable = (!dark.is_empty()).then(|| dark.join("; "));
    Ok(Survey { records, held, unreadable })
}

/// What may not be listed is told, and no failure.
fn readable(
    search: &Search<'_>,
    listed: Result<Vec<Object>, Failure>,
    dark: &mut Vec<String>,
) -> Result<Vec<Object>, Problem> {
    match listed {
        Ok(objects) => Ok(objects),
        Err(failure) if failure.kind == FailureKind::Forbidden => {
            dark.push(failure.message);
            Ok(Vec::new())
        }
        Err(failure) if failure.kind == FailureKind::NamespaceNotFound => Ok(Vec::new()),
        Err(failure) => Err(refused(search.namespace, &failure)),
    }
}

fn inventories(
    search: &Search<'_>,
    maps: Vec<Object>,
    dark: &mut Vec<String>,
) -> BTreeMap<String, Inventory> {
    let names: BTreeMap<String, &String> =
        search.sets.iter().map(|set| (names::inventory_name(set), set)).collect();
    let mut found = BTreeMap::new();
    for map in maps {
        let Some(set) = names.get(map.name()) else { continue };
        match parse(&map) {
            Ok(inventory) => drop(found.insert((*set).clone(), inventory)),
            Err(problem) => dark.push(problem.to_string()),
        }
    }
    found
}

/// What came of reading one record.
enum Read {
    Is(Object, Box<Record>),
    /// It is there, and cannot be read.
    Dark(String),
    /// It has been forgotten meanwhile, or is another plan's.
    Gone,
}

async fn read(reader: &Reader, search: &Search<'_>, secret: Object) -> Result<Read, Problem> {
    let packed = match packed(reader, search.namespace, secret.name()).await {
        Ok(Some(packed)) => packed,
        Ok(None) => return Ok(Read::Gone),
        Err(failure) if failure.kind == FailureKind::Forbidden => return Ok(Read::Dark(failure.message)),
        Err(failure) => return Err(refused(search.namespace, &failure)),
    };
    Ok(match unpack(&packed) {
        Ok(record) if is_ours(search, &record) => Read::Is(secret, Box::new(record)),
        Ok(_) => Read::Gone,
        Err(reason) => Read::Dark(broken(secret.name(), &reason).to_string()),
    })
}

/// Labels are cut short; the record itself says whose it is.
fn is_ours(search: &Search<'_>, record: &Record) -> bool {
    let (made, met) = (&record.cluster, search.cluster);
    let same_cluster = made.source != met.source || made.uid == met.uid;
    if !same_cluster {
        tracing::warn!(attempt = %record.attempt, cluster = made.short(), "a record is another cluster's");
    }
    same_cluster && record.plan == search.plan && &record.environment == search.environment
}

fn is_closed(secret: &Object) -> bool {
    secret.text(&["metadata", "annotations", CLOSED]).is_some()
}

fn reference(search: &Search<'_>, secret: &Object) -> String {
    refer(search.namespace, secret.name())
}

fn told(
    search: &Search<'_>,
    secret: &Object,
    record: &Record,
    inventories: &BTreeMap<String, Inventory>,
) -> Recorded {
    let inventory = inventories.get(&record.inventory);
    let uid = |key: &Key| inventory.and_then(|inventory| inventory.get(key)?.uid.clone());
    let rows = record.images.iter().map(|image| RowIntent {
        key: image.key.clone(),
        change: image.change,
        wave: image.wave,
        digest: Digest(String::new()),
        conflicts: 0,
        added: 0,
        carried: image.carried,
    });
    let created = secret.text(&["metadata", "creationTimestamp"]);
    Recorded {
        step: record.step.clone(),
        number: record.attempt,
        kind: record.kind,
        undoes: record.undoes.clone(),
        rows: rows.collect(),
        uids: record.images.iter().map(|image| uid(&image.key)).collect(),
        record: reference(search, secret),
        author: record.author.clone(),
        at: created.and_then(|text| text.parse::<Timestamp>().ok()),
        is_closed: is_closed(secret),
    }
}

fn held(inventory: &Inventory) -> Vec<Held> {
    let mut held = Vec::new();
    for item in &inventory.items {
        held.extend(item.holders.iter().map(|holder| Held {
            key: item.key.clone(),
            step: holder.step.clone(),
            attempt: holder.attempt,
            is_back: holder.is_back,
        }));
    }
    held
}
