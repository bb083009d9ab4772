//! The apply of 200 objects.

use std::{ffi::OsString, time::Duration};

use color_eyre::eyre::{Result, ensure, eyre};
use migrate_tui::{
    engine::{Entry, Event},
    journal::Journal,
};
use serde_json::Value;

use crate::{
    place::{Place, Ran, millis},
    stack::{OBJECTS, STEP, Stack},
    table::{Line, Table, Target},
};

/// In turns, each time into a namespace that is empty.
pub async fn measure(place: &Place, table: &mut Table, rounds: usize) -> Result<()> {
    let (mut written, mut whole, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=rounds {
        let ours_in = format!("bench-apply-{round}");
        place.namespace(&ours_in).await?;
        let stack = Stack::new(&ours_in)?;
        stack.write(1, 0)?;
        let approval = digest(place, &stack).await?;
        let ran = place.migrate_tui(&stack.plan(), &["apply", STEP, "--approve", &approval], &[0]).await?;
        let entries = Journal::read(&stack.run_folder(&place.state()))?;
        let theirs_in = format!("bench-kubectl-{round}");
        place.namespace(&theirs_in).await?;
        let arguments = ["apply", "--server-side", "--namespace", &theirs_in, "-f"].map(OsString::from);
        let arguments = arguments.into_iter().chain([stack.manifests().into_os_string()]);
        let kubectl = place.kubectl(arguments, &[0]).await?;
        for namespace in [ours_in, theirs_in] {
            place.remove(&namespace).await?;
        }
        // The first round fills caches.
        if round > 0 {
            written.push(millis(until_written(&entries, &ran)?));
            whole.push(millis(ran.took));
            theirs.push(millis(kubectl.took));
            if round == rounds {
                breakdown(&entries, &ran);
            }
        }
    }
    table.push(Line {
        what: "apply of 200 objects, until all are written",
        unit: "ms",
        ours: written,
        theirs: theirs.clone(),
        target: Some(Target::Ratio(8.0)),
    });
    table.push(Line {
        what: "  the same, until ready, inventory closed",
        unit: "ms",
        ours: whole,
        theirs,
        target: None,
    });
    Ok(())
}

/// What an apply must name.
pub async fn digest(place: &Place, stack: &Stack) -> Result<String> {
    let shown = place.migrate_tui(&stack.plan(), &["plan", STEP, "-o", "json"], &[3]).await?.stdout;
    let report: Value = serde_json::from_str(&shown)?;
    report["digest"].as_str().map(str::to_owned).ok_or_else(|| eyre!("the report has no digest"))
}

/// From the start of the process to the last row's outcome in the journal.
fn until_written(entries: &[Entry], ran: &Ran) -> Result<Duration> {
    let rows = entries.iter().filter(|entry| matches!(entry.event, Event::RowDone { .. }));
    let last = rows.clone().last().ok_or_else(|| eyre!("no row is done"))?;
    ensure!(rows.count() == OBJECTS, "not every object is written");
    Ok(std::time::SystemTime::from(last.at).duration_since(ran.began)?)
}

/// Where the time of the last round went.
fn breakdown(entries: &[Entry], ran: &Ran) {
    let begun = entries.iter().rposition(|entry| matches!(entry.event, Event::SessionStarted { .. }));
    for entry in entries.iter().skip(begun.unwrap_or_default()) {
        let at = std::time::SystemTime::from(entry.at).duration_since(ran.began).unwrap_or_default();
        let what = match entry.event {
            Event::SessionStarted { .. } => "connected, cluster known",
            Event::Prepared { .. } => "rendered and compared",
            Event::Preserved { .. } => "looked at again, record and inventory kept",
            Event::Written { .. } => "written",
            Event::ObjectsReady { .. } => "ready",
            Event::Ended { .. } => "closed",
            _ => continue,
        };
        eprintln!("  {:>6.0} ms  {what}", millis(at));
    }
    eprintln!("  {:>6.0} ms  left", millis(ran.took));
}
