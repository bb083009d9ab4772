//! What an attempt set out to do and what was there before: enough to resume it or to undo it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Leftover, PinOrder, ReleaseOrder};
use crate::{
    diff::{Change, ClusterIdentity, Kind, Row, Wave},
    engine::{AttemptNumber, Author},
    object::{Key, Object},
    plan::{EnvironmentName, StepPath},
};

/// Version of the records that this program writes.
pub const RECORD_VERSION: u32 = 1;

/// One attempt's record; written once, before its first write.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// [`RECORD_VERSION`] of the writer.
    pub version: u32,
    /// The plan's name.
    pub plan: String,
    /// Where.
    pub environment: EnvironmentName,
    /// The step.
    pub step: StepPath,
    /// Its number in the run.
    pub attempt: AttemptNumber,
    /// Apply, prune or roll back.
    pub kind: Kind,
    /// Rollback: the attempts that it undoes, by the numbers that their records have.
    #[serde(default)]
    pub undoes: Vec<AttemptNumber>,
    /// Who made it.
    #[serde(default)]
    pub author: Option<Author>,
    /// The inventory set of the step.
    pub inventory: String,
    /// The cluster that it is about.
    pub cluster: ClusterIdentity,
    /// One per row of the proposal, in the same order.
    pub images: Vec<Image>,
    /// What is asked of helm, for a step that is a release.
    #[serde(default)]
    pub release: Option<ReleaseOrder>,
    /// What becomes of a file, for a step that is a pin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<PinOrder>,
    /// Rollback: what others have made because of the step and was there when this was shown. With it, that is
    /// known when the step's own objects are gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leftovers: Vec<Leftover>,
}

/// One object behind a row of a proposal, unmasked.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    /// The object.
    pub key: Key,
    /// As in `apps/v1`.
    pub api_version: String,
    /// What happens to it.
    pub change: Change,
    /// When.
    pub wave: Wave,
    /// What is sent: as rendered, with the namespace filled in, `stringData` turned into `data`, and
    /// without replicas where they are left to an autoscaler. `None` for a deletion.
    pub applied: Option<Object>,
    /// The live object when this was computed, whole, with managedFields; `None` when there was none.
    pub before: Option<Object>,
    /// What the dry run said it would become, whole; `None` when it could not be dry-run.
    pub expected: Option<Object>,
    /// Written by helm with the release that it belongs to, not by itself.
    #[serde(default)]
    pub carried: bool,
}

impl Image {
    /// What is behind a row, without any object yet.
    #[must_use]
    pub fn of(row: &Row) -> Self {
        Self {
            key: row.key.clone(),
            api_version: row.api_version.clone(),
            change: row.change,
            wave: row.wave,
            applied: None,
            before: None,
            expected: None,
            carried: row.carried,
        }
    }

    /// Is only the object's metadata kept? What a Secret holds that is not brought back is read nowhere.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.wave == Wave::DeleteLeftovers && self.key.is("", "Secret")
    }

    /// Does it stand for a release, of which there is no object?
    #[must_use]
    pub fn is_release(&self) -> bool {
        self.key.is("helm.sh", "Release")
    }
}

/// The key only: the rest may hold a Secret's values.
impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Image").field("key", &self.key).field("change", &self.change).finish_non_exhaustive()
    }
}
