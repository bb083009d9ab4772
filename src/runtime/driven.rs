//! What the cockpit is opened with, what it is told, and how it ends.

use std::io;

use thiserror::Error;
use tokio::sync::mpsc;

use super::{Driver, Followed, ForgeAsk};
use crate::{
    app::{Mode, Notice, Setting},
    config::Keymap,
    diff::Problem,
    engine::Run,
    observed::Observation,
    plan::StepPath,
    ui::Theme,
    workflow::Dispatch,
};

/// What the cockpit opens with, before there is a cluster.
#[derive(Debug)]
pub struct CockpitOptions {
    /// The run as far as it is known: the journal's, or one without entries.
    pub run: Run,
    /// Plan and environment.
    pub setting: Setting,
    /// May anything be written?
    pub mode: Mode,
    /// Roles to styles, already brought down to the terminal's colours.
    pub theme: Theme,
    /// Which key asks for what.
    pub keymap: Keymap,
    /// What is being done meanwhile, as in `connecting to staging-eu`.
    pub doing: String,
    /// Who asks the forge.
    pub forge: mpsc::Sender<ForgeAsk>,
}

/// News from whoever is connecting meanwhile.
#[derive(Debug)]
pub enum CockpitEvent {
    /// What is being done now.
    Doing(String),
    /// Observations from before there is a session: a rehearsal's progress.
    Observed(Vec<Observation>),
    /// The cluster is there and the run can be driven.
    Connected(Box<Driven>),
    /// It is not. The plan stays readable.
    ConnectFailed(Problem),
    /// In a read-only view: the journal has grown, or is driven by another process, or no longer.
    Followed(Box<Followed>),
    /// What a run of the workflow would be, or why it cannot be told.
    DispatchShown(Result<Box<Dispatch>, Problem>),
    /// A run was asked for.
    Dispatched {
        /// The step whose notes tell of it.
        step: StepPath,
        /// Did it start?
        is_started: bool,
        /// What became of it, on one line.
        told: String,
    },
    /// Something that the operator must know: a journal that cannot be written, say.
    Notify(Notice),
}

/// A run that can be driven.
#[derive(Debug)]
pub struct Driven {
    /// Owns run and proposals.
    pub driver: Driver,
    /// Plan and environment again, with what only the cluster could tell: who drives.
    pub setting: Setting,
    /// May anything be written? Known for good only with the context.
    pub mode: Mode,
    /// From the watches, coalesced.
    pub observations: mpsc::Receiver<Vec<Observation>>,
}

/// How the cockpit ended.
#[derive(Debug)]
pub struct Exit {
    /// Why.
    pub reason: Reason,
    /// To be brought to an end in order, when there was one.
    pub driver: Option<Driver>,
}

/// Why the cockpit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The operator left.
    Quit,
    /// This signal came.
    Signal(i32),
    /// The terminal is gone.
    TerminalClosed,
    /// A task panicked; its message is on the screen.
    Panicked,
}

/// The terminal cannot be used.
#[derive(Debug, Error)]
pub enum CockpitError {
    /// At the start.
    #[error("the cockpit needs a terminal; `migrate-tui status` does without")]
    NoTerminal(#[source] io::Error),
    /// Later.
    #[error("the terminal can no longer be used")]
    Terminal(#[from] io::Error),
}
