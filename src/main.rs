//! The `migrate-tui` binary: parses the arguments and maps the outcome to an exit code.

use std::process::ExitCode;

use clap::Parser;
use migrate_tui::{cli::Cli, runtime};

fn main() -> color_eyre::Result<ExitCode> {
    color_eyre::install()?;
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let exit = runtime.block_on(runtime::program::run(cli));
    // A blocking read of the terminal must not hold the process up.
    runtime.shutdown_background();
    Ok(exit)
}
