//! Compose files of every shape: what is read from each, and every key of it.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use migrate_tui::{
    compose::{KeySort, Project},
    plan::Diagnostic,
};

use crate::fixtures::read_folder;

/// What every secret value of the fixtures begins with.
const CANARY: &str = "canary-7f3a-";

/// The folders of fixtures that are right.
pub(crate) fn fixtures() -> Vec<PathBuf> {
    folders("tests/compose").into_iter().filter(|folder| name(folder).starts_with(char::is_numeric)).collect()
}

fn folders(below: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(below);
    let mut folders: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders.retain(|folder| folder.is_dir());
    folders
}

fn name(folder: &Path) -> String {
    folder.file_name().unwrap().to_string_lossy().into_owned()
}

fn lines(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The keys of a project, one a line.
fn keys(project: &Project) -> String {
    let mut text = String::new();
    for key in &project.keys {
        let sort = match key.sort {
            KeySort::Known => String::new(),
            KeySort::Extension => " (extension)".into(),
            KeySort::Unknown => " (unknown)".into(),
            KeySort::Consumed(how) => format!(" ({how})"),
        };
        let shown = key.shown.as_deref().map(|shown| format!(" = {shown}")).unwrap_or_default();
        writeln!(text, "{}: {}{shown}{sort}", key.origin, key.path).unwrap();
    }
    text
}

#[test]
fn every_fixture_is_read_and_every_key_is_listed() {
    let fixtures = fixtures();
    assert!(fixtures.len() >= 25, "{}", fixtures.len());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compose/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for folder in fixtures {
        let reading = read_folder(&folder).unwrap_or_else(|errors| panic!("{}", lines(&errors.errors)));
        let (keys, warnings) = (keys(&reading.project), lines(&reading.warnings));
        assert!(!keys.contains(CANARY), "{keys}");
        assert!(!warnings.contains(CANARY), "{warnings}");
        let debug = format!("{reading:?}");
        assert!(!debug.contains(CANARY), "{}: {debug}", folder.display());
        let project = super::compose_text::project(&reading.project);
        let text = format!("{project}\n# keys\n{keys}\n# warnings\n{warnings}\n");
        settings.bind(|| insta::assert_snapshot!(name(&folder), text));
    }
}

/// What is wrong in the importer's eyes only.
const OF_THE_IMPORT: [&str; 1] = ["name-collision"];

#[test]
fn everything_that_is_wrong_is_said_where_it_is() {
    let mut missing = String::new();
    for folder in folders("tests/compose/bad") {
        let own = name(&folder);
        if OF_THE_IMPORT.contains(&own.as_str()) {
            continue;
        }
        let said = match read_folder(&folder) {
            Ok(reading) => reading.warnings,
            Err(refused) => [refused.errors, refused.warnings].concat(),
        };
        assert!(!lines(&said).contains(CANARY), "{}", lines(&said));
        let expected = fs::read_to_string(folder.join("expected.txt")).unwrap();
        let unsaid: Vec<&str> = expected.lines().filter(|line| !is_said(line, &said)).collect();
        if !unsaid.is_empty() {
            writeln!(missing, "{own} lacks\n  {}\nof\n{}\n", unsaid.join("\n  "), lines(&said)).unwrap();
        }
    }
    assert!(missing.is_empty(), "{missing}");
}

/// `FILE:LINE: words`, or `FILE: words`: is each word in what is said about that place?
fn is_said(line: &str, said: &[Diagnostic]) -> bool {
    let (place, words) = line.split_once(": ").unwrap();
    let text: String = said
        .iter()
        .filter(|diagnostic| {
            let at = format!("{}:{}", diagnostic.file.display(), diagnostic.line);
            at == place || diagnostic.file == Path::new(place)
        })
        .map(|diagnostic| diagnostic.to_string().to_lowercase())
        .collect();
    words.split_whitespace().all(|word| text.contains(&word.to_lowercase()))
}
