//! The overview as text or JSON.

use std::io::{self, Write};

use crate::{
    headless::Format,
    observed::Freshness,
    overview::{LiveOverview, Overview},
    readiness::day,
};

/// Prints an overview.
///
/// # Errors
/// Whatever the output answers.
pub fn print(overview: &Overview, format: Format, output: &mut dyn Write) -> io::Result<()> {
    if format == Format::Json {
        serde_json::to_writer_pretty(&mut *output, overview)?;
        return writeln!(output);
    }
    header(overview, output)?;
    for stage in &overview.stages {
        let mark = if stage.settled == stage.total { '✔' } else { '○' };
        writeln!(output, "{mark} {}  {}/{}", stage.title, stage.settled, stage.total)?;
        for step in &stage.steps {
            write!(output, "    {} {} [{}]", mark_of(&step.standing), step.title, step.standing)?;
            match &step.note {
                Some(note) => writeln!(output, ": {note}")?,
                None => writeln!(output)?,
            }
            if let Some(recovered) = &step.recovered {
                writeln!(output, "      {recovered}")?;
            }
        }
    }
    if let Some(active) = &overview.active {
        let driven = if active.is_driven { "" } else { "; nobody drives it" };
        writeln!(
            output,
            "at work: {} {} (attempt {}): {}, {} of {} objects written, {} of {} gates hold{driven}",
            active.kind,
            active.step,
            active.number,
            active.phase,
            active.written,
            active.rows,
            active.gates_passed,
            active.gates
        )?;
    }
    live(&overview.live, output)?;
    for named in &overview.problems {
        writeln!(output, "! {}: {}", named.step, named.problem.subject)?;
        writeln!(output, "    why: {}", named.problem.reason)?;
        writeln!(output, "    do:  {}", named.problem.remedy)?;
    }
    for line in overview.unknown.iter().flat_map(|text| text.lines()) {
        writeln!(output, "? {line}")?;
    }
    let journal = &overview.journal;
    match (&journal.last_entry_at, &journal.last_author) {
        (Some(at), Some(author)) => {
            writeln!(output, "journal {} · {at} by {}@{}", journal.sequence, author.user, author.host)?;
        }
        _ => writeln!(output, "no run has been begun here")?,
    }
    writeln!(output, "{}", overview.attention.words())
}

fn header(overview: &Overview, output: &mut dyn Write) -> io::Result<()> {
    let cluster = &overview.cluster;
    let identity = cluster.pinned.as_ref().map(|pinned| format!(" · {}", pinned.short())).unwrap_or_default();
    writeln!(output, "{} › {}: {}", overview.plan, overview.environment, overview.title)?;
    writeln!(
        output,
        "context {}{identity}, namespace {}: {}",
        cluster.context,
        overview.namespace,
        freshness(&cluster.freshness)
    )
}

fn live(live: &LiveOverview, output: &mut dyn Write) -> io::Result<()> {
    let counts = live.pods.counts;
    let simulated = if live.simulated { ", simulated: they prove nothing about real ones" } else { "" };
    writeln!(
        output,
        "pods: {}/{} ready{simulated}{}",
        counts.ready,
        counts.total,
        unless_live(&live.pods.freshness)
    )?;
    for pod in &live.pods.not_ready {
        let problem = pod.problem.as_ref().map(|problem| format!(": {problem}")).unwrap_or_default();
        writeln!(output, "    ! {} {}{problem}", pod.name, pod.status)?;
    }
    writeln!(output, "workloads: {}{}", live.workloads.rows.len(), unless_live(&live.workloads.freshness))?;
    for named in &live.workloads.rows {
        let row = &named.row;
        let mark = if row.problem.is_some() { '!' } else { '✔' };
        let problem = row.problem.as_ref().map(|problem| format!(": {problem}")).unwrap_or_default();
        writeln!(output, "    {mark} {}/{} {}/{}{problem}", row.kind, named.name, row.ready, row.desired)?;
    }
    writeln!(
        output,
        "autoscalers: {}{}",
        live.autoscalers.rows.len(),
        unless_live(&live.autoscalers.freshness)
    )?;
    for named in &live.autoscalers.rows {
        let row = &named.row;
        let mark = if row.problem.is_some() { '!' } else { '✔' };
        let metrics: Vec<String> = row
            .metrics
            .iter()
            .map(|one| format!("{} {}/{}", one.name, one.current.as_deref().unwrap_or("?"), one.target))
            .collect();
        let problem = row.problem.as_ref().map(|problem| format!(": {problem}")).unwrap_or_default();
        writeln!(
            output,
            "    {mark} {} {} replicas {} ({}–{}){problem}",
            named.name,
            metrics.join(", "),
            row.current,
            row.minimum,
            row.maximum
        )?;
    }
    writeln!(output, "ingresses: {}{}", live.ingresses.rows.len(), unless_live(&live.ingresses.freshness))?;
    for named in &live.ingresses.rows {
        let row = &named.row;
        let (mark, addresses) = if row.addresses.is_empty() {
            ('!', "no address yet".to_owned())
        } else {
            ('✔', row.addresses.join(", "))
        };
        writeln!(output, "    {mark} {} {} at {addresses}", named.name, row.hosts.join(", "))?;
    }
    certificates(live, output)
}

/// Where there is no cert-manager, nothing is said of certificates.
fn certificates(live: &LiveOverview, output: &mut dyn Write) -> io::Result<()> {
    let pane = &live.certificates;
    if matches!(pane.freshness, Freshness::Absent | Freshness::Connecting) && pane.rows.is_empty() {
        return Ok(());
    }
    writeln!(output, "certificates: {}{}", pane.rows.len(), unless_live(&pane.freshness))?;
    for named in &pane.rows {
        let row = &named.row;
        let mark = if row.readiness.is_ready() { '✔' } else { '!' };
        let until = row.not_after.map(|end| format!(" until {}", day(end))).unwrap_or_default();
        let reason = row.readiness.reason().map(|reason| format!(": {reason}")).unwrap_or_default();
        writeln!(output, "    {mark} {} {}{until}{reason}", named.name, row.hosts.join(", "))?;
    }
    Ok(())
}

fn mark_of(standing: &str) -> char {
    match standing {
        "done" | "skipped" => '✔',
        "failed" | "interrupted" | "rolled back with conflicts" => '!',
        "at work" | "awaiting confirmation" => '▶',
        _ => '○',
    }
}

fn freshness(freshness: &Freshness) -> String {
    match freshness {
        Freshness::Connecting => "not asked yet".to_owned(),
        Freshness::Live => "live".to_owned(),
        Freshness::Stale { since, reason } => format!("no answer since {since}: {reason}"),
        Freshness::Forbidden { message } => format!("may not be read: {message}"),
        Freshness::Absent => "not served by this cluster".to_owned(),
    }
}

fn unless_live(state: &Freshness) -> String {
    match state {
        Freshness::Live => String::new(),
        other => format!(" ({})", freshness(other)),
    }
}
