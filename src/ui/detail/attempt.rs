//! How far an attempt is, or how it ended: per object, with reasons, worst first.

use super::{document::Document, proposal};
use crate::{
    app::{ObjectRow, ObjectState, next_step, objects},
    diff::{Kind, Wave},
    engine::{Attempt, End, GateState, Phase, RowState},
    object::Key,
    plan::{Action, Step},
    ui::{canvas::span, glyph, text},
    words::few,
};

pub(super) fn preparing(document: &mut Document<'_>, attempt: &Attempt) {
    let step = document.world.run.step(&attempt.step);
    let is_pin = step.is_some_and(|step| matches!(step.action, Action::Pin { .. }));
    let what = match attempt.kind {
        Kind::Apply | Kind::Verify if is_pin => "what the overlay's tags name is asked of their registries",
        Kind::Apply => "it is rendered, and every object compared with the cluster by a dry run",
        Kind::Prune => "the inventory with what is rendered",
        Kind::Rollback => "what is there with what was before",
        Kind::Verify => "what is there with the plan; readiness and gates come next",
    };
    let elapsed = text::elapsed(attempt.since, document.world.now);
    let line = format!("comparing {elapsed}: {what}. Nothing is written.");
    document.paragraph("◌ ", &line, document.theme.accent);
}

pub(super) fn write(document: &mut Document<'_>, step: &Step, attempt: &Attempt) {
    let rows = objects(document.app, document.world, attempt);
    status(document, step, attempt, &rows);
    for problem in &attempt.problems {
        document.problem(problem);
    }
    if let Some(origin) = attempt.told_origin() {
        document.paragraph("↺ ", &origin, document.theme.muted);
    }
    if attempt.phase == Phase::Interrupted {
        interrupted(document, attempt);
    }
    if !attempt.gates.is_empty() {
        document.blank();
        gates(document, step, attempt);
    }
    for key in &attempt.cannot_undo {
        document.paragraph(
            "! ",
            &format!("{key}: could not be preserved, so it cannot be restored"),
            document.theme.danger,
        );
    }
    document.blank();
    for row in &rows {
        object(document, attempt, row);
    }
}

fn status(document: &mut Document<'_>, step: &Step, attempt: &Attempt, rows: &[ObjectRow]) {
    let (written, _) = written(attempt);
    let at = text::clock(attempt.since);
    let elapsed = text::elapsed_of(attempt.since, document.world.now, attempt.limit(step.deadline));
    let theme = document.theme;
    let doing = glyph::doing(attempt.kind);
    let (sign, line, style) = match attempt.phase {
        Phase::Preparing | Phase::AwaitingConfirmation => return,
        Phase::Queued => {
            ("◌", "confirmed; its turn comes after the steps before it".to_owned(), theme.accent.0)
        }
        Phase::Reviewing => (
            "◌",
            format!("confirmed; compared again for {elapsed}, now that the steps before it are done"),
            theme.accent.0,
        ),
        Phase::Preserving => (
            "▶",
            format!("{doing} for {elapsed}: saving before-images; nothing is written yet"),
            theme.accent.0,
        ),
        Phase::Executing => {
            ("▶", format!("{doing} for {elapsed}{}: {written}", wave(attempt)), theme.accent.0)
        }
        Phase::Settling => ("◌", format!("waiting {elapsed}{}: {written}", wave(attempt)), theme.accent.0),
        Phase::Waiting => {
            let ready =
                rows.iter().filter(|row| matches!(row.state, ObjectState::Ready | ObjectState::ReadyBut(_)));
            let line = format!("waiting {elapsed}: {} of {} ready", ready.count(), rows.len());
            ("◌", line, theme.accent.0)
        }
        Phase::Gating => ("◌", format!("waiting {elapsed}: {}", held_gates(attempt)), theme.accent.0),
        Phase::Closing => ("▶", format!("bringing the inventory up to date for {elapsed}"), theme.accent.0),
        Phase::Interrupted => {
            let known = if attempt.inspected { "" } else { ", as far as the journal knows" };
            ("!", format!("interrupted while {doing}: {written}{known}"), theme.danger.0)
        }
        Phase::Ended(End::Done) => ("✔", done(attempt), theme.ok.0),
        Phase::Ended(End::Failed) => {
            ("✖", format!("{} failed at {at}: {written}", attempt.kind), theme.danger.0)
        }
        Phase::Ended(End::Cancelled) => {
            ("■", format!("{} stopped on request at {at}: {written}", attempt.kind), theme.warn.0)
        }
        Phase::Ended(End::Abandoned) => (
            "■",
            format!("{} given up at {at}: {written}; what was written stays", attempt.kind),
            theme.warn.0,
        ),
        Phase::Ended(End::Withdrawn) => ("–", "closed; nothing was written".to_owned(), theme.muted.0),
    };
    document.paragraph(&format!("{sign} "), &line, style);
    if document.world.setting.is_driven_elsewhere
        && attempt.is_active()
        && attempt.phase != Phase::Interrupted
    {
        let author = document.world.run.last_author();
        let who = author.map(|author| format!(" by {}@{}", author.user, author.host)).unwrap_or_default();
        let text = format!("at work, driven elsewhere{who}; this view follows its journal");
        document.paragraph("  ", &text, document.theme.muted);
    }
    if attempt.phase == Phase::Ended(End::Done) && attempt.kind == Kind::Apply {
        next(document, step);
    }
    if attempt.has_finished() && !attempt.left.is_empty() {
        left(document, attempt);
    }
    let is_unfinished = matches!(attempt.phase, Phase::Ended(End::Failed | End::Cancelled | End::Abandoned));
    if is_unfinished && attempt.kind == Kind::Apply && attempt.may_have_written() && !attempt.undone {
        let text = format!("{}, roll back undoes what was written.", resuming(attempt));
        document.paragraph("→ ", &text, document.theme.accent);
    }
    if attempt.cancel_requested && attempt.is_active() {
        document.paragraph(
            "■ ",
            "stopping: what is in flight finishes, nothing more is started",
            document.theme.warn,
        );
    }
}

