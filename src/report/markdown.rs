//! A report as Markdown: minutes that a person reads.

use std::{
    fmt::{self, Write},
    time::Duration,
};

use jiff::{Timestamp, tz::TimeZone};

use super::model::{AttemptReport, By, ChangesReport, MigrationReport, NoteReport, StageReport, StepReport};
use crate::{
    diff::Kind,
    engine::End,
    words::{clean, count},
};

/// The report as GitHub-flavoured Markdown; times are UTC.
#[must_use]
pub fn markdown(report: &MigrationReport) -> String {
    let mut text = String::new();
    // Writing into a string cannot fail.
    let _ = write(&mut text, report);
    text
}

fn write(text: &mut String, report: &MigrationReport) -> fmt::Result {
    writeln!(text, "# {}: {}\n", plain(&report.title), plain(&report.environment.0))?;
    let (Some(began), Some(ended)) = (report.began, report.ended) else {
        return writeln!(text, "No run of this plan has been begun in this environment.");
    };
    head(text, report, began, ended)?;
    outcome(text, report)?;
    for stage in &report.stages {
        if stage.steps.iter().any(has_a_story) {
            writeln!(text, "\n## {}", plain(&stage.title))?;
            stage.steps.iter().filter(|step| has_a_story(step)).try_for_each(|step| story(text, step))?;
        }
    }
    if !report.former.is_empty() {
        writeln!(text, "\n## Steps that the plan no longer has")?;
        report.former.iter().try_for_each(|step| story(text, step))?;
    }
    Ok(())
}

fn head(text: &mut String, report: &MigrationReport, began: Timestamp, ended: Timestamp) -> fmt::Result {
    writeln!(text, "- Plan `{}`, namespace `{}`", plain(&report.plan), plain(&report.namespace))?;
    if let Some(cluster) = &report.cluster {
        writeln!(text, "- Cluster `{}` ({})", plain(&cluster.uid), plain(&cluster.server))?;
    }
    writeln!(text, "- From {} to {} UTC, {}", day(began), day(ended), span(began, ended))?;
    for person in &report.people {
        let sessions = count(person.sessions, "session", "sessions");
        let (who, from, until) = (plain(&person.user), day(person.from), day(person.until));
        writeln!(text, "- {who} at {}: {sessions}, {from} to {until}", plain(&person.host))?;
    }
    if report.plan_digests.len() > 1 {
        writeln!(
            text,
            "- The plan's text changed {} while it was run",
            times(report.plan_digests.len() - 1)
        )?;
    }
    writeln!(
        text,
        "- {} in the journal",
        count(usize::try_from(report.entries).unwrap_or(usize::MAX), "entry", "entries")
    )
}

fn outcome(text: &mut String, report: &MigrationReport) -> fmt::Result {
    writeln!(text, "\n## Where it stands\n")?;
    writeln!(text, "| Step | Stands | Last confirmed by | Took | |\n| --- | --- | --- | --- | --- |")?;
    for StageReport { title, settled, total, steps, .. } in &report.stages {
        writeln!(text, "| **{}** | {settled} of {total} | | | |", plain(title))?;
        for step in steps {
            let last = step.attempts.iter().rev().find(|attempt| attempt.kind != Kind::Verify);
            let by = last.and_then(|attempt| attempt.confirmed.last()).map_or("", |by| by.who.as_str());
            let took = last.and_then(took).map(lasted).unwrap_or_default();
            let remark = step.doubt.clone().unwrap_or_else(|| remark(step));
            writeln!(
                text,
                "| {} | {} {} | {} | {took} | {} |",
                plain(&step.title),
                step.standing.sign(),
                step.standing.word(),
                plain(by),
                plain(&remark)
            )?;
        }
    }
    Ok(())
}

/// The last words on a step that was ticked, skipped or deferred; what a done one rests on.
fn remark(step: &StepReport) -> String {
    let said = step.notes.iter().rev().find(|note| note.what != "noted" && !note.text.is_empty());
    if let Some(note) = said {
        return note.text.clone();
    }
    let simulated =
        step.attempts.last().map_or(0, |last| last.gates.iter().filter(|gate| gate.simulated).count());
    match simulated {
        0 => String::new(),
        number => format!("{} met by simulated pods", count(number, "gate was", "gates were")),
    }
}

