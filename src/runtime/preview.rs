//! The screen of `init`: looks and writes beside it, one at a time.

use std::{
    future,
    io::{self, Write},
    process::ExitCode,
};

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use tokio::task::{JoinError, JoinHandle};

use super::{
    Reason, Terminal,
    appearance::appearance,
    open::code,
    screen::{Screen, keep_open},
};
use crate::{
    app::{
        Message, Mode,
        preview::{Doing, Finding, Outcome, Preview, PreviewEffect, Sight},
    },
    cli::Place,
    config::{self, Keymap},
    diff::Problem,
    headless::{
        Exit, Format,
        init::{Init, InitReport, Input},
    },
    scaffold::{Fingerprint, Kind},
    ui::{Theme, render_preview},
    words::{harmless, in_full},
};

/// Opens the screen and stays until the operator leaves; then says once more what was written, and what comes next.
pub(super) async fn open(place: &Place, input: Input) -> ExitCode {
    match opened(place, input).await {
        Ok(code) => code,
        Err(problem) => {
            // Nothing better is left to tell it with.
            let _ = writeln!(io::stderr(), "{}", harmless(&problem.to_string()));
            Exit::Error.into()
        }
    }
}

async fn opened(place: &Place, input: Input) -> Result<ExitCode, Problem> {
    let (settings, theme) = appearance(place)?;
    let die_before = place.die_before_entry.and_then(|number| usize::try_from(number).ok());
    let mode = if place.read_only { Mode::ReadOnly } else { Mode::ReadWrite };
    let kept = keep_open(|| {
        let mut screen = InitScreen::new(input, mode, (theme, settings.keymap));
        screen.die_before = die_before;
        screen.look(Kind::Init);
        screen
    });
    let (mut screen, reason) = kept.await.map_err(|error| {
        let remedy = "start it in a terminal, or with --plain; nothing was changed";
        Problem::new("the terminal", in_full(&error), remedy)
    })?;
    if matches!(screen.doing, Some(Doing::Performing(_))) {
        // A write is done whole, whoever has asked to leave meanwhile.
        let news = screen.news().await;
        screen.take_news(news);
    }
    let Some(last) = screen.last else { return Ok(code(reason)) };
    if let Err(error) = last.print(Format::Text, false, &mut io::stdout().lock()) {
        tracing::warn!(%error, "printing what was written");
    }
    Ok(if reason == Reason::Quit { last.exit().into() } else { code(reason) })
}

/// What a task is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    Look,
    Perform,
}

struct InitScreen {
    app: Preview,
    input: Input,
    mode: Mode,
    die_before: Option<usize>,
    finding: Option<Finding>,
    before: Option<Finding>,
    /// Number of the last look.
    look: u64,
    doing: Option<Doing>,
    since: Timestamp,
    work: Option<(Work, JoinHandle<InitReport>)>,
    /// What came of the last write, until a look has been taken after it.
    outcome: Option<Result<Outcome, String>>,
    /// The last write, to be told once more.
    last: Option<InitReport>,
    folder: String,
    theme: Theme,
    keymap: Keymap,
    buffer: Buffer,
    is_stopped: bool,
}

impl InitScreen {
    fn new(input: Input, mode: Mode, (theme, keymap): (Theme, Keymap)) -> Self {
        Self {
            app: Preview::new(),
            folder: input.into.display().to_string(),
            input,
            mode,
            die_before: None,
            finding: None,
            before: None,
            look: 0,
            doing: None,
            since: Timestamp::now(),
            work: None,
            outcome: None,
            last: None,
            theme,
            keymap,
            buffer: Buffer::default(),
            is_stopped: false,
        }
    }

    fn parts(&mut self) -> (&mut Preview, Sight<'_>) {
        let sight = Sight {
            finding: self.finding.as_ref(),
            before: self.before.as_ref(),
            look: self.look,
            doing: self.doing,
            since: self.since,
            folder: &self.folder,
            mode: self.mode,
            now: Timestamp::now(),
        };
        (&mut self.app, sight)
    }

    fn update(&mut self, message: Message) -> Vec<PreviewEffect> {
        let (app, sight) = self.parts();
        app.update(&sight, message)
    }

    fn look(&mut self, kind: Kind) {
        self.start(Work::Look, Doing::Reading, kind, None);
    }

    fn start(&mut self, work: Work, doing: Doing, kind: Kind, approve: Option<Fingerprint>) {
        let all = Input { approve: approve.map(|digest| digest.to_string()), ..self.input.clone() };
        let input = match kind {
            Kind::Init => all,
            Kind::Finish => Input { into: all.into, approve: all.approve, ..Input::default() },
            Kind::Rollback => {
                Input { into: all.into, approve: all.approve, rollback: true, ..Input::default() }
            }
        };
        let is_read_only = self.mode == Mode::ReadOnly;
        let die_before = self.die_before.filter(|_| work == Work::Perform);
        let task = tokio::task::spawn_blocking(move || {
            Init { input: &input, is_read_only, die_before, for_screen: true }.run()
        });
        self.work = Some((work, task));
        self.doing = Some(doing);
        self.since = Timestamp::now();
    }

    fn looked(&mut self, report: InitReport) {
        let mut finding = report.into_finding();
        let outcome = self.outcome.take();
        let told = match outcome {
            Some(Ok(outcome)) => {
                finding.outcome = Some(outcome);
                None
            }
            Some(Err(reason)) => Some(reason),
            None => None,
        };
        self.before = self.finding.replace(finding);
        self.look += 1;
        self.update(Message::World);
        if let Some(reason) = told {
            self.update(Message::Refused(reason));
        }
    }
}

impl Screen for InitScreen {
    type News = (Work, Result<InitReport, JoinError>);

    const ON: config::Screen = config::Screen::Init;

    fn keymap(&self) -> &Keymap {
        &self.keymap
    }

    fn is_stopped(&mut self) -> &mut bool {
        &mut self.is_stopped
    }

    fn draw(&mut self, terminal: &mut Terminal) -> io::Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.resize(terminal.area()?);
        let (theme, keymap) = (self.theme.clone(), self.keymap.clone());
        let (app, sight) = self.parts();
        let areas = render_preview(app, &sight, (&theme, &keymap), &mut buffer);
        app.remember(areas);
        terminal.show(&buffer)?;
        self.buffer = buffer;
        Ok(())
    }

    fn take_in(&mut self, message: Message, terminal: &mut Terminal) -> io::Result<Option<Reason>> {
        for effect in self.update(message) {
            match effect {
                PreviewEffect::Look(kind) => self.look(kind),
                PreviewEffect::Perform(kind, digest) => {
                    self.start(Work::Perform, Doing::Performing(kind), kind, Some(digest));
                }
                PreviewEffect::Quit => return Ok(Some(Reason::Quit)),
                PreviewEffect::Redraw => terminal.redraw(),
                PreviewEffect::Suspend => {
                    self.is_stopped = true;
                    terminal.stop()?;
                }
            }
        }
        Ok(None)
    }

    async fn news(&mut self) -> Self::News {
        match &mut self.work {
            Some((work, task)) => (*work, task.await),
            None => future::pending().await,
        }
    }

    fn take_news(&mut self, (work, report): Self::News) {
        self.work = None;
        self.doing = None;
        match (work, report) {
            (Work::Look, Ok(report)) => self.looked(report),
            (Work::Perform, Ok(report)) => {
                self.outcome = Some(report.outcome());
                self.last = Some(report);
                self.look(Kind::Init);
            }
            (_, Err(error)) => {
                self.update(Message::Refused(format!("it came to no end: {error}; report this as a bug")));
            }
        }
    }
}
