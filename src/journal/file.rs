//! The log itself: lines of JSON, chained by their digests.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{JournalError, RunFolder, head::Head};
use crate::engine::{Author, Entry, Event, SCHEMA_VERSION};

/// The open journal of one run. While it is open no other process can open it for writing.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    /// `None`: in memory only.
    file: Option<File>,
    /// Where it ends, kept beside it.
    head: Option<File>,
    length: u64,
    sequence: u64,
    previous: String,
    die_before: Option<u64>,
}

impl Journal {
    /// Opens (or begins) the journal for writing and reads what it holds. A last line that a crash cut
    /// short was never acted on: it is removed.
    ///
    /// # Errors
    /// [`JournalError`] when another process drives the run, or the file cannot be used.
    pub fn open(folder: &RunFolder) -> Result<(Self, Vec<Entry>), JournalError> {
        folder.make()?;
        let path = folder.journal();
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&path)
            .map_err(|error| JournalError::io("opening", &path, error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => {
                return Err(JournalError::Busy { path: folder.path().to_owned() });
            }
            Err(std::fs::TryLockError::Error(error)) => {
                return Err(JournalError::io("locking", &path, error));
            }
        }
        let head = read_head(folder)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(|error| JournalError::io("reading", &path, error))?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        if whole < text.len() {
            tracing::warn!(bytes = text.len() - whole, "the journal's last line was cut short; removing it");
            file.set_len(whole as u64).map_err(|error| JournalError::io("mending", &path, error))?;
            text.truncate(whole);
        }
        let (entries, previous) = parse(&path, &text, head.as_ref())?;
        let head =
            Head::open(&folder.head()).map_err(|error| JournalError::io("opening", folder.head(), error))?;
        file.seek(SeekFrom::End(0)).map_err(|error| JournalError::io("reading", &path, error))?;
        let sequence = entries.last().map_or(0, |entry| entry.sequence);
        Ok((
            Self {
                path,
                file: Some(file),
                head: Some(head),
                length: whole as u64,
                sequence,
                previous,
                die_before: None,
            },
            entries,
        ))
    }

    /// Looks on: what the journal holds, and one in memory that goes on from there and writes nothing.
    ///
    /// # Errors
    /// As [`Journal::read`].
    pub fn look_on(folder: &RunFolder) -> Result<(Self, Vec<Entry>), JournalError> {
        let entries = Self::read(folder)?;
        let sequence = entries.last().map_or(0, |entry| entry.sequence);
        let journal = Self {
            path: folder.journal(),
            file: None,
            head: None,
            length: 0,
            sequence,
            previous: String::new(),
            die_before: None,
        };
        Ok((journal, entries))
    }

