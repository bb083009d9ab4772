//! What a person is shown of a release besides its objects.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Change, FieldChange};
use crate::{object::Key, words::moment};

/// A release, and the chart that it is made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseView {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// What helm is told to do, in words.
    pub action: String,
    /// Which helm.
    pub helm: String,
    /// The chart, where one is installed.
    pub chart: Option<ChartView>,
    /// What helm runs before and after, in its order.
    pub hooks: Vec<HookView>,
    /// The latest revisions, newest first.
    pub history: Vec<RevisionView>,
    /// What stays in the cluster when the release goes.
    pub stays: Vec<Key>,
}

/// A chart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChartView {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where it came from.
    pub source: String,
    /// SHA-256 of the archive.
    pub sha256: String,
}

/// A hook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HookView {
    /// The object, with its namespace.
    pub key: Key,
    /// As in `pre-upgrade`.
    pub events: Vec<String>,
    /// Against the revision that stands.
    #[serde(default)]
    pub change: Option<Change>,
    /// What changes in it, masked; nothing for one that is new.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
}

/// As in `Job/migrate in shop: pre-upgrade, changed`.
impl fmt::Display for HookView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key.fmt(f)?;
        if let Some(namespace) = &self.key.namespace {
            write!(f, " in {namespace}")?;
        }
        write!(f, ": {}", self.events.join(", "))?;
        match self.change {
            Some(Change::Create) => f.write_str(", new"),
            Some(Change::Change) => f.write_str(", changed"),
            _ => Ok(()),
        }
    }
}

/// A revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevisionView {
    /// Its number.
    pub revision: u32,
    /// When, as helm writes it.
    pub updated: String,
    /// As in `deployed`.
    pub status: String,
    /// As in `loki-6.1.0`.
    pub chart: String,
    /// What helm, or who called it, says of it.
    pub description: String,
}

/// As in `revision 2: deployed loki-6.1.0 2026-11-24T14:03:11Z (Upgrade complete)`.
impl fmt::Display for RevisionView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let updated = self.updated.parse::<Timestamp>().map_or_else(|_| self.updated.clone(), moment);
        let Self { revision, status, chart, description, .. } = self;
        write!(f, "revision {revision}: {status} {chart} {updated} ({description})")
    }
}
