//! All state of the cockpit, owned by the event loop.

use std::{collections::BTreeMap, future, io};

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use tokio::sync::mpsc;

use super::{
    CockpitEvent, CockpitOptions, Driven, Driver, Exit, Followed, ForgeAsk, Reason, Terminal, screen::Screen,
};
use crate::{
    app::{App, AppEffect, Connection, Message, Mode, Notice, NoticeLevel, Setting, World},
    config::{self, Keymap},
    diff::Proposal,
    engine::{AttemptNumber, Command, Run},
    observed::{Freshness, Observation, Observed},
    plan::StepPath,
    ui::{Theme, render},
};

/// What comes in beside keys.
pub(super) enum News {
    Run,
    Observed(Vec<Observation>),
    Event(CockpitEvent),
}

/// Waits for news of a driven run; for ever where none is driven. May be dropped at any time without losing any.
async fn next_of(driven: &mut Option<Driven>) -> News {
    let Some(driven) = driven else { return future::pending().await };
    tokio::select! {
        () = driven.driver.next() => News::Run,
        Some(batch) = driven.observations.recv() => News::Observed(batch),
        else => future::pending().await,
    }
}

pub(super) struct Cockpit {
    app: App,
    /// Until there is a driver.
    run: Run,
    no_proposals: BTreeMap<AttemptNumber, Proposal>,
    driven: Option<Driven>,
    /// From whoever is connecting; none once nothing more can come.
    events: Option<mpsc::Receiver<CockpitEvent>>,
    /// The run as another process drives it, while it is at work and this view is read-only.
    elsewhere: Option<Run>,
    /// What that process has journalled, until it is taken up here.
    followed: Option<Followed>,
    setting: Setting,
    observed: Observed,
    connection: Connection,
    mode: Mode,
    theme: Theme,
    keymap: Keymap,
    buffer: Buffer,
    has_told_halt: bool,
    forge: mpsc::Sender<ForgeAsk>,
    is_stopped: bool,
}

