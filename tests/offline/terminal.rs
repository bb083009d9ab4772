//! The real binary in a pseudo-terminal: it draws, resizes, leaves, and gives the terminal back.

use std::{
    io::{Read, Write},
    num::NonZeroU16,
    sync::{Arc, Condvar, Mutex},
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

const LIMIT: Duration = Duration::from_secs(20);

type Shared = Arc<(Mutex<vt100::Parser>, Condvar)>;

/// A program in a terminal of its own.
pub(crate) struct Terminal {
    parser: Shared,
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    started: Instant,
    _home: tempfile::TempDir,
}

impl Terminal {
    pub(crate) fn spawn(mut command: CommandBuilder, (columns, rows): (u16, u16)) -> Self {
        let home = tempfile::tempdir().unwrap();
        command.env("HOME", home.path());
        for variable in ["XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"] {
            command.env(variable, home.path().join(variable.to_lowercase()));
        }
        command.env("TERM", "xterm-256color");
        // Nobody outside is asked.
        command.env("MIGRATE_TUI_GITHUB_API", "http://127.0.0.1:1");
        command.env_remove("NO_COLOR");
        if command.get_cwd().is_none() {
            command.cwd(env!("CARGO_MANIFEST_DIR"));
        }
        let pair = native_pty_system()
            .openpty(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 })
            .unwrap();
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let parser: Shared = Arc::new((
            Mutex::new(vt100::Parser::new(
                NonZeroU16::new(rows).unwrap(),
                NonZeroU16::new(columns).unwrap(),
                0,
            )),
            Condvar::new(),
        ));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let shared = Arc::clone(&parser);
        std::thread::spawn(move || {
            let mut bytes = [0; 8192];
            while let Ok(count) = reader.read(&mut bytes) {
                if count == 0 {
                    break;
                }
                shared.0.lock().unwrap().process(&bytes[..count]);
                shared.1.notify_all();
            }
        });
        let writer = pair.master.take_writer().unwrap();
        Self { parser, master: pair.master, writer, child, started, _home: home }
    }

    fn cockpit(size: (u16, u16)) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_migrate-tui"));
        command.args([
            "--plan",
            "plans/phase-2/plan.yaml",
            "--environment",
            "staging",
            "--kubeconfig",
            "/nonexistent",
        ]);
        Self::spawn(command, size)
    }

    /// Waits until the screen shows what is wanted.
    pub(crate) fn wait(&self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        assert!(self.comes(LIMIT, wanted), "never saw {what}:\n{}", self.contents());
    }

    fn comes(&self, limit: Duration, wanted: impl Fn(&vt100::Screen) -> bool) -> bool {
        let deadline = Instant::now() + limit;
        let mut parser = self.parser.0.lock().unwrap();
        while !wanted(parser.screen()) {
            let Some(left) = deadline.checked_duration_since(Instant::now()) else { return false };
            parser = self.parser.1.wait_timeout(parser, left).unwrap().0;
        }
        true
    }

    fn wait_for_cockpit(&self) {
        self.wait("the cockpit", |screen| {
            screen.alternate_screen() && screen.contents().contains("READ-WRITE")
        });
    }

    pub(crate) fn send(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
    }

    pub(crate) fn resize(&self, (columns, rows): (u16, u16)) {
        self.parser
            .0
            .lock()
            .unwrap()
            .screen_mut()
            .set_size(NonZeroU16::new(rows).unwrap(), NonZeroU16::new(columns).unwrap());
        self.master.resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
    }

    /// What is on the screen.
    pub(crate) fn contents(&self) -> String {
        self.parser.0.lock().unwrap().screen().contents()
    }

    /// Clicks the middle of a text until the other one is seen, as a person does: a question takes no click in its
    /// first moment.
    pub(crate) fn click(&mut self, text: &str, leads_to: &str) {
        let shows = |screen: &vt100::Screen| screen.contents().contains(leads_to);
        self.wait(text, |screen| screen.contents().contains(text));
        for _ in 0..10 {
            self.click_on(text);
            if self.comes(Duration::from_secs(2), shows) {
                return;
            }
        }
        panic!("clicking {text:?} never led to {leads_to:?}:\n{}", self.contents());
    }

    fn click_on(&mut self, text: &str) {
        let contents = self.contents();
        let found = contents.lines().enumerate().find_map(|(row, line)| Some((row, line, line.find(text)?)));
        let (row, line, byte) = found.unwrap_or_else(|| panic!("no {text:?} on\n{contents}"));
        let column = line[..byte].chars().count() + text.chars().count() / 2;
        let place = format!("{};{}", column + 1, row + 1);
        self.send(&format!("\x1b[<0;{place}M\x1b[<0;{place}m"));
    }

    fn signal(&self, name: &str) {
        let process = self.child.process_id().unwrap().to_string();
        assert!(
            std::process::Command::new("kill")
                .args([&format!("-{name}"), &process])
                .status()
                .unwrap()
                .success()
        );
    }

    pub(crate) fn wait_for_restored(&self) {
        self.wait("the terminal given back", |screen| {
            !screen.alternate_screen()
                && !screen.hide_cursor()
                && !screen.bracketed_paste()
                && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
        });
    }

    pub(crate) fn exit_code(&mut self) -> u32 {
        self.child.wait().unwrap().exit_code()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

#[test]
fn it_draws_resizes_and_quits() {
    let mut terminal = Terminal::cockpit((80, 24));
    terminal.wait_for_cockpit();
    terminal.wait("the connection's problem with what to do", |screen| {
        screen.contents().contains("no cluster") && screen.contents().contains("/nonexistent")
    });
    {
        let parser = terminal.parser.0.lock().unwrap();
        let screen = parser.screen();
        assert!(screen.hide_cursor() && screen.bracketed_paste());
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::ButtonMotion);
    }
    terminal.resize((20, 5));
    terminal.wait("that it is too small", |screen| screen.contents().contains("60x15"));
    terminal.resize((140, 40));
    terminal.wait("the larger screen", |screen| {
        screen.contents().lines().next().is_some_and(|line| line.contains("READ-WRITE") && line.len() > 120)
    });
    terminal.send("?");
    terminal.wait("help", |screen| screen.contents().contains("Moving about"));
    terminal.send("\x1b");
    terminal.wait("help closed", |screen| !screen.contents().contains("Moving about"));
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    terminal.wait_for_restored();
}

