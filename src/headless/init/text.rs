//! An init as text.

use std::io::{self, Write};

use super::{InitReport, source::Told};
use crate::{
    headless::write_problem,
    scaffold::{Action, Row},
    words::count,
};

/// Of the differences that are shown without being asked for, in lines.
const SMALL: usize = 120;

/// Writes the whole of it.
pub(super) fn write(report: &InitReport, all_differences: bool, output: &mut dyn Write) -> io::Result<()> {
    // Who approves has read it.
    let is_news = report.digest.is_some() || report.exit_code != 0;
    if let Some(told) = &report.source {
        write_told(told, is_news, output)?;
    }
    for diagnostic in &report.diagnostics {
        writeln!(output, "{diagnostic}")?;
    }
    if report.kind.is_some() {
        write_files(report, all_differences, output)?;
    }
    if let Some(told) = report.source.as_ref().filter(|told| is_news && !told.questions.is_empty()) {
        writeln!(output, "{} for you:", count(told.questions.len(), "question", "questions"))?;
        for question in &told.questions {
            let place = question.origin.as_ref().map(|origin| format!("{origin}: ")).unwrap_or_default();
            writeln!(output, "  ? {place}{}: {}", question.subject, question.question)?;
            writeln!(output, "    until then: {}", question.meanwhile)?;
        }
    }
    // A problem that is the whole of the outcome is the summary.
    for problem in report.problems.iter().filter(|problem| !report.summary.contains(&problem.reason)) {
        write_problem(problem, output)?;
    }
    writeln!(output, "{}", report.summary)?;
    if let Some(digest) = &report.digest {
        writeln!(output, "digest {digest}")?;
    }
    for next in &report.next {
        writeln!(output, "next: {next}")?;
    }
    Ok(())
}

/// What was read, and what nothing in the manifests stands for.
fn write_told(told: &Told, is_news: bool, output: &mut dyn Write) -> io::Result<()> {
    writeln!(output, "read {}: {}", told.read.join(", "), told.holds)?;
    for warning in told.warnings.iter().filter(|_| is_news) {
        writeln!(output, "{warning}")?;
    }
    writeln!(output, "{}; MIGRATION.md says of each what became of it", told.gaps.counts())?;
    for gap in told.not_mapped().filter(|_| is_news) {
        writeln!(output, "  - {gap}")?;
    }
    Ok(())
}

fn write_files(report: &InitReport, all_differences: bool, output: &mut dyn Write) -> io::Result<()> {
    let counts = report.counts;
    writeln!(
        output,
        "{}: {}: {} create, {} update, {} delete, {} same, {} left as they are",
        report.root,
        count(report.files.len(), "file", "files"),
        counts.create,
        counts.update,
        counts.delete,
        counts.same,
        counts.kept
    )?;
    for row in report.files.iter().filter(|row| row.action != Action::Same) {
        let (sign, what) = word(row.action);
        write!(output, "{sign} {}{what}", row.path)?;
        match &row.note {
            Some(note) => writeln!(output, "; {note}")?,
            None => writeln!(output)?,
        }
    }
    let shown: Vec<&str> = report
        .files
        .iter()
        .filter(|row| all_differences || is_news(row))
        .filter_map(|row| row.diff.as_deref())
        .collect();
    let lines: usize = shown.iter().map(|diff| diff.lines().count()).sum();
    if all_differences || lines <= SMALL {
        for diff in shown {
            writeln!(output, "\n{}", diff.trim_end())?;
        }
        if lines > 0 {
            writeln!(output)?;
        }
    } else {
        writeln!(output, "{lines} lines differ; --diff shows them")?;
    }
    Ok(())
}

/// A whole new file is not read line by line, a change is.
fn is_news(row: &Row) -> bool {
    row.action != Action::Create
}

fn word(action: Action) -> (char, &'static str) {
    match action {
        Action::Create => ('+', ""),
        Action::Same => ('=', ""),
        Action::Adopt => ('=', ": as wanted already, and goes into the record"),
        Action::Update => ('~', ""),
        Action::Edited => ('!', ": edited since it was written, and stays"),
        Action::InTheWay => ('!', ": not written by init, and stays"),
        Action::Removed => ('!', ": taken away since it was written, and not made again"),
        Action::Delete => ('-', ""),
        Action::Left => ('!', ": stays"),
    }
}
