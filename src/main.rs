//! The `migrate-tui` binary.

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use color_eyre::eyre::Result;
use migrate_tui::{
    app::{Mode, Setting},
    config::{Paths, load, load_theme},
    diff::Problem,
    engine::Run,
    plan::{Confirmation, EnvironmentName},
    runtime::{CockpitEvent, CockpitOptions, Reason, cockpit, color_depth},
};
use tokio::sync::mpsc;

/// Moves a running stack from docker-compose to Kubernetes.
#[derive(Debug, Parser)]
struct Arguments {
    /// The plan.
    #[arg(long)]
    plan: PathBuf,
    /// Where to run it.
    #[arg(long)]
    environment: String,
    /// The cluster.
    #[arg(long, env = "KUBECONFIG")]
    kubeconfig: Option<PathBuf>,
    /// dark, light, high-contrast, or your own.
    #[arg(long)]
    theme: Option<String>,
    /// Write nothing, whatever key is pressed.
    #[arg(long)]
    read_only: bool,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    color_eyre::install()?;
    let arguments = Arguments::parse();
    let paths = Paths::from_environment()?;
    let settings = load(&paths)?;
    let theme = load_theme(&paths, arguments.theme.as_deref().unwrap_or(&settings.theme))?.at(color_depth());
    let setting = Setting {
        plan: arguments.plan.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        environment: EnvironmentName(arguments.environment.clone()),
        namespace: arguments.environment.clone(),
        context: "none".to_owned(),
        confirmation: Confirmation::Button,
        stages: Vec::new(),
        driver: "you".to_owned(),
    };
    let (sender, events) = mpsc::channel(16);
    let kubeconfig = arguments.kubeconfig.unwrap_or_default();
    sender
        .send(CockpitEvent::ConnectFailed(Problem::new(
            kubeconfig.display().to_string(),
            "there is no such kubeconfig",
            "give another one with --kubeconfig, or try `migrate-tui rehearse`",
        )))
        .await?;
    let options = CockpitOptions {
        run: Run::new(Vec::new()),
        setting,
        mode: if arguments.read_only { Mode::ReadOnly } else { Mode::ReadWrite },
        theme,
        keymap: settings.keymap,
        doing: "connecting".to_owned(),
    };
    let exit = cockpit(options, events).await?;
    Ok(match exit.reason {
        Reason::Quit => ExitCode::SUCCESS,
        Reason::Signal(number) => ExitCode::from(128 + u8::try_from(number).unwrap_or(0)),
        Reason::TerminalClosed | Reason::Panicked => ExitCode::FAILURE,
    })
}