#[test]
fn the_mouse_is_understood() {
    let mut terminal = Terminal::cockpit((80, 24));
    terminal.wait_for_cockpit();
    terminal.click("? help", "esc closes");
    terminal.signal("TERM");
    terminal.exit_code();
}

#[test]
fn signals_give_the_terminal_back() {
    for (name, code) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let mut terminal = Terminal::cockpit((80, 24));
        terminal.wait_for_cockpit();
        terminal.signal(name);
        assert_eq!(terminal.exit_code(), code, "{name}");
        terminal.wait_for_restored();
    }
}

#[test]
fn stopped_and_brought_back_it_draws_again() {
    let mut terminal = Terminal::cockpit((80, 24));
    terminal.wait_for_cockpit();
    terminal.send("\x1a");
    terminal.wait_for_restored();
    terminal.signal("CONT");
    terminal.wait_for_cockpit();
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_speaks() {
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--exact", "terminal::panicking_child", "--ignored", "--nocapture", "--test-threads=1"]);
    command.env("RUST_BACKTRACE", "0");
    let mut terminal = Terminal::spawn(command, (120, 60));
    assert_ne!(terminal.exit_code(), 0);
    terminal.wait_for_restored();
    terminal.wait("the panic's own words", |screen| screen.contents().contains("asked to"));
}

#[test]
#[ignore = "run by the test above, in a terminal of its own"]
fn panicking_child() {
    let _terminal = migrate_tui::runtime::Terminal::take().unwrap();
    panic!("asked to");
}

/// Not a benchmark: the limit is far above what is measured, for debug builds on busy machines.
#[test]
fn the_first_frame_waits_for_no_cluster() {
    let mut terminal = Terminal::cockpit((80, 24));
    terminal.wait_for_cockpit();
    let first = terminal.started.elapsed();
    assert!(first < Duration::from_secs(2), "{first:?}");
    terminal.send("q");
    terminal.exit_code();
}
