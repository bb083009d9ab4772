//! The cockpit in a pseudo-terminal.

use std::{
    io::Read,
    num::NonZeroU16,
    path::Path,
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::{Duration, Instant},
};

use color_eyre::eyre::{Result, bail, eyre};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

const ROWS: u16 = 40;
const COLUMNS: u16 = 120;

/// How long a screen may take to show something.
const LIMIT: Duration = Duration::from_secs(30);

type Shared = Arc<(Mutex<vt100::Parser>, Condvar)>;

/// A running cockpit. It is ended when this is dropped.
pub struct Terminal {
    screen: Shared,
    child: Box<dyn Child + Send + Sync>,
    started: Instant,
    // The terminal lives as long as its master.
    _master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    /// Starts the cockpit on a plan.
    pub fn cockpit(
        plan: &Path,
        kubeconfig: &Path,
        environment: &[(&str, std::path::PathBuf)],
    ) -> Result<Self> {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_migrate-tui"));
        command.arg("--plan");
        command.arg(plan);
        command.args(["--environment", "bench", "--kubeconfig"]);
        command.arg(kubeconfig);
        for (name, value) in environment {
            command.env(name, value);
        }
        command.env("TERM", "xterm-256color");
        let size = PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).map_err(|error| eyre!("{error:#}"))?;
        let mut reader = pair.master.try_clone_reader().map_err(|error| eyre!("{error:#}"))?;
        let size = |size| NonZeroU16::new(size).unwrap_or(NonZeroU16::MIN);
        let parser = vt100::Parser::new(size(ROWS), size(COLUMNS), 0);
        let screen: Shared = Arc::new((Mutex::new(parser), Condvar::new()));
        let shared = Arc::clone(&screen);
        std::thread::spawn(move || {
            let mut bytes = [0; 8192];
            while let Ok(count) = reader.read(&mut bytes) {
                let Some(read @ [_, ..]) = bytes.get(..count) else { break };
                shared.0.lock().unwrap_or_else(PoisonError::into_inner).process(read);
                shared.1.notify_all();
            }
        });
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).map_err(|error| eyre!("{error:#}"))?;
        Ok(Self { screen, child, started, _master: pair.master })
    }

    /// Waits until the screen shows what is wanted; returns the time since the start.
    pub fn wait(&self, wanted: impl Fn(&str) -> bool) -> Result<Duration> {
        let mut parser = self.screen.0.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let contents = parser.screen().contents();
            let since = self.started.elapsed();
            if wanted(&contents) {
                return Ok(since);
            }
            let Some(left) = LIMIT.checked_sub(since) else { bail!("the screen never came:\n{contents}") };
            parser = self.screen.1.wait_timeout(parser, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// The cockpit's process.
    pub fn process(&self) -> Result<u32> {
        self.child.process_id().ok_or_else(|| eyre!("the cockpit has ended"))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
