//! What is kept of inits, in `.migrate-tui/`.

use std::io;

use super::{
    RepositoryError, error,
    folder::{Entry, Folder},
};
use crate::{
    diff::Problem,
    scaffold::{Journal, Record},
};

const OWN: &str = ".migrate-tui";
const INITS: &str = "init";
const RECORD: &str = "init.json";
const PENDING: &str = "pending.json";
/// Of a journal: two texts for each file.
const LARGEST: u64 = 1024 * 1024 * 1024;
const IGNORED: &str = ".gitignore";

/// What is known.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) record: Record,
    /// The init that is at work, or was interrupted.
    pub(super) pending: Option<Journal>,
}

impl State {
    /// Reads it.
    pub(super) fn read(root: &Folder) -> Result<Self, RepositoryError> {
        let Some(own) = open(root, OWN)? else { return Ok(Self::default()) };
        let record = match text(&own, RECORD)? {
            Some(text) => Record::parse(&text).map_err(|error| {
                let remedy = "restore it from Git. Without it every file counts as edited by you, and stays";
                Problem::new(format!("{OWN}/{RECORD}"), error.to_string(), remedy)
            })?,
            None => Record::default(),
        };
        let pending = match open(&own, INITS)? {
            Some(inits) => journal(&inits, PENDING)?,
            None => None,
        };
        Ok(Self { record, pending })
    }

    /// The init that a rollback takes back: the interrupted one, else the last.
    pub(super) fn latest(&self, root: &Folder) -> Result<Journal, RepositoryError> {
        if let Some(pending) = &self.pending {
            return Ok(pending.clone());
        }
        let nothing = || {
            let reason = "none of this machine is there to be taken back";
            Problem::new("init", reason, "use Git to go back, if it was made elsewhere")
        };
        let inits = match open(root, OWN)? {
            Some(own) => open(&own, INITS)?,
            None => None,
        };
        let inits = inits.ok_or_else(nothing)?;
        let last = numbers(&inits).max().ok_or_else(nothing)?;
        Ok(journal(&inits, &name(last))?.ok_or_else(nothing)?)
    }

    /// Keeps an init, durably, before its first write.
    pub(super) fn begin(&mut self, root: &Folder, journal: &Journal) -> io::Result<()> {
        let own = root.make(OWN)?;
        if own.sort(IGNORED)?.is_none() {
            own.replace(
                IGNORED,
                b"# What is needed to take an init back, on this machine alone.\n/init/\n",
                false,
            )?;
        }
        let inits = own.make(INITS)?;
        inits.replace(PENDING, &serde_json::to_vec(journal)?, true)?;
        self.pending = Some(journal.clone());
        Ok(())
    }

    /// It is to be taken back: until that is done, it counts as interrupted.
    pub(super) fn begin_back(&mut self, root: &Folder, journal: Journal) -> io::Result<()> {
        if self.pending.is_none() {
            let inits = root.below(OWN)?.below(INITS)?;
            if let Some(last) = numbers(&inits).max() {
                inits.rename(&name(last), PENDING)?;
                inits.sync()?;
            }
            self.pending = Some(journal);
        }
        Ok(())
    }

    /// Writes what stands now into the record.
    pub(super) fn record(&mut self, root: &Folder, record: &Record) -> io::Result<()> {
        root.make(OWN)?.replace(RECORD, record.to_text().as_bytes(), false)?;
        self.record = record.clone();
        Ok(())
    }

    /// The init is done.
    pub(super) fn done(&mut self, root: &Folder) -> io::Result<()> {
        let inits = root.below(OWN)?.below(INITS)?;
        let next = numbers(&inits).max().unwrap_or_default() + 1;
        inits.rename(PENDING, &name(next))?;
        self.pending = None;
        inits.sync()
    }

    /// The init is taken back. Where nothing of any is left, nothing is kept either.
    pub(super) fn taken_back(&mut self, root: &Folder) -> io::Result<()> {
        self.pending = None;
        let own = root.below(OWN)?;
        let inits = own.below(INITS)?;
        inits.remove(PENDING)?;
        inits.sync()?;
        if self.record.files.is_empty() && numbers(&inits).next().is_none() {
            own.remove(RECORD)?;
            own.remove(IGNORED)?;
            own.remove_empty(INITS);
            root.remove_empty(OWN);
        }
        Ok(())
    }
}

fn name(number: u64) -> String {
    format!("{number}.json")
}

fn numbers(inits: &Folder) -> impl Iterator<Item = u64> {
    let names = inits.names().unwrap_or_default();
    names.into_iter().filter_map(|name| name.to_str()?.strip_suffix(".json")?.parse().ok())
}

fn open(folder: &Folder, name: &str) -> Result<Option<Folder>, Problem> {
    match folder.below(name) {
        Ok(folder) => Ok(Some(folder)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error::io("opening", &name, &error)),
    }
}

fn text(folder: &Folder, name: &str) -> Result<Option<String>, Problem> {
    let failed = |error: &io::Error| error::io("reading", &format!("{OWN}/{name}"), error);
    match folder.read(name, LARGEST).map_err(|error| failed(&error))? {
        Entry::Nothing => Ok(None),
        Entry::File(bytes) => {
            let text = String::from_utf8(bytes).map_err(|error| failed(&io::Error::other(error)))?;
            Ok(Some(text))
        }
        Entry::Other(what) => Err(failed(&io::Error::other(format!("it is {what}")))),
    }
}

fn journal(inits: &Folder, name: &str) -> Result<Option<Journal>, Problem> {
    let Some(text) = text(inits, name)? else { return Ok(None) };
    let journal = serde_json::from_str(&text).map_err(|error| {
        let remedy = "look with Git at what was written, then move it away";
        Problem::new(format!("{OWN}/{INITS}/{name}"), format!("it is damaged: {error}"), remedy)
    })?;
    Ok(Some(journal))
}
