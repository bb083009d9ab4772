//! Charts: fetched once for a look, kept as archives, and installed from just those.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::{
    Workplace,
    words::{reason, remedy},
    workplace::{Reach, unusable},
};
use crate::{
    diff::Problem,
    plan::{ChartSource, HelmChart},
    render::yaml_value,
};

/// More than any chart; a folder that holds more is not one.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// A chart as it was fetched: an archive in the run's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// Its name, as its `Chart.yaml` has it.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The version of what it installs, where it says one.
    pub app_version: Option<String>,
    /// Where it came from.
    pub source: String,
    /// The archive.
    pub archive: PathBuf,
    /// SHA-256 of the archive, hexadecimal.
    pub sha256: String,
    /// SHA-256 of another archive of the same name and version that was fetched before.
    pub differs_from: Option<String>,
}

impl Workplace {
    /// Fetches a chart; `folder` is where one that is a folder is, with its links resolved.
    ///
    /// # Errors
    /// [`Problem`] with helm's own words: it cannot be reached, is not there, or is no chart.
    pub async fn fetch(&self, helm: &HelmChart, folder: Option<&Path>) -> Result<Chart, Problem> {
        let fetched = TempDir::new_in(self.charts()).map_err(|error| unusable(&self.charts(), &error))?;
        let source = helm.chart.to_string();
        let (archive, sha256) = match (&helm.chart, folder) {
            (ChartSource::Folder(_), Some(folder)) => self.package(folder, &source, fetched.path()).await?,
            (ChartSource::Folder(_), None) => {
                return Err(Problem::new(source, "the folder is not there", "put it into the plan's folder"));
            }
            _ => self.pull(helm, fetched.path()).await?,
        };
        let described = self.describe(&archive, &source).await?;
        let text = |name: &str| described.get(name).and_then(Value::as_str).map(str::to_owned);
        let (name, version) = (text("name").unwrap_or_default(), text("version").unwrap_or_default());
        let stem = format!("{name}-{version}");
        let kept = self.archive(&stem, &sha256);
        if kept != archive {
            fs::rename(&archive, &kept).map_err(|error| unusable(&kept, &error))?;
        }
        let is_folder = matches!(helm.chart, ChartSource::Folder(_));
        let differs_from = (!is_folder).then(|| self.other_archive(&stem, &sha256)).flatten();
        Ok(Chart {
            app_version: text("appVersion"),
            name,
            version,
            source,
            archive: kept,
            sha256,
            differs_from,
        })
    }

    /// Where an archive of that name, version and content is kept.
    pub(super) fn archive(&self, stem: &str, sha256: &str) -> PathBuf {
        self.charts().join(format!("{stem}.{}.tgz", short(sha256)))
    }

    async fn pull(&self, helm: &HelmChart, into: &Path) -> Result<(PathBuf, String), Problem> {
        let (chart, repository) = match &helm.chart {
            ChartSource::Repository { url, name } => (name.as_str(), Some(url.as_str())),
            ChartSource::Registry(address) => (address.as_str(), None),
            ChartSource::Folder(_) => ("", None),
        };
        let mut arguments =
            vec![OsStr::new("pull"), OsStr::new(chart), OsStr::new("--destination"), into.as_os_str()];
        if let Some(version) = &helm.version {
            arguments.extend(["--version", version].map(OsStr::new));
        }
        if let Some(url) = repository {
            arguments.extend(["--repo", url].map(OsStr::new));
        }
        if is_on_this_machine(chart) {
            arguments.push(OsStr::new("--plain-http"));
        }
        let output = self.ask(&arguments, Reach::Nothing).await?;
        let shown = match &helm.version {
            Some(version) => format!("{} {version}", helm.chart),
            None => helm.chart.to_string(),
        };
        if !output.status.success() {
            let reason = reason(&output.stderr);
            let remedy = remedy(&reason);
            return Err(Problem::new(shown, format!("the chart cannot be fetched: {reason}"), remedy));
        }
        only_archive(into).map_err(|error| Problem::new(shown, error.to_string(), "look again"))
    }

