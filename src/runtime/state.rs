//! All state of the cockpit, owned by the event loop.

use std::{collections::BTreeMap, future, io};

use jiff::Timestamp;
use ratatui::buffer::Buffer;

use super::{CockpitEvent, CockpitOptions, Exit, Reason, Session, Terminal, signals::stop_job};
use crate::{
    app::{App, AppEffect, Connection, Message, Mode, Setting, World},
    config::Keymap,
    diff::Proposal,
    engine::{AttemptNumber, Run},
    observed::{Observation, Observed},
    ui::{Theme, render},
};

/// What a session has to say.
pub(super) enum News {
    Run,
    Observed(Vec<Observation>),
    Connection(Connection),
}

/// Waits for news; for ever where there is no session. May be dropped at any time without losing any.
pub(super) async fn next_of(session: &mut Option<Session>) -> News {
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

pub(super) struct Cockpit {
    app: App,
    /// Until there is a driver.
    run: Run,
    no_proposals: BTreeMap<AttemptNumber, Proposal>,
    pub(super) session: Option<Session>,
    setting: Setting,
    observed: Observed,
    connection: Connection,
    mode: Mode,
    theme: Theme,
    pub(super) keymap: Keymap,
    buffer: Buffer,
    /// Stopped by Ctrl-Z: the terminal is the shell's.
    pub(super) is_stopped: bool,
}

impl Cockpit {
    pub(super) fn new(options: CockpitOptions) -> Self {
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

    pub(super) fn exit(self, reason: Reason) -> Exit {
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
    pub(super) async fn take_in(
        &mut self,
        message: Message,
        terminal: &mut Terminal,
    ) -> io::Result<Option<Reason>> {
        for effect in self.update(message) {
            match effect {
                AppEffect::Command(command) => {
                    let Some(session) = &mut self.session else { continue };
                    let outcome = session.driver.submit(command).await;
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

    pub(super) fn take_news(&mut self, news: News) {
        match news {
            News::Run => {}
            News::Observed(batch) => self.fold(batch),
            News::Connection(connection) => self.connection = connection,
        }
        self.update(Message::World);
    }

    pub(super) fn take_event(&mut self, event: CockpitEvent) {
        match event {
            CockpitEvent::Doing(doing) => self.connection = Connection::Connecting { doing },
            CockpitEvent::Observed(batch) => self.fold(batch),
            CockpitEvent::ConnectFailed(problem) => {
                self.connection = Connection::Failed(problem);
            }
            CockpitEvent::Connected(mut session) => {
                self.connection = session.connection.borrow_and_update().clone();
                self.setting = session.setting.clone();
                self.session = Some(*session);
            }
            CockpitEvent::Notify(notice) => {
                self.update(Message::Notify(notice));
            }
        }
        self.update(Message::World);
    }

    fn fold(&mut self, batch: Vec<Observation>) {
        for observation in batch {
            self.observed.fold(observation);
        }
    }

    pub(super) fn draw(&mut self, terminal: &mut Terminal) -> io::Result<()> {
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