fn has_a_story(step: &StepReport) -> bool {
    !step.attempts.is_empty() || !step.notes.is_empty()
}

fn story(text: &mut String, step: &StepReport) -> fmt::Result {
    writeln!(text, "\n### {} `{}`\n", plain(&step.title), step.step)?;
    let mut lines: Vec<(Timestamp, String)> = Vec::new();
    for attempt in &step.attempts {
        tell(attempt, &mut lines);
    }
    lines.extend(step.notes.iter().map(|note| (note.by.at, said(note))));
    // By time; what was written at the same moment stays in its order.
    lines.sort_by_key(|(at, _)| *at);
    for (at, line) in lines {
        writeln!(text, "- {} {line}", day(at))?;
    }
    if step.looks > 0 {
        writeln!(text, "- Shown {} without anything coming of it.", times(step.looks))?;
    }
    if let Some(doubt) = &step.doubt {
        writeln!(text, "- **Doubtful**: {}", plain(doubt))?;
    }
    Ok(())
}

fn said(note: &NoteReport) -> String {
    let (who, text) = (plain(&note.by.who), plain(&note.text));
    let colon = if text.is_empty() { "" } else { ": " };
    match note.what {
        "taken by hand" => format!("{who} took what its gates still owed on their own word{colon}{text}"),
        "noted" => format!("{who}: {text}"),
        what => format!("{who} {what} it{colon}{text}"),
    }
}

/// An attempt's lines, each with its moment.
fn tell(attempt: &AttemptReport, lines: &mut Vec<(Timestamp, String)>) {
    let mut say = |at: Timestamp, line: String| lines.push((at, line));
    let noun = match attempt.kind {
        Kind::Apply => "apply",
        Kind::Prune => "prune",
        Kind::Rollback => "rollback",
        Kind::Verify => "verification",
    };
    let name = format!("{noun} {}", attempt.number);
    let asked = &attempt.requested;
    if attempt.recovered {
        say(
            asked.at,
            format!(
                "{} found {name} in the cluster's records; its course is not in this journal.",
                plain(&asked.who)
            ),
        );
    } else {
        let undoes = match attempt.undoes.as_slice() {
            [] => String::new(),
            numbers => {
                format!(" (undoes {})", numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(", "))
            }
        };
        say(asked.at, format!("{} asked for {name}{undoes}.", plain(&asked.who)));
    }
    if let Some(shown) = &attempt.shown {
        say(shown.at, format!("Shown: {}, digest `{}`.", changed(shown), shown.digest.short()));
    }
    for By { at, who } in &attempt.confirmed {
        say(*at, format!("**{} confirmed it.**", plain(who)));
    }
    for By { at, who } in &attempt.interrupted {
        say(*at, format!("{} found it unfinished: whoever drove it was gone.", plain(who)));
    }
    for By { at, who } in &attempt.stop_requested {
        say(*at, format!("{} asked it to stop between objects.", plain(who)));
    }
    for By { at, who } in &attempt.resumed {
        say(*at, format!("{} went on with it.", plain(who)));
    }
    if let Some(at) = attempt.written {
        let objects = count(attempt.rows_written, "object", "objects");
        let since = attempt.writing_since.map(|since| format!(" in {}", span(since, at))).unwrap_or_default();
        say(at, format!("{objects} written{since}."));
    }
    if let Some(at) = attempt.ready {
        let since = attempt.written.map(|since| format!(", {} later", span(since, at))).unwrap_or_default();
        say(at, format!("All ready{since}."));
    }
    for gate in &attempt.gates {
        let simulated = if gate.simulated { " (simulated: it proves nothing about real pods)" } else { "" };
        let detail =
            if gate.detail.is_empty() { String::new() } else { format!(": {}", plain(&gate.detail)) };
        say(gate.at, format!("Gate held: {}{detail}{simulated}.", plain(&gate.gate)));
    }
    if let (Some(end), Some(By { at, who })) = (attempt.end, &attempt.ended) {
        if attempt.written.is_none() && attempt.rows_written + attempt.rows_refused > 0 {
            let written = count(attempt.rows_written, "object", "objects");
            say(*at, format!("{written} written, {} refused.", attempt.rows_refused));
        }
        for problem in &attempt.problems {
            let (subject, reason) = (plain(&problem.subject), plain(&problem.reason));
            say(*at, format!("Problem: {subject}: {reason}. Advice: {}", plain(&problem.remedy)));
        }
        for warning in &attempt.warnings {
            say(*at, format!("The API server warned: {}", plain(warning)));
        }
        if !attempt.cannot_undo.is_empty() {
            let keys: Vec<String> = attempt.cannot_undo.iter().map(|key| plain(&key.to_string())).collect();
            say(*at, format!("Cannot be restored by a rollback: {}.", keys.join(", ")));
        }
        let took = took(attempt)
            .map(|took| format!(", {} after it was confirmed", lasted(took)))
            .unwrap_or_default();
        say(*at, format!("{}{took}.", ended(attempt, end, who)));
    }
}

