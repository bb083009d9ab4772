//! The event loop: one task that owns all state of the screen that is open.

use std::{io, time::Duration};

use crossterm::event::{Event, EventStream};
use futures::StreamExt;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::{
    CockpitError, Reason, Terminal, input,
    signals::{Asked, Signals},
};
use crate::{app::Message, config};

/// News is drawn at most this often; input at once.
const FRAME: Duration = Duration::from_millis(16);

/// Ages and clocks are looked at this often, and drawn only when they read differently.
const TICK: Duration = Duration::from_secs(1);

/// What is open.
pub(super) trait Screen {
    /// What comes in beside keys.
    type News;

    /// What keys mean on it.
    const ON: config::Screen;

    /// Which key asks for what.
    fn keymap(&self) -> &config::Keymap;

    /// Stopped by Ctrl-Z: the terminal is the shell's.
    fn is_stopped(&mut self) -> &mut bool;

    /// Draws it.
    fn draw(&mut self, terminal: &mut Terminal) -> io::Result<()>;

    /// Takes a message in and does what comes of it; gives a reason when that is to leave.
    fn take_in(&mut self, message: Message, terminal: &mut Terminal) -> io::Result<Option<Reason>>;

    /// Waits for news. May be dropped at any time without losing any.
    async fn news(&mut self) -> Self::News;

    /// Takes news in.
    fn take_news(&mut self, news: Self::News);
}

/// Keeps a screen open until the operator leaves or a signal comes.
pub(super) async fn keep_open<S: Screen>(make: impl FnOnce() -> S) -> Result<(S, Reason), CockpitError> {
    let mut signals = Signals::new()?;
    let mut terminal = Terminal::take().map_err(CockpitError::NoTerminal)?;
    let mut screen = make();
    let reason = run(&mut screen, &mut signals, &mut terminal).await?;
    Ok((screen, reason))
}

async fn run<S: Screen>(
    screen: &mut S,
    signals: &mut Signals,
    terminal: &mut Terminal,
) -> Result<Reason, CockpitError> {
    let mut input = EventStream::new();
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last_frame = Instant::now();
    let mut draw = Draw::Now;
    loop {
        if *screen.is_stopped() {
            draw = Draw::Nothing;
        } else if !terminal.is_taken() {
            return Ok(Reason::Panicked);
        }
        if draw == Draw::Now || (draw == Draw::Soon && last_frame.elapsed() >= FRAME) {
            screen.draw(terminal)?;
            last_frame = Instant::now();
            draw = Draw::Nothing;
        }
        tokio::select! {
            biased;
            asked = signals.next() => match asked {
                Asked::Leave(number) => return Ok(Reason::Signal(number)),
                Asked::Continue => {
                    *screen.is_stopped() = false;
                    terminal.resume()?;
                    draw = Draw::Now;
                }
            },
            event = input.next() => match event {
                Some(Ok(Event::Resize(..))) => draw = Draw::Now,
                Some(Ok(event)) => {
                    if let Some(message) = input::message(event, screen.keymap(), S::ON) {
                        draw = Draw::Now;
                        if let Some(reason) = screen.take_in(message, terminal)? {
                            return Ok(reason);
                        }
                    }
                }
                Some(Err(_)) | None => return Ok(Reason::TerminalClosed),
            },
            news = screen.news() => {
                screen.take_news(news);
                draw = draw.or_soon();
            }
            () = sleep_until(last_frame + FRAME), if draw == Draw::Soon => {}
            _ = tick.tick() => draw = draw.or_soon(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Draw {
    Nothing,
    Soon,
    Now,
}

impl Draw {
    fn or_soon(self) -> Self {
        if self == Self::Now { Self::Now } else { Self::Soon }
    }
}
