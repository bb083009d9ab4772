//! Names and labels of what we keep in a cluster.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::{
    object::Object,
    plan::{EnvironmentName, Step},
    rollback::Record,
};

/// Where a run keeps its records and inventories.
#[derive(Clone, Debug)]
pub struct Place {
    /// The environment's namespace.
    pub namespace: String,
    /// The run's folder.
    pub folder: PathBuf,
}

pub(super) const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
pub(super) const OWNER: &str = "migrate-tui";
pub(super) const RECORD_TYPE: &str = "migrate-tui/record";
pub(super) const CHUNKS: &str = "migrate-tui/chunks";
/// On a record whose attempt came to a good end.
pub(super) const CLOSED: &str = "migrate-tui/closed";
/// Who made it: `user@host`.
const AUTHOR: &str = "migrate-tui/author";
const RECORD: &str = "migrate-tui-record-";
const INVENTORY: &str = "migrate-tui-inventory-";

/// Is it a record or an inventory of ours?
pub(in crate::cluster) fn is_bookkeeping(object: &Object) -> bool {
    let ours = object.text(&["metadata", "labels", MANAGED_BY]) == Some(OWNER);
    let record = object.kind() == "Secret" && object.name().starts_with(RECORD);
    let inventory = object.kind() == "ConfigMap" && object.name().starts_with(INVENTORY);
    ours && object.group().is_empty() && (record || inventory)
}

/// The name of a step's inventory set in the cluster: two plans, or two environments of one, may live in
/// one namespace, and step ids recur from plan to plan.
#[must_use]
pub fn inventory_set(plan: &str, environment: &EnvironmentName, step: &Step) -> String {
    format!("{plan}.{environment}.{}", step.inventory)
}

/// `migrate-tui-inventory-SET`.
pub(super) fn inventory_name(set: &str) -> String {
    format!("{INVENTORY}{}", dns(set))
}

/// The record's name: its number, and a digest of its content.
pub(super) fn record_name(record: &Record, digest: &str) -> String {
    format!("{RECORD}{}-{digest}", record.attempt)
}

/// Is it the name of a record, and so of its first chunk?
pub(super) fn is_record_name(name: &str) -> bool {
    name.strip_prefix(RECORD).is_some_and(|rest| rest.split('-').count() == 2)
}

/// The Secret of one chunk; the first has the record's own name.
pub(super) fn chunk_name(name: &str, chunk: usize) -> String {
    if chunk == 0 { name.to_owned() } else { format!("{name}-{chunk}") }
}

/// Labels of a record.
pub(super) fn labels(record: &Record) -> Value {
    json!({
        MANAGED_BY: OWNER,
        "migrate-tui/plan": label(&record.plan),
        "migrate-tui/environment": label(&record.environment.0),
        "migrate-tui/step": label(&record.step.to_string()),
        "migrate-tui/attempt": record.attempt.to_string(),
    })
}

/// Which Secrets are records of a plan in an environment.
pub(super) fn selector(plan: &str, environment: &str) -> String {
    let (plan, environment) = (label(plan), label(environment));
    format!("{MANAGED_BY}={OWNER},migrate-tui/plan={plan},migrate-tui/environment={environment}")
}

/// Which Secrets are the record of that very attempt.
pub(super) fn selector_of(record: &Record) -> String {
    let labels = labels(record);
    let pairs = labels.as_object().into_iter().flatten();
    pairs
        .map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default()))
        .collect::<Vec<_>>()
        .join(",")
}

/// Annotations of each of a record's chunks.
pub(super) fn annotations(record: &Record, chunks: usize) -> Value {
    let mut annotations = json!({CHUNKS: chunks.to_string()});
    if let (Some(author), Value::Object(map)) = (&record.author, &mut annotations) {
        map.insert(AUTHOR.to_owned(), format!("{}@{}", author.user, author.host).into());
    }
    annotations
}

/// Letters that a label's value may have (63 at most, letters and digits at both ends).
fn label(text: &str) -> String {
    let safe: String = text
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || "-_.".contains(letter) { letter } else { '.' })
        .take(63)
        .collect();
    safe.trim_matches(|letter: char| !letter.is_ascii_alphanumeric()).to_owned()
}

/// Letters that an object's name may have.
fn dns(text: &str) -> String {
    let safe: String = text
        .chars()
        .map(|letter| match letter {
            '.' => '.',
            letter if letter.is_ascii_alphanumeric() => letter.to_ascii_lowercase(),
            _ => '-',
        })
        .take(200)
        .collect();
    safe.trim_matches(['-', '.']).to_owned()
}