impl Cockpit {
    pub(super) fn new(options: CockpitOptions, events: mpsc::Receiver<CockpitEvent>) -> Self {
        let CockpitOptions { run, setting, mode, theme, keymap, doing, forge } = options;
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
            driven: None,
            events: Some(events),
            elsewhere: None,
            followed: None,
            setting,
            observed,
            connection,
            mode,
            theme,
            keymap,
            buffer: Buffer::default(),
            has_told_halt: false,
            forge,
            is_stopped: false,
        }
    }

    pub(super) fn exit(self, reason: Reason) -> Exit {
        Exit { reason, driver: self.driven.map(|driven| driven.driver) }
    }

    /// The screen's own state, and the world it looks at.
    pub(super) fn parts(&mut self) -> (&mut App, World<'_>) {
        let (run, proposals) = match (&self.driven, &self.elsewhere) {
            (Some(driven), Some(run)) if !is_looking(&driven.driver) => (run, &self.no_proposals),
            (Some(driven), _) => (driven.driver.run(), driven.driver.proposals()),
            (None, _) => (&self.run, &self.no_proposals),
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

    fn ask_forge(&mut self, ask: ForgeAsk) {
        if self.forge.try_send(ask).is_err() {
            self.update(Message::Refused("GitHub is being asked already; wait a moment".to_owned()));
        }
    }

    /// Writes a note; says so when that cannot be done.
    fn note(&mut self, step: &StepPath, text: String) -> bool {
        let Some(driven) = &mut self.driven else { return false };
        match driven.driver.submit(Command::Note { step: step.clone(), text }) {
            Ok(()) => true,
            Err(error) => {
                self.update(Message::Refused(error.to_string()));
                false
            }
        }
    }

    /// A journal that can no longer be written (a full disk, say) is told at once, and once.
    fn look_for_halt(&mut self) {
        let halted = self.driven.as_ref().and_then(|driven| driven.driver.halted()).map(str::to_owned);
        if let Some(reason) = halted.filter(|_| !self.has_told_halt) {
            self.has_told_halt = true;
            let text = format!(
                "nothing more is started: {reason}. What was written stays; free some space and start migrate-tui \
                 again, it compares with the cluster"
            );
            self.update(Message::Notify(Notice { level: NoticeLevel::Refusal, text }));
        }
    }

    pub(super) fn take_event(&mut self, event: CockpitEvent) {
        match event {
            CockpitEvent::Doing(doing) => self.connection = Connection::Connecting { doing },
            CockpitEvent::Observed(batch) => self.fold(batch),
            CockpitEvent::ConnectFailed(problem) => {
                self.connection = Connection::Failed(problem);
            }
            CockpitEvent::Connected(driven) => {
                self.connection = Connection::Live;
                self.mode = driven.mode;
                self.setting = driven.setting.clone();
                self.driven = Some(*driven);
            }
            CockpitEvent::Followed(followed) => self.follow(*followed),
            CockpitEvent::DispatchShown(shown) => {
                self.update(Message::DispatchShown(shown));
            }
            CockpitEvent::Dispatched { step, is_started, told } => {
                self.note(&step, told.clone());
                let level = if is_started { NoticeLevel::Information } else { NoticeLevel::Refusal };
                self.update(Message::Notify(Notice { level, text: told }));
            }
            CockpitEvent::Notify(notice) => {
                self.update(Message::Notify(notice));
            }
        }
        self.update(Message::World);
    }

    fn follow(&mut self, followed: Followed) {
        let Some(driven) = &self.driven else { return };
        let mut run = Run::new(driven.driver.run().steps().to_vec());
        followed.entries.iter().for_each(|entry| run.apply(entry));
        self.setting.is_driven_elsewhere = followed.is_driven;
        self.elsewhere = (followed.is_driven && run.active().is_some()).then_some(run);
        self.followed = Some(followed);
        self.catch_up();
    }

    /// Takes up what another process has journalled, once it is no longer at work and nothing is looked at here.
    fn catch_up(&mut self) {
        let Some(driven) = &mut self.driven else { return };
        if self.elsewhere.is_some() || is_looking(&driven.driver) {
            return;
        }
        if let Some(followed) = self.followed.take()
            && let Err(error) = driven.driver.take_anew(followed)
        {
            self.update(Message::Refused(error.to_string()));
        }
    }

    fn fold(&mut self, batch: Vec<Observation>) {
        self.observed.fold_all(batch);
        if self.driven.is_some() {
            self.connection = connection(&self.observed);
        }
    }
}

impl Screen for Cockpit {
    type News = News;

    const ON: config::Screen = config::Screen::Cockpit;

    fn keymap(&self) -> &Keymap {
        &self.keymap
    }

    fn is_stopped(&mut self) -> &mut bool {
        &mut self.is_stopped
    }

    fn take_in(&mut self, message: Message, terminal: &mut Terminal) -> io::Result<Option<Reason>> {
        for effect in self.update(message) {
            match effect {
                AppEffect::Command(command) => {
                    let Some(driven) = &mut self.driven else { continue };
                    let outcome = driven.driver.submit(command);
                    if let Err(error) = outcome {
                        self.update(Message::Refused(error.to_string()));
                    } else {
                        self.update(Message::World);
                    }
                }
                AppEffect::ShowDispatch => self.ask_forge(ForgeAsk::Show),
                AppEffect::LookAtRun(run) => self.ask_forge(ForgeAsk::Look(run)),
                AppEffect::Dispatch { step, dispatch } => {
                    let text = format!("asked for a {}", dispatch.told());
                    // Durable before it is sent.
                    if self.note(&step, text) {
                        self.ask_forge(ForgeAsk::Start { step, dispatch });
                    }
                }
                AppEffect::Quit => return Ok(Some(Reason::Quit)),
                AppEffect::Redraw => terminal.redraw(),
                AppEffect::Suspend => {
                    self.is_stopped = true;
                    terminal.stop()?;
                }
            }
        }
        Ok(None)
    }

    async fn news(&mut self) -> News {
        let (driven, events) = (&mut self.driven, &mut self.events);
        let next = async {
            if let Some(receiver) = events {
                if let Some(event) = receiver.recv().await {
                    return event;
                }
                *events = None;
            }
            future::pending().await
        };
        tokio::select! {
            biased;
            news = next_of(driven) => news,
            event = next => News::Event(event),
        }
    }

    fn take_news(&mut self, news: News) {
        match news {
            News::Run => {
                self.look_for_halt();
                self.catch_up();
            }
            News::Observed(batch) => self.fold(batch),
            News::Event(event) => return self.take_event(event),
        }
        self.update(Message::World);
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

/// Is something compared, shown or verified here?
fn is_looking(driver: &Driver) -> bool {
    !driver.run().is_quiet() || driver.run().awaiting().next().is_some()
}

/// The watches' one heartbeat marks every pane alike, so any stale pane tells of the connection.
fn connection(observed: &Observed) -> Connection {
    let panes = [
        &observed.pods.freshness,
        &observed.autoscalers.freshness,
        &observed.ingresses.freshness,
        &observed.workloads.freshness,
    ];
    let stale = panes.into_iter().find_map(|freshness| match freshness {
        Freshness::Stale { since, reason } => {
            Some(Connection::Stale { since: *since, reason: reason.clone() })
        }
        _ => None,
    });
    stale.unwrap_or(Connection::Live)
}
