//! The live panes: what the cluster was last seen to hold, and how fresh that is.

use ratatui::{layout::Rect, text::Line};

use super::{
    autoscaler,
    canvas::{Canvas, span},
    layout::{self, Panes},
    pane_rows, runs, text,
};
use crate::{
    app::{Connection, Focus, PaneId, Target, Viewport, names},
    observed::Freshness,
};

pub(super) fn draw(canvas: &mut Canvas<'_>, panes: Panes) {
    match panes {
        Panes::All(areas) => {
            for (pane, area) in PaneId::shown(canvas.world).iter().zip(areas) {
                draw_framed(canvas, area, *pane);
            }
        }
        Panes::Tabs(area) => draw_tabs(canvas, area),
    }
}

/// One pane in a frame of its own.
pub(super) fn draw_framed(canvas: &mut Canvas<'_>, area: Rect, pane: PaneId) {
    let title = title(canvas, pane);
    let inner = canvas.frame(area, &title, freshness_mark(canvas, pane), Focus::Pane(pane));
    draw_rows(canvas, inner, pane);
    edge(canvas, area, pane);
}

/// Below the rows: what their numbers mean where there is no room to say it in each, and how many rows are
/// out of sight.
fn edge(canvas: &mut Canvas<'_>, frame: Rect, pane: PaneId) {
    let Viewport { scroll, height, total } =
        canvas.areas.panes.get(pane.index()).copied().unwrap_or_default();
    let below = total.saturating_sub(scroll + height);
    let more = if below > 0 { format!("{below} more ▾") } else { String::new() };
    let legend = match pane {
        PaneId::Autoscalers => autoscaler::legend(canvas, usize::from(frame.width.saturating_sub(2))),
        PaneId::Runs => runs::legend(canvas),
        PaneId::Pods | PaneId::Ingresses => None,
    };
    if let Some(legend) = legend {
        let room = usize::from(frame.width).saturating_sub(text::width(&more) + 4);
        let line = Line::from(span(text::fit(&format!(" {legend} "), room), canvas.theme.muted.0));
        canvas.line(Rect { x: frame.x + 1, ..frame }, frame.height.saturating_sub(1), &line);
    }
    canvas.edge(frame, &more);
}

fn draw_tabs(canvas: &mut Canvas<'_>, area: Rect) {
    let shown = canvas.app.tab;
    let inner = canvas.frame(area, "", freshness_mark(canvas, shown), Focus::Pane(shown));
    let mut x = area.x + 2;
    for pane in PaneId::shown(canvas.world).iter().copied() {
        let title = if pane == shown { title(canvas, pane) } else { short_title(canvas, pane) };
        let label = if pane == shown { format!("[{title}]") } else { format!(" {title} ") };
        let style = if pane == shown { canvas.theme.accent.0 } else { canvas.theme.muted.0 };
        let width = u16::try_from(text::width(&label)).unwrap_or(0);
        if x + width + 1 < area.right() {
            canvas.buffer.set_stringn(x, area.y, &label, usize::from(width), style);
            canvas.areas.add(Rect::new(x, area.y, width, 1), Target::Tab(pane));
        }
        x += width;
    }
    draw_rows(canvas, inner, shown);
    edge(canvas, area, shown);
}

fn freshness<'a>(canvas: &Canvas<'a>, pane: PaneId) -> &'a Freshness {
    let observed = canvas.world.observed;
    match pane {
        PaneId::Pods => &observed.pods.freshness,
        PaneId::Autoscalers => &observed.autoscalers.freshness,
        PaneId::Ingresses => &observed.ingresses.freshness,
        PaneId::Runs => &observed.runs.freshness,
    }
}

fn title(canvas: &Canvas<'_>, pane: PaneId) -> String {
    let observed = canvas.world.observed;
    let filter = canvas.app.filter(Focus::Pane(pane));
    let filter = if filter.is_empty() { String::new() } else { format!(" /{filter}") };
    let title = match pane {
        PaneId::Pods if observed.pods.rows.is_empty() => "Pods".to_owned(),
        PaneId::Pods => {
            let ready = observed.pods.rows.values().filter(|pod| pod.is_ready).count();
            format!("Pods {ready}/{} ready", observed.pods.rows.len())
        }
        PaneId::Autoscalers => {
            let bad = observed.autoscalers.rows.values().filter(|row| row.problem.is_some()).count();
            if bad > 0 { format!("HPA {bad} not scaling") } else { "HPA".to_owned() }
        }
        PaneId::Ingresses => "Ingress".to_owned(),
        PaneId::Runs => runs::title(canvas),
    };
    title + &filter
}

