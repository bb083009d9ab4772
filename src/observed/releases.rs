//! Releases: their histories as they were last read.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Name;
use crate::{
    diff::RevisionView,
    plan::{Action, Step},
};

/// A release's history, and when it was read: nothing watches it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseRow {
    /// When it was read.
    pub at: Timestamp,
    /// The latest revisions, newest first; none where nothing is installed.
    pub history: Vec<RevisionView>,
    /// Why it could not be read, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unknown: Option<String>,
}

/// The release that a step is, if it is one, in an environment of that namespace.
#[must_use]
pub fn release_of(step: &Step, namespace: &str) -> Option<Name> {
    let Action::Helm(helm) = &step.action else { return None };
    let namespace = helm.namespace.clone().unwrap_or_else(|| namespace.to_owned());
    Some(Name { namespace, name: helm.release.clone() })
}
