//! The cockpit's event loop: one task that owns all state.

use std::time::Duration;

use crossterm::event::{Event, EventStream};
use futures::StreamExt;
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};

use super::{
    CockpitError, CockpitEvent, CockpitOptions, Exit, Reason, Terminal, input,
    signals::{Asked, Signals},
    state::{Cockpit, next_of},
};

/// Observations are drawn at most this often; input at once.
const FRAME: Duration = Duration::from_millis(16);

/// Ages and clocks are looked at this often, and drawn only when they read differently.
const TICK: Duration = Duration::from_secs(1);

/// Opens the cockpit and keeps it open until the operator leaves or a signal comes.
///
/// # Errors
/// [`CockpitError`] when the terminal cannot be used. It has been given back in any case.
pub async fn cockpit(
    options: CockpitOptions,
    mut events: mpsc::Receiver<CockpitEvent>,
) -> Result<Exit, CockpitError> {
    let mut signals = Signals::new()?;
    let mut terminal = Terminal::take().map_err(CockpitError::NoTerminal)?;
    let mut cockpit = Cockpit::new(options);
    let mut input = EventStream::new();
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last_frame = Instant::now();
    let mut draw = Draw::Now;
    let mut may_have_events = true;
    loop {
        if cockpit.is_stopped {
            draw = Draw::Nothing;
        } else if !terminal.is_taken() {
            return Ok(cockpit.exit(Reason::Panicked));
        }
        if draw == Draw::Now || (draw == Draw::Soon && last_frame.elapsed() >= FRAME) {
            cockpit.draw(&mut terminal)?;
            last_frame = Instant::now();
            draw = Draw::Nothing;
        }
        tokio::select! {
            biased;
            asked = signals.next() => match asked {
                Asked::Leave(number) => return Ok(cockpit.exit(Reason::Signal(number))),
                Asked::Continue => {
                    cockpit.is_stopped = false;
                    terminal.resume()?;
                    draw = Draw::Now;
                }
            },
            event = input.next() => match event {
                Some(Ok(Event::Resize(..))) => draw = Draw::Now,
                Some(Ok(event)) => {
                    if let Some(message) = input::message(event, &cockpit.keymap) {
                        draw = Draw::Now;
                        if let Some(reason) = cockpit.take_in(message, &mut terminal)? {
                            return Ok(cockpit.exit(reason));
                        }
                    }
                }
                Some(Err(_)) | None => return Ok(cockpit.exit(Reason::TerminalClosed)),
            },
            news = next_of(&mut cockpit.driven) => {
                cockpit.take_news(news);
                draw = draw.or_soon();
            }
            event = events.recv(), if may_have_events => {
                match event {
                    Some(event) => cockpit.take_event(event),
                    None => may_have_events = false,
                }
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
