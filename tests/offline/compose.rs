//! Compose files of every shape: what is read from each, and every key of it.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use migrate_tui::{
    compose::{Found, KeySort, Project, Reading, Request, Source, Unreadable, read},
    headless::ComposeFolder,
};

/// The folder's own files, and a process without variables.
struct Fixture {
    folder: ComposeFolder,
}

impl Source for Fixture {
    fn text(&self, path: &Path) -> Result<String, Unreadable> {
        self.folder.text(path)
    }

    fn look(&self, path: &Path, with_content: bool) -> Found {
        self.folder.look(path, with_content)
    }

    fn variable(&self, _: &str) -> Option<String> {
        None
    }
}

pub(crate) fn fixtures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compose");
    let mut folders: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders.retain(|folder| folder.is_dir() && !folder.ends_with("snapshots"));
    folders
}

/// A fixture as compose is called for it: a file `arguments` holds `-f FILE`, `--profile NAME`, `--env-file FILE`.
pub(crate) fn read_fixture(folder: &Path) -> Reading {
    let mut request = Request {
        folder_name: folder.file_name().unwrap().to_string_lossy().trim_start_matches(|c: char| !c.is_alphabetic()).into(),
        ..Request::default()
    };
    let arguments = fs::read_to_string(folder.join("arguments")).unwrap_or_default();
    let mut words = arguments.split_whitespace();
    while let (Some(option), Some(value)) = (words.next(), words.next()) {
        match option {
            "-f" => request.files.push(value.into()),
            "--env-file" => request.env_files.push(value.into()),
            "--profile" => request.profiles.push(value.into()),
            "-p" => request.name = Some(value.into()),
            other => panic!("unknown option {other}"),
        }
    }
    let source = Fixture { folder: ComposeFolder::new(folder, &request).unwrap() };
    read(&source, &request).unwrap_or_else(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        panic!("{}: {}", folder.display(), lines.join("\n"))
    })
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
    for folder in fixtures {
        let reading = read_fixture(&folder);
        let warnings: Vec<String> = reading.warnings.iter().map(ToString::to_string).collect();
        let text = format!(
            "{}\n# keys\n{}\n# warnings\n{}\n",
            super::compose_text::project(&reading.project),
            keys(&reading.project),
            warnings.join("\n")
        );
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compose/snapshots"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(folder.file_name().unwrap().to_string_lossy().into_owned(), text));
    }
}
