//! What a pin does to a file: enough to do it, to find out whether it was done, and to take it back.

use serde::{Deserialize, Serialize};

use crate::{
    object::Key,
    pin::Edit,
    scaffold::{Fingerprint, RelativePath},
};

/// A kustomization file, and what becomes of its text. The text itself is not kept: it may hold what is nobody's
/// business, and the edits are all that is needed to go there and back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PinOrder {
    /// Below the plan's folder.
    pub path: RelativePath,
    /// The text when it was shown.
    pub before: Fingerprint,
    /// The text with the edits.
    pub after: Fingerprint,
    /// From the one to the other.
    pub edits: Vec<Edit>,
    /// Each image that gets a digest, by its tag, and the digest; empty for a rollback.
    pub pins: Vec<(String, String)>,
    /// A rehearsal: the file is left as it is.
    #[serde(default)]
    pub is_only_shown: bool,
}

impl PinOrder {
    /// The row that stands for the file.
    #[must_use]
    pub fn key(&self) -> Key {
        Key {
            group: "migrate-tui".to_owned(),
            kind: "File".to_owned(),
            namespace: None,
            name: self.path.as_str().to_owned(),
        }
    }
}
