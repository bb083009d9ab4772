//! What would change, object by object, before anything is confirmed.

use ratatui::style::Style;

use super::{document::Document, file, release, value};
use crate::{
    app::{ObjectRow, objects},
    diff::{Change, FieldChange, Kind, Proposal, RiskKind, Row, Summary, Wave, grouped},
    engine::Attempt,
    ui::{canvas::span, glyph, text},
};

pub(super) fn write(document: &mut Document<'_>, attempt: &Attempt) {
    for problem in &attempt.problems {
        document.problem(problem);
    }
    if !attempt.problems.is_empty() {
        document.paragraph("", "This cannot be confirmed as it stands.", document.theme.danger);
        document.blank();
    }
    if !attempt.unlike.is_empty() {
        let text = "The steps before it are done, and this is not what was confirmed:";
        document.paragraph("≠ ", text, document.theme.danger);
        for unlike in &attempt.unlike {
            document.paragraph("  - ", unlike, document.theme.warn);
        }
        document.blank();
    }
    let Some(proposal) = document.world.proposals.get(&attempt.number) else {
        if attempt.problems.is_empty() {
            document.paragraph("! ", "What was shown is no longer at hand: look again.", document.theme.warn);
        }
        return;
    };
    if attempt.rows.is_empty() && !attempt.problems.is_empty() {
        return;
    }
    summary(document, proposal);
    if let Some(view) = &proposal.release {
        release::told(document, view);
    }
    requires(document, proposal);
    risks(document, proposal);
    if let Some(file) = &proposal.file {
        file::write(document, file);
    }
    document.blank();
    for row in objects(document.app, document.world, attempt) {
        object(document, &row, proposal.rows.get(row.index));
    }
    document.blank();
    let digest = proposal.digest.short();
    let by =
        proposal.renderer.as_ref().map(|program| format!("rendered by {program} · ")).unwrap_or_default();
    document.paragraph("", &format!("{by}digest {digest}"), document.theme.muted);
}

fn summary(document: &mut Document<'_>, proposal: &Proposal) {
    let (one, many) = if proposal.file.is_some() { ("file", "files") } else { ("object", "objects") };
    let summary = proposal.summary();
    let line = format!("{}: {}", text::count(summary.objects, one, many), counts(proposal.kind, &summary));
    let risks = match grouped(&proposal.risks).len() {
        0 => "risk: none known".to_owned(),
        number => format!("risk: {}", text::count(number, "note", "notes")),
    };
    let style = if proposal.risks.is_empty() { document.theme.muted.0 } else { document.theme.warn.0 };
    let gap = document.width.saturating_sub(text::width(&line) + text::width(&risks) + 1);
    if gap > 1 {
        document.push(vec![
            span(line, document.theme.heading.0),
            span(" ".repeat(gap), document.theme.text.0),
            span(risks, style),
        ]);
    } else {
        document.paragraph("", &line, document.theme.heading);
        document.paragraph("", &risks, style);
    }
    if proposal.kind == Kind::Rollback {
        let is_rest =
            !proposal.rows.is_empty() && proposal.rows.iter().all(|row| row.wave == Wave::DeleteLeftovers);
        let text = if is_rest {
            "This deletes what is left of the step; nothing has been deleted yet."
        } else {
            "This undoes what the step changed; nothing has been undone yet."
        };
        document.paragraph("↶ ", text, document.theme.accent);
    }
    if !proposal.validated {
        document.paragraph(
            "! ",
            "Not validated: a local comparison. The API server was not asked, so admission, defaults and \
             ownership are not known.",
            document.theme.warn,
        );
    }
}

/// As in `9 create · 2 change · 3 same · 0 prune`.
pub(in crate::ui) fn counts(kind: Kind, summary: &Summary) -> String {
    let (create, change, delete) = match kind {
        Kind::Rollback => ("create again", "revert", "delete"),
        Kind::Prune => ("create", "change", "delete"),
        Kind::Apply | Kind::Verify => ("create", "change", "prune"),
    };
    let mut parts = vec![(summary.create, create), (summary.change, change), (summary.adopt, "adopt")];
    parts.extend([(summary.same, "same"), (summary.delete, delete)]);
    // An apply says of each sort that there is none of it; elsewhere most of them make no sense.
    parts.retain(|(number, word)| *number > 0 || (kind == Kind::Apply && *word != "adopt"));
    let mut parts: Vec<String> = parts.into_iter().map(|(number, word)| format!("{number} {word}")).collect();
    if summary.leftovers > 0 {
        parts.push(text::count(summary.leftovers, "leftover", "leftovers"));
    }
    if summary.conflicts > 0 {
        parts.push(text::count(summary.conflicts, "conflict", "conflicts"));
    }
    if parts.is_empty() {
        return "nothing".to_owned();
    }
    parts.join(" · ")
}

fn requires(document: &mut Document<'_>, proposal: &Proposal) {
    for one in &proposal.requires {
        let simulated = if one.simulated { " (in a rehearsal)" } else { "" };
        if one.holds {
            let text = format!("{}: {}{simulated}", one.gate, one.says);
            document.paragraph("✔ ", &text, document.theme.ok);
        } else {
            document.paragraph("⊘ ", &one.told_open(), document.theme.warn);
        }
    }
}

