//! What one look at the compose files and the repository has found.

use std::collections::BTreeMap;

use super::Excerpts;
use crate::{
    diff::Problem,
    import::{Fate, Gap, Gaps, Question},
    plan::Diagnostic,
    scaffold::{Action, Fingerprint, Kind, Row, Summary, Tree},
};

/// What was read, what became of it, and what would be written.
#[derive(Clone, Debug, Default)]
pub struct Finding {
    /// The repository's folder, in full.
    pub root: String,
    /// What it is about.
    pub stands: StandsAt,
    /// The compose files, in order.
    pub read: Vec<String>,
    /// How much is in them.
    pub holds: String,
    /// What is wrong with the input; then nothing else of it is known.
    pub errors: Vec<Diagnostic>,
    /// What a person should know of the input.
    pub warnings: Vec<Diagnostic>,
    /// What became of every key.
    pub gaps: Gaps,
    /// The keys as they are listed: those that one line of a file (an anchor's, say) has given to several services
    /// are one.
    pub groups: Vec<Group>,
    /// What only a person can decide.
    pub questions: Vec<Question>,
    /// Lines of the files, without what may be secret.
    pub excerpts: Excerpts,
    /// Each file, and what happens to it.
    pub files: Vec<Row>,
    /// How many of each sort.
    pub counts: Summary,
    /// The whole of the wanted files.
    pub wanted: Tree,
    /// What confirms it; none when there is nothing to confirm.
    pub digest: Option<Fingerprint>,
    /// What keeps it from being done.
    pub problems: Vec<Problem>,
    /// One sentence.
    pub summary: String,
    /// Is there an init that can be taken back?
    pub can_take_back: bool,
    /// What was done last on this screen.
    pub outcome: Option<Outcome>,
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StandsAt {
    /// The wanted files.
    #[default]
    Wanted,
    /// An init that was interrupted: so many of its files are written, of so many.
    Interrupted(usize, usize),
    /// The way back from the last init, or from the interrupted one.
    WayBack,
}

impl StandsAt {
    /// What a confirmation would do.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Self::Wanted => Kind::Init,
            Self::Interrupted(..) => Kind::Finish,
            Self::WayBack => Kind::Rollback,
        }
    }
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Written, finished or taken back.
    pub kind: Kind,
    /// One sentence.
    pub summary: String,
    /// How many files of each sort.
    pub counts: Summary,
    /// How many of those that were created lie beside a file that was changed.
    pub beside: usize,
    /// Files that stay because someone changed them since.
    pub kept: Vec<String>,
    /// What to do next: commands, or sentences.
    pub next: Vec<String>,
}

/// Keys that were written once and became the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Places in [`Gaps::keys`]; at least one.
    pub members: Vec<usize>,
    /// As in `web.ports[0]`, and `logging.driver` where it is about several services.
    pub name: String,
}

impl Finding {
    /// The first key of a group.
    #[must_use]
    pub fn gap(&self, group: usize) -> Option<&Gap> {
        self.gaps.keys.get(*self.groups.get(group)?.members.first()?)
    }

    /// How many texts are put beside files that the operator has changed.
    #[must_use]
    pub fn beside(rows: &[Row]) -> usize {
        rows.iter().filter(|row| row.path.is_beside() && row.action == Action::Create).count()
    }

    /// Lists the keys by line.
    #[must_use]
    pub fn group(gaps: &Gaps) -> Vec<Group> {
        type Place<'g> = (&'g str, u64, u64, &'g str, Fate, &'g str, Option<&'g str>);
        let mut places: BTreeMap<Place<'_>, usize> = BTreeMap::new();
        let mut groups: Vec<Group> = Vec::new();
        for (index, gap) in gaps.keys.iter().enumerate() {
            let tail = tail(gap);
            let origin = &gap.origin;
            let shown = gap.shown.as_deref();
            let place = (&*origin.file, origin.line, origin.column, tail, gap.fate, gap.text.as_str(), shown);
            let at = *places.entry(place).or_insert_with(|| {
                let name = gap.path.strip_prefix("services.").unwrap_or(&gap.path).to_owned();
                groups.push(Group { members: Vec::new(), name });
                groups.len() - 1
            });
            if let Some(group) = groups.get_mut(at) {
                group.members.push(index);
                if group.members.len() == 2 {
                    tail.clone_into(&mut group.name);
                }
            }
        }
        groups
    }
}

/// The path within its service; the whole of it where it is in none.
fn tail(gap: &Gap) -> &str {
    let Some(rest) = gap.path.strip_prefix("services.") else { return &gap.path };
    let name = match rest.strip_prefix('"') {
        Some(quoted) => quoted.find("\".").map(|end| end + 2),
        None => rest.find(['.', '[']),
    };
    name.and_then(|end| rest.get(end..)).map_or(rest, |tail| tail.trim_start_matches('.'))
}
