//! What the cockpit looks at.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{
    diff::{Problem, Proposal},
    engine::{AttemptNumber, Run},
    observed::Observed,
    plan::{Confirmation, Environment, EnvironmentName, Plan, StageId},
};

/// Everything outside the screen's own state, borrowed for one update or one frame.
#[derive(Clone, Copy, Debug)]
pub struct World<'a> {
    /// The run: steps, standings, attempts.
    pub run: &'a Run,
    /// Plan and environment, for headings and the confirmation.
    pub setting: &'a Setting,
    /// What the cluster was last seen to hold.
    pub observed: &'a Observed,
    /// Full proposals by attempt, as far as they are at hand.
    pub proposals: &'a BTreeMap<AttemptNumber, Proposal>,
    /// Is there a cluster?
    pub connection: &'a Connection,
    /// Now.
    pub now: Timestamp,
    /// May anything be written?
    pub mode: Mode,
}

/// Plan and environment, as the cockpit names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The plan's name.
    pub plan: String,
    /// Where it is run.
    pub environment: EnvironmentName,
    /// The environment's namespace.
    pub namespace: String,
    /// kubeconfig context in use; empty while it is not known.
    pub context: String,
    /// How a change is confirmed here.
    pub confirmation: Confirmation,
    /// The stages, in order.
    pub stages: Vec<StageHead>,
    /// Who drives, as `you@laptop`; empty while it is not known.
    pub driver: String,
    /// Another process drives the run: this view is read-only and follows its journal.
    pub is_driven_elsewhere: bool,
    /// Leaving ends the cluster: a rehearsal that is not kept.
    pub ends_cluster: bool,
    /// The plan is about a workflow's runs: their pane is there from the start.
    pub tells_runs: bool,
}

/// A stage's heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageHead {
    /// Its id.
    pub id: StageId,
    /// One line.
    pub title: String,
    /// What it achieves; may be empty.
    pub summary: String,
}

impl Setting {
    /// Of a plan in one of its environments.
    #[must_use]
    pub fn new(plan: &Plan, environment: &Environment, context: String, driver: String) -> Self {
        let head = |stage: &crate::plan::Stage| StageHead {
            id: stage.id.clone(),
            title: stage.title.clone(),
            summary: stage.summary.clone(),
        };
        Self {
            plan: plan.name.clone(),
            environment: environment.name.clone(),
            namespace: environment.namespace.clone(),
            context,
            confirmation: environment.confirmation,
            stages: plan.steps_in(&environment.name).iter().map(head).collect(),
            driver,
            is_driven_elsewhere: false,
            ends_cluster: false,
            tells_runs: plan.tells_runs(),
        }
    }

    /// A stage's title; its id when the plan no longer has it.
    #[must_use]
    pub fn stage_title<'a>(&'a self, id: &'a StageId) -> &'a str {
        self.stages.iter().find(|stage| &stage.id == id).map_or(&id.0, |stage| &stage.title)
    }
}

/// Is there a cluster to ask?
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connection {
    /// Not yet; nothing can be asked for.
    Connecting {
        /// What is being done, as in `booting the rehearsal cluster`.
        doing: String,
    },
    /// It answers.
    Live,
    /// It answered once; tried again all the time.
    Stale {
        /// When it last answered.
        since: Timestamp,
        /// Why, and when it is tried again.
        reason: String,
    },
    /// It could not be reached, or may not be used; nothing can be asked for.
    Failed(Problem),
}

impl Connection {
    /// Can commands be taken?
    #[must_use]
    pub fn is_driven(&self) -> bool {
        matches!(self, Self::Live | Self::Stale { .. })
    }
}

/// May anything be written?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// No writer exists in the process.
    ReadOnly,
    /// Changes are shown, confirmed, then written.
    ReadWrite,
}
