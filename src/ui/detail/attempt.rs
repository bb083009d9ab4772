//! How far an attempt is, or how it ended: per object, with reasons, worst first.

use super::{document::Document, proposal};
use crate::{
    app::{ObjectRow, ObjectState, objects},
    diff::{Change, Kind},
    engine::{Attempt, End, GateState, Phase, RowState},
    plan::Step,
    ui::{canvas::span, glyph, text},
};

pub(super) fn preparing(document: &mut Document<'_>, step: &Step, attempt: &Attempt) {
    let what = match attempt.kind {
        Kind::Apply => "rendering it and comparing every object with the cluster, by dry runs",
        Kind::Prune => "comparing the inventory with what is rendered",
        Kind::Rollback => "comparing what is there with what was before",
        Kind::Verify => "comparing; readiness and gates come next",
    };
    document.paragraph(
        "◌ ",
        &format!("Being prepared: {what}. Nothing is written. {} at most.", text::limit(step.deadline)),
        document.theme.accent,
    );
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
    let changing: Vec<&ObjectRow> = rows.iter().filter(|row| row.change != Change::Same).collect();
    let written = attempt
        .rows
        .iter()
        .filter(|(intent, state)| intent.change != Change::Same && matches!(state, RowState::Done { .. }));
    let written = format!("{} of {} written", written.count(), changing.len());
    let limit = text::limit(step.deadline);
    let theme = document.theme;
    let doing = glyph::doing(attempt.kind);
    let (sign, line, style) = match attempt.phase {
        Phase::Preparing | Phase::AwaitingConfirmation => return,
        Phase::Queued => {
            ("◌", "confirmed; its turn comes after the steps before it".to_owned(), theme.accent.0)
        }
        Phase::Preserving => {
            ("▶", format!("{doing}: saving before-images; nothing is written yet"), theme.accent.0)
        }
        Phase::Executing => ("▶", format!("{doing}{}: {written}", wave(attempt)), theme.accent.0),
        Phase::Settling => (
            "◌",
            format!(
                "{doing}{}: {written}; the next wave needs these first, for {limit} at most",
                wave(attempt)
            ),
            theme.accent.0,
        ),
        Phase::Waiting => {
            let ready =
                rows.iter().filter(|row| matches!(row.state, ObjectState::Ready | ObjectState::ReadyBut(_)));
            (
                "◌",
                format!("waiting for readiness: {} of {} ready, {limit} at most", ready.count(), rows.len()),
                theme.accent.0,
            )
        }
        Phase::Gating => {
            let passed = attempt.gates.iter().filter(|gate| matches!(gate, GateState::Passed { .. })).count();
            (
                "◌",
                format!("asking the gates: {passed} of {} hold, {limit} at most", attempt.gates.len()),
                theme.accent.0,
            )
        }
        Phase::Closing => ("▶", "bringing the inventory up to date".to_owned(), theme.accent.0),
        Phase::Interrupted => {
            let known = if attempt.inspected { "" } else { ", as far as the journal knows" };
            ("!", format!("interrupted while {doing}: {written}{known}"), theme.danger.0)
        }
        Phase::Ended(End::Done) => ("✔", format!("{}: done, {written}", attempt.kind), theme.ok.0),
        Phase::Ended(End::Failed) => ("✖", format!("{}: failed, {written}", attempt.kind), theme.danger.0),
        Phase::Ended(End::Cancelled) => {
            ("■", format!("{}: stopped on request, {written}", attempt.kind), theme.warn.0)
        }
        Phase::Ended(End::Abandoned) => {
            ("■", format!("{}: given up, {written}; what was written stays", attempt.kind), theme.warn.0)
        }
        Phase::Ended(End::Withdrawn) => ("–", "closed; nothing was written".to_owned(), theme.muted.0),
    };
    document.paragraph(&format!("{sign} "), &line, style);
    if attempt.cancel_requested && attempt.is_active() {
        document.paragraph(
            "■ ",
            "stopping: what is in flight finishes, nothing more is started",
            document.theme.warn,
        );
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
    let open = attempt
        .rows
        .iter()
        .filter(|(intent, state)| intent.change != Change::Same && *state == RowState::Planned);
    let left = text::count(open.count(), "object", "objects");
    document.blank();
    let (text, style) = if attempt.problems.is_empty() {
        (
            format!(
                "The cluster has been compared. Resume writes the {left} left, roll back undoes what was written, abandon leaves it as it is."
            ),
            document.theme.text,
        )
    } else {
        ("It cannot be resumed as things stand. Roll back undoes what was written, abandon leaves it as it is.".to_owned(), document.theme.warn)
    };
    document.paragraph("", &text, style);
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
    if let Some((_, RowState::Done { warnings, .. })) = attempt.rows.get(shown.index) {
        for warning in warnings {
            document.paragraph("  ! ", &format!("API server: {warning}"), document.theme.warn);
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
