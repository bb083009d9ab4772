//! A proposal as text: the same facts that the cockpit shows.

use std::io::{self, Write};

use serde_json::Value;

use super::write_problem;
use crate::{
    diff::{Change, FieldChange, FileView, Kind, Proposal, ReleaseView, Row, Wave, grouped, places},
    words::count,
};

/// Writes a proposal: what, where, every row that changes, risks, problems.
pub(super) fn write(proposal: &Proposal, output: &mut dyn Write) -> io::Result<()> {
    let summary = proposal.summary();
    let changed = proposal.rows.iter().filter(|row| row.change != Change::Same && row.wave != Wave::Files);
    writeln!(
        output,
        "{} · {} · context {} · cluster {} · namespace {}",
        proposal.step,
        proposal.kind,
        proposal.context,
        proposal.cluster.short(),
        places(changed.map(|row| &row.key), &proposal.namespace)
    )?;
    writeln!(
        output,
        "{}: {} create, {} change, {} adopt, {} same, {} delete, {}{}{}",
        count(summary.objects, "object", "objects"),
        summary.create,
        summary.change,
        summary.adopt,
        summary.same,
        summary.delete,
        match summary.leftovers {
            0 => String::new(),
            number => format!("{}, ", count(number, "leftover", "leftovers")),
        },
        count(summary.conflicts, "conflict", "conflicts"),
        if proposal.validated { "" } else { " (not validated: a local comparison)" }
    )?;
    if let Some(release) = &proposal.release {
        write_release(release, output)?;
    }
    if let Some(file) = &proposal.file {
        write_file(file, output)?;
    }
    for row in proposal.rows.iter().filter(|row| is_worth_a_line(row)) {
        write_row(row, proposal.kind, output)?;
    }
    for one in &proposal.requires {
        let told = if one.holds { format!("{}: {}", one.gate, one.says) } else { one.told_open() };
        writeln!(output, "  requires {told}{}", if one.simulated { " (in a rehearsal)" } else { "" })?;
    }
    for risk in grouped(&proposal.risks) {
        writeln!(output, "  risk: {}", risk.told())?;
    }
    for problem in &proposal.problems {
        write_problem(problem, output)?;
    }
    writeln!(output)
}

/// What helm is told, and what it has done before.
fn write_release(release: &ReleaseView, output: &mut dyn Write) -> io::Result<()> {
    writeln!(
        output,
        "release {} in {}, {}: {}",
        release.name, release.namespace, release.helm, release.action
    )?;
    if let Some(chart) = &release.chart {
        let digest = chart.sha256.get(..12).unwrap_or(&chart.sha256);
        writeln!(output, "  chart {} {} from {} (sha256 {digest})", chart.name, chart.version, chart.source)?;
    }
    for revision in &release.history {
        writeln!(output, "  {revision}")?;
    }
    for hook in &release.hooks {
        writeln!(output, "  hook {hook}")?;
        write_fields(&hook.fields, output)?;
    }
    Ok(())
}

/// What a pin has looked up, and what it would write.
fn write_file(file: &FileView, output: &mut dyn Write) -> io::Result<()> {
    for image in &file.images {
        writeln!(output, "  image {image}")?;
    }
    for line in file.difference.lines() {
        writeln!(output, "  {line}")?;
    }
    Ok(())
}

/// Something happens to it, or was left to someone by hand.
fn is_worth_a_line(row: &Row) -> bool {
    let scaled_by_hand =
        row.replicas_left_to.as_ref().is_some_and(|holder| !holder.starts_with("HorizontalPodAutoscaler"));
    row.change != Change::Same || !row.conflicts.is_empty() || !row.added.is_empty() || scaled_by_hand
}

fn write_row(row: &Row, kind: Kind, output: &mut dyn Write) -> io::Result<()> {
    let sign = match row.change {
        Change::Create | Change::Recreate => '+',
        Change::Change | Change::Revert => '~',
        Change::Adopt => '⇄',
        Change::Replace => '±',
        Change::Same => '=',
        Change::Delete => '-',
    };
    let missing = kind == Kind::Verify && row.change == Change::Create;
    writeln!(output, "{sign} {}{}", row.key, if missing { ": not there" } else { "" })?;
    // A whole new object is in the manifest already; a change is what people read.
    if row.change != Change::Create && row.change != Change::Delete {
        write_fields(&row.fields, output)?;
    }
    for adoption in &row.adoptions {
        writeln!(
            output,
            "    {} {} ({}): {}",
            if kind == Kind::Verify { "owned by" } else { "adopts from" },
            adoption.manager,
            adoption.operation,
            adoption.fields.join(", ")
        )?;
    }
    for conflict in &row.conflicts {
        let manager = conflict.manager.as_deref().unwrap_or("someone");
        let live = conflict.live.as_ref().map_or_else(|| "removed".to_owned(), shown);
        writeln!(output, "    conflict: {} is {live} by {manager} now, and stays", conflict.path)?;
    }
    for added in &row.added {
        writeln!(output, "    added by others: {} by {}", added.path, added.manager)?;
    }
    if let Some(autoscaler) = &row.replicas_left_to {
        writeln!(output, "    replicas: left to {autoscaler}")?;
    }
    if let Some(after) = &row.known_after {
        writeln!(output, "    known after {after}")?;
    }
    if let Some(reason) = &row.cannot_undo {
        writeln!(output, "    cannot be undone: {reason}")?;
    }
    for warning in &row.warnings {
        writeln!(output, "    warning: {warning}")?;
    }
    Ok(())
}

fn write_fields(fields: &[FieldChange], output: &mut dyn Write) -> io::Result<()> {
    for field in fields {
        writeln!(output, "    {}", field.path)?;
        if let Some(before) = &field.before {
            writeln!(output, "  -   {}", shown(before))?;
        }
        if let Some(after) = &field.after {
            writeln!(output, "  +   {}", shown(after))?;
        }
    }
    Ok(())
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.escape_default().to_string().replace("\\u{2022}", "•"),
        other => other.to_string(),
    }
}
