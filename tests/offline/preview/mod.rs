//! The screen of `init`: whole screens, no secret on any of them, and the program in a terminal.

mod program;
mod safety;
mod screens;
mod secrecy;

use jiff::{SignedDuration, Timestamp};
use migrate_tui::{
    app::{
        Message, Mode,
        preview::{Doing, Finding, Preview, PreviewEffect, Sight, StandsAt},
    },
    config::{KeyPress, Screen, Settings},
    headless::init::{Init, Input},
    scaffold::{Fingerprint, Summary},
    ui::{Theme, render_preview},
};
use ratatui::{buffer::Buffer, layout::Rect};

use crate::{init::Repository, journey::text};

/// The screen on what a real look at a project of `tests/compose` has found.
pub(crate) struct Stage {
    pub(crate) app: Preview,
    pub(crate) finding: Finding,
    pub(crate) doing: Option<Doing>,
    pub(crate) mode: Mode,
    pub(crate) theme: Theme,
    pub(crate) buffer: Buffer,
    look: u64,
    now: Timestamp,
    settings: Settings,
}

impl Stage {
    pub(crate) fn of(project: &str, width: u16, height: u16) -> Self {
        Self::on(look(&Repository::with(project)), width, height)
    }

    pub(crate) fn on(finding: Finding, width: u16, height: u16) -> Self {
        let mut stage = Self {
            app: Preview::new(),
            finding,
            doing: None,
            mode: Mode::ReadWrite,
            theme: Theme::built_in("dark").unwrap().unwrap(),
            buffer: Buffer::empty(Rect::new(0, 0, width, height)),
            look: 1,
            now: "2026-11-25T02:00:00Z".parse().unwrap(),
            settings: Settings::defaults().unwrap(),
        };
        stage.say(Message::World);
        stage
    }

    /// Presses keys as written in the keymap, separated by spaces.
    pub(crate) fn keys(&mut self, keys: &str) -> Vec<PreviewEffect> {
        let mut effects = Vec::new();
        for key in keys.split(' ') {
            let press: KeyPress = key.parse().unwrap();
            effects =
                self.say(Message::Key { press, action: self.settings.keymap.resolve(press, Screen::Init) });
        }
        effects
    }

    pub(crate) fn say(&mut self, message: Message) -> Vec<PreviewEffect> {
        self.now += SignedDuration::from_secs(1);
        let sight = Sight {
            finding: Some(&self.finding),
            before: None,
            look: self.look,
            doing: self.doing,
            since: self.now,
            folder: ".",
            mode: self.mode,
            now: self.now,
        };
        let effects = self.app.update(&sight, message);
        let areas = render_preview(&self.app, &sight, (&self.theme, &self.settings.keymap), &mut self.buffer);
        self.app.remember(areas);
        effects
    }

    pub(crate) fn look_again(&mut self, finding: Finding) {
        self.finding = finding;
        self.look += 1;
        self.say(Message::World);
    }

    pub(crate) fn resize(&mut self, width: u16, height: u16) {
        self.buffer = Buffer::empty(Rect::new(0, 0, width, height));
        self.say(Message::World);
    }

    pub(crate) fn screen(&self) -> String {
        text(&self.buffer)
    }
}

/// Of a finding what does not change whenever an import makes another file or asks another question.
pub(crate) fn steady(mut finding: Finding) -> Finding {
    finding.files.retain(|row| row.path.as_str().starts_with("kubernetes/base/"));
    finding.questions.truncate(2);
    finding.counts = Summary { create: finding.files.len(), ..Summary::default() };
    finding.digest = Some(Fingerprint::of(b"what was shown"));
    finding
}

/// What a look finds; its folder is always said to be the same.
pub(crate) fn look(repository: &Repository) -> Finding {
    looked(&Input { into: repository.root.clone(), files: files(repository), ..Input::default() })
}

fn looked(input: &Input) -> Finding {
    let report = Init { input, is_read_only: false, die_before: None, for_screen: true }.run();
    Finding { root: "/srv/shop".into(), ..report.into_finding() }
}

/// The files that `arguments.txt` names.
fn files(repository: &Repository) -> Vec<std::path::PathBuf> {
    let arguments = std::fs::read_to_string(repository.at("arguments.txt")).unwrap_or_default();
    let lines: Vec<&str> = arguments.lines().collect();
    let named = lines.chunks(2).filter(|pair| pair[0] == "-f").map(|pair| repository.at(pair[1]));
    named.collect()
}

fn interrupted(finding: Finding) -> Finding {
    Finding { stands: StandsAt::Interrupted(3, 9), can_take_back: true, ..finding }
}
