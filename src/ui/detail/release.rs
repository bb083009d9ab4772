//! What helm is told to do, and a release's history on its step's page.

use super::{document::Document, proposal};
use crate::{diff::ReleaseView, observed::release_of, plan::Step, ui::text};

/// What helm is told, and what it runs before and after.
pub(super) fn told(document: &mut Document<'_>, view: &ReleaseView) {
    let line = format!("release {} in {}: {}", view.name, view.namespace, view.action);
    document.paragraph("⎈ ", &line, document.theme.heading);
    for hook in &view.hooks {
        document.paragraph("  ", &format!("hook {hook}"), document.theme.text);
        proposal::changes(document, &hook.fields);
    }
}

pub(super) fn write(document: &mut Document<'_>, step: &Step) {
    let world = document.world;
    let Some(of) = release_of(step, &world.setting.namespace) else { return };
    let Some(row) = world.observed.releases.get(&of) else { return };
    document.heading(&format!("Release {} in {}, as read at {}", of.name, of.namespace, text::clock(row.at)));
    if let Some(unknown) = &row.unknown {
        return document.paragraph("? ", unknown, document.theme.warn);
    }
    if row.history.is_empty() {
        return document.paragraph("", "Not installed.", document.theme.muted);
    }
    for revision in &row.history {
        let style = match revision.status.as_str() {
            "deployed" => document.theme.ok,
            "failed" => document.theme.danger,
            _ => document.theme.muted,
        };
        document.paragraph("  ", &revision.to_string(), style);
    }
}
