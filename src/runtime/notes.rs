//! A run's journal without its cluster: for what is noted on a step and changes nothing there.

use std::{path::Path, sync::Arc};

use futures::FutureExt;

use super::{
    Driver,
    session::{OpenError, login_name},
};
use crate::{
    diff::Problem,
    engine::{Author, Command, Event, Run},
    journal::{Journal, RunFolder},
    plan::{Environment, Plan, Step, StepPath},
};

/// The journal of a run, held for as long as this is there.
pub(super) struct Notes {
    driver: Driver,
    step: StepPath,
}

impl Notes {
    /// Of the plan's run in an environment, which it begins where there is none.
    pub(super) fn open(
        (plan, environment): (&Plan, &Environment),
        state: &Path,
        step: StepPath,
    ) -> Result<Self, OpenError> {
        let folder = RunFolder::new(state, &plan.name, &environment.name.0);
        let (journal, entries) = Journal::open(&folder)?;
        let steps: Vec<Step> =
            plan.steps_in(&environment.name).into_iter().flat_map(|stage| stage.steps).collect();
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let author = Author { user: login_name(), host };
        // Nothing is asked of a cluster before a session is journalled, and none is here.
        let nothing = Arc::new(|_, _| std::future::pending().boxed());
        let mut notes =
            Self { driver: Driver::new(Run::new(steps), journal, &entries, author, nothing), step };
        if entries.is_empty() {
            let begun = notes.driver.begin(Event::RunStarted {
                plan: plan.name.clone(),
                plan_digest: plan.digest.clone(),
                environment: environment.name.clone(),
            });
            begun.map_err(|error| problem(&error))?;
        }
        Ok(notes)
    }

    /// Writes a note on the step; it is on the disk when this returns.
    pub(super) fn write(&mut self, text: String) -> Result<(), Problem> {
        let step = self.step.clone();
        self.driver.submit(Command::Note { step, text }).map_err(|error| problem(&error))
    }
}

fn problem(error: &super::SubmitError) -> Problem {
    Problem::new("the run's journal", error.to_string(), "nothing was sent; mend that first")
}
