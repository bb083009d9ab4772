//! Where things go at each size.

use ratatui::layout::{Constraint, Layout, Rect};

/// Columns below which the screen says that it is too small.
pub const MINIMUM_WIDTH: u16 = 60;
/// Rows below which the screen says that it is too small.
pub const MINIMUM_HEIGHT: u16 = 15;

/// From here on the live panes stand side by side.
const WIDE: u16 = 110;

/// The parts of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Places {
    pub(super) header: Rect,
    pub(super) body: Rect,
    pub(super) plan: Rect,
    pub(super) detail: Rect,
    pub(super) panes: Panes,
    pub(super) footer: Rect,
}

/// The live panes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Panes {
    /// One at a time, with tabs.
    Tabs(Rect),
    /// In sight together, as in `PaneId::ALL`; the last is empty where there are no runs to show.
    All([Rect; 4]),
}

/// Rows that the live panes have at least where the runs share a column: two frames with a row or two in each.
const SHARED_HEIGHT: u16 = 9;

pub(super) fn places(area: Rect, has_runs: bool) -> Places {
    let [header, body, footer] =
        Layout::vertical([Constraint::Length(1), Constraint::Min(0), Constraint::Length(1)]).areas(area);
    let is_wide = area.width >= WIDE;
    let plan_width =
        if is_wide { (area.width * 27 / 100).clamp(32, 46) } else { (area.width * 35 / 100).clamp(22, 32) };
    let [plan, right] = Layout::horizontal([Constraint::Length(plan_width), Constraint::Min(0)]).areas(body);
    let pane_height = if is_wide && has_runs {
        (body.height * 30 / 100).clamp(SHARED_HEIGHT, 14)
    } else if is_wide {
        (body.height * 28 / 100).clamp(5, 14)
    } else {
        (body.height * 27 / 100).clamp(4, 9)
    };
    let [detail, below] =
        Layout::vertical([Constraint::Min(0), Constraint::Length(pane_height)]).areas(right);
    let panes = if is_wide {
        let shares = if has_runs { [34, 35, 31] } else { [38, 39, 23] };
        let [pods, autoscalers, right] = Layout::horizontal(shares.map(Constraint::Fill)).areas(below);
        // The runs need a line for each; the Ingresses are few.
        let runs = if has_runs { right.height - (right.height * 2 / 5).max(3) } else { 0 };
        let [ingresses, runs] = Layout::vertical([Constraint::Min(0), Constraint::Length(runs)]).areas(right);
        Panes::All([pods, autoscalers, ingresses, runs])
    } else {
        Panes::Tabs(below)
    };
    Places { header, body, plan, detail, panes, footer }
}

/// A box of that size in the middle.
pub(super) fn centre(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect::new(area.x + (area.width - width) / 2, area.y + (area.height - height) / 2, width, height)
}

/// The part of a list to show: no further than its end, and the wanted line inside.
pub(super) fn window(scroll: usize, height: usize, total: usize, wanted: Option<usize>) -> usize {
    let mut scroll = scroll;
    if let Some(wanted) = wanted {
        scroll = scroll.min(wanted).max((wanted + 1).saturating_sub(height));
    }
    scroll.min(total.saturating_sub(height))
}
