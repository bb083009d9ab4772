//! Where the operator's repository is hosted: the runs of its workflow, read; and one started, when that was shown
//! and confirmed.
//!
//! GitHub's REST API, on GitHub's own host or on a GitHub Enterprise Server. Other forges are named for what they
//! are. The token is the operator's (a variable, or `gh`), goes to the host that it is for and to no other, and is in
//! nothing that can be shown. Nothing here is ever in the way: no token, no network, a rate limit that is used up are
//! each a sentence.

mod api;
mod desk;
mod dispatch;
mod error;
mod follow;
mod http;
mod place;
mod remote;
mod surroundings;
mod wire;

pub use desk::Desk;
pub(crate) use desk::Forge;
pub use dispatch::{Sent, Unsent, Wanted};
pub use error::{ForgeError, Need};
pub use follow::tell_runs;
pub use surroundings::{Surroundings, Token};
