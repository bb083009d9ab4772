//! Reads manifest files and folders of them, as they are.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    folder::{Folder, PathError, read_text},
    objects::{duplicates, parse},
};
use crate::{diff::Problem, object::Object};

/// Reads files, and the files of folders in the order of their names, those below them too.
pub(super) fn manifests(folder: &Folder, paths: &[PathBuf]) -> Result<Vec<Object>, Vec<Problem>> {
    let (mut objects, mut problems) = (Vec::new(), Vec::new());
    for path in paths {
        let name = path.to_string_lossy();
        let files = folder.resolve(folder.root(), &name).and_then(|found| {
            let mut files = Vec::new();
            collect(folder, &found, &mut files)?;
            Ok(files)
        });
        match files {
            Err(error) => problems.push(path_problem(&name, &error)),
            Ok(files) if files.is_empty() => problems.push(Problem::new(
                name,
                "there is no .yaml, .yml or .json file in it",
                "add one, or take the path out of the step",
            )),
            Ok(files) => {
                for file in files {
                    let shown = folder.name(&file).display().to_string();
                    let text = read_text(&file)
                        .map_err(|error| vec![Problem::new(&shown, error, "correct the file")]);
                    match text.and_then(|text| parse(&text, &shown)) {
                        Ok(mut found) => objects.append(&mut found),
                        Err(mut found) => problems.append(&mut found),
                    }
                }
            }
        }
    }
    if problems.is_empty() {
        let names: Vec<_> = paths.iter().map(|path| path.to_string_lossy()).collect();
        problems = duplicates(&objects, &names.join(", "));
    }
    if problems.is_empty() { Ok(objects) } else { Err(problems) }
}

/// The manifest files at a path, sorted; a link that leads out of the folder is refused.
fn collect(folder: &Folder, path: &Path, files: &mut Vec<PathBuf>) -> Result<(), PathError> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let unreadable =
        |error: io::Error| PathError::Unreadable(folder.name(path).display().to_string(), error.to_string());
    let mut names = Vec::new();
    for entry in fs::read_dir(path).map_err(unreadable)? {
        names.push(entry.map_err(unreadable)?.file_name());
    }
    names.sort();
    for name in names {
        let entry = path.join(&name);
        let is_manifest = entry.extension().is_some_and(|extension| {
            ["yaml", "yml", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known))
        });
        let is_folder = entry.is_dir();
        if is_manifest || is_folder {
            let found = folder.resolve(path, &name.to_string_lossy())?;
            // A link back to a folder above would never end.
            if is_folder && path.starts_with(&found) {
                continue;
            }
            collect(folder, &found, files)?;
        }
    }
    Ok(())
}

/// A path that a step cannot use, as a problem.
pub(super) fn path_problem(path: &str, error: &PathError) -> Problem {
    let remedy = match error {
        PathError::Missing(_) => "correct the path in the plan",
        PathError::Outside(_) => "copy it into the plan's folder",
        PathError::Unreadable(..) => "see that it can be read",
    };
    Problem::new(path, error.to_string(), remedy)
}
