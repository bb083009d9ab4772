//! The compose files of `tests/compose`, read as the command would read them, in a process without variables.

use std::{
    fs,
    path::{Path, PathBuf},
};

use migrate_tui::{
    compose::{Found, Project, Reading, Refused, Request, Source, Unreadable, read},
    headless::ComposeFolder,
    import::Imported,
};
use tempfile::TempDir;

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
    let reading = read_folder(&root().join(name));
    reading.unwrap_or_else(|errors| panic!("{name}: {errors:#?}")).project
}

/// A folder as compose is called for it: `arguments.txt` holds the arguments, one a line.
pub(crate) fn read_folder(folder: &Path) -> Result<Reading, Refused> {
    let name = folder.file_name().unwrap().to_string_lossy();
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
            other => panic!("{name}: unknown option {other}"),
        }
    }
    let source = Folder(ComposeFolder::new(folder, &request).unwrap());
    read(&source, &request)
}

/// What was imported, in a folder of its own.
pub(crate) fn written(imported: &Imported) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in &imported.files {
        let file = folder.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    folder
}
