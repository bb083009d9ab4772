//! Where a step stands.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Where a step stands, for the checklist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Not begun.
    Open,
    /// At work.
    Working,
    /// Shown for the first time, awaiting a confirmation.
    Asking,
    /// Done.
    Done,
    /// Failed.
    Failed,
    /// The process that drove it is gone.
    Interrupted,
    /// Stopped on request, or given up.
    Cancelled,
    /// Will not be done.
    Skipped,
    /// Will be done later.
    Deferred,
    /// Undone.
    RolledBack,
    /// Undone but for fields that others changed since.
    RolledBackWithConflicts,
}

impl Standing {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Open,
        Self::Working,
        Self::Asking,
        Self::Done,
        Self::Failed,
        Self::Interrupted,
        Self::Cancelled,
        Self::Skipped,
        Self::Deferred,
        Self::RolledBack,
        Self::RolledBackWithConflicts,
    ];

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Working => "at work",
            Self::Asking => "awaiting confirmation",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
            Self::Deferred => "deferred",
            Self::RolledBack => "rolled back",
            Self::RolledBackWithConflicts => "rolled back with conflicts",
        }
    }

    /// The sign for it, which stands beside the word everywhere.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Open => "○",
            Self::Working => "▶",
            Self::Asking => "?",
            Self::Done => "✔",
            Self::Failed => "✖",
            Self::Interrupted => "!",
            Self::Cancelled => "■",
            Self::Skipped => "–",
            Self::Deferred => "»",
            Self::RolledBack => "↶",
            Self::RolledBackWithConflicts => "≠",
        }
    }

    /// Does it need nothing more?
    #[must_use]
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Done | Self::Skipped)
    }
}

/// As its word.
impl Serialize for Standing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl<'de> Deserialize<'de> for Standing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        let known = Self::ALL.into_iter().find(|standing| standing.word() == word);
        known.ok_or_else(|| D::Error::custom(format!("there is no standing {word:?}")))
    }
}
