//! A run of a plan in one environment: commands in, journal entries out, effects pending.
//!
//! Pure: no I/O, no clock, no kube types. [`Run::decide`] turns a command into events or a refusal,
//! [`Run::apply`] folds an entry into the state (total: it never fails), [`Run::pending`] says which
//! effects the state wants, as a function of the state alone. An event is durable in the journal
//! before it is applied; an effect that writes is pending only after the event that intends it. What the
//! journal does not know and the cluster's records do is journalled as well: [`Event::Recovered`].

mod adopt;
mod answer;
mod attempt;
mod command;
mod decide;
mod effect;
mod event;
mod fold;
mod pending;
mod recover;
mod rest;
mod run;
mod stage;
mod standing;
mod tick;
mod traffic;
mod undo;

pub use attempt::{Attempt, AttemptNumber, GateState, Phase, RowState, Tries};
pub use command::{Approval, Command, Refusal};
pub(crate) use decide::same_cluster;
pub use effect::{Effect, Outcome, RowInspection};
pub use event::{Author, End, Entry, Event, RowIntent, SCHEMA_VERSION};
pub use recover::{Gaps, Held, Origin, Recorded, Survey};
pub use run::{Note, Run, StepState, combined_digest};
pub use stage::StageReach;
pub use standing::Standing;

/// Writes in flight at once within a wave: 200 objects take a quarter less at 16 than at 8 (on a busy machine).
pub const PARALLEL_WRITES: usize = 16;

#[cfg(test)]
mod tests;
