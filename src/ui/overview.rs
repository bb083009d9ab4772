//! The checklist.

use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

use super::{
    canvas::{Canvas, span},
    glyph, layout, text,
};
use crate::app::{Focus, Row, Target, Viewport, row_standing, stage_count};
use crate::engine::Phase;

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    let filter = canvas.app.filter(Focus::Plan);
    let right = if filter.is_empty() {
        at_work(canvas)
    } else {
        Line::from(span(format!(" /{filter} "), canvas.theme.warn.0))
    };
    let inner = canvas.frame(area, "Plan", right, Focus::Plan);
    let rows = canvas.app.rows(canvas.world);
    let selected = canvas.app.selected.as_ref().and_then(|row| rows.iter().position(|other| other == row));
    let height = usize::from(inner.height);
    // The wheel may look elsewhere; everything else keeps the selection in sight.
    let wanted = selected.filter(|_| canvas.app.plan_follows);
    let scroll = layout::window(canvas.app.plan_scroll, height, rows.len(), wanted);
    canvas.areas.list = Viewport { scroll, height, total: rows.len() };
    if rows.is_empty() {
        canvas.line(inner, 0, &Line::from(span("nothing holds that text", canvas.theme.muted.0)));
    }
    for (line, (index, row)) in (0..inner.height).zip(rows.iter().enumerate().skip(scroll)) {
        draw_row(canvas, Rect { y: inner.y + line, height: 1, ..inner }, row, selected == Some(index));
    }
}

/// How long what is at work has been, wherever the selection is meanwhile.
fn at_work(canvas: &Canvas<'_>) -> Line<'static> {
    let run = canvas.world.run;
    let active = run.active().filter(|attempt| attempt.phase != Phase::Interrupted);
    let Some(attempt) = active else { return Line::default() };
    let limit = run.step(&attempt.step).and_then(|step| attempt.limit(step.deadline));
    let elapsed = text::elapsed_of(attempt.since, canvas.world.now, limit);
    Line::from(span(format!(" ▶ {elapsed} "), canvas.theme.accent.0))
}

fn draw_row(canvas: &mut Canvas<'_>, area: Rect, row: &Row, is_selected: bool) {
    let theme = canvas.theme;
    let mark = if is_selected { "›" } else { " " };
    let (indent, sign, title, right, style) = match row {
        Row::Stage(stage) => {
            let count = stage_count(canvas.world, stage);
            let (sign, style) = glyph::row(row_standing(canvas.world, row), theme);
            let title = canvas.world.setting.stage_title(stage).to_owned();
            (
                "",
                sign,
                title,
                format!("{}/{}", count.settled, count.all),
                (style, theme.heading.0, theme.muted.0),
            )
        }
        Row::Step(path) => {
            let standing = row_standing(canvas.world, row);
            let (sign, style) = glyph::row(standing, theme);
            let title =
                canvas.world.run.step(path).map_or_else(|| path.to_string(), |step| step.title.clone());
            (
                "  ",
                sign,
                title,
                glyph::short_word(standing, canvas.world.mode).to_owned(),
                (style, theme.text.0, style),
            )
        }
    };
    let left = format!("{mark}{indent}");
    let room = usize::from(area.width).saturating_sub(text::width(&left) + 2);
    // A title that would be cut to less than half is worth more than the word beside it.
    let right = if text::width(&right) + 12 > room { String::new() } else { right };
    let title_room = room.saturating_sub(text::width(&right) + usize::from(!right.is_empty()));
    let line = Line::from(vec![
        Span::styled(left, theme.accent.0),
        Span::styled(sign, style.0),
        Span::raw(" "),
        span(text::fit(&title, title_room), style.1),
    ]);
    canvas.line(area, 0, &line);
    canvas.right(area, 0, &Line::from(span(right, style.2)));
    if is_selected {
        let selected =
            if canvas.app.focus == Focus::Plan { theme.selected_focused.0 } else { theme.selected.0 };
        canvas.paint(area, 0, selected);
    }
    canvas.areas.add(area, Target::Plan(row.clone()));
}
