//! The cockpit's event loop: one task that owns all state.

use std::{collections::BTreeMap, future, io, time::Duration};

use crossterm::event::{Event, EventStream};
use futures::StreamExt;
use jiff::Timestamp;
use ratatui::buffer::Buffer;
use thiserror::Error;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};

use super::{
    Driver, Terminal, input,
    signals::{Asked, Signals, stop_job},
};
use crate::{
    app::{App, AppEffect, Connection, Message, Mode, Notice, NoticeLevel, Setting, World},
    config::Keymap,
    diff::{Problem, Proposal},
    engine::{AttemptNumber, Run},
    observed::{Observation, Observed},
    ui::{Theme, render},
};

/// Observations are drawn at most this often; input at once.
const FRAME: Duration = Duration::from_millis(16);

/// Ages and clocks are looked at this often, and drawn only when they read differently.
const TICK: Duration = Duration::from_secs(1);

/// What the cockpit opens with, before there is a cluster.
#[derive(Debug)]
pub struct CockpitOptions {
    /// The run as far as it is known: the journal's, or one without entries.
    pub run: Run,
    /// Plan and environment.
    pub setting: Setting,
    /// May anything be written?
    pub mode: Mode,
    /// Roles to styles, already brought down to the terminal's colours.
    pub theme: Theme,
    /// Which key asks for what.
    pub keymap: Keymap,
    /// What is being done meanwhile, as in `connecting to staging-eu`.
    pub doing: String,
}

/// News from whoever is connecting meanwhile.
#[derive(Debug)]
pub enum CockpitEvent {
    /// What is being done now.
    Doing(String),
    /// Observations from before there is a session: a rehearsal's progress.
    Observed(Vec<Observation>),
    /// The cluster is there and the run can be driven.
    Connected(Box<Driven>),
    /// It is not. The plan stays readable.
    ConnectFailed(Problem),
}

/// A run that can be driven.
#[derive(Debug)]
pub struct Driven {
    /// Owns run and proposals.
    pub driver: Driver,
    /// From the watches, coalesced.
    pub observations: mpsc::Receiver<Vec<Observation>>,
    /// Is the cluster there?
    pub connection: watch::Receiver<Connection>,
    /// Context and driver are known now.
    pub setting: Setting,
    /// May anything be written, in this context?
    pub mode: Mode,
}

/// How the cockpit ended.
#[derive(Debug)]
pub struct Exit {
    /// Why.
    pub reason: Reason,
    /// To be brought to an end in order, when there was one.
    pub driver: Option<Driver>,
}

/// Why the cockpit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The operator left.
    Quit,
    /// This signal came.
    Signal(i32),
    /// The terminal is gone.
    TerminalClosed,
    /// A task panicked; its message is on the screen.
    Panicked,
}

