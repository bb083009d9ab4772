use std::fs::{self, File};

use super::Journal;
use crate::{
    engine::{Author, Event},
    journal::{JournalError, RunFolder},
    plan::EnvironmentName,
};

fn folder(state: &tempfile::TempDir) -> RunFolder {
    RunFolder::new(state.path(), "phase-2", "staging")
}

fn author() -> Author {
    Author { user: "you".into(), host: "laptop".into() }
}

fn event() -> Event {
    Event::RunStarted {
        plan: "phase-2".into(),
        plan_digest: "0".into(),
        environment: EnvironmentName("staging".into()),
    }
}

fn append(journal: &mut Journal, count: usize) {
    journal.append(&vec![event(); count], jiff::Timestamp::UNIX_EPOCH, &author()).unwrap();
}

#[test]
fn what_was_appended_is_read_back_and_goes_on() {
    let state = tempfile::tempdir().unwrap();
    let (mut journal, entries) = Journal::open(&folder(&state)).unwrap();
    assert!(entries.is_empty());
    append(&mut journal, 2);
    drop(journal);
    let (mut journal, entries) = Journal::open(&folder(&state)).unwrap();
    assert_eq!(entries.len(), 2);
    append(&mut journal, 1);
    assert_eq!(Journal::read(&folder(&state)).unwrap().len(), 3);
}

#[test]
fn a_second_driver_is_refused_and_a_reader_is_not() {
    let state = tempfile::tempdir().unwrap();
    let (mut journal, _) = Journal::open(&folder(&state)).unwrap();
    append(&mut journal, 1);
    assert!(matches!(Journal::open(&folder(&state)), Err(JournalError::Busy { .. })));
    assert_eq!(Journal::read(&folder(&state)).unwrap().len(), 1);
}

#[test]
fn a_line_cut_short_is_removed_and_an_edited_one_is_refused() {
    let state = tempfile::tempdir().unwrap();
    let (mut journal, _) = Journal::open(&folder(&state)).unwrap();
    append(&mut journal, 2);
    drop(journal);
    let path = folder(&state).journal();
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}{{\"version\":1,\"seq")).unwrap();
    let (journal, entries) = Journal::open(&folder(&state)).unwrap();
    assert_eq!(entries.len(), 2);
    drop(journal);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    fs::write(&path, text.replacen("laptop", "palmtop", 1)).unwrap();
    assert!(matches!(Journal::open(&folder(&state)), Err(JournalError::Damaged { line: 2, .. })));
}

#[test]
fn an_end_that_was_edited_or_cut_is_refused_and_one_that_a_crash_tore_is_not() {
    let state = tempfile::tempdir().unwrap();
    let (mut journal, _) = Journal::open(&folder(&state)).unwrap();
    append(&mut journal, 3);
    journal.flush().unwrap();
    // Appended, and not on the disk yet.
    append(&mut journal, 1);
    drop(journal);
    let path = folder(&state).journal();
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let with = |text: String| {
        fs::write(&path, text).unwrap();
        let refusal = Journal::read(&folder(&state)).err().map(|error| error.to_string());
        assert_eq!(Journal::open(&folder(&state)).err().map(|error| error.to_string()), refusal);
        refusal
    };
    let edited = with(lines[..2].concat() + &lines[2].replace("laptop", "palmtop"));
    assert!(edited.unwrap().contains("journal.jsonl:3 is damaged: it is not as it was written"));
    let cut = with(lines[..2].concat()).unwrap();
    assert!(cut.contains("it ends after entry 2, and entry 3 was written"), "{cut}");
    assert!(with(String::new()).unwrap().contains("it ends after entry 0"));
    // What a crash of the machine may lose or tear: what was not flushed.
    assert_eq!(with(lines[..3].concat()), None);
    assert_eq!(with(lines[..3].concat() + lines[3].get(..20).unwrap()), None);
    assert_eq!(with(text.clone()), None);
    // And a head that is torn, or was never written, says nothing.
    fs::write(folder(&state).head(), "0000").unwrap();
    assert_eq!(with(lines[..2].concat()), None);
}

#[test]
fn a_full_disk_says_so_and_loses_nothing() {
    let state = tempfile::tempdir().unwrap();
    let (mut journal, _) = Journal::open(&folder(&state)).unwrap();
    append(&mut journal, 1);
    let real = journal.file.replace(File::options().write(true).open("/dev/full").unwrap());
    let error = journal.append(&[event()], jiff::Timestamp::UNIX_EPOCH, &author()).unwrap_err();
    let said = error.problem().to_string();
    assert!(
        said.contains("journal.jsonl") && said.contains("No space left") && said.contains("free some space"),
        "{said}"
    );
    journal.file = real;
    append(&mut journal, 1);
    assert_eq!(Journal::read(&folder(&state)).unwrap().len(), 2);
}

#[test]
fn an_entry_of_a_newer_version_is_not_guessed_at() {
    let state = tempfile::tempdir().unwrap();
    folder(&state).make().unwrap();
    fs::write(folder(&state).journal(), "{\"version\":99}\n").unwrap();
    assert!(matches!(Journal::open(&folder(&state)), Err(JournalError::Newer { version: 99, .. })));
}
