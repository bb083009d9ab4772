//! The command palette: every action and every step, found by a few letters.

use crossterm::event::KeyCode;
use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{CaseMatching, Normalization, Pattern},
};
use tui_input::Input;

use super::{App, AppEffect, Focus, Mode, Row, World, choosing::type_into, offer};
use crate::config::{Action, Group, KeyPress};

/// The open palette.
#[derive(Clone, Debug, Default)]
pub struct Palette {
    /// What has been typed.
    pub input: Input,
    /// Place of the chosen entry.
    pub chosen: usize,
}

/// Something that the palette leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// As if its key were pressed.
    Action(Action),
    /// Goes to a row of the checklist.
    Go(Row),
}

impl Palette {
    /// What matches, best first; what is possible now before what is not.
    #[must_use]
    pub fn entries(&self, app: &App, world: &World<'_>) -> Vec<(Entry, String)> {
        let mut entries: Vec<(Entry, String)> = Vec::new();
        for action in
            Action::ALL.into_iter().filter(|action| matches!(action.group(), Group::Step | Group::Cockpit))
        {
            let text = format!("{}: {}", action.label(), action.says());
            let refusal = app.selected.as_ref().and_then(|row| offer::refusal(world, row, action));
            match refusal {
                None => entries.push((Entry::Action(action), text)),
                // Choosing it says why not. A watcher is not even shown what writes.
                Some(_) if world.mode == Mode::ReadWrite => {
                    entries.push((Entry::Action(action), format!("(not now) {text}")));
                }
                Some(_) => {}
            }
        }
        entries.sort_by_key(|(_, text)| text.starts_with("(not now)"));
        for stage in &world.setting.stages {
            entries.push((Entry::Go(Row::Stage(stage.id.clone())), format!("go to {}", stage.title)));
            for step in super::checklist::steps_of(world, &stage.id) {
                let text = format!("go to {} › {}", stage.title, step.title);
                entries.push((Entry::Go(Row::Step(step.path.clone())), text));
            }
        }
        let pattern = Pattern::parse(self.input.value(), CaseMatching::Smart, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut scored: Vec<(u32, (Entry, String))> = entries
            .into_iter()
            .filter_map(|entry| {
                let score = pattern.score(Utf32Str::new(&entry.1, &mut buffer), &mut matcher)?;
                Some((score, entry))
            })
            .collect();
        scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        scored.into_iter().map(|(_, entry)| entry).collect()
    }
}

impl App {
    pub(super) fn palette_key(&mut self, world: &World<'_>, press: KeyPress) -> Vec<AppEffect> {
        let Some(super::Dialogue::Palette(mut palette)) = self.dialogue.clone() else { return Vec::new() };
        let count = palette.entries(self, world).len();
        match press.code {
            KeyCode::Enter => return self.palette_choose(world, palette.chosen),
            KeyCode::Up | KeyCode::BackTab => palette.chosen = palette.chosen.saturating_sub(1),
            KeyCode::Down | KeyCode::Tab => {
                palette.chosen = (palette.chosen + 1).min(count.saturating_sub(1));
            }
            _ => {
                type_into(&mut palette.input, press);
                palette.chosen = 0;
            }
        }
        self.dialogue = Some(super::Dialogue::Palette(palette));
        Vec::new()
    }

    pub(super) fn palette_choose(&mut self, world: &World<'_>, place: usize) -> Vec<AppEffect> {
        let Some(super::Dialogue::Palette(palette)) = self.dialogue.take() else { return Vec::new() };
        match palette.entries(self, world).into_iter().nth(place) {
            Some((Entry::Action(action), _)) => self.perform(world, action),
            Some((Entry::Go(row), _)) => {
                self.filters.remove(&Focus::Plan);
                self.fold(row.stage(), true);
                self.select(row);
                self.focus = Focus::Plan;
                Vec::new()
            }
            None => Vec::new(),
        }
    }
}