fn risks(document: &mut Document<'_>, proposal: &Proposal) {
    for risk in grouped(&proposal.risks) {
        let style = match risk.kind {
            RiskKind::Traffic | RiskKind::Replace | RiskKind::Deletion | RiskKind::CannotUndo => {
                document.theme.danger.0
            }
            _ => document.theme.warn.0,
        };
        document.paragraph("! ", &format!("{} · {}", word(risk.kind), risk.told()), style);
    }
}

/// The sort of a risk.
pub(in crate::ui) fn word(kind: RiskKind) -> &'static str {
    match kind {
        RiskKind::Traffic => "live traffic",
        RiskKind::Replace => "replace",
        RiskKind::Deletion => "deletion",
        RiskKind::SingleReplica => "one replica",
        RiskKind::NoDisruptionBudget => "no disruption budget",
        RiskKind::CannotUndo => "cannot be undone",
        RiskKind::Stays => "stays",
        RiskKind::Adoption => "adoption",
        RiskKind::Conflict => "conflict",
        RiskKind::Warning => "warning",
        RiskKind::Retired => "retired",
    }
}

fn object(document: &mut Document<'_>, shown: &ObjectRow, row: Option<&Row>) {
    let start = document.lines.len();
    let (sign, word, style) = glyph::change(shown.change, document.theme);
    let is_unfolded = document.app.is_unfolded(shown);
    let mut hint = word.to_owned();
    if let Some(row) = row {
        let fields = row.fields.len();
        if !is_unfolded && fields > 0 {
            hint = format!("{word} · {}", text::count(fields, "field", "fields"));
        }
        if row.wave == Wave::DeleteLeftovers {
            hint.push_str(" · leftover");
        }
        if let Some(after) = &row.known_after {
            hint = format!("{hint} · known after {after}");
        }
    }
    let room = document.width.saturating_sub(text::width(&shown.id.key.to_string()) + 4);
    document.push(vec![
        span(format!("{sign} "), style),
        span(
            shown.id.key.to_string(),
            if shown.change == Change::Same { document.theme.muted.0 } else { document.theme.heading.0 },
        ),
        span(format!("  {}", text::fit(&hint, room)), style),
    ]);
    if let Some(row) = row {
        warnings(document, row);
        if is_unfolded {
            fields(document, row);
        }
    }
    document.objects.push((shown.id.clone(), start..document.lines.len()));
}

/// What must be seen even when the fields are folded away.
pub(super) fn warnings(document: &mut Document<'_>, row: &Row) {
    if let Some(autoscaler) = &row.replicas_left_to {
        document.paragraph("    ", &format!("replicas: left to {autoscaler}"), document.theme.muted);
    }
    for adoption in &row.adoptions {
        let text = format!(
            "takes over from {} ({}): {}",
            adoption.manager,
            adoption.operation,
            adoption.fields.join(", ")
        );
        document.paragraph("  ⇄ ", &text, document.theme.warn);
    }
    for conflict in &row.conflicts {
        let by = conflict.manager.as_deref().unwrap_or("someone else");
        document.paragraph(
            "  ≠ ",
            &format!("{}: changed by {by} since, left as it is", conflict.path),
            document.theme.warn,
        );
        for (label, side, style) in [
            ("before the step ", &conflict.before, document.theme.muted.0),
            ("as the step left it ", &conflict.after, document.theme.muted.0),
            ("now, and kept ", &conflict.live, document.theme.text.0),
        ] {
            document.paragraph("      ", &format!("{label}{}", value::short(side.as_ref())), style);
        }
    }
    for added in &row.added {
        let text = format!("added by others: {} by {}", added.path, added.manager);
        document.paragraph("  ≠ ", &text, document.theme.warn);
    }
    for warning in &row.warnings {
        document.paragraph("  ! ", &format!("API server: {warning}"), document.theme.warn);
    }
    if let Some(reason) = &row.cannot_undo {
        document.paragraph("  ! ", &format!("cannot be undone: {reason}"), document.theme.danger);
    }
}

/// Field by field.
pub(super) fn fields(document: &mut Document<'_>, row: &Row) {
    changes(document, &row.fields);
}

pub(super) fn changes(document: &mut Document<'_>, fields: &[FieldChange]) {
    for field in fields {
        document.paragraph("    ", &field.path, document.theme.diff_path);
        let (before, after, same) = sides(field);
        side(document, "  -   ", &before, document.theme.diff_removed.0);
        side(document, "  +   ", &after, document.theme.diff_added.0);
        if same > 0 {
            document.paragraph("      ", &format!("… {same} lines stay as they are"), document.theme.muted);
        }
    }
}

fn sides(field: &FieldChange) -> (Vec<String>, Vec<String>, usize) {
    let texts =
        (field.before.as_ref().and_then(value::all_lines), field.after.as_ref().and_then(value::all_lines));
    if let (Some(before), Some(after)) = texts {
        return value::changed(&before, &after);
    }
    let lines = |side: &Option<serde_json::Value>| side.as_ref().map(value::lines).unwrap_or_default();
    (lines(&field.before), lines(&field.after), 0)
}

fn side(document: &mut Document<'_>, lead: &str, lines: &[String], style: Style) {
    for line in lines {
        document.paragraph(lead, line, style);
    }
}
