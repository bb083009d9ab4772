//! What `init` prints when it is over.

use serde::Serialize;

use super::{Input, source::Told};
use crate::{
    app::preview::Excerpts,
    diff::Problem,
    headless::Exit,
    plan::Diagnostic,
    repository::Interrupted,
    scaffold::{Fingerprint, Kind, Proposal, Row, Summary, Tree},
    words::count,
};

/// The outcome of an init.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InitReport {
    /// As the process exits.
    pub exit_code: u8,
    /// One sentence.
    pub summary: String,
    /// What `--approve` must name; none when there is nothing to approve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<Fingerprint>,
    /// Where it writes to.
    pub root: String,
    /// What was read, and what became of it.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub source: Option<Told>,
    /// What is wrong with the input.
    pub diagnostics: Vec<Diagnostic>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Each file, and what happens to it.
    pub files: Vec<Row>,
    /// How many of each sort.
    pub counts: Summary,
    /// What keeps it from being done.
    pub problems: Vec<Problem>,
    /// What to do next: commands, or sentences.
    pub next: Vec<String>,
    /// What only a screen shows.
    #[serde(skip)]
    pub(super) for_screen: ForScreen,
    #[serde(skip)]
    exit: Exit,
}

/// What only a screen shows.
#[derive(Clone, Debug, Default)]
pub(super) struct ForScreen {
    /// The whole of the wanted files.
    pub(super) wanted: Tree,
    /// Lines of the compose files.
    pub(super) excerpts: Excerpts,
    /// How many of the diagnostics, at their end, are no errors.
    pub(super) warnings: usize,
    /// An interrupted init: files that are written, and all of them.
    pub(super) interrupted: Option<(usize, usize)>,
    /// Is there an init that can be taken back?
    pub(super) can_take_back: bool,
}

impl Default for InitReport {
    fn default() -> Self {
        Self {
            exit_code: 0,
            summary: String::new(),
            digest: None,
            root: String::new(),
            source: None,
            diagnostics: Vec::new(),
            kind: None,
            files: Vec::new(),
            counts: Summary::default(),
            problems: Vec::new(),
            next: Vec::new(),
            for_screen: ForScreen::default(),
            exit: Exit::Done,
        }
    }
}

impl InitReport {
    /// How the process exits.
    #[must_use]
    pub fn exit(&self) -> Exit {
        self.exit
    }

    pub(super) fn end(&mut self, exit: Exit, summary: impl Into<String>) {
        self.exit = exit;
        self.exit_code = exit as u8;
        self.summary = summary.into();
    }

    pub(super) fn show(&mut self, proposal: Proposal) {
        self.kind = Some(proposal.kind);
        self.counts = proposal.summary();
        self.files = proposal.rows;
    }

    pub(super) fn bad_input(&mut self, diagnostics: Vec<Diagnostic>) {
        let errors = count(diagnostics.len(), "error", "errors");
        self.diagnostics = diagnostics;
        self.end(Exit::Error, format!("nothing was written: the input has {errors}"));
    }

    pub(super) fn interrupted(&mut self, interrupted: &Interrupted, input: &Input) {
        let Interrupted { journal, written, files } = interrupted;
        self.for_screen.interrupted = Some((*written, *files));
        self.end(
            Exit::Interrupted,
            format!(
                "an init was interrupted: {written} of its {} are written. Finish it, or take it back",
                count(*files, "change", "changes")
            ),
        );
        let back = Input { into: input.into.clone(), rollback: true, ..Input::default() };
        let finish = Input { into: input.into.clone(), ..Input::default() };
        self.next = vec![finish.command(Some(journal.digest.short())), back.command(None)];
    }
}
