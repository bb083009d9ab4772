//! The apply of 200 objects.

use std::{ffi::OsStr, path::Path, time::Duration};

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
    let (mut written, mut whole) = (Vec::new(), Vec::new());
    let (mut files, mut file) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let [namespace, for_files, for_file] = namespaces(round);
        place.namespace(&namespace).await?;
        let stack = Stack::new(&namespace)?;
        stack.write(1, 0)?;
        let approval = digest(place, &stack).await?;
        let ran = place.migrate_tui(&stack.plan(), &["apply", STEP, "--approve", &approval], &[0]).await?;
        let entries = Journal::read(&stack.run_folder(&place.state()))?;
        let of_files = kubectl(place, &for_files, &stack.manifests()).await?;
        let of_file = kubectl(place, &for_file, &stack.one_file()).await?;
        // The first round fills caches.
        if round > 0 {
            written.push(millis(until_written(&entries, &ran)?));
            whole.push(millis(ran.took));
            files.push(millis(of_files));
            file.push(millis(of_file));
        }
        if round == rounds {
            breakdown(&entries, &ran);
        }
    }
    // Not before: an emptied namespace takes the server's time from what is measured next.
    for namespace in (0..=rounds).flat_map(namespaces) {
        place.remove(&namespace).await?;
    }
    let line = |what, ours: &Vec<f64>, theirs: &Vec<f64>, target| Line {
        what,
        unit: "ms",
        ours: ours.clone(),
        theirs: theirs.clone(),
        target,
    };
    let target = Some(Target::Ratio(8.0));
    table.push(line("apply of 200 objects, until all are written", &written, &files, target));
    table.push(line("  next to kubectl given one file", &written, &file, None));
    table.push(line("  until all are ready and the run is closed", &whole, &files, None));
    Ok(())
}

fn namespaces(round: usize) -> [String; 3] {
    ["apply", "files", "file"].map(|sort| format!("bench-{sort}-{round}"))
}

/// Applies into an empty namespace.
async fn kubectl(place: &Place, namespace: &str, manifests: &Path) -> Result<Duration> {
    place.namespace(namespace).await?;
    let arguments = ["apply", "--server-side", "--namespace", namespace, "-f"];
    let arguments = arguments.map(OsStr::new).into_iter().chain([manifests.as_os_str()]);
    Ok(place.kubectl(arguments, &[0]).await?.took)
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
    let last = rows.clone().next_back().ok_or_else(|| eyre!("no row is done"))?;
    ensure!(rows.count() == OBJECTS, "not every object is written");
    Ok(std::time::SystemTime::from(last.at).duration_since(ran.began)?)
}

/// Where the time of the last round went.
fn breakdown(entries: &[Entry], ran: &Ran) {
    let begun = entries.iter().rposition(|entry| matches!(entry.event, Event::SessionStarted { .. }));
    for entry in entries.iter().skip(begun.unwrap_or_default()) {
        let at = std::time::SystemTime::from(entry.at).duration_since(ran.began).unwrap_or_default();
        let what = match &entry.event {
            Event::SessionStarted { .. } => "connected, cluster known".to_owned(),
            Event::Prepared { .. } => "rendered and compared".to_owned(),
            Event::Preserved { .. } => "looked at again, record and inventory kept".to_owned(),
            Event::WaveStarted { wave, .. } => format!("{wave:?} begun"),
            Event::Written { .. } => "written".to_owned(),
            Event::ObjectsReady { .. } => "ready".to_owned(),
            Event::Ended { .. } => "closed".to_owned(),
            _ => continue,
        };
        eprintln!("  {:>6.0} ms  {what}", millis(at));
    }
    eprintln!("  {:>6.0} ms  left", millis(ran.took));
}
