//! Where the rehearsal cluster's binary and run folders are kept: the user's cache folder.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use etcetera::BaseStrategy;

use super::error::BuildError;

/// How long a binary that nobody boots any more is kept.
const KEPT_UNUSED: Duration = Duration::from_hours(30 * 24);

/// The folder of everything about rehearsals, `$XDG_CACHE_HOME/migrate-tui/rehearsal`.
pub(super) fn folder() -> Result<PathBuf, BuildError> {
    let strategy = etcetera::choose_base_strategy().map_err(|_| BuildError::NoCacheFolder)?;
    Ok(strategy.cache_dir().join("migrate-tui").join("rehearsal"))
}

/// Removes what builds that were killed left behind, and binaries that nobody has used for a month.
///
/// The caller holds the build lock. What cannot be removed now is tried again after the next build.
pub(super) fn sweep(folder: &Path, keep: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()).filter(|path| path != keep) {
        let half_built =
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(super::build::HALF_BUILT));
        if half_built || unused(&path.join(super::build::BINARY)) {
            let _ = std::fs::remove_dir_all(&path);
        }
    }
}

/// Marks a binary as used now, so that [`sweep`] spares it.
pub(super) fn mark_used(binary: &Path) {
    if let Ok(file) = std::fs::File::open(binary) {
        let _ = file.set_modified(SystemTime::now());
    }
}

fn unused(binary: &Path) -> bool {
    binary
        .metadata()
        .and_then(|metadata| metadata.modified())
        .is_ok_and(|used| used.elapsed().is_ok_and(|age| age > KEPT_UNUSED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_and_half_built_binaries_are_swept() {
        let cache = tempfile::tempdir().unwrap();
        let age = |name: &str, days: u64| {
            let folder = cache.path().join(name);
            std::fs::create_dir(&folder).unwrap();
            let file = std::fs::File::create(folder.join("rehearsal")).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(days * 24 * 60 * 60)).unwrap();
            folder
        };
        let (current, recent, old) = (age("current", 90), age("recent", 3), age("old", 31));
        let half_built = age("building-1234", 0);
        sweep(cache.path(), &current);
        let exist = [current, recent, old, half_built].map(|folder| folder.exists());
        assert_eq!(exist, [true, true, false, false]);
    }
}
