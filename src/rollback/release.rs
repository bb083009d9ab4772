//! What is asked of helm: enough to do it, to find out whether it was done, and to take it back.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::object::Key;

/// What an attempt does to a release.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseOrder {
    /// The release's name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// What is done.
    pub action: ReleaseAction,
    /// The newest revision when it was shown; `None` when there was no release.
    pub before: Option<u32>,
    /// The revision that stood then; `None` when none did. What a rollback goes back to.
    pub stood: Option<u32>,
    /// Before anything else, what an interrupted helm has left is cleared away.
    pub recovery: Option<Recovery>,
    /// JSON pointers of what the chart makes anew at each rendering, by object.
    #[serde(default)]
    pub made_anew: Vec<(Key, Vec<String>)>,
}

/// What is done to a release.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "does", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum ReleaseAction {
    /// Installed or upgraded from an archive.
    Upgrade {
        /// The chart's name and version, as in `loki-6.1.0`.
        chart: String,
        /// SHA-256 of the archive.
        sha256: String,
        /// The merged values, as JSON; they may hold secrets. `None` where they are not kept.
        values: Option<String>,
    },
    /// Taken back to a revision.
    Rollback {
        /// The revision.
        to: u32,
        /// Fields of others are written over; they were shown.
        force: bool,
    },
    /// Uninstalled.
    Uninstall,
    /// Nothing: it is as it should be.
    Nothing,
}

/// How a release that is stuck is made ready again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recovery {
    /// Back to the revision that stood.
    Rollback(u32),
    /// None ever stood: it is uninstalled.
    Uninstall,
}

impl ReleaseOrder {
    /// The row that stands for the release.
    #[must_use]
    pub fn key(&self) -> Key {
        Key {
            group: "helm.sh".to_owned(),
            kind: "Release".to_owned(),
            namespace: Some(self.namespace.clone()),
            name: self.name.clone(),
        }
    }

    /// The revision that it will come to, as helm counts; `None` when the release goes, or stays as it is.
    #[must_use]
    pub fn comes_to(&self) -> Option<u32> {
        let next = match (self.before, self.recovery) {
            (None, _) | (Some(_), Some(Recovery::Uninstall)) => 1,
            (Some(before), Some(Recovery::Rollback(_))) => before + 2,
            (Some(before), None) => before + 1,
        };
        match self.action {
            ReleaseAction::Upgrade { .. } | ReleaseAction::Rollback { .. } => Some(next),
            ReleaseAction::Uninstall | ReleaseAction::Nothing => None,
        }
    }

    /// The order without its values.
    #[must_use]
    pub fn without_values(&self) -> Self {
        let mut copy = self.clone();
        if let ReleaseAction::Upgrade { values, .. } = &mut copy.action {
            *values = None;
        }
        copy
    }
}

/// The name only: the values may hold secrets.
impl fmt::Debug for ReleaseOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReleaseOrder").field("name", &self.name).finish_non_exhaustive()
    }
}
