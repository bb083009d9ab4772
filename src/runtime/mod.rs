//! What turns the pure parts into a running program: the driver of a run and what performs its effects,
//! the cockpit's event loop and terminal, the commands.
//!
//! One task owns all state; everything else reaches it by channels. No state is decided here.

mod appearance;
mod check;
mod cockpit;
mod driven;
mod driver;
mod executor;
mod follow;
mod images;
mod input;
mod logging;
mod minutes;
mod notes;
mod open;
mod perform;
mod pipeline;
mod preview;
pub mod program;
mod rehearsed;
mod screen;
mod session;
mod signals;
mod state;
mod terminal;

pub use cockpit::cockpit;
pub use driven::{CockpitError, CockpitEvent, CockpitOptions, Driven, Exit, Reason};
pub use driver::{Driver, SubmitError};
pub use follow::Followed;
pub use perform::{Context, Perform};
pub use pipeline::ForgeAsk;
pub use terminal::{Terminal, color_depth};
