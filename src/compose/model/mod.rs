//! A compose project as it stands after reading: files merged, `extends` and `include` followed, variables
//! put in, short syntaxes written out.
//!
//! Names and meanings are the Compose Specification's (<https://github.com/compose-spec/compose-spec>).

mod network;
mod project;
mod running;
mod service;
mod storage;

pub use network::*;
pub use project::*;
pub use running::*;
pub use service::*;
pub use storage::*;
