//! The cockpit's state: messages in, effects out.
//!
//! Pure: no I/O, no async, no clock, no kube types. It holds only what is the screen's own (focus,
//! selection, what is open); run, cluster and proposals are looked at through [`World`] and never
//! copied, so nothing here can be stale. No single key press or click ever yields a command that
//! changes the cluster: those come only out of a dialogue in which something else is the default.

mod act;
mod areas;
mod checklist;
mod choosing;
mod dialogue;
mod dialogue_keys;
mod dispatch;
mod filter;
mod message;
mod motion;
mod mouse;
mod objects;
mod offer;
mod palette;
mod panes;
pub mod preview;
mod state;
mod update;
mod world;

pub use areas::{Areas, Control, Target, Viewport};
pub use checklist::{Row, RowStanding, StageCount, next_step, row_standing, stage_count};
pub use dialogue::{Choice, Confirm, Dialogue, Purpose, Question, Sure, TextDialogue};
pub use dispatch::{DispatchDialogue, DispatchState};
pub use message::{AppEffect, Message};
pub use objects::{ObjectId, ObjectRow, ObjectState, objects, shown_attempts};
pub use offer::{button_label, held, offered, refusal};
pub use palette::{Entry, Palette};
pub use panes::{PaneId, names, pod_rank};
pub use state::{App, DetailState, Focus, ListState, Notice, NoticeLevel};
pub use update::leaving_asks;
pub use world::{Connection, Mode, Setting, StageHead, World};