/// The terminal cannot be used.
#[derive(Debug, Error)]
pub enum CockpitError {
    /// At the start.
    #[error("the cockpit needs a terminal; `migrate-tui status` does without")]
    NoTerminal(#[source] io::Error),
    /// Later.
    #[error("the terminal can no longer be used")]
    Terminal(#[from] io::Error),
}

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
                        if let Some(reason) = cockpit.take_in(message, &mut terminal).await? {
                            return Ok(cockpit.exit(reason));
                        }
                    }
                }
                Some(Err(_)) | None => return Ok(cockpit.exit(Reason::TerminalClosed)),
            },
            news = next_of(&mut cockpit.session) => {
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

/// What a session has to say.
enum News {
    Run,
    Observed(Vec<Observation>),
    Connection(Connection),
}

/// Waits for news; for ever where there is no session. May be dropped at any time without losing any.
async fn next_of(session: &mut Option<Driven>) -> News {
    let Some(session) = session else { return future::pending().await };
    tokio::select! {
        () = session.driver.next() => News::Run,
        Some(batch) = session.observations.recv() => News::Observed(batch),
        Ok(()) = session.connection.changed() => {
            News::Connection(session.connection.borrow_and_update().clone())
        }
        else => future::pending().await,
    }
}

struct Cockpit {
    app: App,
    /// Until there is a driver.
    run: Run,
    no_proposals: BTreeMap<AttemptNumber, Proposal>,
    session: Option<Driven>,
    setting: Setting,
    observed: Observed,
    connection: Connection,
    mode: Mode,
    theme: Theme,
    keymap: Keymap,
    buffer: Buffer,
    is_stopped: bool,
}

impl Cockpit {
    fn new(options: CockpitOptions) -> Self {
        let CockpitOptions { run, setting, mode, theme, keymap, doing } = options;
        let observed = Observed::default();
        let connection = Connection::Connecting { doing };
        let no_proposals = BTreeMap::new();
        let app = App::new(&World {
            run: &run,
            setting: &setting,
            observed: &observed,
            proposals: &no_proposals,
            connection: &connection,
            now: Timestamp::now(),
            mode,
        });
        Self {
            app,
            run,
            no_proposals,
            session: None,
            setting,
            observed,
            connection,
            mode,
            theme,
            keymap,
            buffer: Buffer::default(),
            is_stopped: false,
        }
    }

    fn exit(self, reason: Reason) -> Exit {
        Exit { reason, driver: self.session.map(|session| session.driver) }
    }

    /// The screen's own state, and the world it looks at.
    fn parts(&mut self) -> (&mut App, World<'_>) {
        let (run, proposals) = match &self.session {
            Some(session) => (session.driver.run(), session.driver.proposals()),
            None => (&self.run, &self.no_proposals),
        };
        let world = World {
            run,
            setting: &self.setting,
            observed: &self.observed,
            proposals,
            connection: &self.connection,
            now: Timestamp::now(),
            mode: self.mode,
        };
        (&mut self.app, world)
    }

    fn update(&mut self, message: Message) -> Vec<AppEffect> {
        let (app, world) = self.parts();
        app.update(&world, message)
    }

    /// Takes a message in and does what comes of it; gives a reason when that is to leave.
    async fn take_in(&mut self, message: Message, terminal: &mut Terminal) -> io::Result<Option<Reason>> {
        for effect in self.update(message) {
            match effect {
                AppEffect::Command(command) => {
                    let Some(session) = &mut self.session else { continue };
                    let outcome = session.driver.submit(command);
                    if let Err(error) = outcome {
                        self.update(Message::Refused(error.to_string()));
                    } else {
                        self.update(Message::World);
                    }
                }
                AppEffect::Quit => return Ok(Some(Reason::Quit)),
                AppEffect::Redraw => terminal.redraw(),
                AppEffect::Suspend => {
                    terminal.give_back();
                    self.is_stopped = true;
                    stop_job()?;
                }
            }
        }
        Ok(None)
    }

    fn take_news(&mut self, news: News) {
        match news {
            News::Run => {}
            News::Observed(batch) => self.fold(batch),
            News::Connection(connection) => self.connection = connection,
        }
        self.update(Message::World);
    }

    fn take_event(&mut self, event: CockpitEvent) {
        match event {
            CockpitEvent::Doing(doing) => self.connection = Connection::Connecting { doing },
            CockpitEvent::Observed(batch) => self.fold(batch),
            CockpitEvent::ConnectFailed(problem) => {
                let text = format!("{}: {}. {}", problem.subject, problem.reason, problem.remedy);
                self.connection = Connection::Failed(problem);
                self.update(Message::Notify(Notice { level: NoticeLevel::Refusal, text }));
            }
            CockpitEvent::Connected(mut session) => {
                self.connection = session.connection.borrow_and_update().clone();
                self.setting = session.setting.clone();
                self.mode = session.mode;
                self.session = Some(*session);
            }
        }
        self.update(Message::World);
    }

    fn fold(&mut self, batch: Vec<Observation>) {
        for observation in batch {
            self.observed.fold(observation);
        }
    }

    fn draw(&mut self, terminal: &mut Terminal) -> io::Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.resize(terminal.area()?);
        let (theme, keymap) = (self.theme.clone(), self.keymap.clone());
        let (app, world) = self.parts();
        let areas = render(app, &world, (&theme, &keymap), &mut buffer);
        app.remember(areas);
        terminal.show(&buffer)?;
        self.buffer = buffer;
        Ok(())
    }
}
