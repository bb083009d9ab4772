//! The screen, drawn from the state: layout, panes, dialogues, theme.
//!
//! Pure: no I/O, no clock. Everything shown is neutralised first ([`is_dangerous`]), no state is told
//! by colour alone, and only rows that are visible are drawn.

mod autoscaler;
mod buttons;
mod canvas;
mod colour;
mod detail;
mod dialogue;
mod field;
mod footer;
mod glyph;
mod header;
mod help;
mod layout;
mod leaving;
mod overview;
mod pane_rows;
mod panes;
mod preview;
mod run_dialogue;
mod runs;
mod screen;
mod sure;
mod text;
mod theme;

pub use crate::words::is_dangerous;
pub use canvas::Canvas;
pub use colour::Depth;
pub use layout::{MINIMUM_HEIGHT, MINIMUM_WIDTH};
pub use preview::render as render_preview;
pub use screen::render;
pub use theme::{Role, Theme, ThemeError};
