//! Signals that end the cockpit, stop it, or bring it back.

use std::io;

use rustix::process::{Signal, kill_current_process_group};
use tokio::signal::unix::{self, SignalKind};

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// To leave; its number.
    Leave(i32),
    /// To draw again after a stop.
    Continue,
}

/// The signals that are listened for.
#[derive(Debug)]
pub(super) struct Signals {
    terminate: unix::Signal,
    hangup: unix::Signal,
    interrupt: unix::Signal,
    cont: unix::Signal,
}

impl Signals {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: unix::signal(SignalKind::terminate())?,
            hangup: unix::signal(SignalKind::hangup())?,
            interrupt: unix::signal(SignalKind::interrupt())?,
            cont: unix::signal(SignalKind::from_raw(Signal::CONT.as_raw()))?,
        })
    }

    pub(super) async fn next(&mut self) -> Asked {
        let leave = |kind: SignalKind| Asked::Leave(kind.as_raw_value());
        tokio::select! {
            _ = self.terminate.recv() => leave(SignalKind::terminate()),
            _ = self.hangup.recv() => leave(SignalKind::hangup()),
            _ = self.interrupt.recv() => leave(SignalKind::interrupt()),
            _ = self.cont.recv() => Asked::Continue,
        }
    }
}

/// Stops the whole job, as the terminal does on Ctrl-Z outside raw mode: `cargo run` stops as well.
pub(super) fn stop_job() -> io::Result<()> {
    Ok(kill_current_process_group(Signal::TSTP)?)
}
