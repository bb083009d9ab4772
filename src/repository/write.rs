//! Files are written beside their places first, then put there one by one.

use std::{collections::BTreeSet, io};

use super::{
    RepositoryError, error,
    folder::Folder,
    look,
    walk::{Stop, Walk},
};
use crate::{
    diff::Problem,
    scaffold::{Journal, Proposal, RelativePath, Row, Write},
};

/// Under which name a file is written before it is put in its place.
fn beside(name: &str) -> String {
    format!(".{name}.migrate-tui")
}

/// More files than these are put on the disk together.
const MANY: usize = 50;

/// Writes every text beside its place, and the folders for it, and puts them on the disk.
pub(super) fn stage(root: &Folder, proposal: &Proposal) -> Result<(), Problem> {
    let mut walk = Walk::from(root);
    let are_many = puts(proposal).count() > MANY;
    for (row, text) in puts(proposal) {
        let (folders, name) = row.path.split();
        let folder = walk.to(&folders, true).map_err(|stop| stopped(&row.path, stop))?;
        folder
            .write_new(&beside(name), text.as_bytes(), Some(name))
            .and_then(|file| if are_many { Ok(()) } else { file.sync_all() })
            .map_err(|error| error::io("writing", &row.path, &error))?;
    }
    if are_many { all_on_disk(root) } else { Ok(()) }
}

fn all_on_disk(root: &Folder) -> Result<(), Problem> {
    root.sync_all().map_err(|error| error::io("putting on the disk", &"the repository", &error))
}

/// Puts every file in its place. Before each, `tick` is called.
///
/// # Errors
/// [`RepositoryError::Moved`] at the first that is not as it was.
pub(super) fn place(
    root: &Folder,
    proposal: &Proposal,
    mut tick: impl FnMut(),
) -> Result<(), RepositoryError> {
    let mut walk = Walk::from(root);
    let mut touched = BTreeSet::new();
    for (row, write) in proposal.rows.iter().filter_map(|row| Some((row, row.write.as_ref()?))) {
        tick();
        if look::one(&mut walk, &row.path).fingerprint() != row.before.as_ref() {
            return Err(RepositoryError::Moved);
        }
        let (folders, name) = row.path.split();
        let folder = walk.to(&folders, false).map_err(|stop| stopped(&row.path, stop))?;
        let done = match write {
            Write::Remove => folder.remove(name),
            Write::Put(_) if row.before.is_some() => folder.rename(&beside(name), name),
            Write::Put(_) => folder.rename_to_free(&beside(name), name),
        };
        match done {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(RepositoryError::Moved),
            Err(error) => return Err(error::io("writing", &row.path, &error).into()),
        }
        // A folder that was made is a new name in the one above it.
        touched.extend((0..=folders.len()).filter_map(|depth| folders.get(..depth)).map(<[&str]>::to_vec));
    }
    if touched.len() > MANY {
        all_on_disk(root)?;
        return Ok(());
    }
    for folders in touched {
        let path = folders.join("/");
        let failed = |error: &io::Error| error::io("putting on the disk", &path, error);
        match walk.to(&folders, false) {
            Ok(folder) => folder.sync().map_err(|error| failed(&error))?,
            Err(Stop::Nothing) => {}
            Err(Stop::Blocked(problem)) => return Err(problem.into()),
        }
    }
    Ok(())
}

/// Takes away what [`stage`] has written and [`place`] did not put anywhere.
pub(super) fn clear<'p>(root: &Folder, paths: impl Iterator<Item = &'p RelativePath>) {
    let mut walk = Walk::from(root);
    for path in paths {
        let (folders, name) = path.split();
        if let Ok(folder) = walk.to(&folders, false)
            && let Err(error) = folder.remove(&beside(name))
        {
            tracing::warn!(%error, %path, "a file that was begun could not be taken away");
        }
    }
}

/// Folders that are made for a proposal, each after the one it is in.
pub(super) fn missing_folders(root: &Folder, proposal: &Proposal) -> Vec<RelativePath> {
    let mut walk = Walk::from(root);
    let all: BTreeSet<&str> = puts(proposal)
        .flat_map(|(row, _)| {
            let path = row.path.as_str();
            path.match_indices('/').filter_map(move |(at, _)| path.get(..at))
        })
        .collect();
    all.into_iter()
        .filter(|path| matches!(walk.to(&path.split('/').collect::<Vec<_>>(), false), Err(Stop::Nothing)))
        .filter_map(|path| path.parse().ok())
        .collect()
}

/// Takes folders away that a deleted file leaves empty.
pub(super) fn leave_none_empty(root: &Folder, proposal: &Proposal) {
    for row in proposal.rows.iter().filter(|row| row.write == Some(Write::Remove)) {
        let (mut folders, _) = row.path.split();
        while let Some(name) = folders.pop() {
            if !Walk::from(root).to(&folders, false).is_ok_and(|folder| folder.remove_empty(name)) {
                break;
            }
        }
    }
}

/// Takes folders away that the init has made, where nothing is in them.
pub(super) fn take_folders_back(root: &Folder, journal: &Journal) {
    for path in journal.folders.iter().rev() {
        let (folders, name) = path.split();
        if let Ok(folder) = Walk::from(root).to(&folders, false) {
            folder.remove_empty(name);
        }
    }
}

fn puts(proposal: &Proposal) -> impl Iterator<Item = (&Row, &str)> {
    proposal.rows.iter().filter_map(|row| match &row.write {
        Some(Write::Put(text)) => Some((row, text.as_str())),
        Some(Write::Remove) | None => None,
    })
}

fn stopped(path: &RelativePath, stop: Stop) -> Problem {
    match stop {
        Stop::Blocked(problem) => problem,
        Stop::Nothing => Problem::new(path.as_str(), "its folder was taken away meanwhile", "repeat"),
    }
}
