//! The only code that knows kube: connecting, reading, dry runs, writing, watching.
//!
//! The seam is `kube::Client` itself. What may be done is a matter of types: a [`Reader`] reads, a
//! [`Planner`] also asks the API server what a change would come to (which needs the patch right), a
//! [`Writer`] changes things and wants a [`Permit`] for each write. Read-only mode makes neither of the
//! last two. Every call has a time limit; retries are ours and only for what cannot have been done.

mod answer;
mod autoscalers;
mod causes;
mod connection;
mod contents;
mod execute;
mod failure;
mod inspect;
mod kinds;
mod lives;
mod permit;
mod planner;
mod prepare;
mod proxy;
mod reader;
mod record;
mod request;
mod settle;
mod together;
mod users;
pub mod watch;
mod writer;

pub use answer::Answer;
pub(crate) use causes::with_causes;
pub use connection::{ConnectError, ConnectOptions, Connection};
pub use execute::{RowDone, execute};
pub use failure::{Cause, Failure, FailureKind};
pub use inspect::{inspect, missed};
pub use kinds::{Resource, Served};
pub use permit::Permit;
pub use planner::Planner;
pub(crate) use prepare::stamped;
pub use prepare::{
    LeftoversRequest, PrepareRequest, Prepared, Promised, ReleaseRequest, RollbackRequest, Traced, amend,
    orphans, prepare_apply, prepare_local, prepare_prune, prepare_release, prepare_rollback, recheck,
    same_objects, trace,
};
pub use proxy::{SERVICE_BODY_LIMIT, ServiceAddress, ServiceAnswer};
pub use reader::Reader;
pub use record::{
    Inventory, Item, Outcome as Closing, Place, Preserved, Search, close, forget, inventory, inventory_set,
    keep_here, load, mark_closed, preserve, publish, survey, withdraw,
};
pub use settle::settle;
pub use writer::Writer;

/// The field manager that every change is made under.
pub const FIELD_MANAGER: &str = "migrate-tui";
