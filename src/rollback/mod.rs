//! The way back: what is kept of an object before it is changed, and the inverse of a change.
//!
//! Pure: no I/O, no kube types. An [`Image`] may hold a Secret's values: it goes into the cluster's own
//! record and nowhere else, and never through `Debug` or a log.

mod inverse;
mod leftover;
mod merge;
mod pin;
mod record;
mod release;
mod strip;
mod undo;

#[cfg(test)]
mod tests;

pub use inverse::{Fate, Inverse, UndoneAttempt, inverse};
pub use leftover::{
    Evidence, Leftover, account_evidence, account_secret, can_be_left, claim_evidence, claim_size,
    controller, is_made_for, is_older, issued_evidence, issued_secret, may_leave, uses,
};
pub use merge::Disputed;
pub use pin::PinOrder;
pub use record::{Image, RECORD_VERSION, Record};
pub use release::{Recovery, ReleaseAction, ReleaseOrder};
pub use strip::{for_creation, with_living_owners, without_allocations};
pub use undo::{Undone, undo};
