//! The workflow's runs: a line for each, and what there is to say where there is none. Nothing here is an alarm: the
//! cluster does not depend on it.

use ratatui::{
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::{
    Theme,
    canvas::{Canvas, span},
    text,
};
use crate::{
    app::{Focus, PaneId},
    observed::{Freshness, Observed, RunRow, RunState},
};

/// From so many cells on a line has the title as well, and from so many who started it and how long it took.
const TITLED: usize = 44;
const FULL: usize = 76;
/// `@` and the commit's seven digits.
const COMMIT: usize = 8;

pub(super) fn style(state: &RunState, theme: &Theme) -> Style {
    match state {
        RunState::Waiting(_) => theme.warn.0,
        RunState::Running => theme.accent.0,
        RunState::Succeeded => theme.ok.0,
        RunState::Failed(_) => theme.danger.0,
        RunState::Ended(_) => theme.muted.0,
    }
}

/// Did the newest one fail?
pub(super) fn is_bad(observed: &Observed) -> bool {
    observed.runs.rows.first().is_some_and(|(_, run)| matches!(run.state, RunState::Failed(_)))
}

pub(super) fn title(canvas: &Canvas<'_>) -> String {
    let of = canvas.world.observed.runs.of.as_ref();
    of.map_or_else(|| "Workflow runs".to_owned(), |of| format!("Runs of {}", of.file))
}

/// Rows from before are told as such.
pub(super) fn mark(canvas: &Canvas<'_>) -> Line<'static> {
    match &canvas.world.observed.runs.freshness {
        Freshness::Stale { since, .. } => {
            Line::from(span(format!(" ◌ {} ", text::clock(*since)), canvas.theme.warn.0))
        }
        _ => Line::default(),
    }
}

/// How they are asked for, or why they no longer are.
pub(super) fn legend(canvas: &Canvas<'_>) -> Option<String> {
    let runs = &canvas.world.observed.runs;
    match &runs.freshness {
        _ if runs.rows.is_empty() => None,
        Freshness::Stale { reason, .. } => Some(reason.clone()),
        _ => runs.note.clone(),
    }
}

pub(super) fn row(canvas: &Canvas<'_>, run: &RunRow, room: usize) -> Vec<Span<'static>> {
    let theme = canvas.theme;
    let now = canvas.world.now;
    let number = format!("#{}", run.number);
    let took = text::elapsed(now - jiff::SignedDuration::from_secs(run.seconds(now)), now);
    let age = text::age(run.created, now);
    let right =
        if room >= FULL { format!("{}  {took}  {age:>3} ago", run.actor) } else { format!("{age:>3}") };
    let failure = run.failure().map(|failure| format!("  {failure}")).unwrap_or_default();
    let free = room.saturating_sub(2 + text::width(&number) + 1 + text::width(&right) + 1);
    // The commit is never cut: it is what tells one run from another.
    let branch_room = (if room >= TITLED { free / 2 } else { free }).saturating_sub(COMMIT);
    let from = format!("{}@{}", text::fit_middle(&run.branch, branch_room), run.short_commit());
    let (from_room, told) = if room >= TITLED {
        (text::width(&from), format!("{}{failure}", run.title))
    } else {
        (free, String::new())
    };
    let told_room = free.saturating_sub(from_room + usize::from(room >= TITLED));
    let mut spans = vec![
        Span::styled(run.state.sign(), style(&run.state, theme)),
        Span::raw(" "),
        span(number, theme.text.0),
        Span::raw(" "),
        span(text::pad(&from, from_room), theme.muted.0),
    ];
    if room >= TITLED {
        spans.extend([Span::raw(" "), span(text::pad(&told, told_room), theme.text.0)]);
    }
    spans.extend([Span::raw(" "), span(right, theme.muted.0)]);
    spans
}

pub(super) fn draw_empty(canvas: &mut Canvas<'_>, area: Rect) {
    let runs = &canvas.world.observed.runs;
    let filter = canvas.app.filter(Focus::Pane(PaneId::Runs));
    let of = runs.of.as_ref().map(|of| format!("{of}: ")).unwrap_or_default();
    let words = match (&runs.freshness, &runs.note) {
        (Freshness::Connecting, _) => "being asked …".to_owned(),
        (Freshness::Stale { reason, .. }, _) => reason.clone(),
        (Freshness::Live, _) if !filter.is_empty() => format!("none holds \u{201c}{filter}\u{201d}"),
        (Freshness::Live, _) => format!("{of}no run yet"),
        (_, Some(note)) => note.clone(),
        (_, None) => "there is no workflow to ask about".to_owned(),
    };
    for (row, line) in (0..area.height).zip(text::wrap(&words, usize::from(area.width))) {
        canvas.line(area, row, &Line::from(span(line, canvas.theme.muted.0)));
    }
}
