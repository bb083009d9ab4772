//! Where a step stands.

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

    /// Does it need nothing more?
    #[must_use]
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Done | Self::Skipped)
    }
}
