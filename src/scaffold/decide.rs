//! What is done with each file.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Action, Fingerprint, Found, Kind, Proposal, Record, RelativePath, Row, Tree, Write,
    difference::difference,
};

/// What must be looked at before [`propose`]: every wanted or recorded file, and the place beside it.
#[must_use]
pub fn to_look_at(wanted: &Tree, record: &Record) -> BTreeSet<RelativePath> {
    let wanted = wanted.files().flat_map(|(path, _)| [path.clone(), path.beside()]);
    wanted.chain(record.files.keys().cloned()).collect()
}

/// What would be done to have the wanted files, given what was written last and what is there. What was not looked
/// at counts as not there.
#[must_use]
pub fn propose(wanted: &Tree, record: &Record, found: &BTreeMap<RelativePath, Found>) -> Proposal {
    let mut deciding = Deciding {
        found,
        before: record,
        proposal: Proposal {
            kind: Kind::Init,
            rows: Vec::new(),
            problems: Vec::new(),
            record: record.clone(),
        },
    };
    let mut decided = BTreeSet::new();
    for (path, text) in wanted.files() {
        decided.insert(path.clone());
        if deciding.wanted(path, text) {
            let beside = path.beside();
            deciding.beside(&beside, text);
            decided.insert(beside);
        }
    }
    for (path, written) in record.files.iter().filter(|(path, _)| !decided.contains(path)) {
        deciding.obsolete(path, written);
    }
    deciding.proposal.rows.sort_by(|one, two| one.path.cmp(&two.path));
    deciding.proposal
}

/// What was edited has nothing new to be compared with.
const NOTHING_NEW: &str = "what is wanted is what was written there last";

struct Deciding<'a> {
    found: &'a BTreeMap<RelativePath, Found>,
    before: &'a Record,
    proposal: Proposal,
}

impl Deciding<'_> {
    fn found(&self, path: &RelativePath) -> &Found {
        self.found.get(path).unwrap_or(&Found::Nothing)
    }

    /// A wanted file. Is its text to be put beside what is there?
    fn wanted(&mut self, path: &RelativePath, text: &str) -> bool {
        let wanted = Fingerprint::of(text.as_bytes());
        let written = self.before.files.get(path);
        match self.found(path) {
            Found::Blocked(problem) => {
                let problem = problem.clone();
                self.proposal.problems.push(problem);
            }
            Found::Nothing if written.is_some() => {
                let note = "it is made again when its line is taken out of .migrate-tui/init.json";
                self.stays(path, Action::Removed, None, Some(note));
            }
            Found::Nothing => self.put(path, Action::Create, text, &wanted),
            Found::File { fingerprint, .. } if *fingerprint == wanted => self.is_there(path, &wanted),
            Found::File { fingerprint, .. } if written == Some(fingerprint) => {
                self.put(path, Action::Update, text, &wanted);
            }
            Found::File { .. } if written == Some(&wanted) => {
                self.stays(path, Action::Edited, None, Some(NOTHING_NEW));
            }
            Found::File { .. } => {
                let action = if written.is_some() { Action::Edited } else { Action::InTheWay };
                let note = format!("what is wanted is beside it, as {}", path.beside());
                self.stays(path, action, Some(text), Some(&note));
                return true;
            }
        }
        false
    }

    /// The place beside an edited file, where the wanted text goes.
    fn beside(&mut self, path: &RelativePath, text: &str) {
        let wanted = Fingerprint::of(text.as_bytes());
        let written = self.before.files.get(path);
        match self.found(path) {
            Found::Nothing if written == Some(&wanted) => {
                self.stays(path, Action::Removed, None, Some("the same text was here before"));
            }
            Found::Nothing => self.put(path, Action::Create, text, &wanted),
            Found::File { fingerprint, .. } if *fingerprint == wanted => self.is_there(path, &wanted),
            Found::File { fingerprint, .. } if written == Some(fingerprint) => {
                self.put(path, Action::Update, text, &wanted);
            }
            Found::File { .. } | Found::Blocked(_) => {
                let note = "the wanted text has no place: move this away to get it here";
                self.stays(path, Action::InTheWay, None, Some(note));
            }
        }
    }

    /// A file that was written and is no longer wanted.
    fn obsolete(&mut self, path: &RelativePath, written: &Fingerprint) {
        match self.found(path) {
            Found::Nothing => self.proposal.record.set(path, None),
            found @ Found::File { fingerprint, .. } if fingerprint == written => {
                let text = found.text().map(str::to_owned);
                self.proposal.record.set(path, None);
                self.proposal.rows.push(Row {
                    path: path.clone(),
                    action: Action::Delete,
                    before: Some(written.clone()),
                    after: None,
                    note: None,
                    diff: None,
                    write: Some(Write::Remove),
                    text,
                });
            }
            Found::File { .. } | Found::Blocked(_) => {
                self.stays(path, Action::Left, None, Some("nothing wants it any more; it was edited"));
            }
        }
    }

    fn put(&mut self, path: &RelativePath, action: Action, text: &str, wanted: &Fingerprint) {
        let found = self.found(path);
        let row = Row {
            path: path.clone(),
            action,
            before: found.fingerprint().cloned(),
            after: Some(wanted.clone()),
            note: None,
            diff: difference(path, found.text(), Some(text)),
            write: Some(Write::Put(text.to_owned())),
            text: found.text().map(str::to_owned),
        };
        self.proposal.rows.push(row);
        self.proposal.record.set(path, Some(wanted));
    }

    fn is_there(&mut self, path: &RelativePath, wanted: &Fingerprint) {
        let action = if self.before.files.get(path) == Some(wanted) { Action::Same } else { Action::Adopt };
        self.stays(path, action, None, None);
        self.proposal.record.set(path, Some(wanted));
    }

    /// Nothing is done to it; against a wanted text the difference is shown.
    fn stays(&mut self, path: &RelativePath, action: Action, wanted: Option<&str>, note: Option<&str>) {
        let found = self.found(path);
        let diff = wanted.and_then(|wanted| match found {
            Found::File { text: None, .. } => Some(format!("{path} is no text\n")),
            _ => difference(path, found.text(), Some(wanted)),
        });
        let fingerprint = found.fingerprint().cloned();
        self.proposal.rows.push(Row {
            path: path.clone(),
            action,
            before: fingerprint.clone(),
            after: fingerprint,
            note: note.map(str::to_owned),
            diff,
            write: None,
            text: None,
        });
    }
}
