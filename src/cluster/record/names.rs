//! Names and labels of what we keep in a cluster.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::{object::Object, rollback::Record};

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
const INVENTORY: &str = "migrate-tui-inventory-";

/// Is it a record or an inventory of ours?
pub(in crate::cluster) fn is_bookkeeping(object: &Object) -> bool {
    let ours = object.text(&["metadata", "labels", MANAGED_BY]) == Some(OWNER);
    let record = object.kind() == "Secret" && object.name().starts_with("migrate-tui-record-");
    let inventory = object.kind() == "ConfigMap" && object.name().starts_with(INVENTORY);
    ours && object.group().is_empty() && (record || inventory)
}

/// `migrate-tui-inventory-SET`.
pub(super) fn inventory_name(set: &str) -> String {
    format!("{INVENTORY}{}", dns(set))
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
