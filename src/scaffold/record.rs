//! What was written last: `.migrate-tui/init.json`, to be committed with the files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Fingerprint, RelativePath};

/// Of the record's format.
const VERSION: u32 = 1;

/// The fingerprint of each file as it was last written, no content: it tells an edited file from one that may be
/// written again, also on a colleague's machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    version: u32,
    /// By path.
    pub files: BTreeMap<RelativePath, Fingerprint>,
}

/// A record that cannot be used.
#[derive(Debug, Error)]
pub enum RecordError {
    /// No record at all.
    #[error("it cannot be read: {0}")]
    Damaged(#[from] serde_json::Error),
    /// Written by a newer version.
    #[error("it was written by a newer migrate-tui (version {0} of it)")]
    Newer(u32),
}

impl Default for Record {
    fn default() -> Self {
        Self { version: VERSION, files: BTreeMap::new() }
    }
}

impl Record {
    /// Reads one.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn parse(text: &str) -> Result<Self, RecordError> {
        let record: Self = serde_json::from_str(text)?;
        if record.version > VERSION { Err(RecordError::Newer(record.version)) } else { Ok(record) }
    }

    /// As it is kept: one file a line, so that Git merges it.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Sets or forgets what was written at a path.
    pub fn set(&mut self, path: &RelativePath, written: Option<&Fingerprint>) {
        match written {
            Some(fingerprint) => drop(self.files.insert(path.clone(), fingerprint.clone())),
            None => drop(self.files.remove(path)),
        }
    }
}
