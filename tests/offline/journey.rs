//! A cockpit with a real run behind it. Effects are answered from a script: no imitation of
//! Kubernetes, only outcomes.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use migrate_tui::{
    app::{App, AppEffect, Connection, Message, Mode, Setting, Target, World},
    config::{Action, KeyPress, Screen, Settings},
    diff::Proposal,
    engine::{
        AttemptNumber, Author, Command, Effect, Entry, Event, Outcome, RowInspection, Run, SCHEMA_VERSION,
    },
    observed::Observed,
    plan::Step,
    ui::{Theme, render},
};
use ratatui::{buffer::Buffer, layout::Rect};

use crate::fixture;

pub(crate) struct Journey {
    pub(crate) run: Run,
    pub(crate) setting: Setting,
    pub(crate) observed: Observed,
    pub(crate) proposals: BTreeMap<AttemptNumber, Proposal>,
    pub(crate) connection: Connection,
    pub(crate) mode: Mode,
    pub(crate) now: Timestamp,
    pub(crate) app: App,
    pub(crate) theme: Theme,
    settings: Settings,
    pub(crate) buffer: Buffer,
    /// Everything that the cockpit asked the engine.
    pub(crate) commands: Vec<Command>,
    /// What it asked of the forge.
    pub(crate) asked: Vec<AppEffect>,
    pub(crate) has_quit: bool,
    /// Effects that are not answered.
    pub(crate) holds: fn(&Effect) -> bool,
    /// What happens instead of success.
    pub(crate) twists: fn(&Effect) -> Option<Outcome>,
}

impl Journey {
    pub(crate) fn new(width: u16, height: u16) -> Self {
        Self::with(fixture::steps(), (width, height))
    }

    /// With other steps than the fixture's.
    pub(crate) fn with(steps: Vec<Step>, (width, height): (u16, u16)) -> Self {
        let run = Run::new(steps);
        let setting = fixture::setting();
        let observed = fixture::observed();
        let proposals = BTreeMap::new();
        let connection = Connection::Live;
        let now = "2026-11-24T14:03:00Z".parse().unwrap();
        let world = World {
            run: &run,
            setting: &setting,
            observed: &observed,
            proposals: &proposals,
            connection: &connection,
            now,
            mode: Mode::ReadWrite,
        };
        let app = App::new(&world);
        let mut journey = Self {
            app,
            run,
            setting,
            observed,
            proposals,
            connection,
            mode: Mode::ReadWrite,
            now,
            theme: Theme::built_in("dark").unwrap().unwrap(),
            settings: Settings::defaults().unwrap(),
            buffer: Buffer::empty(Rect::new(0, 0, width, height)),
            commands: Vec::new(),
            asked: Vec::new(),
            has_quit: false,
            holds: |_| false,
            twists: |_| None,
        };
        journey.journal(vec![Event::SessionStarted { program: "0.1.0".into(), plan_digest: String::new() }]);
        journey.obey(Command::MeetCluster(fixture::cluster())).unwrap();
        journey.commands.clear();
        journey.say(Message::World);
        journey
    }

    /// Week 1 up to the overlay is done.
    pub(crate) fn at_overlay(width: u16, height: u16) -> Self {
        let mut journey = Self::new(width, height);
        let note = "token in the vault under staging/ghcr".to_owned();
        journey.obey(Command::Tick { step: fixture::path("week-1/pull-secret"), note }).unwrap();
        journey.keys("a a tab enter");
        journey.keys("down");
        assert_eq!(journey.standing("week-1/namespace"), "done");
        journey.commands.clear();
        journey
    }

