//! A stage's page: its steps, and whatever of it is shown or at work.

use super::{document::Document, step};
use crate::{
    app::{Connection, Row, shown_attempts, stage_count},
    plan::StageId,
    ui::{canvas::span, glyph},
};

pub(super) fn write(document: &mut Document<'_>, id: &StageId) {
    let world = document.world;
    if let Connection::Failed(problem) = world.connection {
        document.problem(problem);
        document.blank();
    }
    for shown in shown_attempts(world, &Row::Stage(id.clone())) {
        if let Some(of) = world.run.step(&shown.step) {
            document.heading(&of.title);
            step::write_attempt(document, of, shown);
        }
    }
    document.blank();
    if let Some(stage) = world.setting.stages.iter().find(|stage| &stage.id == id)
        && !stage.summary.is_empty()
    {
        document.paragraph("", &stage.summary, document.theme.text);
    }
    let count = stage_count(world, id);
    document.heading(&format!("{} of {} steps settled", count.settled, count.all));
    for of in world.run.steps().iter().filter(|of| &of.path.stage == id) {
        let standing = world.run.standing(&of.path);
        let (sign, style) = glyph::standing(standing, document.theme);
        document.push(vec![
            span(format!("{sign} "), style),
            span(&of.title, document.theme.text.0),
            span(format!("  {}", glyph::word(standing, document.world.mode)), document.theme.muted.0),
        ]);
    }
}