fn ended(attempt: &AttemptReport, end: End, who: &str) -> String {
    match (end, attempt.kind) {
        (End::Done, Kind::Rollback) if attempt.shown.as_ref().is_some_and(|shown| shown.conflicts > 0) => {
            "**Rolled back, but for fields that others had changed**".to_owned()
        }
        (End::Done, Kind::Rollback) => "**Rolled back**".to_owned(),
        (End::Done, Kind::Verify) => "Verified: it holds".to_owned(),
        (End::Done, _) => "**Done**".to_owned(),
        (End::Failed, Kind::Verify) => "**Verified: it does not hold**".to_owned(),
        (End::Failed, _) => "**Stopped**".to_owned(),
        (End::Cancelled, _) => "**Stopped on request**".to_owned(),
        (End::Withdrawn, _) => "Withdrawn; nothing was written".to_owned(),
        (End::Abandoned, _) => format!("**{} gave it up**; what was written stayed", plain(who)),
    }
}

fn changed(shown: &ChangesReport) -> String {
    let mut parts: Vec<String> =
        shown.changes.iter().map(|(word, number)| format!("{number} to {word}")).collect();
    if shown.same > 0 {
        parts.push(format!("{} the same", shown.same));
    }
    if shown.conflicts > 0 {
        parts.push(format!("{} left to others", count(shown.conflicts, "field", "fields")));
    }
    if parts.is_empty() { "nothing to change".to_owned() } else { parts.join(", ") }
}

/// From the last confirmation, or from the question where there was none, to the end.
fn took(attempt: &AttemptReport) -> Option<Duration> {
    let from = attempt.confirmed.first().map_or(attempt.requested.at, |by| by.at);
    let to = attempt.ended.as_ref()?.at;
    Duration::try_from(to.duration_since(from)).ok()
}

fn span(from: Timestamp, to: Timestamp) -> String {
    lasted(Duration::try_from(to.duration_since(from)).unwrap_or_default())
}

/// `850 ms`, `42 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`.
fn lasted(time: Duration) -> String {
    let seconds = time.as_secs();
    let two = |large: u64, unit: &str, small: u64, of: &str| match small {
        0 => format!("{large} {unit}"),
        small => format!("{large} {unit} {small} {of}"),
    };
    match seconds {
        0 => format!("{} ms", time.as_millis()),
        1..60 => format!("{seconds} s"),
        60..3_600 => two(seconds / 60, "min", seconds % 60, "s"),
        3_600..86_400 => two(seconds / 3_600, "h", seconds / 60 % 60, "min"),
        _ => two(seconds / 86_400, "d", seconds / 3_600 % 24, "h"),
    }
}

fn times(number: usize) -> String {
    match number {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        number => format!("{number} times"),
    }
}

fn day(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// One line of text that is nothing but text in Markdown.
fn plain(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in clean(text).chars() {
        if matches!(character, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{lasted, plain};

    #[test]
    fn durations_have_two_units_at_most() {
        let all =
            [850, 42_000, 185_000, 120_000, 7_800_000, 273_600_000].map(Duration::from_millis).map(lasted);
        assert_eq!(all, ["850 ms", "42 s", "3 min 5 s", "2 min", "2 h 10 min", "3 d 4 h"]);
    }

    #[test]
    fn text_forges_no_markup_and_no_line() {
        assert_eq!(plain("a|b\n# <b>*c*"), "a\\|b⏎\\# \\<b\\>\\*c\\*");
    }
}
