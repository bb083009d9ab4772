//! What a cockpit takes that nobody touches.

use std::time::{Duration, Instant};

use color_eyre::eyre::Result;

use crate::{
    memory,
    place::Place,
    stack::Stack,
    table::{Line, Table, Target},
    terminal::Terminal,
};

const NAMESPACE: &str = "bench-idle";

/// How long it is watched.
const SPAN: Duration = Duration::from_secs(5);

/// Percent of a core, with live watches on forty Deployments of two pods each.
pub async fn measure(place: &Place, table: &mut Table, rounds: usize) -> Result<()> {
    place.namespace(NAMESPACE).await?;
    let stack = Stack::new(NAMESPACE)?;
    stack.write(1, 2)?;
    let folder = stack.manifests();
    let folder = folder.to_string_lossy();
    place.kubectl(["apply", "--server-side", "--namespace", NAMESPACE, "-f", &folder], &[0]).await?;
    let rollout = ["rollout", "status", "--namespace", NAMESPACE, "deployment", "--timeout", "2m"];
    place.kubectl(rollout, &[0]).await?;
    let cockpit = Terminal::cockpit(&stack.plan(), &place.kubeconfig, &place.environment())?;
    cockpit.wait(|contents| contents.contains("Pods 80/80 ready"))?;
    // What came with the start is over by then.
    tokio::time::sleep(SPAN).await;
    let mut ours = Vec::new();
    for _ in 0..rounds {
        let (before, started) = (memory::processor_millis(cockpit.process()?)?, Instant::now());
        tokio::time::sleep(SPAN).await;
        let used = memory::processor_millis(cockpit.process()?)? - before;
        ours.push(used / started.elapsed().as_secs_f64() / 10.0);
    }
    let target = Some(Target::Below(1.0));
    table.push(Line { what: "idle cockpit, live, of a core", unit: "%", ours, theirs: Vec::new(), target });
    drop(cockpit);
    place.remove(NAMESPACE).await
}
