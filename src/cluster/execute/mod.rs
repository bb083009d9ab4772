//! Writes one row, guarded so that it changes what was shown and nothing else.
//!
//! Every write carries the uid that was shown, and the version where one is live: what someone else
//! made or changed in the meantime is never written over. Nothing is ever forced. A write whose answer
//! was lost is made again only after the cluster has been looked at. Order, bounds and the journal are
//! the engine's.

mod adopt;
mod apply;
mod compare;
mod lost;
mod remove;
mod restore;
mod row;

pub use row::{RowDone, execute};

pub(crate) use apply::guarded;
pub(crate) use apply::{foreigners, is_ours_alone};
pub(crate) use compare::{Replicas, holds, same_meaning};
pub(crate) use remove::{holders, wait_until_gone};
pub(crate) use restore::{same_owners, whole};
