//! One frame.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    Canvas, MINIMUM_HEIGHT, MINIMUM_WIDTH, Theme, detail, dialogue, footer, header, help, is_dangerous,
    layout, overview, panes, run_dialogue, sure, text,
};
use crate::{
    app::{App, Areas, Dialogue, Focus, PaneId, World, leaving_asks},
    config::Keymap,
};

/// Draws the whole screen and says what is where.
pub fn render(
    app: &App,
    world: &World<'_>,
    (theme, keymap): (&Theme, &Keymap),
    buffer: &mut Buffer,
) -> Areas {
    let area = buffer.area;
    if is_too_small(theme, leaving_asks(world), buffer) {
        return app.areas.clone().of_a_small_terminal();
    }
    let mut canvas = Canvas { app, world, theme, keymap, buffer, areas: Areas::default() };
    let places = layout::places(area, PaneId::shown(world).contains(&PaneId::Runs));
    header::draw(&mut canvas, places.header);
    if app.is_zoomed {
        match app.focus {
            Focus::Plan => overview::draw(&mut canvas, places.body),
            Focus::Detail | Focus::Buttons => detail::draw(&mut canvas, places.body),
            Focus::Pane(pane) => panes::draw_framed(&mut canvas, places.body, pane),
        }
    } else {
        overview::draw(&mut canvas, places.plan);
        detail::draw(&mut canvas, places.detail);
        panes::draw(&mut canvas, places.panes);
    }
    footer::draw(&mut canvas, places.footer);
    footer::notice(&mut canvas, places.body, app.notice.as_ref());
    match &app.dialogue {
        Some(Dialogue::Confirm(confirm)) => dialogue::confirm(&mut canvas, places.body, confirm),
        Some(Dialogue::Sure(sure)) => sure::sure(&mut canvas, places.body, sure),
        Some(Dialogue::Text(text)) => dialogue::text(&mut canvas, places.body, text),
        Some(Dialogue::Dispatch(dispatch)) => run_dialogue::dispatch(&mut canvas, places.body, dispatch),
        Some(Dialogue::Run(run)) => run_dialogue::run(&mut canvas, places.body, run),
        Some(Dialogue::Palette(palette)) => help::palette(&mut canvas, places.body, palette),
        Some(Dialogue::Help { scroll }) => help::draw(&mut canvas, places.body, *scroll, help::COCKPIT),
        None => {}
    }
    let areas = canvas.areas;
    seal(buffer);
    areas
}

/// Begins a frame; says so where the terminal is too small for one.
pub(super) fn is_too_small(theme: &Theme, leaving_asks: bool, buffer: &mut Buffer) -> bool {
    let area = buffer.area;
    buffer.reset();
    buffer.set_style(area, theme.screen.0);
    let is_too_small = area.width < MINIMUM_WIDTH || area.height < MINIMUM_HEIGHT;
    if is_too_small {
        too_small(area, theme, leaving_asks, buffer);
    }
    is_too_small
}

/// The last line of defence: no cell ever holds what could steer a terminal.
pub(super) fn seal(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if cell.symbol().chars().any(is_dangerous) {
            cell.set_symbol("�");
        }
    }
}

fn too_small(area: Rect, theme: &Theme, leaving_asks: bool, buffer: &mut Buffer) {
    let leave = if leaving_asks { "" } else { ", or press q" };
    let words = format!(
        "This terminal is {}x{}; migrate-tui needs {MINIMUM_WIDTH}x{MINIMUM_HEIGHT}. Make it larger{leave}.",
        area.width, area.height
    );
    for (row, line) in (area.y..area.bottom()).zip(text::wrap(&words, usize::from(area.width))) {
        buffer.set_stringn(area.x, row, &line, usize::from(area.width), theme.text.0);
    }
}
