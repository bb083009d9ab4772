//! Leave to write.

use crate::{diff::ClusterIdentity, engine::AttemptNumber};

/// Proof that the intent to write is durable in the journal and that the cluster is the one shown.
///
/// Only the runner makes one, for one attempt, after the journal has been flushed and the identity
/// checked since the last reconnect; every method of a `Writer` asks for it.
#[derive(Clone, Debug)]
pub struct Permit {
    attempt: AttemptNumber,
    cluster: ClusterIdentity,
}

impl Permit {
    /// Leave to write for one attempt. Call it only where the attempt's intent has been made durable.
    pub(crate) fn after_intent(attempt: AttemptNumber, cluster: ClusterIdentity) -> Self {
        Self { attempt, cluster }
    }

    /// For trials of the cluster code by itself, where there is no journal.
    #[doc(hidden)]
    #[must_use]
    pub fn for_trial(attempt: AttemptNumber, cluster: ClusterIdentity) -> Self {
        Self::after_intent(attempt, cluster)
    }

    /// The attempt.
    #[must_use]
    pub fn attempt(&self) -> AttemptNumber {
        self.attempt
    }

    /// The cluster that it is good for.
    #[must_use]
    pub fn cluster(&self) -> &ClusterIdentity {
        &self.cluster
    }
}
