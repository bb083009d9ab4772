//! The overview as text or JSON.

use std::io::{self, Write};

use crate::{
    diff::Problem,
    engine::Standing,
    headless::{self, Format, write_problem, write_run},
    observed::Freshness,
    overview::{LiveOverview, NamedRelease, Overview, StepOverview, WorkflowOverview},
    readiness::day,
    words::{clean, count, moment},
};

/// Prints an overview.
///
/// # Errors
/// Whatever the output answers.
pub fn print(overview: &Overview, format: Format, output: &mut dyn Write) -> io::Result<()> {
    headless::print(overview, format, |output| write(overview, output), output)
}

fn write(overview: &Overview, output: &mut dyn Write) -> io::Result<()> {
    header(overview, output)?;
    for stage in &overview.stages {
        let settled = stage.settled == stage.total;
        let sign = if settled { Standing::Done.sign() } else { Standing::Open.sign() };
        writeln!(output, "{sign} {}  {}/{}", clean(&stage.title), stage.settled, stage.total)?;
        for one in &stage.steps {
            step(one, output)?;
        }
    }
    if let Some(active) = &overview.active {
        let driven = if active.is_driven { "" } else { "; nobody drives it" };
        writeln!(
            output,
            "at work: {} {} (attempt {}): {}, {} of {} written, {} of {}{driven}",
            active.kind,
            active.step,
            active.number,
            active.phase,
            active.written,
            count(active.rows, "object", "objects"),
            active.gates_passed,
            count(active.gates, "gate holds", "gates hold")
        )?;
    }
    live(overview, output)?;
    workflow(overview, output)?;
    for named in &overview.problems {
        let subject = format!("{}: {}", named.step, named.problem.subject);
        write_problem(&Problem { subject, ..named.problem.clone() }, output)?;
    }
    for line in overview.unknown.iter().flat_map(|text| text.lines()) {
        writeln!(output, "? {line}")?;
    }
    let journal = &overview.journal;
    match (&journal.last_entry_at, &journal.last_author) {
        (Some(at), Some(author)) => {
            let at = moment(*at);
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
        "{}{identity}, namespace {}: {}",
        if cluster.context.is_empty() {
            "not connected".to_owned()
        } else {
            format!("context {}", cluster.context)
        },
        overview.namespace,
        freshness(&cluster.freshness)
    )
}

fn step(step: &StepOverview, output: &mut dyn Write) -> io::Result<()> {
    write!(
        output,
        "    {} {} [{}] {}",
        step.standing.sign(),
        clean(&step.title),
        step.standing.word(),
        step.step
    )?;
    if let Some(note) = &step.note {
        write!(output, ": {}", clean(note))?;
    }
    if let Some(verified) = &step.verified {
        let holds = if verified.holds { "held" } else { "did not hold" };
        let differing = match verified.differing {
            0 => "nothing differed".to_owned(),
            number => format!("{} differed", count(number, "object", "objects")),
        };
        write!(output, "; verified {}: {holds}, {differing}", moment(verified.at))?;
    }
    writeln!(output)?;
    if let Some(locked) = &step.locked {
        writeln!(output, "      locked until {}", clean(locked))?;
    }
    if let Some(doubt) = &step.doubt {
        writeln!(output, "      ? {}", clean(doubt))?;
    }
    if let Some(recovered) = &step.recovered {
        writeln!(output, "      {}", clean(recovered))?;
    }
    match &step.release {
        Some(release) => self::release(release, output),
        None => Ok(()),
    }
}

fn release(release: &NamedRelease, output: &mut dyn Write) -> io::Result<()> {
    let NamedRelease { of, row } = release;
    let place = format!("release {} in {}", of.name, of.namespace);
    if let Some(unknown) = &row.unknown {
        return writeln!(output, "      ? {place}: {}", clean(unknown));
    }
    if row.history.is_empty() {
        return writeln!(output, "      {place}: not installed");
    }
    writeln!(output, "      {place}:")?;
    for revision in &row.history {
        writeln!(output, "        {}", clean(&revision.to_string()))?;
    }
    Ok(())
}

fn live(overview: &Overview, output: &mut dyn Write) -> io::Result<()> {
    let live = &overview.live;
    // Why is said above, once.
    if matches!(overview.cluster.freshness, Freshness::Connecting | Freshness::Stale { .. }) {
        return writeln!(output, "pods, workloads, autoscalers, ingresses: not known");
    }
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
        let problem = pod.problem.as_ref().map(|problem| format!(": {}", clean(problem))).unwrap_or_default();
        writeln!(output, "    ! {} {}{problem}", pod.name, pod.status)?;
    }
    writeln!(output, "workloads: {}", counted(live.workloads.rows.len(), &live.workloads.freshness))?;
    for named in &live.workloads.rows {
        let row = &named.row;
        let mark = if row.problem.is_some() { '!' } else { '✔' };
        let problem = row.problem.as_ref().map(|problem| format!(": {}", clean(problem))).unwrap_or_default();
        writeln!(output, "    {mark} {}/{} {}/{}{problem}", row.kind, named.name, row.ready, row.desired)?;
    }
    writeln!(output, "autoscalers: {}", counted(live.autoscalers.rows.len(), &live.autoscalers.freshness))?;
    for named in &live.autoscalers.rows {
        let row = &named.row;
        let mark = if row.problem.is_some() { '!' } else { '✔' };
        let metrics: Vec<String> = row
            .metrics
            .iter()
            .map(|one| format!("{} {}/{}", one.name, one.current.as_deref().unwrap_or("?"), one.target))
            .collect();
        let problem = row.problem.as_ref().map(|problem| format!(": {}", clean(problem))).unwrap_or_default();
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
    writeln!(output, "ingresses: {}", counted(live.ingresses.rows.len(), &live.ingresses.freshness))?;
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

fn workflow(overview: &Overview, output: &mut dyn Write) -> io::Result<()> {
    let Some(WorkflowOverview { of, newest, note }) = &overview.workflow else { return Ok(()) };
    let of = of.as_ref().map_or_else(|| "the workflow".to_owned(), ToString::to_string);
    writeln!(output, "newest run of {of}:{}", if newest.is_some() { "" } else { " not known" })?;
    if let Some(newest) = newest {
        write_run(newest, newest.updated, "    ", output)?;
    }
    note.as_ref().map_or(Ok(()), |note| writeln!(output, "    {}", clean(note)))
}

/// Where there is no cert-manager, nothing is said of certificates.
fn certificates(live: &LiveOverview, output: &mut dyn Write) -> io::Result<()> {
    let pane = &live.certificates;
    if matches!(pane.freshness, Freshness::Absent | Freshness::Connecting) && pane.rows.is_empty() {
        return Ok(());
    }
    writeln!(output, "certificates: {}", counted(pane.rows.len(), &pane.freshness))?;
    for named in &pane.rows {
        let row = &named.row;
        let mark = if row.readiness.is_ready() { '✔' } else { '!' };
        let until = row.not_after.map(|end| format!(" until {}", day(end))).unwrap_or_default();
        let reason = row.readiness.reason().map(|reason| format!(": {reason}")).unwrap_or_default();
        writeln!(output, "    {mark} {} {}{until}{reason}", named.name, row.hosts.join(", "))?;
    }
    Ok(())
}

fn freshness(freshness: &Freshness) -> String {
    match freshness {
        Freshness::Connecting => "not asked yet".to_owned(),
        Freshness::Live => "live".to_owned(),
        Freshness::Stale { since, reason } => format!("no answer since {}: {reason}", moment(*since)),
        Freshness::Forbidden { message } => format!("may not be read: {message}"),
        Freshness::Absent => "not served by this cluster".to_owned(),
    }
}

/// How many there are; what may not be read is not none.
fn counted(number: usize, state: &Freshness) -> String {
    match state {
        Freshness::Forbidden { .. } => freshness(state),
        _ => format!("{number}{}", unless_live(state)),
    }
}

fn unless_live(state: &Freshness) -> String {
    match state {
        Freshness::Live => String::new(),
        other => format!(" ({})", freshness(other)),
    }
}
