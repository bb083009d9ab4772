//! A step's page.

use super::{attempt, document::Document, draw::what, proposal, release};
use crate::{
    app::{Connection, Mode, Row, shown_attempts},
    engine::{Attempt, Phase},
    overview::{doubt_of, lock_of},
    plan::{Action as StepAction, Evidence, Gate, Manual, Step, StepPath},
    ui::{canvas::span, text},
};

pub(super) fn write(document: &mut Document<'_>, path: &StepPath) {
    if let Connection::Failed(problem) = document.world.connection {
        document.problem(problem);
        document.blank();
        document.paragraph(
            "",
            "The plan can be read all the same; nothing can be asked of the cluster.",
            document.theme.muted,
        );
        document.blank();
    }
    let Some(step) = document.world.run.step(path) else {
        document.paragraph(
            "! ",
            "The plan no longer has this step; the journal keeps what was done.",
            document.theme.warn,
        );
        return;
    };
    let attempts = shown_attempts(document.world, &Row::Step(path.clone()));
    for shown in &attempts {
        write_attempt(document, step, shown);
    }
    if let Some(dark) = document.world.run.in_the_dark(path).filter(|_| !is_manual(step)) {
        document.paragraph("? ", &dark.to_string(), document.theme.warn);
    }
    if let Some(doubt) = doubt_of(path, document.world.run) {
        document.paragraph("? ", &doubt, document.theme.warn);
    }
    if let Some(lock) = lock_of(path, document.world.run, document.world.observed) {
        document.paragraph("⊘ ", &format!("Locked until {lock}"), document.theme.warn);
    }
    describe(document, step, attempts.is_empty());
    listed(document, "Can be applied only while", &step.requires);
    if attempts.last().is_none_or(|attempt| attempt.gates.is_empty()) {
        listed(document, "Counts as done when", &step.gates);
    }
    release::write(document, step);
    notes(document, path);
}

/// An attempt in whatever phase it is.
pub(super) fn write_attempt(document: &mut Document<'_>, step: &Step, shown: &Attempt) {
    match shown.phase {
        Phase::Preparing => attempt::preparing(document, shown),
        Phase::AwaitingConfirmation => proposal::write(document, shown),
        _ => attempt::write(document, step, shown),
    }
}

fn describe(document: &mut Document<'_>, step: &Step, is_fresh: bool) {
    document.blank();
    if let StepAction::Manual(manual) = &step.action {
        instructions(document, manual);
    }
    if let Some(text) = document.world.run.mark_text(&step.path).filter(|text| !text.is_empty()) {
        let word = document.world.run.standing(&step.path).word();
        document.paragraph("", &format!("{word}: {text}"), document.theme.accent);
    }
    if !step.description.is_empty() {
        document.paragraph("", &step.description, document.theme.text);
    }
    if let Some(later) = &step.later {
        document.paragraph("", &format!("A person does this for now; later: {later}"), document.theme.muted);
    }
    if !is_manual(step) {
        document.paragraph("", &what(step), document.theme.muted);
        if is_fresh {
            document.blank();
            let next = match document.world.mode {
                _ if matches!(step.action, StepAction::Pin { .. }) => {
                    "Nothing has been looked up yet. \u{201c}Show changes\u{201d} asks the registries what the tags name, \
                     and shows the lines that would be written."
                }
                Mode::ReadWrite => {
                    "Nothing has been compared yet. \u{201c}Show changes\u{201d} compares it with the cluster; nothing is \
                     written before you have seen that and confirmed it."
                }
                Mode::ReadOnly => {
                    "Nothing has been compared yet. \u{201c}Show changes\u{201d} compares by reading alone."
                }
            };
            document.paragraph("", next, document.theme.text);
        }
    }
}

fn is_manual(step: &Step) -> bool {
    matches!(step.action, StepAction::Manual(_))
}

fn instructions(document: &mut Document<'_>, manual: &Manual) {
    for (index, instruction) in manual.instructions.iter().enumerate() {
        document.paragraph(&format!("{}. ", index + 1), instruction, document.theme.text);
    }
    if manual.evidence == Evidence::Required {
        document.paragraph("", "Ticking it needs a note that says how it was done.", document.theme.muted);
    }
    document.blank();
}

/// What must hold. Those of a step that counts as done then are asked by an attempt: [`attempt::write`] has them.
fn listed(document: &mut Document<'_>, heading: &str, gates: &[Gate]) {
    if gates.is_empty() {
        return;
    }
    document.heading(heading);
    for gate in gates {
        document.paragraph("○ ", &gate.to_string(), document.theme.text);
    }
}

fn notes(document: &mut Document<'_>, path: &StepPath) {
    let notes = document.world.run.notes(path);
    if notes.is_empty() {
        return;
    }
    document.heading("Notes");
    for note in notes {
        let head = format!("{} {}@{} ", text::clock(note.at), note.author.user, note.author.host);
        document.push(vec![span(head, document.theme.muted.0)]);
        document.paragraph("  ", &note.text, document.theme.text);
    }
}
