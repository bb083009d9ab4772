//! Tests on a real control plane: the rehearsal cluster, booted once for this binary.
//!
//! A topic is a file with a `trials` function and a line in `main`. Each trial has a namespace of its
//! own and a deadline; none sleeps, none is skipped. Without a cluster, every trial fails and says why.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stderr,
    missing_docs,
    unreachable_pub,
    reason = "a test that panics has failed, which is what it is for"
)]

mod busy;
mod by_hand;
mod cockpit;
mod colleague;
mod diff;
#[path = "../fixtures.rs"]
mod fixtures;
mod helm;
mod import;
mod import_weeks;
mod kept;
mod killed;
mod leftovers;
mod leftovers_again;
mod live;
mod locks;
mod machines;
mod neighbours;
mod pin;
mod readonly;
mod recovered;
mod refusals;
mod rehearsal;
mod replicas;
mod secrets;
mod services;
mod stage;
mod stages;
#[allow(
    dead_code,
    unused_imports,
    reason = "what the trials stand on is there before the trials that use it"
)]
mod support;
mod tls;
mod undo;
mod weeks;

use std::process::ExitCode;

fn main() -> ExitCode {
    let trials = [
        busy::trials(),
        by_hand::trials(),
        cockpit::trials(),
        colleague::trials(),
        diff::trials(),
        helm::trials(),
        import::trials(),
        import_weeks::trials(),
        kept::trials(),
        killed::trials(),
        leftovers::trials(),
        leftovers_again::trials(),
        live::trials(),
        locks::trials(),
        machines::trials(),
        neighbours::trials(),
        pin::trials(),
        readonly::trials(),
        recovered::trials(),
        refusals::trials(),
        rehearsal::trials(),
        replicas::trials(),
        secrets::trials(),
        services::trials(),
        stage::trials(),
        stages::trials(),
        tls::trials(),
        undo::trials(),
        weeks::trials(),
    ];
    support::run(trials.into_iter().flatten().collect())
}
