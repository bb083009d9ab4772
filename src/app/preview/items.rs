//! What the list at the left holds.

use super::{Finding, Preview, StandsAt};
use crate::{import::Fate, plan::Diagnostic};

/// A tab of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// What is wrong, and what only a person can answer.
    Open,
    /// What became of every key.
    Keys,
    /// What happens to every file.
    Files,
}

impl Section {
    /// All, from left to right.
    pub const ALL: [Self; 3] = [Self::Open, Self::Keys, Self::Files];

    /// Its place among them.
    #[must_use]
    pub fn index(self) -> usize {
        match self {
            Self::Open => 0,
            Self::Keys => 1,
            Self::Files => 2,
        }
    }
}

/// A row, by its place in the finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// What was done last, and what to do next.
    Done,
    /// An init was interrupted.
    Interrupted,
    /// The way back is what is shown.
    WayBack,
    /// Something is wrong with the input.
    Error(usize),
    /// Something keeps the files from being written.
    Problem(usize),
    /// Something to know of the input.
    Warning(usize),
    /// Something only a person can answer.
    Question(usize),
    /// One or several keys.
    Keys(usize),
    /// A decision without a key.
    Decision(usize),
    /// A file.
    File(usize),
}

/// Which keys are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// All.
    #[default]
    All,
    /// Those with this fate.
    Only(Fate),
    /// Decisions without a key.
    Decided,
}

impl Shown {
    const ORDER: [Self; 6] = [
        Self::All,
        Self::Only(Fate::NotMapped),
        Self::Only(Fate::Approximated),
        Self::Only(Fate::Mapped),
        Self::Only(Fate::Read),
        Self::Decided,
    ];

    /// The next choice, around the end.
    #[must_use]
    pub fn next(self) -> Self {
        let at = Self::ORDER.iter().position(|shown| *shown == self).unwrap_or(0);
        Self::ORDER.get(at + 1).copied().unwrap_or_default()
    }

    /// As it is written.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::All => "all keys",
            Self::Only(fate) => fate.word(),
            Self::Decided => "decided",
        }
    }
}

/// The rows of a section, in order, without a filter.
fn all(finding: &Finding, section: Section, shown: Shown) -> Vec<Item> {
    match section {
        Section::Open => {
            let stands = match finding.stands {
                StandsAt::Wanted => None,
                StandsAt::Interrupted(..) => Some(Item::Interrupted),
                StandsAt::WayBack => Some(Item::WayBack),
            };
            let done = finding.outcome.as_ref().map(|_| Item::Done);
            let mut items: Vec<Item> = stands.into_iter().chain(done).collect();
            items.extend((0..finding.errors.len()).map(Item::Error));
            items.extend((0..finding.problems.len()).map(Item::Problem));
            items.extend((0..finding.questions.len()).map(Item::Question));
            items.extend((0..finding.warnings.len()).map(Item::Warning));
            items
        }
        Section::Keys => {
            let is_shown = |group: &usize| match shown {
                Shown::All => true,
                Shown::Only(fate) => finding.gap(*group).is_some_and(|gap| gap.fate == fate),
                Shown::Decided => false,
            };
            let mut items: Vec<Item> = (0..finding.groups.len()).filter(is_shown).map(Item::Keys).collect();
            if matches!(shown, Shown::All | Shown::Decided) {
                items.extend((0..finding.gaps.notes.len()).map(Item::Decision));
            }
            items
        }
        Section::Files => (0..finding.files.len()).map(Item::File).collect(),
    }
}

/// The rows of a section that hold the filter's text.
#[must_use]
pub fn items(finding: &Finding, section: Section, shown: Shown, filter: &str) -> Vec<Item> {
    let mut items = all(finding, section, shown);
    if !filter.is_empty() {
        let filter = filter.to_lowercase();
        items.retain(|item| holds(finding, *item, &filter));
    }
    items
}

fn holds(finding: &Finding, item: Item, filter: &str) -> bool {
    let text = label(finding, item);
    if text.to_lowercase().contains(filter) {
        return true;
    }
    // All that its page says can be looked for: each service of a group, too.
    match item {
        Item::Keys(group) => {
            let members = finding.groups.get(group).map(|group| group.members.as_slice()).unwrap_or_default();
            let gaps = members.iter().filter_map(|index| finding.gaps.keys.get(*index));
            gaps.clone().any(|gap| gap.path.to_lowercase().contains(filter))
                || gaps.take(1).any(|gap| gap.text.to_lowercase().contains(filter))
        }
        _ => false,
    }
}

/// What a row says, in one line; by it a row is found again after another look.
#[must_use]
pub fn label(finding: &Finding, item: Item) -> String {
    let text = match item {
        Item::Done => finding.outcome.as_ref().map(|outcome| outcome.summary.clone()),
        Item::Interrupted => Some("an init was interrupted".to_owned()),
        Item::WayBack => Some("the way back".to_owned()),
        Item::Error(index) => finding.errors.get(index).map(|error| said(finding, error)),
        Item::Problem(index) => {
            finding.problems.get(index).map(|problem| format!("{}: {}", problem.subject, problem.reason))
        }
        Item::Warning(index) => finding.warnings.get(index).map(|warning| said(finding, warning)),
        Item::Question(index) => finding
            .questions
            .get(index)
            .map(|question| format!("{}: {}", question.subject, question.question)),
        Item::Keys(index) => finding.groups.get(index).zip(finding.gap(index)).map(|(group, gap)| {
            let more = match group.members.len() {
                1 => String::new(),
                count => format!(" ×{count}"),
            };
            format!("{} {}{more}", place(finding, &gap.origin.file, gap.origin.line), group.name)
        }),
        Item::Decision(index) => {
            finding.gaps.notes.get(index).map(|note| format!("{}: {}", note.service, note.text))
        }
        Item::File(index) => finding.files.get(index).map(|row| row.path.to_string()),
    };
    text.unwrap_or_default()
}

/// What tells a row from the others, wherever it is written after another look.
pub(super) fn identity(finding: &Finding, item: Item) -> String {
    match item {
        Item::Keys(group) => finding.gap(group).map(|gap| gap.path.clone()).unwrap_or_default(),
        _ => label(finding, item),
    }
}

fn said(finding: &Finding, diagnostic: &Diagnostic) -> String {
    let place = place(finding, &diagnostic.file.to_string_lossy(), diagnostic.line);
    format!("{place} {}", diagnostic.message)
}

/// The line; with its file where that is not the one that most is about.
fn place(finding: &Finding, file: &str, line: u64) -> String {
    let first = finding.read.first().cloned();
    let first = first.or_else(|| finding.errors.first().map(|error| error.file.display().to_string()));
    match (first.as_deref() == Some(file), line) {
        (_, 0) => file.to_owned(),
        (true, _) => format!("{line:>3}"),
        (false, _) => format!("{file}:{line}"),
    }
}

impl Preview {
    /// The rows of the section that is shown.
    #[must_use]
    pub fn rows(&self) -> &[Item] {
        &self.list().rows
    }

    /// The chosen row.
    #[must_use]
    pub fn chosen(&self) -> Option<Item> {
        let list = self.list();
        list.rows.get(list.chosen).copied()
    }
}
