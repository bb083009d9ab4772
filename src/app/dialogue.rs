//! What lies over the screen: confirmations, questions, texts.

use jiff::Timestamp;
use tui_input::Input;

use super::{App, DispatchDialogue, Palette, World};
use crate::{
    config::Action,
    diff::Kind,
    engine::{Approval, Attempt},
    observed::Name,
    plan::{Action as StepAction, Confirmation, Evidence, StepPath},
};

/// What lies over the screen.
#[derive(Clone, Debug)]
pub enum Dialogue {
    /// Go ahead with what was shown?
    Confirm(Confirm),
    /// Another question.
    Sure(Sure),
    /// A note or a reason.
    Text(TextDialogue),
    /// Start a run of the workflow?
    Dispatch(DispatchDialogue),
    /// A run of the workflow, with its jobs.
    Run(Name),
    /// Commands and steps by name.
    Palette(Palette),
    /// All keys.
    Help {
        /// First line shown.
        scroll: usize,
    },
}

/// The confirmation of one or several proposals.
#[derive(Clone, Debug)]
pub struct Confirm {
    /// Exactly what was shown when this opened.
    pub approvals: Vec<Approval>,
    /// Apply, prune or roll back.
    pub kind: Kind,
    /// What must be typed, when something must.
    pub must_type: Option<String>,
    /// What has been typed.
    pub typed: Input,
    /// Cancel at first.
    pub focus: Choice,
    /// When this opened: a click that was meant for what lay below must not count.
    pub opened: Timestamp,
}

/// A question that is answered with yes or no.
#[derive(Clone, Debug)]
pub struct Sure {
    /// The question.
    pub question: Question,
    /// What must be typed, when something must.
    pub must_type: Option<String>,
    /// What has been typed.
    pub typed: Input,
    /// No at first.
    pub focus: Choice,
    /// As in [`Confirm::opened`].
    pub opened: Timestamp,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Go on writing?
    Resume(StepPath),
    /// Give it up?
    Abandon(StepPath),
    /// Stop between objects?
    Stop(StepPath),
    /// Open it again?
    Reopen(StepPath),
    /// Leave although something is at work?
    Quit,
}

/// A text field.
#[derive(Clone, Debug)]
pub struct TextDialogue {
    /// What for.
    pub purpose: Purpose,
    /// The step.
    pub step: StepPath,
    /// It cannot be left empty.
    pub is_required: bool,
    /// The text.
    pub input: Input,
    /// The field at first.
    pub focus: Choice,
    /// Why it was not taken.
    pub problem: Option<String>,
}

/// What a text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Evidence that a checklist item is done.
    Tick,
    /// Why it will not be done.
    Skip,
    /// Why it will be done later.
    Defer,
    /// Anything worth keeping.
    Note,
}

/// What can be chosen in a dialogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Close; nothing happens.
    Cancel,
    /// The text field.
    Field,
    /// Do it.
    Go,
}

impl Dialogue {
    /// The confirmation of everything of that kind that is shown, or why there can be none.
    pub(super) fn confirm(world: &World<'_>, kind: Kind) -> Result<Self, String> {
        if world.run.is_preparing() {
            return Err("not everything has been compared yet; wait for the rest of it".to_owned());
        }
        let mut approvals = Vec::new();
        for attempt in world.run.awaiting().filter(|attempt| attempt.kind == kind) {
            if let Some(problem) = attempt.problems.first() {
                return Err(format!(
                    "{} cannot be confirmed: {}: {}. {}",
                    attempt.step, problem.subject, problem.reason, problem.remedy
                ));
            }
            // Only what is on the screen, in full and as it stands, can be confirmed.
            let shown = world.proposals.get(&attempt.number).map(|proposal| &proposal.digest);
            match &attempt.digest {
                Some(digest) if shown == Some(digest) => {
                    approvals.push(Approval { attempt: attempt.number, digest: digest.clone() });
                }
                _ => {
                    return Err(format!(
                        "what {} would change is not on the screen; look again",
                        attempt.step
                    ));
                }
            }
        }
        if approvals.is_empty() {
            return Err("nothing is shown that could be confirmed; look at the changes again".to_owned());
        }
        let must_type =
            must_type(world, approvals.iter().filter_map(|approval| world.run.attempt(approval.attempt)));
        Ok(Self::Confirm(Confirm {
            approvals,
            kind,
            must_type,
            typed: Input::default(),
            focus: Choice::Cancel,
            opened: world.now,
        }))
    }

    pub(super) fn sure(world: &World<'_>, question: Question) -> Self {
        let (must_type, typed) = (None, Input::default());
        Self::Sure(Sure { question, must_type, typed, focus: Choice::Cancel, opened: world.now })
    }

    /// Is a step to be gone on with? What was asked for when it was confirmed is asked for again, as long as
    /// anything is left to write.
    pub(super) fn resume(world: &World<'_>, step: StepPath) -> Self {
        let attempt = world.run.to_resume(&step).filter(|attempt| attempt.left().next().is_some());
        let must_type = attempt.and_then(|attempt| must_type(world, std::iter::once(attempt)));
        let (question, typed) = (Question::Resume(step), Input::default());
        Self::Sure(Sure { question, must_type, typed, focus: Choice::Cancel, opened: world.now })
    }

    pub(super) fn text(world: &World<'_>, purpose: Purpose, step: StepPath) -> Self {
        let is_required = match (purpose, world.run.step(&step).map(|step| &step.action)) {
            (Purpose::Tick, Some(StepAction::Manual(manual))) => manual.evidence == Evidence::Required,
            _ => true,
        };
        let (input, focus) = (Input::default(), Choice::Field);
        Self::Text(TextDialogue { purpose, step, is_required, input, focus, problem: None })
    }
}

impl Dialogue {
    /// Has what must be typed been typed?
    #[must_use]
    pub fn is_armed(&self) -> bool {
        match self {
            Self::Confirm(Confirm { must_type: Some(wanted), typed, .. })
            | Self::Sure(Sure { must_type: Some(wanted), typed, .. }) => typed.value() == wanted,
            _ => true,
        }
    }
}

/// The name that is typed before attempts are written: leftovers go for good, whatever the environment asks for
/// otherwise.
fn must_type<'a>(world: &World<'_>, mut attempts: impl Iterator<Item = &'a Attempt>) -> Option<String> {
    let is_for_good = attempts.any(Attempt::deletes_leftovers);
    match world.setting.confirmation {
        Confirmation::Button if !is_for_good => None,
        _ => Some(world.setting.environment.0.clone()),
    }
}

impl App {
    /// What a dialogue was about may have moved: then it closes, and says so.
    pub(super) fn settle_dialogue(&mut self, world: &World<'_>) {
        let moved = match &self.dialogue {
            Some(Dialogue::Confirm(confirm)) => !confirm.approvals.iter().all(|approval| {
                world.run.awaiting().any(|attempt| {
                    attempt.number == approval.attempt && attempt.digest.as_ref() == Some(&approval.digest)
                })
            }),
            Some(Dialogue::Sure(Sure { question: Question::Stop(step), .. })) => {
                super::offer::current(world, step).is_none()
            }
            Some(Dialogue::Sure(Sure { question: Question::Resume(step), .. })) => {
                super::offer::refusal(world, &super::Row::Step(step.clone()), Action::Resume).is_some()
            }
            Some(Dialogue::Run(run)) if world.observed.runs.get(run).is_none() => {
                // Newer ones have taken its place.
                self.dialogue = None;
                false
            }
            _ => false,
        };
        if moved {
            self.dialogue = None;
            self.refuse("what was asked about has changed meanwhile; look again");
        }
    }
}