/// A tab that is not shown: its name, with `!` when something in it needs a look.
fn short_title(canvas: &Canvas<'_>, pane: PaneId) -> String {
    let observed = canvas.world.observed;
    let (name, is_bad) = match pane {
        PaneId::Pods => ("Pods", observed.pods.rows.values().any(|pod| !pod.is_ready)),
        PaneId::Autoscalers => ("HPA", observed.autoscalers.rows.values().any(|row| row.problem.is_some())),
        PaneId::Ingresses => {
            ("Ingress", observed.ingresses.rows.values().any(|row| row.addresses.is_empty()))
        }
        PaneId::Runs => ("Runs", runs::is_bad(observed)),
    };
    format!("{name}{}", if is_bad { " !" } else { "" })
}

fn freshness_mark(canvas: &Canvas<'_>, pane: PaneId) -> Line<'static> {
    if pane == PaneId::Runs {
        return runs::mark(canvas);
    }
    match freshness(canvas, pane) {
        Freshness::Stale { since, .. } => {
            Line::from(span(format!(" ◌ stale {} ", text::clock(*since)), canvas.theme.warn.0))
        }
        Freshness::Forbidden { .. } => Line::from(span(" ✖ not allowed ", canvas.theme.warn.0)),
        Freshness::Connecting if canvas.world.connection.is_driven() => {
            Line::from(span(" ◌ … ", canvas.theme.warn.0))
        }
        _ => Line::default(),
    }
}

fn draw_rows(canvas: &mut Canvas<'_>, area: Rect, pane: PaneId) {
    let names = names(canvas.world.observed, pane, canvas.app.filter(Focus::Pane(pane)));
    if names.is_empty() {
        draw_empty(canvas, area, pane);
        return;
    }
    let list = canvas.app.list(pane);
    let selected = list.selected.as_ref().and_then(|name| names.iter().position(|other| *other == name));
    let height = usize::from(area.height);
    let scroll = layout::window(list.scroll, height, names.len(), selected);
    // Without a selection the worst stays in sight.
    let scroll = if selected.is_none() { 0 } else { scroll };
    if let Some(viewport) = canvas.areas.panes.get_mut(pane.index()) {
        *viewport = Viewport { scroll, height, total: names.len() };
    }
    let focused = canvas.app.focus == Focus::Pane(pane);
    for (row, (index, name)) in (0..area.height).zip(names.iter().enumerate().skip(scroll)) {
        let place = Rect { y: area.y + row, height: 1, ..area };
        let is_selected = selected == Some(index);
        if let Some(line) = pane_rows::row(canvas, pane, name, (usize::from(area.width), is_selected)) {
            canvas.line(place, 0, &line);
        }
        if is_selected {
            let style = if focused { canvas.theme.selected_focused.0 } else { canvas.theme.selected.0 };
            canvas.paint(place, 0, style);
        }
        canvas.areas.add(place, Target::Observed(pane, (*name).clone()));
    }
}

fn draw_empty(canvas: &mut Canvas<'_>, area: Rect, pane: PaneId) {
    if pane == PaneId::Runs {
        return runs::draw_empty(canvas, area);
    }
    let observed = canvas.world.observed;
    let (text, style) = match (freshness(canvas, pane), canvas.world.connection) {
        (_, Connection::Failed(_)) => ("no cluster".to_owned(), canvas.theme.muted.0),
        (_, Connection::Connecting { doing }) => {
            // What the rehearsal cluster is doing, newest in sight.
            if pane == PaneId::Pods && !observed.rehearsal_progress.is_empty() {
                let lines: Vec<String> = observed
                    .rehearsal_progress
                    .iter()
                    .flat_map(|line| text::wrap(line, usize::from(area.width)))
                    .collect();
                let skip = lines.len().saturating_sub(usize::from(area.height));
                for (row, line) in (0..area.height).zip(lines.into_iter().skip(skip)) {
                    canvas.line(area, row, &Line::from(span(line, canvas.theme.muted.0)));
                }
                return;
            }
            (doing.clone(), canvas.theme.muted.0)
        }
        (Freshness::Connecting, _) => ("being listed …".to_owned(), canvas.theme.muted.0),
        (Freshness::Forbidden { message }, _) => (format!("✖ not allowed: {message}"), canvas.theme.warn.0),
        (Freshness::Absent, _) => ("the cluster does not serve this kind".to_owned(), canvas.theme.muted.0),
        (Freshness::Stale { reason, .. }, _) => (format!("◌ {reason}"), canvas.theme.warn.0),
        (Freshness::Live, _) => {
            let filter = canvas.app.filter(Focus::Pane(pane));
            let namespace = &canvas.world.setting.namespace;
            let text = if filter.is_empty() {
                format!("none in namespace {namespace}")
            } else {
                format!("none holds \u{201c}{filter}\u{201d}")
            };
            (text, canvas.theme.muted.0)
        }
    };
    for (row, line) in (0..area.height).zip(text::wrap(&text, usize::from(area.width))) {
        canvas.line(area, row, &Line::from(span(line, style)));
    }
}
