//! Keys, pastes and clicks while a dialogue is open.

use crossterm::event::{KeyCode, KeyModifiers};
use jiff::SignedDuration;
use tui_input::{Input, InputRequest};

use super::{App, AppEffect, Choice, Confirm, Dialogue, Purpose, Question, Sure, TextDialogue, World};
use crate::{config::KeyPress, engine::Command};

/// A choice that was clicked sooner after its dialogue opened was meant for what lay below.
const SETTLED: SignedDuration = SignedDuration::from_millis(300);

impl App {
    pub(super) fn dialogue_key(&mut self, world: &World<'_>, press: KeyPress) -> Vec<AppEffect> {
        let is_ctrl_c = press.code == KeyCode::Char('c') && press.modifiers == KeyModifiers::CONTROL;
        if press.code == KeyCode::Esc || is_ctrl_c {
            self.dialogue = None;
            return Vec::new();
        }
        match &mut self.dialogue {
            Some(Dialogue::Palette(_)) => return self.palette_key(world, press),
            Some(Dialogue::Run(_)) => {
                if matches!(press.code, KeyCode::Enter | KeyCode::Char('q' | ' ')) {
                    self.dialogue = None;
                }
            }
            Some(Dialogue::Help { scroll }) => match press.code {
                KeyCode::Up | KeyCode::Char('k') => *scroll = scroll.saturating_sub(1),
                KeyCode::Down | KeyCode::Char('j') => *scroll = scroll.saturating_add(1),
                KeyCode::PageUp => *scroll = scroll.saturating_sub(10),
                KeyCode::PageDown | KeyCode::Char(' ') => *scroll = scroll.saturating_add(10),
                KeyCode::Char('?' | 'q') | KeyCode::Enter => self.dialogue = None,
                _ => {}
            },
            Some(dialogue) => match press.code {
                KeyCode::Tab | KeyCode::Down => dialogue.step(1),
                KeyCode::BackTab | KeyCode::Up => dialogue.step(-1),
                KeyCode::Right if !dialogue.is_typing() => dialogue.step(1),
                KeyCode::Left if !dialogue.is_typing() => dialogue.step(-1),
                KeyCode::Enter => {
                    let choice = dialogue.focus();
                    return self.choose(world, choice);
                }
                _ => {
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
            Some(Dialogue::Confirm(Confirm { opened, .. }) | Dialogue::Sure(Sure { opened, .. })) => *opened,
            Some(Dialogue::Dispatch(dispatch)) => dispatch.opened,
            _ => world.now - SETTLED,
        };
        if choice == Choice::Go && world.now.duration_since(opened) < SETTLED {
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
        match self.dialogue.clone() {
            Some(Dialogue::Confirm(confirm)) => {
                // Enter in the field only moves on: the button is pressed on its own.
                if choice == Choice::Field || !confirm.is_armed() {
                    let armed = confirm.is_armed();
                    if let Some(dialogue) = &mut self.dialogue {
                        dialogue.set_focus(if armed { Choice::Go } else { Choice::Field });
                    }
                    return Vec::new();
                }
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
            Some(dialogue) => dialogue.field(),
            None => self.filter_input.as_mut(),
        };
        if let Some(input) = input {
            // A pasted line break must not press anything.
            for character in text.chars() {
                let character = if character.is_control() { ' ' } else { character };
                input.handle(InputRequest::InsertChar(character));
            }
        }
    }
}

impl Dialogue {
    fn choices(&self) -> Vec<Choice> {
        match self {
            Self::Confirm(Confirm { must_type: Some(_), .. }) => {
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

    fn is_typing(&self) -> bool {
        match self {
            Self::Confirm(confirm) => confirm.focus == Choice::Field,
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
        let count = choices.len();
        let at = choices.iter().position(|choice| *choice == focus).unwrap_or(0);
        let to = if by < 0 { at + count - 1 } else { at + 1 } % count;
        self.set_focus(choices.get(to).copied().unwrap_or(Choice::Cancel));
    }

    fn field(&mut self) -> Option<&mut Input> {
        match self {
            Self::Confirm(confirm) if confirm.focus == Choice::Field => Some(&mut confirm.typed),
            Self::Dispatch(dispatch) if dispatch.focus == Choice::Field => Some(&mut dispatch.typed),
            Self::Text(text) if text.focus == Choice::Field => {
                text.problem = None;
                Some(&mut text.input)
            }
            _ => None,
        }
    }
}

/// A key in a text field.
pub(super) fn type_into(input: &mut Input, press: KeyPress) {
    let control = press.modifiers.contains(KeyModifiers::CONTROL);
    let request = match (press.code, control) {
        (KeyCode::Backspace, false) => InputRequest::DeletePrevChar,
        (KeyCode::Delete, _) => InputRequest::DeleteNextChar,
        (KeyCode::Left, false) => InputRequest::GoToPrevChar,
        (KeyCode::Right, false) => InputRequest::GoToNextChar,
        (KeyCode::Left, true) => InputRequest::GoToPrevWord,
        (KeyCode::Right, true) => InputRequest::GoToNextWord,
        (KeyCode::Home, _) | (KeyCode::Char('a'), true) => InputRequest::GoToStart,
        (KeyCode::End, _) | (KeyCode::Char('e'), true) => InputRequest::GoToEnd,
        (KeyCode::Char('w') | KeyCode::Backspace, true) => InputRequest::DeletePrevWord,
        (KeyCode::Char('u'), true) => InputRequest::DeleteLine,
        (KeyCode::Char('k'), true) => InputRequest::DeleteTillEnd,
        _ => match press.typed() {
            Some(character) => InputRequest::InsertChar(character),
            None => return,
        },
    };
    input.handle(request);
}
