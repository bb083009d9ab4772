//! Manifests, indexes and configurations, as far as they are read.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::Platform;

/// What is asked for, the newest sort first.
pub(super) const MEDIA_TYPES: [&str; 4] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];

const CREATED: &str = "org.opencontainers.image.created";

/// An index, or the manifest of one platform.
#[derive(Debug, Deserialize)]
pub(super) struct Manifest {
    #[serde(default)]
    pub(super) manifests: Vec<Entry>,
    pub(super) config: Option<Blob>,
    #[serde(default)]
    pub(super) layers: Vec<Blob>,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
}

/// Of an index: one platform's manifest.
#[derive(Debug, Deserialize)]
pub(super) struct Entry {
    pub(super) digest: String,
    platform: Option<Described>,
}

/// A blob.
#[derive(Debug, Deserialize)]
pub(super) struct Blob {
    pub(super) digest: String,
    #[serde(default)]
    pub(super) size: u64,
}

/// The part of a configuration, or of an index's entry, that tells what it runs on.
#[derive(Debug, Deserialize)]
pub(super) struct Described {
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
    variant: Option<String>,
    created: Option<String>,
}

impl Manifest {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|error| error.to_string())
    }

    /// The entries that something runs on: build attestations are for no platform.
    pub(super) fn runnable(&self) -> impl Iterator<Item = (&Entry, Platform)> {
        let known = |entry| Some((entry, Entry::platform(entry)?));
        self.manifests.iter().filter_map(known)
    }

    /// When it was made, as its builder has noted it.
    pub(super) fn created(&self) -> Option<Timestamp> {
        moment(self.annotations.as_ref()?.get(CREATED)?)
    }
}

impl Entry {
    fn platform(&self) -> Option<Platform> {
        self.platform.as_ref()?.platform()
    }
}

impl Described {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|error| error.to_string())
    }

    pub(super) fn platform(&self) -> Option<Platform> {
        let is_told = |part: &str| !part.is_empty() && part != "unknown";
        (is_told(&self.os) && is_told(&self.architecture)).then(|| Platform {
            os: self.os.clone(),
            architecture: self.architecture.clone(),
            variant: self.variant.clone().filter(|variant| !variant.is_empty()),
        })
    }

    pub(super) fn created(&self) -> Option<Timestamp> {
        moment(self.created.as_deref()?)
    }
}

/// Builds that can be repeated to the byte write the beginning of time, which is no age.
fn moment(text: &str) -> Option<Timestamp> {
    const NEVER_BEFORE: i64 = 365 * 86_400 * 11;
    text.parse::<Timestamp>().ok().filter(|moment| moment.as_second() > NEVER_BEFORE)
}

#[cfg(test)]
mod tests {
    use super::{Described, Manifest};

    #[test]
    fn attestations_are_no_platforms() {
        let index = Manifest::read(
            br#"{"manifests": [
                {"digest": "sha256:a", "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}},
                {"digest": "sha256:b", "platform": {"os": "unknown", "architecture": "unknown"}},
                {"digest": "sha256:c"}]}"#,
        )
        .unwrap();
        let found: Vec<String> =
            index.runnable().map(|(entry, on)| format!("{} {on}", entry.digest)).collect();
        assert_eq!(found, ["sha256:a linux/arm64/v8"]);
    }

    #[test]
    fn the_beginning_of_time_is_no_age() {
        let created = |text: &str| {
            let config = format!(r#"{{"os": "linux", "architecture": "amd64", "created": "{text}"}}"#);
            Described::read(config.as_bytes()).unwrap().created()
        };
        assert_eq!(created("1970-01-01T00:00:00Z"), None);
        assert_eq!(created("0001-01-01T00:00:00Z"), None);
        assert!(created("2026-11-22T10:00:00.123Z").is_some());
    }
}