/// What others have made because of the step and is still there, and what deletes it.
fn left(document: &mut Document<'_>, attempt: &Attempt) {
    const SHOWN: usize = 6;
    let names: Vec<String> = attempt.left.iter().map(Key::placed).collect();
    document.paragraph("  ", &format!("what stays: {}", few(&names, SHOWN)), document.theme.text);
    let more = if document.world.run.undo_set(&attempt.step).is_empty() {
        ""
    } else {
        ", with what the step still has"
    };
    let text = format!("\u{201c}Show rollback + leftovers\u{201d} shows what deletes it for good{more}.");
    document.paragraph("→ ", &text, document.theme.accent);
}

/// What came of an attempt that is done, for the list of a stage's steps.
pub(super) fn outcome(attempt: &Attempt) -> Option<String> {
    (attempt.phase == Phase::Ended(End::Done)).then(|| done(attempt))
}

/// What came of it, in one line that says that it is over.
fn done(attempt: &Attempt) -> String {
    let (written, _) = written(attempt);
    let at = text::clock(attempt.since);
    let gates = if attempt.gates.is_empty() { String::new() } else { format!(", {}", held_gates(attempt)) };
    let conflicts: usize = attempt.rows.iter().map(|(intent, _)| intent.conflicts).sum();
    match attempt.kind {
        Kind::Apply => format!("Done at {at}: {written}, all ready{gates}"),
        Kind::Verify if attempt.differing() > 0 => {
            let differ = text::count(attempt.differing(), "object differs", "objects differ");
            format!("Verified at {at}: all ready{gates}; {differ} from the plan")
        }
        Kind::Verify => format!("Verified at {at}: as planned, all ready{gates}"),
        Kind::Prune => format!("Pruned at {at}: {written}"),
        Kind::Rollback if conflicts > 0 => {
            let left = text::count(conflicts, "field", "fields");
            format!("Rolled back at {at}: {written}; {left} that others changed since stay as they are")
        }
        Kind::Rollback => match attempt.leaves {
            0 => format!("Rolled back at {at}: {written}"),
            left => {
                let left = text::count(left, "leftover stays", "leftovers stay");
                format!("Rolled back at {at}: {written}; {left}")
            }
        },
    }
}

/// How much of what it changes is written, in words; and how much it changes.
fn written(attempt: &Attempt) -> (String, usize) {
    let (written, all) = attempt.progress();
    let word = match attempt.kind {
        Kind::Apply | Kind::Verify => "written",
        Kind::Prune => "deleted",
        Kind::Rollback => "undone",
    };
    (format!("{written} of {all} {word}"), all)
}

fn next(document: &mut Document<'_>, step: &Step) {
    if let Some(next) = next_step(document.world, &step.path) {
        let stage = document.world.setting.stage_title(&next.path.stage);
        let place = if next.path.stage == step.path.stage { String::new() } else { format!("{stage} › ") };
        document.paragraph("→ ", &format!("Next: {place}{}", next.title), document.theme.accent);
    }
}

fn held_gates(attempt: &Attempt) -> String {
    let passed = attempt.gates.iter().filter(|gate| matches!(gate, GateState::Passed { .. })).count();
    match (passed, attempt.gates.len()) {
        (1, 1) => "its gate holds".to_owned(),
        (_, 1) => "its gate does not hold yet".to_owned(),
        (passed, all) => format!("{passed} of {all} gates hold"),
    }
}