    pub(crate) fn standing(&self, step: &str) -> &'static str {
        self.run.standing(&fixture::path(step)).word()
    }

    /// Presses keys as written in the keymap, separated by spaces; `'text'` is typed.
    pub(crate) fn keys(&mut self, keys: &str) {
        for word in keys.split(' ').filter(|word| !word.is_empty()) {
            match word.strip_prefix('\'').and_then(|word| word.strip_suffix('\'')) {
                Some(text) => {
                    for character in text.replace('_', " ").chars() {
                        let press: KeyPress =
                            if character == ' ' { "space".to_owned() } else { character.to_string() }
                                .parse()
                                .unwrap();
                        self.press(press);
                    }
                }
                None => self.press(word.parse().unwrap()),
            }
        }
    }

    pub(crate) fn press(&mut self, press: KeyPress) {
        self.say(Message::Key { press, action: self.settings.keymap.resolve(press, Screen::Cockpit) });
    }

    /// Clicks the middle of what was drawn for a target.
    pub(crate) fn click(&mut self, wanted: impl Fn(&Target) -> bool) {
        let area =
            self.app.areas.find(wanted).unwrap_or_else(|| panic!("not on the screen:\n{}", self.screen()));
        self.say(Message::Click { column: area.x + area.width / 2, row: area.y });
    }

    pub(crate) fn click_button(&mut self, action: Action) {
        self.click(|target| *target == Target::Button(action));
    }

    pub(crate) fn say(&mut self, message: Message) {
        self.now += SignedDuration::from_secs(1);
        let effects = self.update(message);
        for effect in effects {
            match effect {
                AppEffect::Command(command) => {
                    if let Err(refusal) = self.obey(command) {
                        self.update(Message::Refused(refusal));
                    }
                }
                AppEffect::Quit => self.has_quit = true,
                AppEffect::Suspend | AppEffect::Redraw => {}
                asked => self.asked.push(asked),
            }
        }
        self.update(Message::World);
        self.draw();
    }

    /// Another cockpit on the same run, as after a start.
    pub(crate) fn reopen(&mut self) {
        self.app = App::new(&World {
            run: &self.run,
            setting: &self.setting,
            observed: &self.observed,
            proposals: &self.proposals,
            connection: &self.connection,
            now: self.now,
            mode: self.mode,
        });
        self.draw();
    }

    fn update(&mut self, message: Message) -> Vec<AppEffect> {
        let world = World {
            run: &self.run,
            setting: &self.setting,
            observed: &self.observed,
            proposals: &self.proposals,
            connection: &self.connection,
            now: self.now,
            mode: self.mode,
        };
        self.app.update(&world, message)
    }

    pub(crate) fn draw(&mut self) {
        let world = World {
            run: &self.run,
            setting: &self.setting,
            observed: &self.observed,
            proposals: &self.proposals,
            connection: &self.connection,
            now: self.now,
            mode: self.mode,
        };
        let areas = render(&self.app, &world, (&self.theme, &self.settings.keymap), &mut self.buffer);
        self.app.remember(areas);
    }

    pub(crate) fn resize(&mut self, width: u16, height: u16) {
        self.buffer = Buffer::empty(Rect::new(0, 0, width, height));
        self.say(Message::World);
    }

    /// The screen as text.
    pub(crate) fn screen(&self) -> String {
        text(&self.buffer)
    }

    pub(crate) fn obey(&mut self, command: Command) -> Result<(), String> {
        self.commands.push(command.clone());
        let events = self.run.decide(command).map_err(|refusal| refusal.to_string())?;
        self.journal(events);
        self.work();
        Ok(())
    }

    pub(crate) fn journal(&mut self, events: Vec<Event>) {
        let mut events: std::collections::VecDeque<Event> = events.into();
        while let Some(event) = events.pop_front().or_else(|| self.run.follow_up()) {
            let entry = Entry {
                version: SCHEMA_VERSION,
                sequence: self.run.sequence() + 1,
                previous: String::new(),
                at: self.now,
                author: Author { user: "you".into(), host: "laptop".into() },
                event,
            };
            self.run.apply(&entry);
        }
    }

    /// Answers what the run wants done, until it wants nothing more that is answered.
    pub(crate) fn work(&mut self) {
        for _ in 0..1_000 {
            let Some(effect) = self.run.pending().into_iter().find(|effect| !(self.holds)(effect)) else {
                return;
            };
            let attempt = effect.attempt();
            let outcome = (self.twists)(&effect).unwrap_or_else(|| self.success(&effect));
            if let Outcome::Prepared(proposal) | Outcome::Reviewed { proposal, .. } = &outcome {
                let mut proposal = (**proposal).clone();
                proposal.risks.extend(self.run.traffic(&proposal));
                self.proposals.insert(attempt, proposal);
            }
            let events = self.run.decide(Command::Report { attempt, outcome }).unwrap();
            assert!(!events.is_empty(), "{effect:?} was not wanted");
            self.journal(events);
        }
        panic!("the run never comes to rest");
    }

    fn success(&self, effect: &Effect) -> Outcome {
        match effect {
            Effect::Prepare { step, kind, .. } => {
                let mut proposal = fixture::proposal(step, *kind);
                proposal.validated = self.mode == Mode::ReadWrite;
                Outcome::Prepared(Box::new(proposal))
            }
            Effect::Review { step, .. } => {
                let proposal = Box::new(fixture::proposal(step, migrate_tui::diff::Kind::Apply));
                Outcome::Reviewed { proposal, unlike: Vec::new() }
            }
            Effect::Preserve { .. } => {
                Outcome::Preserved { record: "Secret/migrate-tui-phase-2".into(), cannot_undo: Vec::new() }
            }
            Effect::Execute { row, attempt, .. } => {
                let intent = &self.run.attempt(*attempt).unwrap().rows[*row].0;
                let deletes = intent.change == migrate_tui::diff::Change::Delete;
                Outcome::RowDone {
                    row: *row,
                    uid: (!deletes).then(|| format!("uid-{row}")),
                    created: intent.change == migrate_tui::diff::Change::Create,
                    warnings: Vec::new(),
                }
            }
            Effect::Settle { wave, .. } => Outcome::Settled(*wave),
            Effect::Wait { .. } => Outcome::Ready,
            Effect::Gate { gate, .. } => {
                Outcome::GatePassed { gate: *gate, detail: "as it should be".into(), simulated: false }
            }
            Effect::Close { .. } => Outcome::Closed,
            Effect::Inspect { attempt, .. } => {
                let rows = self.run.attempt(*attempt).unwrap().rows.len();
                Outcome::Inspected((0..rows).map(|row| RowInspection::NotWritten { row }).collect())
            }
        }
    }
}

/// A screen as text.
pub(crate) fn text(buffer: &Buffer) -> String {
    let mut text = String::new();
    let area = buffer.area;
    for y in 0..area.height {
        let mut line = String::new();
        let mut skip = 0;
        for x in 0..area.width {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let symbol = buffer[(x, y)].symbol();
            skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
