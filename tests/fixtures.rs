//! The compose files of `tests/compose`, read as the command would read them, in a process without variables.

use std::{
    fs,
    path::{Path, PathBuf},
};

use migrate_tui::{
    compose::{Found, Project, Request, Source, Unreadable, read},
    headless::ComposeFolder,
};

struct Folder(ComposeFolder);

impl Source for Folder {
    fn text(&self, path: &Path) -> Result<String, Unreadable> {
        self.0.text(path)
    }

    fn look(&self, path: &Path, with_content: bool) -> Found {
        self.0.look(path, with_content)
    }

    fn variable(&self, _: &str) -> Option<String> {
        None
    }
}

/// The folders of those that are right, by name.
pub(crate) fn names() -> Vec<String> {
    let folders = fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path());
    let folders = folders.filter(|folder| folder.is_dir());
    let mut names: Vec<String> =
        folders.map(|folder| folder.file_name().unwrap().to_string_lossy().into_owned()).collect();
    names.retain(|name| name.starts_with(|c: char| c.is_ascii_digit()));
    names.sort();
    assert!(names.len() >= 25, "{names:?}");
    names
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compose")
}

/// The project of one.
pub(crate) fn project(name: &str) -> Project {
    let folder = root().join(name);
    let mut request = Request {
        folder_name: name.trim_start_matches(|c: char| !c.is_alphabetic()).to_owned(),
        ..Request::default()
    };
    let arguments = fs::read_to_string(folder.join("arguments.txt")).unwrap_or_default();
    let mut words = arguments.lines();
    while let (Some(option), Some(value)) = (words.next(), words.next()) {
        match option {
            "-f" => request.files.push(value.into()),
            "--env-file" => request.env_files.push(value.into()),
            "--profile" => request.profiles.push(value.into()),
            other => panic!("{name}: {other}"),
        }
    }
    let source = Folder(ComposeFolder::new(&folder, &request).unwrap());
    let reading = read(&source, &request);
    reading.unwrap_or_else(|errors| panic!("{name}: {errors:#?}")).project
}