/// Each gate with what it says now: first those that do not hold yet.
fn gates(document: &mut Document<'_>, step: &Step, attempt: &Attempt) {
    let is_asked = attempt.phase == Phase::Gating;
    let elapsed = text::elapsed_of(attempt.since, document.world.now, attempt.limit(step.deadline));
    let (mut passed, mut is_simulated) = (Vec::new(), false);
    for (gate, state) in step.gates.iter().zip(&attempt.gates) {
        match state {
            GateState::Passed { detail, simulated } => {
                let by = if *simulated { " · simulated" } else { "" };
                is_simulated |= simulated;
                passed.push(format!("{gate}: {detail}{by}"));
            }
            GateState::Open if is_asked => {
                let says = document.world.observed.gates.get(&gate.to_string());
                let says = says.map_or("no answer yet", String::as_str);
                document.paragraph("◌ ", &format!("{gate}, {elapsed}: {says}"), document.theme.warn);
            }
            GateState::Open => document.paragraph("○ ", &gate.to_string(), document.theme.text),
        }
    }
    for line in passed {
        document.paragraph("✔ ", &line, document.theme.ok);
    }
    if is_simulated {
        let text = "simulated: it proves nothing about real pods, images and probes";
        document.paragraph("  ", text, document.theme.muted);
    }
}

fn wave(attempt: &Attempt) -> String {
    let Some(current) = attempt.wave else { return String::new() };
    let waves = attempt.waves();
    let place = waves.iter().position(|wave| *wave == current).map_or(0, |place| place + 1);
    format!(", wave {place} of {} ({})", waves.len(), glyph::wave(current))
}

fn interrupted(document: &mut Document<'_>, attempt: &Attempt) {
    if !attempt.inspected {
        document.paragraph("◌ ", "comparing with what the cluster shows; reads only", document.theme.accent);
        return;
    }
    document.blank();
    if document.world.run.halfway_release(&attempt.step).is_some() {
        let text = "helm has not brought the release to an end. Apply shows what helm would clear away and do now, and \
                    asks; roll back undoes what was written, abandon leaves it as it is.";
        document.paragraph("", text, document.theme.text);
        return;
    }
    let (text, style) = if attempt.problems.is_empty() {
        (
            format!(
                "The cluster has been compared. {}, roll back undoes what was written, abandon leaves it as it is.",
                resuming(attempt)
            ),
            document.theme.text,
        )
    } else {
        ("It cannot be resumed as things stand. Roll back undoes what was written, abandon leaves it as it is.".to_owned(), document.theme.warn)
    };
    document.paragraph("", &text, style);
}

/// What going on with it comes to.
fn resuming(attempt: &Attempt) -> String {
    let (written, all) = attempt.progress();
    let left = text::count(all.saturating_sub(written), "object", "objects");
    match (attempt.kind, all.saturating_sub(written)) {
        (_, 0) => "Resume waits again for what was written".to_owned(),
        (Kind::Rollback, _) => format!("Resume goes on with the ROLLBACK, {left} left"),
        (Kind::Prune, _) => format!("Resume goes on pruning, {left} left"),
        _ => format!("Resume writes the {left} left"),
    }
}

fn object(document: &mut Document<'_>, attempt: &Attempt, shown: &ObjectRow) {
    let start = document.lines.len();
    let (sign, word, reason, style) = glyph::state(&shown.state, document.theme);
    // Why it was refused stands above, with what to do.
    let is_said = matches!(&shown.state, ObjectState::Refused(reason)
        if attempt.problems.iter().any(|problem| &problem.reason == reason));
    let reason = if is_said { "" } else { reason };
    let key = shown.id.key.to_string();
    let head = vec![
        span(format!("{sign} {} ", text::pad(word, 8)), style),
        span(
            &key,
            if shown.state == ObjectState::Same { document.theme.muted.0 } else { document.theme.text.0 },
        ),
    ];
    let used = 11 + text::width(&key) + 2;
    if reason.is_empty() {
        document.push(head);
    } else if used + text::width(reason) <= document.width {
        let mut line = head;
        line.push(span(format!("  {reason}"), style));
        document.push(line);
    } else {
        document.push(head);
        document.paragraph("           ", reason, style);
    }
    if let Some((intent, RowState::Done { warnings, .. })) = attempt.rows.get(shown.index) {
        for warning in warnings {
            let by = if intent.wave == Wave::Files { "" } else { "API server: " };
            document.paragraph("  ! ", &format!("{by}{warning}"), document.theme.warn);
        }
    }
    let row =
        document.world.proposals.get(&attempt.number).and_then(|proposal| proposal.rows.get(shown.index));
    if let Some(row) = row.filter(|_| document.app.is_unfolded(shown)) {
        proposal::warnings(document, row);
        proposal::fields(document, row);
    }
    document.objects.push((shown.id.clone(), start..document.lines.len()));
}
