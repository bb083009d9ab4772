//! Files beside the journal: readable by their owner alone, whole or not there.

use std::{
    fs::{self, File},
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use serde::{Serialize, de::DeserializeOwned};

use crate::diff::Problem;

/// Writes a value as JSON: a new file, made durable, then renamed over the old one.
pub(super) async fn write(path: PathBuf, value: &impl Serialize) -> Result<(), Problem> {
    let text = serde_json::to_vec(value).map_err(|error| problem(&path, &error.to_string()))?;
    blocking(path, move |path| write_bytes(path, &text).map_err(|error| problem(path, &error.to_string())))
        .await?
}

/// Reads it back; `None` when there is no such file.
pub(super) async fn read<T: DeserializeOwned + Send + 'static>(path: PathBuf) -> Result<Option<T>, Problem> {
    blocking(path, |path| match fs::read(path) {
        Ok(text) => {
            serde_json::from_slice(&text).map(Some).map_err(|error| problem(path, &error.to_string()))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(problem(path, &error.to_string())),
    })
    .await?
}

fn write_bytes(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    if !folder.is_dir() {
        fs::create_dir_all(folder)?;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    let fresh = path.with_extension("new");
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    let written = file.write_all(text).and_then(|()| file.sync_all());
    if let Err(error) = written {
        // Half a file helps nobody, and on a full disk its space does.
        let _ = fs::remove_file(&fresh);
        return Err(error);
    }
    fs::rename(&fresh, path)?;
    File::open(folder)?.sync_all()
}

async fn blocking<T: Send + 'static>(
    path: PathBuf,
    work: impl FnOnce(&Path) -> T + Send + 'static,
) -> Result<T, Problem> {
    let name = path.display().to_string();
    tokio::task::spawn_blocking(move || work(&path)).await.map_err(|error| {
        Problem::new(name, format!("the file could not be handled: {error}"), "see the log; then try again")
    })
}

fn problem(path: &Path, reason: &str) -> Problem {
    Problem::new(
        path.display().to_string(),
        format!("the record could not be kept: {reason}"),
        "free space or mend the folder's rights, then confirm again: nothing was written to the cluster",
    )
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::{read, write};

    #[tokio::test]
    async fn a_file_is_its_owners_alone_and_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("records/1.json");
        write(path.clone(), &vec![1, 2]).await.unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(read::<Vec<u32>>(path).await.unwrap(), Some(vec![1, 2]));
        assert_eq!(read::<Vec<u32>>(folder.path().join("none.json")).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_full_disk_is_said_and_leaves_nothing() {
        let problem = write("/dev/full/1.json".into(), &1).await.unwrap_err();
        assert!(problem.remedy.contains("nothing was written"), "{problem}");
    }
}
