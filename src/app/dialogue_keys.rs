//! Keys, pastes and clicks while a dialogue is open.

use tui_input::Input;

use super::{
    App, AppEffect, Choice, Confirm, Dialogue, Purpose, Question, Sure, TextDialogue, World,
    choosing::{Pressed, beside, closes, is_too_soon, paste_into, pressed, scroll_help, type_into},
};
use crate::{config::KeyPress, engine::Command};

impl App {
    pub(super) fn dialogue_key(&mut self, world: &World<'_>, press: KeyPress) -> Vec<AppEffect> {
        if closes(press) {
            self.dialogue = None;
            return Vec::new();
        }
        match &mut self.dialogue {
            Some(Dialogue::Palette(_)) => return self.palette_key(world, press),
            Some(Dialogue::Help { scroll }) => {
                let closes = scroll_help(scroll, press);
                if closes {
                    self.dialogue = None;
                }
            }
            Some(dialogue) => match pressed(press, dialogue.is_typing()) {
                Pressed::Step(by) => dialogue.step(by),
                Pressed::Choose => {
                    let choice = dialogue.focus();
                    return self.choose(world, choice);
                }
                Pressed::Other => {
                    if press.typed().is_some_and(|character| !character.is_whitespace()) {
                        dialogue.goes_to_field();
                    }
                    if let Some(input) = dialogue.field() {
                        type_into(input, press);
                    }
                }
            },
            None => {}
        }
        Vec::new()
    }

    pub(super) fn dialogue_click(&mut self, world: &World<'_>, choice: Choice) -> Vec<AppEffect> {
        let opened = match &self.dialogue {
            Some(Dialogue::Confirm(Confirm { opened, .. }) | Dialogue::Sure(Sure { opened, .. })) => {
                Some(*opened)
            }
            Some(Dialogue::Dispatch(dispatch)) => Some(dispatch.opened),
            _ => None,
        };
        if choice == Choice::Go && opened.is_some_and(|opened| is_too_soon(opened, world.now)) {
            return Vec::new();
        }
        if let Some(dialogue) = &mut self.dialogue {
            dialogue.set_focus(choice);
        }
        if choice == Choice::Field { Vec::new() } else { self.choose(world, choice) }
    }

    pub(super) fn choose(&mut self, world: &World<'_>, choice: Choice) -> Vec<AppEffect> {
        if choice == Choice::Cancel {
            self.dialogue = None;
            return Vec::new();
        }
        // Enter in the field only moves on: the button is pressed on its own.
        if let Some(dialogue @ (Dialogue::Confirm(_) | Dialogue::Sure(_))) = &mut self.dialogue
            && (choice == Choice::Field || !dialogue.is_armed())
        {
            let armed = dialogue.is_armed();
            dialogue.set_focus(if armed { Choice::Go } else { Choice::Field });
            return Vec::new();
        }
        match self.dialogue.clone() {
            Some(Dialogue::Confirm(confirm)) => {
                self.dialogue = None;
                // From here on the pane is about progress: what was folded by hand no longer is.
                self.detail = super::DetailState::default();
                vec![AppEffect::Command(Command::Confirm(confirm.approvals))]
            }
            Some(Dialogue::Sure(sure)) => {
                self.dialogue = None;
                match sure.question {
                    Question::Resume(step) => vec![AppEffect::Command(Command::Resume { step })],
                    Question::Abandon(step) => vec![AppEffect::Command(Command::Abandon { step })],
                    Question::Stop(step) => vec![AppEffect::Command(Command::Cancel { step })],
                    Question::Reopen(step) => vec![AppEffect::Command(Command::Reopen { step })],
                    Question::Quit => vec![AppEffect::Quit],
                }
            }
            Some(Dialogue::Dispatch(dispatch)) => self.choose_dispatch(dispatch, choice),
            Some(Dialogue::Text(text)) => self.write(world, text),
            _ => Vec::new(),
        }
    }

