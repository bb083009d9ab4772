//! From rendered objects to a proposal: preflight, live objects, dry runs, rows.
//!
//! Reads and dry runs only. Whatever stands in the way is listed at once, each with what to do; a
//! namespace or CRD that is not there yet is planned, not failed.

mod adopt;
mod apply;
mod context;
mod leftovers;
mod look;
mod needs;
mod orphans;
mod preflight;
mod promised;
mod prune;
mod recheck;
mod release;
mod release_look;
mod release_marks;
mod release_recovery;
mod release_rows;
mod rights;
mod rollback;
mod rollback_foreign;
mod rollback_rows;
mod row;
mod taken_over;

use super::together::together;

pub use apply::{prepare_apply, prepare_local};
pub use context::{PrepareRequest, Prepared};
pub use leftovers::{LeftoversRequest, Traced, amend, trace};
pub use orphans::orphans;
pub use promised::Promised;
pub use prune::prepare_prune;
pub use recheck::recheck;
pub use release::{ReleaseRequest, prepare_release, same_objects};
pub(crate) use release_marks::stamped;
pub use rollback::{RollbackRequest, prepare_rollback};
