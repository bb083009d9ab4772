//! Exit codes of `migrate-tui status`; the README lists them.

use std::process::ExitCode;

use crate::overview::{Attention, Overview};

/// Where things stand, as an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StatusExit {
    /// 0: every step is done or skipped, and what is live is well.
    Settled = 0,
    /// 10: work is open; nothing is wrong.
    Open = 10,
    /// 11: a step failed, was interrupted or left conflicts, or something live is not ready.
    Attention = 11,
    /// 12: the cluster does not answer; only what the journal knows is told.
    Unknown = 12,
}

impl StatusExit {
    /// The exit code that says what the overview says.
    #[must_use]
    pub fn of(overview: &Overview) -> Self {
        match overview.attention {
            Attention::Settled => Self::Settled,
            Attention::Open => Self::Open,
            Attention::Needed => Self::Attention,
            Attention::Unknown => Self::Unknown,
        }
    }
}

impl From<StatusExit> for ExitCode {
    fn from(exit: StatusExit) -> Self {
        Self::from(exit as u8)
    }
}
