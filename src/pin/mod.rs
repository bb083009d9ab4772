//! Images by digest: which ones objects use, and the text of a kustomization with digests in it.
//!
//! Pure. A text is edited where its images are written and nowhere else: comments, order and layout stay. An
//! [`Edit`] remembers what it took away, so that it can be undone to the byte.

mod edit;
mod entries;
mod name;
mod used;

pub use edit::{Edit, applied, between, undone};
pub use entries::{Pin, edits};
pub use name::ImageName;
pub use used::{Used, used};
