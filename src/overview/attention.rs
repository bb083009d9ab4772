//! The one word for all of it.

use serde::{Deserialize, Serialize};

use super::{LiveOverview, StageOverview};
use crate::{engine::Standing, observed::Freshness};

/// Does anyone have to do something?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Attention {
    /// Every step is done or skipped, and what is live is well.
    Settled,
    /// Steps are open; nothing is wrong.
    Open,
    /// A step failed, was interrupted or left conflicts, or something live is not ready.
    Needed,
    /// The cluster does not answer: how it is now is not known.
    Unknown,
}

impl Attention {
    pub(super) fn of(standings: &[Standing], stages: &[StageOverview], live: &LiveOverview) -> Self {
        let went_wrong = |standing: &Standing| {
            matches!(standing, Standing::Failed | Standing::Interrupted | Standing::RolledBackWithConflicts)
        };
        if matches!(live.freshness(), Freshness::Stale { .. } | Freshness::Connecting) {
            Self::Unknown
        } else if standings.iter().any(went_wrong) || live.needs_attention() {
            Self::Needed
        } else if stages.iter().any(|stage| stage.settled < stage.total) {
            Self::Open
        } else {
            Self::Settled
        }
    }

    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Settled => "all is done and well",
            Self::Open => "work is open",
            Self::Needed => "something needs attention",
            Self::Unknown => "the cluster does not answer",
        }
    }
}
