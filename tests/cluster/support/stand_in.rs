//! This binary as a stand-in for the program: serving or owning a cluster, for trials that kill it.

use std::process::ExitCode;

use migrate_tui::rehearsal::{BootOptions, RehearsalError, command, own_kept};

use super::run::runtime;

pub const SERVE: &str = "stand-in-serve";
pub const OWN: &str = "stand-in-own";
pub const KEEP: &str = "stand-in-keep";
pub const STOP: &str = "stand-in-stop";

/// Does what the first argument asks for, if it is one of ours.
pub fn run() -> Option<ExitCode> {
    let outcome = match std::env::args().nth(1)?.as_str() {
        SERVE => runtime().block_on(serve()),
        OWN => runtime().block_on(own_kept()),
        KEEP => runtime().block_on(command::serve_kept(&[OWN], &mut std::io::stdout(), |_| {})),
        STOP => runtime().block_on(command::stop(&mut std::io::stdout())),
        _ => return None,
    };
    Some(match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    })
}

async fn serve() -> Result<(), RehearsalError> {
    let options = BootOptions { nodes: 1, ..BootOptions::default() };
    command::serve(&options, &mut std::io::stdout(), |progress| eprintln!("{progress}")).await
}
