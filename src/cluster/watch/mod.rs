//! Live state: what stands around an object, and the watches that keep the panes fresh.
//!
//! Reads only. Nothing here ever holds more of an object than what is shown, and nothing retries
//! behind anyone's back: every lost connection is an observation.
//!
//! One supervisor a kind lists (paged, compressed) and then watches. Whether the line is alive is not
//! left to the watches, which stay silent on a dead one: a heartbeat decides, and when it comes back
//! the cluster's identity is asked again and every kind is listed anew. All news goes through one
//! outlet, in batches of a few per second at most, coalesced by object however slow the reader is.

mod around;
mod backoff;
mod gather;
mod issuance;
mod issuance_kinds;
mod kinds;
mod line;
mod list;
mod outlet;
mod simulated;
mod supervisor;
mod watches;

pub use around::{Around, around, log_tail};
pub use gather::gather;
pub(crate) use line::other_cluster;
pub use simulated::is_simulated;
pub use watches::{WatchOptions, Watches, spawn};
