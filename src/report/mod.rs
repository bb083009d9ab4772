//! The record of a migration, from its journal: who looked, confirmed, applied, took back and noted what, and when.
//!
//! Nothing but the journal and the plan is read, so a report can be written long after the cluster is gone. It
//! holds what the journal holds: names, counts, digests, sentences; never a Secret's value.

mod build;
mod markdown;
mod model;
#[cfg(test)]
mod tests;

pub use build::report;
pub use markdown::markdown;
pub use model::{
    AttemptReport, By, ChangesReport, GateReport, MigrationReport, NoteReport, PersonReport, StageReport,
    StepReport,
};
