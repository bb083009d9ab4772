//! The diff of 200 changed objects.

use std::{ffi::OsStr, path::Path, time::Duration};

use color_eyre::eyre::{Result, ensure};
use serde_json::Value;

use crate::{
    apply::digest,
    place::{Place, millis},
    stack::{OBJECTS, STEP, Stack},
    table::{Line, Table, Target},
};

const NAMESPACE: &str = "bench-diff";

/// Whole processes, in turns, on objects that are all there and all change.
pub async fn measure(place: &Place, table: &mut Table, rounds: usize) -> Result<()> {
    place.namespace(NAMESPACE).await?;
    let stack = Stack::new(NAMESPACE)?;
    stack.write(1, 0)?;
    let approval = digest(place, &stack).await?;
    place.migrate_tui(&stack.plan(), &["apply", STEP, "--approve", &approval], &[0]).await?;
    stack.write(2, 0)?;
    check(place, &stack).await?;
    let (mut ours, mut files, mut file) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        ours.push(millis(place.migrate_tui(&stack.plan(), &["plan", STEP], &[3]).await?.took));
        files.push(millis(kubectl(place, &stack.manifests()).await?));
        file.push(millis(kubectl(place, &stack.one_file()).await?));
    }
    table.push(Line {
        what: "diff of 200 changed objects",
        unit: "ms",
        ours: ours.clone(),
        theirs: files,
        target: Some(Target::Ratio(2.0)),
    });
    table.push(Line {
        what: "  next to kubectl given one file",
        unit: "ms",
        ours,
        theirs: file,
        target: None,
    });
    place.remove(NAMESPACE).await
}

/// Both see every object changed; this also fills kubectl's discovery cache.
async fn check(place: &Place, stack: &Stack) -> Result<()> {
    let shown = place.migrate_tui(&stack.plan(), &["plan", STEP, "-o", "json"], &[3]).await?.stdout;
    let report: Value = serde_json::from_str(&shown)?;
    let rows = report["proposals"][0]["rows"].as_array().into_iter().flatten();
    let changed = rows.filter(|row| row["change"] == "change").count();
    ensure!(changed == OBJECTS, "{changed} of {OBJECTS} objects change");
    kubectl(place, &stack.one_file()).await?;
    Ok(())
}

/// Under our field manager's name: under another it would be refused for conflicts.
async fn kubectl(place: &Place, manifests: &Path) -> Result<Duration> {
    let arguments =
        ["diff", "--server-side", "--field-manager", "migrate-tui", "--namespace", NAMESPACE, "-f"];
    let arguments = arguments.map(OsStr::new).into_iter().chain([manifests.as_os_str()]);
    let ran = place.kubectl(arguments, &[1]).await?;
    let changed = ran.stdout.lines().filter(|line| line.starts_with("diff ")).count();
    ensure!(changed == OBJECTS, "kubectl sees {changed} of {OBJECTS} objects change");
    Ok(ran.took)
}
