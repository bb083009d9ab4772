//! A Kubernetes object as data: its key, what of it has meaning, its digest, and its mask.
//!
//! Pure: no I/O, no clock, no kube types. Nothing here ever shows a Secret's value; whatever is
//! meant for a screen, the journal or a report goes through [`mask`] first.

mod digest;
mod key;
mod mask;
mod meaning;
mod value;

pub use digest::{Digest, Digester};
pub use key::Key;
pub use mask::{MASK, is_secret, mask};
pub use meaning::{identity_free, meaning};
pub use value::Object;