    /// Packages a folder. One whose content was packaged before gives the very same archive: helm puts the
    /// time into each that it makes.
    async fn package(&self, folder: &Path, source: &str, into: &Path) -> Result<(PathBuf, String), Problem> {
        let problem = |reason: String| Problem::new(source, reason, "correct the chart's folder");
        let owned = folder.to_owned();
        let content = tokio::task::spawn_blocking(move || content_of(&owned)).await;
        let content = content.map_err(|error| problem(error.to_string()))?.map_err(problem)?;
        let known = self.charts().join(format!("content-{content}"));
        if let Ok(name) = fs::read_to_string(&known)
            && let Ok(found) = digest_of(&self.charts().join(name))
        {
            return Ok(found);
        }
        let arguments =
            [OsStr::new("package"), folder.as_os_str(), OsStr::new("--destination"), into.as_os_str()];
        let output = self.ask(&arguments, Reach::Nothing).await?;
        if !output.status.success() {
            let reason = reason(&output.stderr);
            let remedy = if reason.contains("missing in charts/") {
                "run `helm dependency build` in the folder and keep what it fetches with the plan"
            } else {
                remedy(&reason)
            };
            return Err(Problem::new(source, format!("the folder cannot be packaged: {reason}"), remedy));
        }
        let (archive, sha256) = only_archive(into).map_err(|error| problem(error.to_string()))?;
        let stem = archive.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let kept = self.archive(&stem, &sha256);
        fs::rename(&archive, &kept).map_err(|error| unusable(&kept, &error))?;
        let name = kept.file_name().unwrap_or_default().to_string_lossy().into_owned();
        fs::write(&known, name).map_err(|error| unusable(&known, &error))?;
        Ok((kept, sha256))
    }

    /// What the chart says of itself.
    async fn describe(&self, archive: &Path, source: &str) -> Result<Value, Problem> {
        let arguments = [OsStr::new("show"), OsStr::new("chart"), archive.as_os_str()];
        let output = self.ask(&arguments, Reach::Nothing).await?;
        let failed = |reason: String| Problem::new(source, format!("it is no chart: {reason}"), "correct it");
        if !output.status.success() {
            return Err(failed(reason(&output.stderr)));
        }
        yaml_value(&String::from_utf8_lossy(&output.stdout)).map_err(|error| failed(error.message))
    }

    fn other_archive(&self, stem: &str, sha256: &str) -> Option<String> {
        let prefix = format!("{stem}.");
        let names = fs::read_dir(self.charts()).ok()?.flatten();
        names
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter_map(|name| Some(name.strip_prefix(&prefix)?.strip_suffix(".tgz")?.to_owned()))
            .find(|other| other != short(sha256))
    }
}

/// Twelve digits: enough to tell archives apart.
pub(super) fn short(sha256: &str) -> &str {
    sha256.get(..12).unwrap_or(sha256)
}

/// A registry on this machine has no certificate.
fn is_on_this_machine(address: &str) -> bool {
    let host = address.strip_prefix("oci://").and_then(|rest| rest.split(['/', ':']).next());
    matches!(host, Some("127.0.0.1" | "localhost"))
}

/// The one archive in a folder, and its digest.
fn only_archive(folder: &Path) -> io::Result<(PathBuf, String)> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "tgz") {
            return digest_of(&path);
        }
    }
    Err(io::Error::other("helm left no archive"))
}

/// An archive with its digest.
pub(super) fn digest_of(path: &Path) -> io::Result<(PathBuf, String)> {
    Ok((path.to_owned(), hex::encode(Sha256::digest(fs::read(path)?))))
}

/// A digest of the names and contents of a folder's files.
fn content_of(folder: &Path) -> Result<String, String> {
    let mut hash = Sha256::new();
    let (mut waiting, mut files, mut size) = (vec![folder.to_owned()], Vec::new(), 0);
    while let Some(inner) = waiting.pop() {
        for entry in fs::read_dir(&inner).map_err(|error| format!("{}: {error}", inner.display()))? {
            let path = entry.map_err(|error| error.to_string())?.path();
            let found =
                fs::symlink_metadata(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            if found.is_dir() {
                waiting.push(path);
            } else if found.is_file() {
                size += found.len();
                files.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap_or(&path);
                return Err(format!("{} is no file, and links may lead out of the chart", name.display()));
            }
        }
    }
    if size > MOST_BYTES {
        return Err(format!("the folder holds more than {} MiB", MOST_BYTES / 1024 / 1024));
    }
    files.sort();
    for path in files {
        let content = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let name = path.strip_prefix(folder).unwrap_or(&path);
        hash.update(name.as_os_str().as_encoded_bytes());
        hash.update([0]);
        hash.update(Sha256::digest(content));
    }
    Ok(hex::encode(hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::{content_of, is_on_this_machine};

    #[test]
    fn only_this_machine_is_reached_without_a_certificate() {
        assert!(is_on_this_machine("oci://127.0.0.1:5000/charts/web"));
        assert!(is_on_this_machine("oci://localhost/web"));
        assert!(!is_on_this_machine("oci://127.0.0.1.example/web"));
        assert!(!is_on_this_machine("web"));
    }

    #[test]
    fn a_chart_is_known_by_its_content_and_holds_no_links() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("Chart.yaml"), "name: a").unwrap();
        let first = content_of(folder.path()).unwrap();
        assert_eq!(content_of(folder.path()).unwrap(), first);
        std::fs::write(folder.path().join("Chart.yaml"), "name: b").unwrap();
        assert_ne!(content_of(folder.path()).unwrap(), first);
        std::os::unix::fs::symlink("/etc", folder.path().join("templates")).unwrap();
        assert!(content_of(folder.path()).unwrap_err().contains("templates"));
    }
}
