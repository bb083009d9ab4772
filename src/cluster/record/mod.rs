//! What is kept so that there is a way back: before-images and inventory, in the cluster and beside the
//! journal.
//!
//! The record of an attempt is written before its first write: whole in a Secret of the environment's
//! namespace, and without any Secret's body in a file, so that neither a lost laptop nor a lost
//! namespace means no way back. A Secret's values never reach the disk.

mod closed;
mod inventory;
mod load;
mod local;
mod names;
mod preserve;
mod publish;
mod survey;

pub use closed::mark_closed;
pub use inventory::{Inventory, Item, Outcome, close, inventory};
pub use load::{forget, load};
pub use names::{Place, inventory_set};
pub use preserve::{Preserved, keep_here, preserve};
pub use publish::{publish, withdraw};
pub use survey::{Search, survey};

pub(super) use names::is_bookkeeping;
