//! How fast it is, next to what one would use instead, on a real control plane.
//!
//! `cargo bench --bench speed` boots the rehearsal cluster, measures everything and prints a table of
//! medians and ratios; `cargo bench --bench speed -- diff apply` measures some of it. Each pair is
//! measured in turns within one run, so that a busy machine slows both: compare ratios, not seconds.
//! It ends with 1 when a target is missed.
//!
//! With `--kubeconfig` it runs on another cluster, in namespaces of its own that it deletes.

#![allow(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs,
    unreachable_pub,
    reason = "a bench prints and ends where something is not as it must be, and nobody uses its items"
)]

mod apply;
mod diff;
mod frame;
mod idle;
mod journal;
mod memory;
mod place;
mod pods;
mod stack;
mod table;
mod terminal;
mod watch;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, ValueEnum};
use color_eyre::eyre::Result;

use place::Place;
use table::Table;

/// Measures migrate-tui next to kubectl and kube.
#[derive(Parser)]
struct Options {
    /// What to measure [default: everything]
    what: Vec<What>,
    /// Measure on this cluster instead of the rehearsal cluster
    #[arg(long)]
    kubeconfig: Option<PathBuf>,
    /// How often each is measured
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How many pods are watched; a real cluster must have room for them
    #[arg(long, default_value_t = 5000)]
    pods: usize,
    /// What cargo passes to every bench.
    #[arg(long, hide = true)]
    bench: bool,
    /// Be the process whose memory is measured: slim or full, and the namespace.
    #[arg(long, hide = true, num_args = 2)]
    watch: Option<Vec<String>>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// The diff of 200 changed objects, next to `kubectl diff --server-side`
    Diff,
    /// The apply of 200 objects, next to `kubectl apply --server-side`
    Apply,
    /// Watching pods: time and memory, next to the full types
    Watch,
    /// The first frame without a cluster's answer
    Frame,
    /// The processor that an idle cockpit takes
    Idle,
    /// Taking up a run with a long journal
    Journal,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    color_eyre::install()?;
    let options = Options::parse();
    if let (Some(watch), Some(kubeconfig)) = (&options.watch, &options.kubeconfig) {
        watch::child(watch, kubeconfig).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let all = [What::Frame, What::Journal, What::Diff, What::Apply, What::Idle, What::Watch];
    let wanted: Vec<What> =
        all.into_iter().filter(|one| options.what.is_empty() || options.what.contains(one)).collect();
    let mut table = Table::default();
    // What needs no cluster first, before one makes the machine busy.
    if wanted.contains(&What::Frame) {
        frame::measure(&mut table, options.rounds)?;
    }
    if wanted.contains(&What::Journal) {
        journal::measure(&mut table, options.rounds)?;
    }
    let on_cluster: Vec<What> =
        wanted.into_iter().filter(|one| !matches!(one, What::Frame | What::Journal)).collect();
    if !on_cluster.is_empty() {
        let place = Place::open(options.kubeconfig.clone()).await?;
        let measured = measure(&on_cluster, &options, &place, &mut table).await;
        place.close().await;
        measured?;
    }
    print!("{table}");
    Ok(if table.is_met() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn measure(what: &[What], options: &Options, place: &Place, table: &mut Table) -> Result<()> {
    for one in what {
        match one {
            What::Diff => diff::measure(place, table, options.rounds).await?,
            What::Apply => apply::measure(place, table, options.rounds).await?,
            What::Idle => idle::measure(place, table, options.rounds).await?,
            What::Watch => watch::measure(place, table, options.rounds, options.pods).await?,
            What::Frame | What::Journal => {}
        }
    }
    Ok(())
}
