//! The first line: where this is, and how far it can be trusted.

use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

use super::{
    Theme,
    canvas::{Canvas, span},
    text,
};
use crate::app::{Connection, Mode};

/// The header's left parts go in this order when there is no room.
const DROPPED_FIRST: [usize; 2] = [3, 0];

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    let right = right(canvas);
    let setting = canvas.world.setting;
    let cluster =
        canvas.world.run.cluster().map(|cluster| format!(" · {}", cluster.short())).unwrap_or_default();
    let place = match (setting.context.as_str(), canvas.world.connection) {
        ("", Connection::Failed(_)) => "unknown".to_owned(),
        ("", _) => "connecting…".to_owned(),
        (context, _) => format!("{context}{cluster}"),
    };
    let bar = canvas.theme.bar.0;
    let mut parts: Vec<Option<Span<'static>>> = vec![
        Some(span(" migrate-tui ", canvas.theme.badge.0)),
        Some(span(
            format!(" {} › {}  ", setting.plan, setting.environment),
            canvas.theme.heading.0.patch(bar.add_modifier(canvas.theme.heading.0.add_modifier)),
        )),
        Some(span(format!("ctx {place}  "), bar)),
        (!setting.driver.is_empty()).then(|| span(format!("driver {}", setting.driver), bar)),
    ];
    let room = usize::from(area.width).saturating_sub(right.width() + 1);
    if !drop_parts(&mut parts, &DROPPED_FIRST, room) {
        // The cluster is worth more than spaces.
        let short = format!(" {}›{} ", setting.plan, setting.environment);
        let place = span(place.replace(' ', ""), bar);
        parts = vec![Some(span(short, canvas.theme.heading.0.patch(bar))), Some(place)];
    }
    across(canvas, area, parts, &right);
}

/// Drops parts in this order until the rest has room; does it?
pub(super) fn drop_parts(parts: &mut [Option<Span<'static>>], order: &[usize], room: usize) -> bool {
    let width = |parts: &[Option<Span<'static>>]| parts.iter().flatten().map(Span::width).sum::<usize>();
    for index in order {
        if width(parts) > room
            && let Some(part) = parts.get_mut(*index)
        {
            *part = None;
        }
    }
    width(parts) <= room
}

/// The bar at the top: parts at the left, cut before what stands at the right.
pub(super) fn across<A, W, T>(
    canvas: &mut Canvas<'_, A, W, T>,
    area: Rect,
    parts: Vec<Option<Span<'static>>>,
    right: &Line<'static>,
) {
    canvas.paint(area, 0, canvas.theme.bar.0);
    let line = Line::from(parts.into_iter().flatten().collect::<Vec<_>>());
    let room = area.width.saturating_sub(u16::try_from(right.width() + 1).unwrap_or(0));
    canvas.line(Rect { width: room, ..area }, 0, &line);
    canvas.right(area, 0, right);
}

/// May anything be written?
pub(super) fn badge(mode: Mode, theme: &Theme) -> Span<'static> {
    match mode {
        Mode::ReadOnly => span(" READ-ONLY ", theme.badge_read.0),
        Mode::ReadWrite => span(" READ-WRITE ", theme.badge_write.0),
    }
}

fn right(canvas: &Canvas<'_>) -> Line<'static> {
    let theme = canvas.theme;
    let (mark, style) = match canvas.world.connection {
        Connection::Live => ("● live".to_owned(), theme.ok),
        Connection::Stale { since, .. } => (format!("◌ stale since {}", text::clock(*since)), theme.warn),
        Connection::Connecting { .. } => ("◌ connecting".to_owned(), theme.warn),
        Connection::Failed(_) => ("✖ no cluster".to_owned(), theme.danger),
    };
    let mut spans = vec![span(format!(" {mark} "), style.0)];
    if canvas.world.observed.simulated {
        spans.push(span(" simulated pods ", theme.badge_simulated.0));
        spans.push(Span::raw(" "));
    }
    spans.push(badge(canvas.world.mode, theme));
    Line::from(spans)
}
