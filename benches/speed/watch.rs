//! Watching thousands of pods: time and memory until they are listed.
//!
//! Each is a process of its own, since memory that was given back is not told from memory that never
//! was used.

use std::{path::Path, time::Instant};

use color_eyre::eyre::{Result, bail, ensure, eyre};
use futures::StreamExt;
use k8s_openapi::api::core::v1::Pod;
use kube::{
    Api,
    runtime::{reflector, watcher},
};
use migrate_tui::{
    cluster::{ConnectOptions, Connection, watch},
    observed::{Observation, Observed},
};
use tokio_util::sync::CancellationToken;

use crate::{
    memory,
    place::{self, Place, millis},
    pods,
    table::{Line, Table, Target},
};

const NAMESPACE: &str = "bench-watch";

/// In turns: the program's own watches, and kube's watcher and store with the full types.
pub async fn measure(place: &Place, table: &mut Table, rounds: usize, count: usize) -> Result<()> {
    place.namespace(NAMESPACE).await?;
    pods::create(place, NAMESPACE, count).await?;
    let (mut ours, mut theirs) = ([Vec::new(), Vec::new(), Vec::new()], [Vec::new(), Vec::new(), Vec::new()]);
    for _ in 0..rounds {
        for (sort, figures) in [("slim", &mut ours), ("full", &mut theirs)] {
            let measured = in_child(place, sort, count).await?;
            figures.iter_mut().zip(measured).for_each(|(figures, figure)| figures.push(figure));
        }
    }
    let lines = ["pods listed by a watch", "  memory that it keeps", "  memory at the most"];
    for (index, ((what, ours), theirs)) in lines.into_iter().zip(ours).zip(theirs).enumerate() {
        let unit = if index == 0 { "ms" } else { "MB" };
        let target = (index == 2 && count == 5000).then_some(Target::Below(40.0));
        table.push(Line { what, unit, ours, theirs, target });
    }
    place.remove(NAMESPACE).await
}

async fn in_child(place: &Place, sort: &str, count: usize) -> Result<Vec<f64>> {
    let mut command = tokio::process::Command::new(std::env::current_exe()?);
    command.args(["--watch", sort, NAMESPACE, "--kubeconfig"]).arg(&place.kubeconfig);
    let ran = place::run(command, &[0]).await?;
    let figures: Vec<f64> = ran.stdout.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    let [pods, figures @ ..] = figures.as_slice() else { bail!("the child said nothing") };
    #[expect(clippy::cast_precision_loss, reason = "a count of pods")]
    let wanted = count as f64;
    ensure!((pods - wanted).abs() < 0.5, "{sort}: {pods} of {count} pods are listed");
    Ok(figures.to_vec())
}

/// The process that is measured: prints how many pods it holds, milliseconds, and MB kept and at most,
/// beyond what the connected process held before.
pub async fn child(watch: &[String], kubeconfig: &Path) -> Result<()> {
    let [sort, namespace] = watch else { bail!("sort and namespace") };
    let options = ConnectOptions { kubeconfig: Some(kubeconfig.to_owned()), ..ConnectOptions::default() };
    let connection = Connection::open(&options).await?;
    // Connected, so that TLS and its certificates count for neither.
    connection.user().await.ok_or_else(|| eyre!("no answer"))?;
    let before = memory::resident_mb()?;
    let started = Instant::now();
    let count = if sort == "slim" {
        slim(connection, namespace, started, before).await?
    } else {
        full(connection, namespace, started, before).await?
    };
    ensure!(count > 0, "nothing was listed");
    Ok(())
}

fn tell(count: usize, started: Instant, before: f64) -> Result<()> {
    let took = millis(started.elapsed());
    println!("{count} {took} {} {}", memory::resident_mb()? - before, memory::peak_mb()? - before);
    Ok(())
}

async fn slim(connection: Connection, namespace: &str, started: Instant, before: f64) -> Result<usize> {
    let (sender, mut news) = tokio::sync::mpsc::channel(64);
    let options = watch::WatchOptions { connection, namespace: namespace.to_owned(), pinned: None };
    let watches = watch::spawn(options, sender, &CancellationToken::new());
    let mut observed = Observed::default();
    while let Some(batch) = news.recv().await {
        let listed = batch.iter().any(|one| matches!(one, Observation::Listed { kind: "Pod", .. }));
        observed.fold_all(batch);
        if listed {
            break;
        }
    }
    let count = observed.pods.rows.len();
    tell(count, started, before)?;
    watches.shut_down().await;
    Ok(count)
}

async fn full(connection: Connection, namespace: &str, started: Instant, before: f64) -> Result<usize> {
    let api: Api<Pod> = Api::namespaced(connection.client(), namespace);
    let (store, writer) = reflector::store();
    let mut events = std::pin::pin!(reflector(writer, watcher(api, watcher::Config::default())));
    while let Some(event) = events.next().await {
        if matches!(event?, watcher::Event::InitDone) {
            break;
        }
    }
    let count = store.state().len();
    tell(count, started, before)?;
    Ok(count)
}
