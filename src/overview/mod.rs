//! Where things stand: one projection of plan, run and what was observed.
//!
//! Pure: no I/O, no clock. The cockpit's header, `migrate-tui status` and whatever reads its JSON all
//! show this, so they cannot disagree. Its JSON is a contract: fields are added, not changed (a
//! snapshot in the tests holds it).

mod attention;
mod build;
mod live;
mod model;
mod rest;

pub use attention::Attention;
pub use build::{Source, doubt_of, lock_of};
pub use live::{LiveOverview, NamedRow, PodLine, PodsOverview, RowsOverview};
pub use model::{
    AttemptOverview, ClusterOverview, JournalOverview, NamedProblem, NamedRelease, Overview, SCHEMA,
    StageOverview, StepOverview, VerifiedOverview, WorkflowOverview,
};

pub use rest::Rest;

#[cfg(test)]
mod tests;
