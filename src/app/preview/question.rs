//! What lies over the screen: the confirmation, and the help.

use jiff::Timestamp;

use super::{Preview, PreviewEffect, Sight};
use crate::{
    app::{
        Choice,
        choosing::{Pressed, beside, closes, is_too_soon, pressed, scroll_help},
    },
    config::KeyPress,
    scaffold::{Fingerprint, Kind},
};

/// What lies over the screen.
#[derive(Clone, Debug)]
pub enum PreviewDialogue {
    /// Go ahead with what is shown?
    Ask(Ask),
    /// All keys.
    Help {
        /// First line shown.
        scroll: usize,
    },
}

/// The confirmation of what is shown.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Write, finish or take back.
    pub kind: Kind,
    /// Exactly what was shown when this opened.
    pub digest: Fingerprint,
    /// Cancel at first.
    pub focus: Choice,
    /// When this opened: a click that was meant for what lay below must not count.
    pub opened: Timestamp,
}

/// The confirmation of what is shown now.
pub(super) fn ask(sight: &Sight<'_>) -> Option<Ask> {
    let finding = sight.finding?;
    let digest = finding.digest.clone()?;
    Some(Ask { kind: finding.stands.kind(), digest, focus: Choice::Cancel, opened: sight.now })
}

impl Preview {
    pub(super) fn dialogue_key(&mut self, sight: &Sight<'_>, press: KeyPress) -> Vec<PreviewEffect> {
        if closes(press) {
            self.dialogue = None;
            return Vec::new();
        }
        match &mut self.dialogue {
            Some(PreviewDialogue::Help { scroll }) => {
                let closes = scroll_help(scroll, press);
                if closes {
                    self.dialogue = None;
                }
            }
            Some(PreviewDialogue::Ask(ask)) => match pressed(press, false) {
                Pressed::Step(by) => ask.focus = beside(&[Choice::Cancel, Choice::Go], ask.focus, by),
                Pressed::Choose => {
                    let choice = ask.focus;
                    return self.choose_in_dialogue(sight, choice);
                }
                Pressed::Other => {}
            },
            None => {}
        }
        Vec::new()
    }

    pub(super) fn dialogue_click(&mut self, sight: &Sight<'_>, choice: Choice) -> Vec<PreviewEffect> {
        if let Some(PreviewDialogue::Ask(ask)) = &self.dialogue
            && choice == Choice::Go
            && is_too_soon(ask.opened, sight.now)
        {
            return Vec::new();
        }
        self.choose_in_dialogue(sight, choice)
    }

    fn choose_in_dialogue(&mut self, sight: &Sight<'_>, choice: Choice) -> Vec<PreviewEffect> {
        match self.dialogue.take() {
            Some(PreviewDialogue::Ask(ask)) if choice == Choice::Go && sight.doing.is_none() => {
                vec![PreviewEffect::Perform(ask.kind, ask.digest)]
            }
            _ => Vec::new(),
        }
    }
}
