//! The pane about the selected step or stage: its text, what would change, how far it is.

mod attempt;
mod document;
mod draw;
mod file;
mod proposal;
mod release;
mod stage;
mod step;
mod value;

pub(super) use document::Document;
pub(super) use draw::draw;
pub(super) use proposal::{counts, word as risk_word};
