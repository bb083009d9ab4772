//! A Kubernetes object as data: its key, what of it has meaning, its digest, and its mask.
//!
//! Pure: no I/O, no clock, no kube types. Nothing here ever shows a Secret's value; whatever is
//! meant for a screen, the journal or a report goes through [`mask`] first.

mod added;
mod adoption;
mod digest;
mod fields;
mod key;
mod lists;
mod managed;
mod mask;
mod meaning;
mod unions;
mod value;

pub use added::{Addition, additions};
pub use adoption::{REPLICAS_MANAGER, Taken, adopted, dropped, taken};
pub use digest::{Digest, Digester};
pub use fields::{FieldPath, FieldSet};
pub use key::Key;
pub use lists::{ListShape, Lists, item_step};
pub use managed::{
    Manager, configuration, fields_of, managed_fields, managers, own_set, owners, present, set_managers,
    value_at, without_fields,
};
pub use mask::{MASK, is_secret, mask, quotes};
pub use meaning::{identity_free, meaning};
pub use unions::{superseded, with_strategy_meant, with_strategy_of};
pub use value::Object;
