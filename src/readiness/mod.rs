//! Is an object ready, and if not, why not?
//!
//! Pure: no I/O, no clock. A better kstatus: see each rule's source.

mod model;

pub use model::Readiness;
