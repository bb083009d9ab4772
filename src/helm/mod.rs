//! Helm as the program it is: found, run, and its answers read.
//!
//! It reaches the cluster through a kubeconfig of this run's own with one context in it, so that it cannot
//! write to another cluster than the one that is shown. What it renders, shows and installs is one
//! archive, kept in the run's folder. A run of it that writes is not cut off when this process ends: a
//! lock says for as long as it runs that it does.

mod anew;
mod chart;
mod check;
mod detect;
mod hidden;
mod histories;
mod hook;
mod release;
mod rendering;
mod separated;
mod words;
mod workplace;
mod write;

pub use anew::{blanked, differing};
pub use chart::Chart;
pub use check::check_charts;
pub use detect::Helm;
pub use hidden::Hidden;
pub(crate) use histories::shown;
pub use histories::{histories, row_of};
pub use hook::Hook;
pub use release::{Applied, Release, Revision, Status};
pub(crate) use rendering::brought;
pub use rendering::{Rendered, Rendering};
pub use workplace::Workplace;
pub use write::Upgrade;
