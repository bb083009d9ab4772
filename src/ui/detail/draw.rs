//! The frame, the visible lines, the buttons.

use ratatui::{layout::Rect, text::Line};

use super::{document::Document, stage, step};
use crate::{
    app::{
        Connection, Focus, Row, RowStanding, Target, Viewport, button_label, held, row_standing, stage_count,
    },
    plan::{Action as StepAction, Step},
    ui::{
        buttons::{self, Button},
        canvas::{Canvas, span},
        glyph, layout, text,
    },
};

pub(in crate::ui) fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    let (title, standing) = heading(canvas);
    let count = match &canvas.app.selected {
        Some(Row::Stage(stage)) => Some(stage_count(canvas.world, stage)),
        _ => None,
    };
    let right = standing.map_or_else(Line::default, |standing| {
        let (sign, style) = glyph::row(standing, canvas.theme);
        let short = glyph::short_word(standing, canvas.world.mode);
        let word = match count {
            // A stage is hardly ever at work itself; how far it is says more.
            Some(count) => format!("{}/{} settled", count.settled, count.all),
            None if area.width < 50 && !short.is_empty() => short.to_owned(),
            None => glyph::word(standing, canvas.world.mode).to_owned(),
        };
        let filter = canvas.app.filter(Focus::Detail);
        let filter = if filter.is_empty() { String::new() } else { format!(" /{filter} ") };
        Line::from(vec![span(filter, canvas.theme.warn.0), span(format!(" {sign} {word} "), style)])
    });
    // Where there is no room for both, the step's own title says more than its stage's.
    let is_short = text::width(&title) + right.width() + 6 > usize::from(area.width);
    let title = title.split_once(" › ").filter(|_| is_short).map_or(title.as_str(), |(_, step)| step);
    let inner = canvas.frame(area, title, right, Focus::Detail);
    let rows = button_rows(canvas, inner);
    let height = inner.height.saturating_sub(u16::try_from(rows.len()).unwrap_or(0));
    let content = Rect { x: inner.x + 1, width: inner.width.saturating_sub(1), height, ..inner };
    draw_content(canvas, content);
    canvas.edge_of_lines(area, canvas.areas.detail);
    let focused = canvas.app.button.filter(|_| canvas.app.focus == Focus::Buttons);
    buttons::draw(canvas, Rect { y: inner.y + height, ..inner }, rows, focused);
}

fn heading(canvas: &Canvas<'_>) -> (String, Option<RowStanding>) {
    let title = match &canvas.app.selected {
        None => "No step".to_owned(),
        Some(Row::Stage(stage)) => canvas.world.setting.stage_title(stage).to_owned(),
        Some(Row::Step(path)) => {
            let title = canvas.world.run.step(path).map_or(path.step.as_str(), |step| step.title.as_str());
            format!("{} › {title}", canvas.world.setting.stage_title(&path.stage))
        }
    };
    (title, canvas.app.selected.as_ref().map(|row| row_standing(canvas.world, row)))
}

fn draw_content(canvas: &mut Canvas<'_>, area: Rect) {
    let mut document = Document::of(canvas, area.width);
    match &canvas.app.selected {
        Some(Row::Stage(id)) => stage::write(&mut document, id),
        Some(Row::Step(path)) => step::write(&mut document, path),
        None => {
            if let Connection::Failed(problem) = canvas.world.connection {
                document.problem(problem);
            }
        }
    }
    let Document { lines, objects, .. } = document;
    let height = usize::from(area.height);
    let scroll = follow(canvas, &objects, height, lines.len());
    canvas.areas.detail = Viewport { scroll, height, total: lines.len() };
    for (row, line) in (0..area.height).zip(lines.iter().skip(scroll)) {
        canvas.line(area, row, line);
    }
    let focused = canvas.app.focus == Focus::Detail;
    for (id, range) in objects {
        let Some(row) = range.start.checked_sub(scroll).filter(|row| *row < height) else { continue };
        let row = u16::try_from(row).unwrap_or(u16::MAX);
        if canvas.app.detail.selected.as_ref() == Some(&id) {
            let style = if focused { canvas.theme.selected_focused.0 } else { canvas.theme.selected.0 };
            canvas.paint(area, row, style);
            canvas.buffer.set_string(area.x.saturating_sub(1), area.y + row, "›", canvas.theme.accent.0);
        }
        canvas.areas.add(Rect { y: area.y + row, height: 1, ..area }, Target::Object(id));
    }
}

/// Scrolls so that the selected object, and as much of it as fits, is in sight.
fn follow(
    canvas: &Canvas<'_>,
    objects: &[(crate::app::ObjectId, std::ops::Range<usize>)],
    height: usize,
    total: usize,
) -> usize {
    let detail = &canvas.app.detail;
    let mut scroll = detail.scroll;
    if detail.follows
        && let Some((_, range)) = objects.iter().find(|(id, _)| Some(id) == detail.selected.as_ref())
    {
        scroll = scroll.max(range.end.saturating_sub(height)).min(range.start);
    }
    layout::window(scroll, height, total, None)
}

/// The buttons in as many rows as they need.
fn button_rows(canvas: &Canvas<'_>, area: Rect) -> Vec<Vec<Button>> {
    let Some(row) = &canvas.app.selected else { return Vec::new() };
    let held = held(canvas.world, row);
    let buttons = canvas.app.buttons(canvas.world).into_iter().map(|action| (action, false));
    let all = held.into_iter().map(|action| (action, true)).chain(buttons).map(|(action, is_held)| {
        let label = if is_held {
            format!("{}: comparing first", action.label())
        } else {
            button_label(canvas.world, row, action)
        };
        (action, label, is_held)
    });
    buttons::rows(all, area.width)
}

/// What a step does, in a line.
pub(super) fn what(step: &Step) -> String {
    match &step.action {
        StepAction::Manual(_) => "a checklist item: done by a person".to_owned(),
        StepAction::Manifests { paths } => {
            let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
            format!("applies {}", paths.join(", "))
        }
        StepAction::Helm(helm) => format!("installs {} as the release {}", helm.chart, helm.release),
        StepAction::Kustomize { path } => format!("applies the kustomize overlay {}", path.display()),
        StepAction::Pin { path } => format!("pins the images of {} to their digests", path.display()),
    }
}