    /// Reads a journal without opening it for writing; a last line that is being written is left out.
    ///
    /// # Errors
    /// [`JournalError`] when it cannot be read or is damaged.
    pub fn read(folder: &RunFolder) -> Result<Vec<Entry>, JournalError> {
        let path = folder.journal();
        // Before the journal: a process that drives the run meanwhile moves both on.
        let head = read_head(folder)?;
        let mut text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(JournalError::io("reading", &path, error)),
        };
        text.truncate(text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1));
        Ok(parse(&path, &text, head.as_ref())?.0)
    }

    /// Kills this process with SIGKILL when the entry of that number is about to be written, everything
    /// before it being on the disk: so that a team (and the tests) can practise what comes after a kill.
    pub fn die_before(&mut self, sequence: u64) {
        self.die_before = Some(sequence);
    }

    /// Appends events as entries, in order. They are durable after the next [`Journal::flush`], which
    /// must come before anything acts on them.
    ///
    /// # Errors
    /// [`JournalError::Io`], as when the disk is full: the file is then as it was before.
    pub fn append(
        &mut self,
        events: &[Event],
        at: Timestamp,
        author: &Author,
    ) -> Result<Vec<Entry>, JournalError> {
        let mut lines = Vec::new();
        let mut entries = Vec::with_capacity(events.len());
        let (mut sequence, mut previous) = (self.sequence, self.previous.clone());
        for event in events {
            sequence += 1;
            if self.die_before == Some(sequence) {
                self.die(&lines);
            }
            let entry = Entry {
                version: SCHEMA_VERSION,
                sequence,
                previous: previous.clone(),
                at,
                author: author.clone(),
                event: event.clone(),
            };
            let line = serde_json::to_vec(&entry)
                .map_err(|error| JournalError::io("writing", &self.path, io::Error::other(error)))?;
            previous = hex::encode(Sha256::digest(&line));
            lines.extend_from_slice(&line);
            lines.push(b'\n');
            entries.push(entry);
        }
        if let Some(file) = &mut self.file
            && let Err(error) = file.write_all(&lines)
        {
            // Whatever part of it came through must not be taken for an entry.
            if let Err(second) = file.set_len(self.length) {
                tracing::error!(%second, "the journal could not be cut back after a failed write");
            }
            return Err(JournalError::io("writing", &self.path, error));
        }
        self.length += lines.len() as u64;
        self.sequence = sequence;
        self.previous = previous;
        Ok(entries)
    }

    fn die(&mut self, lines: &[u8]) {
        let written = self.file.as_mut().map(|file| file.write_all(lines).and_then(|()| file.sync_data()));
        tracing::warn!(?written, "killing this process, as asked");
        if let Err(error) =
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL)
        {
            tracing::error!(%error, "killing this process");
        }
    }

    /// Puts everything appended so far on the disk.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn flush(&mut self) -> Result<(), JournalError> {
        let Some(file) = &self.file else { return Ok(()) };
        file.sync_data().map_err(|error| JournalError::io("flushing", &self.path, error))?;
        let head = Head { sequence: self.sequence, digest: self.previous.clone() };
        if let Some(file) = self.head.as_ref().filter(|_| self.sequence > 0)
            && let Err(error) = head.write(file)
        {
            // The one before still holds, for what it says.
            tracing::warn!(%error, "where the journal ends could not be written down");
        }
        Ok(())
    }
}

fn read_head(folder: &RunFolder) -> Result<Option<Head>, JournalError> {
    Head::read(&folder.head()).map_err(|error| JournalError::io("reading", folder.head(), error))
}

/// All entries of a text of whole lines, and the digest of the last line. `head`: the last entry that was on
/// the disk for certain.
fn parse(path: &Path, text: &[u8], head: Option<&Head>) -> Result<(Vec<Entry>, String), JournalError> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut previous = String::new();
    for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
        if line.is_empty() {
            continue;
        }
        let number = index + 1;
        let damaged = |reason: String| JournalError::Damaged { path: path.to_owned(), line: number, reason };
        let value: Value = serde_json::from_slice(line).map_err(|error| damaged(error.to_string()))?;
        let version = value.get("version").and_then(Value::as_u64).unwrap_or_default();
        if version > u64::from(SCHEMA_VERSION) {
            return Err(JournalError::Newer { path: path.to_owned(), line: number, version });
        }
        let entry: Entry = serde_json::from_value(value).map_err(|error| damaged(error.to_string()))?;
        if entry.previous != previous {
            return Err(damaged("it does not follow from the line before it".to_owned()));
        }
        if entry.sequence != entries.last().map_or(1, |last| last.sequence + 1) {
            return Err(damaged("its number does not follow from the line before it".to_owned()));
        }
        previous = hex::encode(Sha256::digest(line));
        if head.is_some_and(|head| head.sequence == entry.sequence && head.digest != previous) {
            return Err(damaged("it is not as it was written".to_owned()));
        }
        entries.push(entry);
    }
    let last = entries.last().map_or(0, |entry| entry.sequence);
    if let Some(head) = head.filter(|head| head.sequence > last) {
        let reason = format!("it ends after entry {last}, and entry {} was written", head.sequence);
        return Err(JournalError::Damaged { path: path.to_owned(), line: entries.len(), reason });
    }
    Ok((entries, previous))
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
