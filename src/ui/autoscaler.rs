//! The line of an autoscaler: what it reads against what it aims at, and its replicas within their bounds.

use ratatui::text::Span;

use super::{
    canvas::{Canvas, span},
    text,
};
use crate::observed::{AutoscalerRow, MetricReading, Name};

/// Cells before the name: the selection's mark, the sign, a space.
const LEAD: usize = 3;

/// The line after the selection's mark, in so many cells. Of all of it, the replicas are never cut.
pub(super) fn row(canvas: &Canvas<'_>, name: &Name, row: &AutoscalerRow, room: usize) -> Vec<Span<'static>> {
    let theme = canvas.theme;
    let (sign, style) = if row.problem.is_some() { ("!", theme.danger.0) } else { ("✔", theme.ok.0) };
    let replicas = replicas(row);
    let free = room.saturating_sub(LEAD + text::width(&replicas));
    let readings = readings(row, legend(canvas, room + 1).is_none());
    let middle = match &row.problem {
        // Why it does not scale is worth more than numbers that are not there.
        Some(problem)
            if free < text::width(&name.name) + text::width(&readings) + text::width(problem) + 3 =>
        {
            problem.clone()
        }
        Some(problem) => format!("{readings}  {problem}"),
        None => readings,
    };
    let name_room =
        text::width(&name.name).min((free / 3).max(free.saturating_sub(text::width(&middle) + 1)));
    let middle_room = free.saturating_sub(name_room + 1);
    let middle_style = if row.problem.is_some() { style } else { theme.text.0 };
    vec![
        Span::styled(sign, style),
        Span::raw(" "),
        span(text::fit_middle(&name.name, name_room), theme.text.0),
        Span::raw(" "),
        span(text::pad(&middle, middle_room), middle_style),
        Span::raw(" "),
        span(replicas, theme.text.0),
    ]
}

/// What the numbers mean, where a pane of so many cells has no room to say it in each row, and it is the
/// same in all of them.
pub(super) fn legend(canvas: &Canvas<'_>, width: usize) -> Option<String> {
    let rows = &canvas.world.observed.autoscalers.rows;
    let names = |row: &AutoscalerRow| -> Vec<String> {
        row.metrics.iter().map(|metric| short(&metric.name).to_owned()).collect()
    };
    let first = names(rows.values().next()?);
    let fits = rows.iter().all(|(name, row)| {
        LEAD + text::width(&name.name) + text::width(&readings(row, true)) + text::width(&replicas(row)) + 3
            <= width
    });
    let is_same = rows.values().all(|row| names(row) == first);
    (!fits && is_same && !first.is_empty()).then(|| format!("{} · pods (min–max)", first.join(" ")))
}

fn readings(row: &AutoscalerRow, with_names: bool) -> String {
    let one = |metric: &MetricReading| {
        let current = metric.current.as_deref().unwrap_or("?");
        // `43/70%`: the unit once is enough where both have it.
        let current = if metric.target.ends_with('%') { current.trim_end_matches('%') } else { current };
        let name = if with_names { format!("{} ", short(&metric.name)) } else { String::new() };
        format!("{name}{current}/{}", metric.target)
    };
    row.metrics.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn short(metric: &str) -> &str {
    if metric == "memory" { "mem" } else { metric }
}

fn replicas(row: &AutoscalerRow) -> String {
    let bounds = format!("({}–{})", row.minimum, row.maximum);
    if row.current == row.desired {
        format!("{} {bounds}", row.current)
    } else {
        format!("{}→{} {bounds}", row.current, row.desired)
    }
}
