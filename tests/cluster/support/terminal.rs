//! The cockpit in a pseudo-terminal, and everything that it ever showed there.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use super::Home;

const LIMIT: Duration = Duration::from_secs(40);
const SIZE: PtySize = PtySize { rows: 40, cols: 140, pixel_width: 0, pixel_height: 0 };

struct Seen {
    parser: vt100::Parser,
    /// Each screen that was different from the one before.
    screens: Vec<String>,
}

/// The program in a terminal of its own, ended when the value is dropped.
pub struct Terminal {
    seen: Arc<(Mutex<Seen>, Condvar)>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    pub fn open(home: &Home, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        let command = home.command(arguments);
        let command = command.as_std();
        let mut builder = CommandBuilder::new(command.get_program());
        builder.args(command.get_args());
        for (name, value) in command.get_envs() {
            builder.env(name, value.unwrap_or_default());
        }
        builder.env("TERM", "xterm-256color");
        let pair = native_pty_system().openpty(SIZE).unwrap();
        let child = pair.slave.spawn_command(builder).unwrap();
        drop(pair.slave);
        let size = |length| NonZeroU16::new(length).unwrap();
        let parser = vt100::Parser::new(size(SIZE.rows), size(SIZE.cols), 0);
        let seen = Arc::new((Mutex::new(Seen { parser, screens: Vec::new() }), Condvar::new()));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let shared = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut bytes = [0; 8192];
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                let mut seen = shared.0.lock().unwrap();
                seen.parser.process(&bytes[..count]);
                let screen = seen.parser.screen().contents();
                if seen.screens.last() != Some(&screen) {
                    seen.screens.push(screen);
                }
                shared.1.notify_all();
            }
        });
        let writer = pair.master.take_writer().unwrap();
        Self { seen, writer, child, _master: pair.master }
    }

    /// Waits until the screen shows the text.
    pub fn wait_for(&self, text: &str) {
        self.wait(text, |screen| screen.contains(text));
    }

    /// Waits until the screen is as wanted.
    pub fn wait(&self, what: &str, wanted: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + LIMIT;
        let mut seen = self.seen.0.lock().unwrap();
        while !wanted(&seen.parser.screen().contents()) {
            let left = deadline.checked_duration_since(Instant::now());
            let left =
                left.unwrap_or_else(|| panic!("never saw {what}:\n{}", seen.parser.screen().contents()));
            seen = self.seen.1.wait_timeout(seen, left).unwrap().0;
        }
    }

    /// Waits longer than for a key's echo: for the cluster.
    pub fn wait_within(&self, limit: Duration, what: &str, wanted: impl Fn(&str) -> bool) {
        assert!(self.comes(limit, wanted), "never saw {what}:\n{}", self.screen());
    }

    fn comes(&self, limit: Duration, wanted: impl Fn(&str) -> bool) -> bool {
        let deadline = Instant::now() + limit;
        let mut seen = self.seen.0.lock().unwrap();
        while !wanted(&seen.parser.screen().contents()) {
            let Some(left) = deadline.checked_duration_since(Instant::now()) else { return false };
            seen = self.seen.1.wait_timeout(seen, left).unwrap().0;
        }
        true
    }

    pub fn screen(&self) -> String {
        self.seen.0.lock().unwrap().parser.screen().contents()
    }

    /// Clicks on the last place where the text is, until the screen is as wanted: a dialogue takes no
    /// click in its first moment.
    pub fn click(&mut self, text: &str, what: &str, wanted: impl Fn(&str) -> bool) {
        self.wait_for(text);
        for _ in 0..20 {
            let screen = self.screen();
            let place = screen.lines().enumerate().filter_map(|(row, line)| {
                let (before, _) = line.split_once(text)?;
                Some((before.chars().count() + 2, row + 1))
            });
            if let Some((column, row)) = place.last() {
                self.press(&format!("\u{1b}[<0;{column};{row}M\u{1b}[<0;{column};{row}m"));
            }
            if self.comes(Duration::from_secs(2), &wanted) {
                return;
            }
        }
        panic!("clicking {text} never led to {what}:\n{}", self.screen());
    }

    pub fn press(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits for its end.
    pub fn exit_code(&mut self) -> u32 {
        self.child.wait().unwrap().exit_code()
    }

    /// All that it ever showed.
    pub fn everything(&self) -> String {
        self.seen.0.lock().unwrap().screens.join("\n")
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}
