//! What is on the disk.

use std::collections::BTreeMap;

use super::{
    error,
    folder::{Entry, Folder},
    walk::{Stop, Walk},
};
use crate::{
    diff::Problem,
    scaffold::{Fingerprint, Found, RelativePath},
};

/// Larger is nothing that was written here.
const LARGEST: u64 = 16 * 1024 * 1024;

/// What is at each of these paths.
pub(super) fn look<'p>(
    root: &Folder,
    paths: impl Iterator<Item = &'p RelativePath>,
) -> BTreeMap<RelativePath, Found> {
    let mut walk = Walk::from(root);
    paths.map(|path| (path.clone(), one(&mut walk, path))).collect()
}

/// What is at this path.
pub(super) fn one(walk: &mut Walk<'_>, path: &RelativePath) -> Found {
    let (folders, name) = path.split();
    let folder = match walk.to(&folders, false) {
        Ok(folder) => folder,
        Err(Stop::Nothing) => return Found::Nothing,
        Err(Stop::Blocked(problem)) => return Found::Blocked(problem),
    };
    match folder.read(name, LARGEST) {
        Ok(Entry::File(bytes)) => {
            let fingerprint = Fingerprint::of(&bytes);
            Found::File { fingerprint, text: String::from_utf8(bytes).ok() }
        }
        Ok(Entry::Other(what)) => {
            let reason = format!("it is {what}, and a file is to be written there");
            Found::Blocked(Problem::new(path.as_str(), reason, "move it away, then repeat"))
        }
        Ok(Entry::Nothing) => walk.other_case(name, path.as_str()).map_or(Found::Nothing, Found::Blocked),
        Err(error) => Found::Blocked(error::io("reading", path, &error)),
    }
}