    fn write(&mut self, world: &World<'_>, mut text: TextDialogue) -> Vec<AppEffect> {
        let value = text.input.value().trim().to_owned();
        if value.is_empty() && text.is_required {
            text.problem = Some("this cannot be empty".to_owned());
            self.dialogue = Some(Dialogue::Text(text));
            return Vec::new();
        }
        self.dialogue = None;
        let step = text.step;
        let command = match text.purpose {
            Purpose::Tick => Command::Tick { step: step.clone(), note: value },
            Purpose::Skip => Command::Skip { step: step.clone(), reason: value },
            Purpose::Defer => Command::Defer { step: step.clone(), reason: value },
            Purpose::Note => Command::Note { step: step.clone(), text: value },
        };
        if text.purpose == Purpose::Tick
            && let Some(next) = world.run.steps().iter().skip_while(|other| other.path != step).nth(1)
            && next.path.stage == step.stage
        {
            self.tell(format!("next: {}", next.title));
        }
        vec![AppEffect::Command(command)]
    }

    pub(super) fn dialogue_paste(&mut self, text: &str) {
        let input = match &mut self.dialogue {
            Some(Dialogue::Palette(palette)) => Some(&mut palette.input),
            Some(dialogue) => {
                dialogue.goes_to_field();
                dialogue.field()
            }
            None => self.filter_input.as_mut(),
        };
        if let Some(input) = input {
            paste_into(input, text);
        }
    }
}

impl Dialogue {
    fn choices(&self) -> Vec<Choice> {
        match self {
            Self::Confirm(Confirm { must_type: Some(_), .. })
            | Self::Sure(Sure { must_type: Some(_), .. }) => {
                vec![Choice::Cancel, Choice::Field, Choice::Go]
            }
            Self::Dispatch(dispatch) => dispatch.choices(),
            Self::Text(_) => vec![Choice::Field, Choice::Go, Choice::Cancel],
            _ => vec![Choice::Cancel, Choice::Go],
        }
    }

    fn focus(&self) -> Choice {
        match self {
            Self::Confirm(confirm) => confirm.focus,
            Self::Sure(sure) => sure.focus,
            Self::Dispatch(dispatch) => dispatch.focus,
            Self::Text(text) => match text.focus {
                // Enter in a note's field is how one ends it: it writes nothing to the cluster.
                Choice::Field => Choice::Go,
                other => other,
            },
            Self::Palette(_) | Self::Help { .. } | Self::Run(_) => Choice::Cancel,
        }
    }

    fn set_focus(&mut self, choice: Choice) {
        match self {
            Self::Confirm(confirm) => confirm.focus = choice,
            Self::Sure(sure) => sure.focus = choice,
            Self::Dispatch(dispatch) => dispatch.focus = choice,
            Self::Text(text) => text.focus = choice,
            Self::Palette(_) | Self::Help { .. } | Self::Run(_) => {}
        }
    }

    /// What is typed goes into the field, wherever the focus was.
    fn goes_to_field(&mut self) {
        if self.choices().contains(&Choice::Field) {
            self.set_focus(Choice::Field);
        }
    }

    fn is_typing(&self) -> bool {
        match self {
            Self::Confirm(confirm) => confirm.focus == Choice::Field,
            Self::Sure(sure) => sure.focus == Choice::Field,
            Self::Dispatch(dispatch) => dispatch.focus == Choice::Field,
            Self::Text(text) => text.focus == Choice::Field,
            _ => false,
        }
    }

    fn step(&mut self, by: isize) {
        let choices = self.choices();
        let focus = match self {
            Self::Confirm(confirm) => confirm.focus,
            Self::Sure(sure) => sure.focus,
            Self::Dispatch(dispatch) => dispatch.focus,
            Self::Text(text) => text.focus,
            Self::Palette(_) | Self::Help { .. } | Self::Run(_) => return,
        };
        self.set_focus(beside(&choices, focus, by));
    }

    fn field(&mut self) -> Option<&mut Input> {
        match self {
            Self::Confirm(confirm) if confirm.focus == Choice::Field => Some(&mut confirm.typed),
            Self::Sure(sure) if sure.focus == Choice::Field => Some(&mut sure.typed),
            Self::Dispatch(dispatch) if dispatch.focus == Choice::Field => Some(&mut dispatch.typed),
            Self::Text(text) if text.focus == Choice::Field => {
                text.problem = None;
                Some(&mut text.input)
            }
            _ => None,
        }
    }
}
