//! The screen of `init`: what compose files become, shown, confirmed and written.
//!
//! As the cockpit it holds only what is the screen's own; what was read and what would be written is looked at through
//! [`Sight`]. Nothing is written on one key press or click: [`PreviewEffect::Perform`] comes only out of a dialogue in
//! which something else is the default, and names the digest of what was shown.

mod excerpt;
mod finding;
mod items;
mod motion;
mod mouse;
mod offer;
mod question;
mod state;
mod update;

#[cfg(test)]
mod tests;

pub use excerpt::{Excerpts, Vetted};
pub use finding::{Finding, Group, Outcome, StandsAt};
pub use items::{Item, Section, Shown, items, label};
pub use offer::{button_label, offered, refusal};
pub use question::{Ask, PreviewDialogue};
pub use state::{List, Preview, PreviewFocus, Reading, Spot};
pub use update::{Doing, PreviewEffect, Sight};
