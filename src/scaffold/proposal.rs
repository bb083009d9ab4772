//! What would be done with each file, to be shown and confirmed.

use serde::{Deserialize, Serialize};

use super::{Fingerprint, Record, RelativePath};
use crate::diff::Problem;

/// What a proposal is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The wanted files.
    Init,
    /// The rest of an init that was interrupted.
    Finish,
    /// The way back from the last init.
    Rollback,
}

/// What happens to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// It is not there, and is written.
    Create,
    /// It is as it should be, and known as such.
    Same,
    /// It is as it should be, but not in the record, into which it goes.
    Adopt,
    /// It is as it was written last, and is written anew.
    Update,
    /// It was edited since it was written: it stays.
    Edited,
    /// Something that was never written by init: it stays.
    InTheWay,
    /// It was taken away since it was written: it is not made again.
    Removed,
    /// It is no longer wanted, and is as it was written: it goes.
    Delete,
    /// It is no longer wanted, but was edited: it stays.
    Left,
}

/// What is done on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// The file's whole text.
    Put(String),
    /// It goes.
    Remove,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The file.
    pub path: RelativePath,
    /// What happens to it.
    pub action: Action,
    /// What is there now; none: nothing, or no file.
    pub before: Option<Fingerprint>,
    /// What is there afterwards.
    pub after: Option<Fingerprint>,
    /// A sentence more, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// From what is there to what is wanted, as a unified diff; none where they are the same, or it is not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
    /// What is done on the disk.
    #[serde(skip)]
    pub write: Option<Write>,
    /// The text that is there now; kept only where it is written over.
    #[serde(skip)]
    pub(super) text: Option<String>,
}

/// What would be done, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// What for.
    pub kind: Kind,
    /// In the order of their paths.
    pub rows: Vec<Row>,
    /// What keeps it from being done at all.
    pub problems: Vec<Problem>,
    /// The record afterwards.
    #[serde(skip)]
    pub record: Record,
}

/// How many files of each sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// To be created.
    pub create: usize,
    /// To be written anew.
    pub update: usize,
    /// To be deleted.
    pub delete: usize,
    /// As wanted; those that only go into the record included.
    pub same: usize,
    /// That stay because someone edited, made or took them away.
    pub kept: usize,
}

impl Proposal {
    /// Is there anything to do, be it in the record alone?
    #[must_use]
    pub fn has_changes(&self) -> bool {
        self.rows.iter().any(|row| row.write.is_some() || row.action == Action::Adopt)
    }

    /// What confirms it: of every row's path, action, before and after.
    #[must_use]
    pub fn digest(&self) -> Fingerprint {
        let rows: Vec<_> =
            self.rows.iter().map(|row| (&row.path, row.action, &row.before, &row.after)).collect();
        let canonical = serde_json::json!({"kind": self.kind, "rows": rows}).to_string();
        Fingerprint::of(canonical.as_bytes())
    }

    /// The counts.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for row in &self.rows {
            *match row.action {
                Action::Create => &mut summary.create,
                Action::Update => &mut summary.update,
                Action::Delete => &mut summary.delete,
                Action::Same | Action::Adopt => &mut summary.same,
                Action::Edited | Action::InTheWay | Action::Removed | Action::Left => &mut summary.kept,
            } += 1;
        }
        summary
    }

    /// The rows that stay as someone left them.
    pub fn kept(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.action.is_kept())
    }
}

impl Row {
    /// The text that is there now; known only where it is written over or goes.
    #[must_use]
    pub fn there(&self) -> Option<&str> {
        self.text.as_deref()
    }
}

impl Action {
    /// Does it stay because someone edited, made or took it away?
    #[must_use]
    pub fn is_kept(self) -> bool {
        matches!(self, Self::Edited | Self::InTheWay | Self::Removed | Self::Left)
    }
}
