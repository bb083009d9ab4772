//! Starting a run of the workflow: what it would be is read and shown, and started when that was confirmed by
//! typing. And a look at a run.

use jiff::Timestamp;
use tui_input::Input;

use super::{App, AppEffect, Choice, Dialogue, Mode, PaneId, Row, World};
use crate::{
    diff::Problem,
    plan::{Step, StepPath},
    workflow::Dispatch,
};

/// The question whether to start a run.
#[derive(Clone, Debug)]
pub struct DispatchDialogue {
    /// The step whose notes tell of it.
    pub step: StepPath,
    /// What it would be.
    pub state: DispatchState,
    /// What must be typed: the environment's name.
    pub must_type: String,
    /// What has been typed.
    pub typed: Input,
    /// Cancel at first.
    pub focus: Choice,
    /// When what is shown was shown: a click that was meant for what lay below must not count.
    pub opened: Timestamp,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq)]
pub enum DispatchState {
    /// It is being read.
    Asking,
    /// This would be sent.
    Shown(Box<Dispatch>),
    /// It cannot be.
    Refused(Problem),
}

impl DispatchDialogue {
    /// Has what must be typed been typed?
    #[must_use]
    pub fn is_armed(&self) -> bool {
        self.typed.value() == self.must_type
    }

    pub(super) fn choices(&self) -> Vec<Choice> {
        match self.state {
            DispatchState::Shown(_) => vec![Choice::Cancel, Choice::Field, Choice::Go],
            DispatchState::Asking | DispatchState::Refused(_) => vec![Choice::Cancel],
        }
    }
}

/// Why no run can be started from here.
pub(super) fn refusal(world: &World<'_>) -> Option<String> {
    let reason = if world.mode == Mode::ReadOnly {
        "READ-ONLY: nothing is started here".to_owned()
    } else if !world.connection.is_driven() {
        "not yet: the run's journal, which keeps it, is not open".to_owned()
    } else if !world.run.steps().iter().any(Step::waits_for_runs) {
        "no step of the plan waits for a run; `migrate-tui workflow dispatch --step STEP` notes one on any step".to_owned()
    } else {
        world.observed.runs.no_dispatch.clone()?
    };
    Some(format!("no run can be started: {reason}"))
}

impl App {
    /// Has it read what a run would be; nothing is started.
    pub(super) fn ask_dispatch(&mut self, world: &World<'_>) -> Vec<AppEffect> {
        if let Some(reason) = refusal(world) {
            self.refuse(reason);
            return Vec::new();
        }
        let steps = world.run.steps();
        let selected = steps.iter().find(|step| self.selected == Some(Row::Step(step.path.clone())));
        let waits = selected.filter(|step| step.waits_for_runs());
        let Some(step) = waits.or_else(|| steps.iter().find(|step| step.waits_for_runs())) else {
            return Vec::new();
        };
        self.dialogue = Some(Dialogue::Dispatch(DispatchDialogue {
            step: step.path.clone(),
            state: DispatchState::Asking,
            must_type: world.setting.environment.0.clone(),
            typed: Input::default(),
            focus: Choice::Cancel,
            opened: world.now,
        }));
        vec![AppEffect::ShowDispatch]
    }

    /// It was read, unless nobody waits for it any more.
    pub(super) fn dispatch_shown(&mut self, world: &World<'_>, shown: Result<Box<Dispatch>, Problem>) {
        if let Some(Dialogue::Dispatch(dialogue)) = &mut self.dialogue
            && dialogue.state == DispatchState::Asking
        {
            dialogue.opened = world.now;
            dialogue.state = match shown {
                Ok(dispatch) => DispatchState::Shown(dispatch),
                Err(problem) => DispatchState::Refused(problem),
            };
        }
    }

    pub(super) fn choose_dispatch(
        &mut self,
        mut dialogue: DispatchDialogue,
        choice: Choice,
    ) -> Vec<AppEffect> {
        let is_armed = dialogue.is_armed();
        let DispatchState::Shown(dispatch) = &dialogue.state else { return Vec::new() };
        // Enter in the field only moves on: the button is pressed on its own.
        if choice == Choice::Field || !is_armed {
            dialogue.focus = if is_armed { Choice::Go } else { Choice::Field };
            self.dialogue = Some(Dialogue::Dispatch(dialogue));
            return Vec::new();
        }
        let effect = AppEffect::Dispatch { step: dialogue.step.clone(), dispatch: dispatch.clone() };
        self.dialogue = None;
        self.tell("the run is being started …");
        vec![effect]
    }

    /// Shows the selected run, and has its jobs read.
    pub(super) fn open_run(&mut self) -> Vec<AppEffect> {
        let Some(name) = self.list(PaneId::Runs).selected.clone() else {
            self.toggle();
            return Vec::new();
        };
        let look = name.name.parse().ok().map(AppEffect::LookAtRun);
        self.dialogue = Some(Dialogue::Run(name));
        look.into_iter().collect()
    }
}
