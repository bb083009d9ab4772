//! From file to file, with the folders on the way kept open.

use std::{collections::BTreeMap, io};

use rustix::fs::FileType;

use super::{error, folder::Folder};
use crate::diff::Problem;

/// Goes down to the folders of files; quick when they come in the order of their paths.
pub(super) struct Walk<'f> {
    root: Level<&'f Folder>,
    below: Vec<(String, Level<Folder>)>,
}

/// One open folder.
struct Level<F> {
    folder: F,
    /// How names are written, by what they are in lower case; read when first asked for.
    names: Option<BTreeMap<String, String>>,
}

/// Why there is no way down.
pub(super) enum Stop {
    /// A folder is not there.
    Nothing,
    /// Something is in its place.
    Blocked(Problem),
}

impl<'f> Walk<'f> {
    pub(super) fn from(root: &'f Folder) -> Self {
        Self { root: Level { folder: root, names: None }, below: Vec::new() }
    }

    /// The folder below the root with these parts; made on the way, where that is asked for.
    pub(super) fn to(&mut self, parts: &[&str], make: bool) -> Result<&Folder, Stop> {
        let common = self.below.iter().zip(parts).take_while(|((name, _), part)| name == *part).count();
        self.below.truncate(common);
        for (depth, part) in parts.iter().enumerate().skip(common) {
            let path = parts.get(..=depth).unwrap_or_default().join("/");
            let failed = |error: &io::Error| Stop::Blocked(error::io("opening", &path, error));
            let here = self.here();
            let folder = match here.sort(part).map_err(|error| failed(&error))? {
                Some(FileType::Directory) => here.below(part).map_err(|error| failed(&error))?,
                Some(sort) => return Err(Stop::Blocked(no_folder(&path, sort))),
                None => {
                    if let Some(problem) = self.other_case(part, &path) {
                        return Err(Stop::Blocked(problem));
                    }
                    if !make {
                        return Err(Stop::Nothing);
                    }
                    let made = self.here().make(part);
                    made.map_err(|error| Stop::Blocked(error::io("making", &path, &error)))?
                }
            };
            self.below.push(((*part).to_owned(), Level { folder, names: None }));
        }
        Ok(self.here())
    }

    fn here(&self) -> &Folder {
        self.below.last().map_or(self.root.folder, |(_, level)| &level.folder)
    }

    /// Something in the folder that was gone to last has this name but for its case: some file systems take both
    /// for one.
    pub(super) fn other_case(&mut self, name: &str, path: &str) -> Option<Problem> {
        let names = match self.below.last_mut() {
            Some((_, level)) => level.names(),
            None => self.root.names(),
        };
        let other = names.get(&name.to_lowercase()).filter(|other| *other != name)?;
        let reason = format!("{other} is there, and some file systems take both for one");
        Some(Problem::new(path, reason, format!("rename or remove {other}, then repeat")))
    }
}

impl<F: AsRef<Folder>> Level<F> {
    fn names(&mut self) -> &BTreeMap<String, String> {
        let folder = self.folder.as_ref();
        self.names.get_or_insert_with(|| {
            let names = folder.names().unwrap_or_default();
            let names = names.into_iter().filter_map(|name| name.into_string().ok());
            names.map(|name| (name.to_lowercase(), name)).collect()
        })
    }
}

impl AsRef<Self> for Folder {
    fn as_ref(&self) -> &Self {
        self
    }
}

fn no_folder(path: &str, sort: FileType) -> Problem {
    if sort == FileType::Symlink {
        let reason = "it is a symbolic link, and nothing is written through one";
        return Problem::new(path, reason, "put a folder there, or choose another root with --into");
    }
    Problem::new(path, "it is no folder, and files are to be written into it", "move it away, then repeat")
}
