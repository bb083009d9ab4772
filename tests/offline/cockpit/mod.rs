//! The cockpit: screens, and journeys through keymap, update and engine.

mod journeys;
mod leftovers;
mod pin;
mod releases;
pub(crate) mod runs;
mod safety;
mod screens;
mod work;

use migrate_tui::{
    app::Message,
    engine::{Command, Effect},
};

use crate::{fixture, journey::Journey};

fn is_confirm(command: &Command) -> bool {
    matches!(command, Command::Confirm(_))
}

/// The overlay is confirmed and waited for.
pub(crate) fn waiting(width: u16, height: u16) -> Journey {
    let mut journey = Journey::at_overlay(width, height);
    journey.holds = |effect| matches!(effect, Effect::Wait { .. });
    journey.keys("a a tab enter");
    journey.observed.progress = fixture::progress();
    journey.say(Message::World);
    journey
}
