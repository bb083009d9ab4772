//! What becomes of what is at work, and of the cluster, when the operator leaves.

use super::{
    canvas::Canvas,
    dialogue::{Styled, step_title},
};
use crate::engine::Phase;

/// Each in a line of its own, the gravest last.
pub(super) fn words(canvas: &Canvas<'_>) -> Vec<Styled> {
    let (world, theme) = (canvas.world, canvas.theme);
    let mut lines = Vec::new();
    let active = world.run.active().filter(|attempt| attempt.phase != Phase::Interrupted);
    if let Some(attempt) = active {
        let doing = format!("{} is at work: {}.", step_title(canvas, &attempt.step), attempt.phase);
        lines.push((doing, theme.heading.0));
        lines.push(("Writes in flight finish; nothing more is written.".to_owned(), theme.dialogue.0));
    } else if !world.run.is_quiet() {
        let text = "Changes are being compared. Nothing is written; what was compared is dropped.";
        lines.push((text.to_owned(), theme.dialogue.0));
    }
    if world.setting.ends_cluster {
        let text = "The rehearsal cluster ends with the cockpit, and everything that was applied there goes with it. \
                    `migrate-tui rehearse --keep` keeps one.";
        lines.push((text.to_owned(), theme.warn.0));
    } else if active.is_some() {
        let text = "The journal keeps everything: the next start compares with the cluster, and offers to resume, \
                    roll back or abandon.";
        lines.push((text.to_owned(), theme.dialogue.0));
    }
    if lines.is_empty() {
        lines.push(("Nothing is at work any more.".to_owned(), theme.dialogue.0));
    }
    lines
}
