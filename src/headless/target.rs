//! What a command is about.

use std::{fmt, str::FromStr};

use thiserror::Error;

use crate::{
    diff::{Kind, Leftovers},
    engine::{Run, StageReach},
    plan::{Action, StageId, StepPath},
};

/// A step (`week-1/overlay`) or a whole stage (`week-1`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Every step of a stage that is no checklist item.
    Stage(StageId),
    /// One step.
    Step(StepPath),
}

/// No step or stage of that name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("there is no step or stage {target:?} in this environment; it has {known}")]
pub struct TargetError {
    target: String,
    known: String,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.contains('/') {
            text.parse().map(Self::Step)
        } else {
            Ok(Self::Stage(StageId(text.to_owned())))
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stage(stage) => stage.fmt(f),
            Self::Step(path) => path.fmt(f),
        }
    }
}

impl Target {
    /// The command that makes such a change of it, as in `rollback week-1 --with-leftovers`.
    #[must_use]
    pub fn command(&self, kind: Kind, leftovers: Leftovers) -> String {
        let verb = match kind {
            Kind::Apply => "apply",
            Kind::Prune => "prune",
            Kind::Rollback => "rollback",
            Kind::Verify => "verify",
        };
        let flag = if leftovers == Leftovers::Go { " --with-leftovers" } else { "" };
        format!("{verb} {self}{flag}")
    }

    /// The steps that it stands for, in the plan's order; an apply of a stage may stop before a checklist item.
    ///
    /// # Errors
    /// [`TargetError`] when the environment has no such step or stage.
    pub fn reach(&self, run: &Run, kind: Kind) -> Result<StageReach, TargetError> {
        if let (Self::Stage(stage), Kind::Apply) = (self, kind)
            && run.steps().iter().any(|step| &step.path.stage == stage)
        {
            return Ok(run.reach(stage));
        }
        let steps: Vec<StepPath> = run
            .steps()
            .iter()
            .filter(|step| match self {
                Self::Step(path) => &step.path == path,
                Self::Stage(stage) => &step.path.stage == stage && !matches!(step.action, Action::Manual(_)),
            })
            .map(|step| step.path.clone())
            .collect();
        if steps.is_empty() {
            let mut stages: Vec<String> =
                run.steps().iter().map(|step| step.path.stage.to_string()).collect();
            stages.dedup();
            return Err(TargetError { target: self.to_string(), known: stages.join(", ") });
        }
        Ok(StageReach { steps, stops_before: None })
    }
}
