//! The screen of `init`: a list of what is open, of every key and of every file; the page about one of them; the
//! confirmation.

mod bars;
mod file;
mod list;
mod page;
mod question;
mod signs;

use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
};

use super::{Theme, canvas, footer, help, screen};
use crate::{
    app::{
        Areas,
        preview::{Doing, Preview, PreviewDialogue, PreviewFocus, Sight, Spot},
    },
    config::{Group, Keymap, Screen},
};

type Canvas<'a> = canvas::Canvas<'a, Preview, Sight<'a>, Spot>;

/// What the help lists.
const HELP: help::Listed = (
    Screen::Init,
    &[Group::Init, Group::Move, Group::Cockpit],
    &[
        "✖ wrong, or not mapped  ≈ approximated  ✔ mapped  · read  i decided without a key  ? only you can answer  ! to know",
        "+ create  ~ update  - delete  = same  ! left as it is: edited, made or taken away by you",
    ],
);

/// Draws the whole screen and says what is where.
pub fn render(
    app: &Preview,
    sight: &Sight<'_>,
    (theme, keymap): (&Theme, &Keymap),
    buffer: &mut Buffer,
) -> Areas<Spot> {
    let area = buffer.area;
    let leaving_asks = matches!(sight.doing, Some(Doing::Performing(_)));
    if screen::is_too_small(theme, leaving_asks, buffer) {
        return app.areas.clone().of_a_small_terminal();
    }
    let mut canvas = Canvas { app, world: sight, theme, keymap, buffer, areas: Areas::default() };
    let [header, body, footer] =
        Layout::vertical([Constraint::Length(1), Constraint::Min(0), Constraint::Length(1)]).areas(area);
    bars::header(&mut canvas, header);
    match (app.is_zoomed, app.focus) {
        (true, PreviewFocus::List) => list::draw(&mut canvas, body),
        (true, _) => page::draw(&mut canvas, body),
        (false, _) => {
            let width = (area.width * 40 / 100).clamp(28, 60);
            let [left, right] =
                Layout::horizontal([Constraint::Length(width), Constraint::Min(0)]).areas(body);
            list::draw(&mut canvas, left);
            page::draw(&mut canvas, right);
        }
    }
    bars::footer(&mut canvas, footer);
    footer::notice(&mut canvas, body, app.notice.as_ref());
    dialogue(&mut canvas, body);
    let areas = canvas.areas;
    screen::seal(buffer);
    areas
}

fn dialogue(canvas: &mut Canvas<'_>, body: Rect) {
    match &canvas.app.dialogue {
        Some(PreviewDialogue::Ask(ask)) => question::draw(canvas, body, ask),
        Some(PreviewDialogue::Help { scroll }) => help::draw(canvas, body, *scroll, HELP),
        None => {}
    }
}
