//! What keeps the cockpit going: the event loop, the terminal, the driver.
//!
//! One task owns all state; everything else reaches it by channels. No state is decided here.

mod cockpit;
mod driver;
mod input;
mod session;
mod signals;
mod state;
mod terminal;

pub use cockpit::cockpit;
pub use driver::{Driver, SubmitError};
pub use session::{CockpitError, CockpitEvent, CockpitOptions, Exit, Reason, Session};
pub use terminal::{Terminal, color_depth};
