//! The terminal: taken over, and given back whatever happens.

use std::{
    io::{self, IsTerminal, Stdout, Write, stdout},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use crossterm::{
    cursor,
    event::{DisableBracketedPaste, EnableBracketedPaste},
    execute,
    terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
};
use ratatui::{
    backend::{Backend, CrosstermBackend},
    buffer::Buffer,
    layout::Rect,
};

use super::signals::stop_job;
use crate::ui::Depth;

/// Clicks, drags and the wheel, with coordinates of any size. Not 1003, which crossterm's own command
/// turns on as well: it reports every motion, and over SSH that is a flood.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1002l\x1b[?1000l";

/// The terminal while the cockpit has it. Dropping it gives it back.
#[derive(Debug)]
pub struct Terminal {
    // Not `ratatui::Terminal`: its `clear` and `resize` ask the terminal where the cursor is, and the
    // answer would come in among the keys.
    backend: CrosstermBackend<Stdout>,
    /// `None`: every cell is to be written.
    shown: Option<Buffer>,
    /// Shared with the panic hook, so that it is given back once only.
    is_taken: Arc<AtomicBool>,
}

impl Terminal {
    /// Takes the terminal over, and sees to it that a panic gives it back before it speaks.
    ///
    /// # Errors
    /// When stdout is not a terminal, or cannot be written to.
    pub fn take() -> io::Result<Self> {
        if !stdout().is_terminal() {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "standard output is not a terminal"));
        }
        let is_taken = Arc::new(AtomicBool::new(false));
        let hook_taken = Arc::clone(&is_taken);
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            give_back(&hook_taken);
            hook(panic);
        }));
        let mut terminal = Self { backend: CrosstermBackend::new(stdout()), shown: None, is_taken };
        terminal.resume()?;
        Ok(terminal)
    }

    /// Takes it over again after [`Terminal::give_back`].
    ///
    /// # Errors
    /// When it cannot be written to.
    pub fn resume(&mut self) -> io::Result<()> {
        self.is_taken.store(true, Ordering::SeqCst);
        enable_raw_mode()?;
        let mut out = stdout();
        execute!(out, EnterAlternateScreen, cursor::Hide, EnableBracketedPaste)?;
        out.write_all(MOUSE_ON)?;
        out.flush()?;
        self.redraw();
        Ok(())
    }

    /// Gives it back; it can be resumed.
    pub fn give_back(&mut self) {
        give_back(&self.is_taken);
    }

    /// Gives it back and stops the whole job; `fg` continues it.
    pub(super) fn stop(&mut self) -> io::Result<()> {
        self.give_back();
        stop_job()
    }

    /// Do we have it? No longer after a panic in any task.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        self.is_taken.load(Ordering::SeqCst)
    }

    /// Its size now.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub fn area(&self) -> io::Result<Rect> {
        Ok(Rect::from((ratatui::layout::Position::ORIGIN, self.backend.size()?)))
    }

    /// Shows a frame; writes nothing when it is what is shown already.
    ///
    /// # Errors
    /// When it cannot be written to.
    pub fn show(&mut self, next: &Buffer) -> io::Result<()> {
        let blank = Buffer::empty(next.area);
        let shown = match &self.shown {
            Some(shown) if shown == next => return Ok(()),
            Some(shown) if shown.area == next.area => shown,
            _ => {
                self.backend.clear()?;
                &blank
            }
        };
        self.backend.draw(shown.diff(next).into_iter())?;
        Backend::flush(&mut self.backend)?;
        self.shown = Some(next.clone());
        Ok(())
    }

    /// The next frame is written in full.
    pub fn redraw(&mut self) {
        self.shown = None;
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.give_back();
    }
}

/// Everything off that was turned on, in reverse; once.
fn give_back(is_taken: &AtomicBool) {
    if !is_taken.swap(false, Ordering::SeqCst) {
        return;
    }
    // Whatever cannot be written here cannot be reported either.
    let mut out = stdout();
    let _ = out.write_all(MOUSE_OFF);
    let _ = execute!(out, DisableBracketedPaste, LeaveAlternateScreen, cursor::Show);
    let _ = disable_raw_mode();
}

/// How many colours this terminal shows, by `NO_COLOR`, `COLORTERM` and `TERM`.
#[must_use]
pub fn color_depth() -> Depth {
    let variable = |name: &str| std::env::var(name).ok();
    let (no_color, colorterm, term) = (variable("NO_COLOR"), variable("COLORTERM"), variable("TERM"));
    Depth::of(no_color.as_deref(), colorterm.as_deref(), term.as_deref())
}
