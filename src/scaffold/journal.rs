//! One init as it is kept on the disk of who made it: enough to finish it, and to take it back.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    Action, Fingerprint, Found, Kind, Proposal, Record, RelativePath, Row, Write, difference::difference,
};

/// An init that was begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    /// What was confirmed.
    pub digest: Fingerprint,
    /// What it changes, in the record alone included.
    pub rows: Vec<JournalRow>,
    /// Folders that it makes, each after the one it is in.
    pub folders: Vec<RelativePath>,
}

/// One file of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalRow {
    /// The file.
    pub path: RelativePath,
    /// Its text before.
    pub before: Option<String>,
    /// Its text afterwards. Both none: only its line in the record changes.
    pub after: Option<String>,
    /// In the record before.
    pub recorded_before: Option<Fingerprint>,
    /// In the record afterwards.
    pub recorded_after: Option<Fingerprint>,
}

impl Journal {
    /// What must be kept before a proposal is done.
    #[must_use]
    pub fn of(proposal: &Proposal, record: &Record, folders: Vec<RelativePath>) -> Self {
        let written = proposal.rows.iter().filter(|row| row.write.is_some());
        let written: BTreeMap<&RelativePath, &Row> = written.map(|row| (&row.path, row)).collect();
        let recorded = record.files.keys().chain(proposal.record.files.keys());
        let recorded = recorded.filter(|path| record.files.get(path) != proposal.record.files.get(path));
        let paths: BTreeSet<&RelativePath> = recorded.chain(written.keys().copied()).collect();
        let rows = paths.into_iter().map(|path| JournalRow {
            path: path.clone(),
            before: written.get(path).and_then(|row| row.text.clone()),
            after: written.get(path).and_then(|row| match &row.write {
                Some(Write::Put(text)) => Some(text.clone()),
                Some(Write::Remove) | None => None,
            }),
            recorded_before: record.files.get(path).cloned(),
            recorded_after: proposal.record.files.get(path).cloned(),
        });
        Self { digest: proposal.digest(), rows: rows.collect(), folders }
    }

    /// How many of the files that it writes are as it wants them, and how many there are.
    #[must_use]
    pub fn written(&self, found: &BTreeMap<RelativePath, Found>) -> (usize, usize) {
        let writes = || self.rows.iter().filter(|row| row.before != row.after);
        let is_done = |row: &&JournalRow| {
            let found = found.get(&row.path).unwrap_or(&Found::Nothing);
            found.fingerprint() == fingerprint(row.after.as_deref()).as_ref()
                && !matches!(found, Found::Blocked(_))
        };
        (writes().filter(is_done).count(), writes().count())
    }
}

/// What is left to do of an interrupted init. What was changed since it was interrupted stays.
#[must_use]
pub fn finish(journal: &Journal, record: &Record, found: &BTreeMap<RelativePath, Found>) -> Proposal {
    towards(Kind::Finish, journal, record, found)
}

/// The way back from an init, interrupted or not. What was changed since stays.
#[must_use]
pub fn take_back(journal: &Journal, record: &Record, found: &BTreeMap<RelativePath, Found>) -> Proposal {
    towards(Kind::Rollback, journal, record, found)
}

fn towards(
    kind: Kind,
    journal: &Journal,
    record: &Record,
    found: &BTreeMap<RelativePath, Found>,
) -> Proposal {
    let mut proposal = Proposal { kind, rows: Vec::new(), problems: Vec::new(), record: record.clone() };
    for entry in &journal.rows {
        let (from, to, recorded) = match kind {
            Kind::Rollback => (&entry.after, &entry.before, &entry.recorded_before),
            Kind::Init | Kind::Finish => (&entry.before, &entry.after, &entry.recorded_after),
        };
        let found = found.get(&entry.path).unwrap_or(&Found::Nothing);
        let row = row(&entry.path, from.as_deref(), to.as_deref(), found);
        if !row.as_ref().is_some_and(|row| row.action.is_kept()) {
            proposal.record.set(&entry.path, recorded.as_ref());
        }
        proposal.rows.extend(row);
    }
    proposal
}

/// One file on its way from one text to another; none where only the record changes.
fn row(path: &RelativePath, from: Option<&str>, to: Option<&str>, found: &Found) -> Option<Row> {
    if from == to {
        return None;
    }
    let there = found.fingerprint().cloned();
    let is = |text: Option<&str>| !matches!(found, Found::Blocked(_)) && there == fingerprint(text);
    let mut row = Row {
        path: path.clone(),
        action: Action::Same,
        before: there.clone(),
        after: there.clone(),
        note: None,
        diff: None,
        write: None,
        text: None,
    };
    if is(to) {
        return Some(row);
    }
    if is(from) {
        (row.action, row.write) = match to {
            Some(text) if from.is_some() => (Action::Update, Some(Write::Put(text.to_owned()))),
            Some(text) => (Action::Create, Some(Write::Put(text.to_owned()))),
            None => (Action::Delete, Some(Write::Remove)),
        };
        row.after = fingerprint(to);
        row.diff = to.and_then(|to| difference(path, from, Some(to)));
        row.text = from.map(str::to_owned);
    } else if let Found::Nothing = found {
        row.action = Action::Removed;
        row.note = Some("it was taken away since: it is not made again".to_owned());
    } else {
        row.action = Action::Edited;
        row.note = Some("it was changed since: it stays".to_owned());
    }
    Some(row)
}

fn fingerprint(text: Option<&str>) -> Option<Fingerprint> {
    text.map(|text| Fingerprint::of(text.as_bytes()))
}
