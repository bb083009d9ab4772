//! What a registry tells of an image.

use std::fmt;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// An image that is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// Of what a pull by the tag gives: the index, where there is one.
    pub digest: String,
    /// What it can run on.
    pub platforms: Vec<Platform>,
    /// When it was built: the newest of an index. Some builders do not tell.
    pub created: Option<Timestamp>,
    /// Bytes that one platform's layers take on their way; not told of an index.
    pub size: Option<u64>,
    /// It is the rehearsal's, in place of the real one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stand_in: bool,
}

/// What an image runs on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Platform {
    /// As in `linux`.
    pub os: String,
    /// As in `amd64`.
    pub architecture: String,
    /// As in `v8`.
    pub variant: Option<String>,
}

impl Platform {
    /// Does a node of this system and architecture run it?
    #[must_use]
    pub fn runs_on(&self, os: &str, architecture: &str) -> bool {
        self.os == os && self.architecture == architecture
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        match &self.variant {
            Some(variant) => write!(f, "/{variant}"),
            None => Ok(()),
        }
    }
}

/// As it is shown.
impl Serialize for Platform {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Found {
    /// `linux/amd64, linux/arm64`.
    #[must_use]
    pub fn platforms(&self) -> String {
        let all: Vec<String> = self.platforms.iter().map(ToString::to_string).collect();
        if all.is_empty() { "platforms not told".to_owned() } else { all.join(", ") }
    }

    /// The first twelve digits of the digest.
    #[must_use]
    pub fn short(&self) -> &str {
        let digits = self.digest.split_once(':').map_or(self.digest.as_str(), |(_, digits)| digits);
        digits.get(..12).unwrap_or(digits)
    }

    /// `3 days old`; `age not told`.
    #[must_use]
    pub fn age(&self, now: Timestamp) -> String {
        let Some(created) = self.created else { return "age not told".to_owned() };
        let seconds = now.as_second().saturating_sub(created.as_second()).max(0);
        let told =
            |number: i64, one: &str| format!("{number} {one}{} old", if number == 1 { "" } else { "s" });
        match seconds {
            0..60 => "not a minute old".to_owned(),
            60..3_600 => told(seconds / 60, "minute"),
            3_600..86_400 => told(seconds / 3_600, "hour"),
            _ => told(seconds / 86_400, "day"),
        }
    }

    /// `9f86d081884c · linux/amd64, linux/arm64 · 3 days old`.
    #[must_use]
    pub fn told(&self, now: Timestamp) -> String {
        let stand_in = if self.stand_in { " · stand-in" } else { "" };
        format!("{} · {} · {}{stand_in}", self.short(), self.platforms(), self.age(now))
    }
}

#[cfg(test)]
mod tests {
    use super::{Found, Platform};

    #[test]
    fn an_image_is_told_in_a_line() {
        let platform = |architecture: &str, variant: Option<&str>| Platform {
            os: "linux".into(),
            architecture: architecture.into(),
            variant: variant.map(str::to_owned),
        };
        let mut found = Found {
            digest: format!("sha256:{}", "9f86d081884c7d65".repeat(4)),
            platforms: vec![platform("amd64", None), platform("arm", Some("v7"))],
            created: Some("2026-11-22T10:00:00Z".parse().unwrap()),
            size: None,
            stand_in: false,
        };
        let now = "2026-11-25T12:00:00Z".parse().unwrap();
        assert_eq!(found.told(now), "9f86d081884c · linux/amd64, linux/arm/v7 · 3 days old");
        found.created = None;
        assert!(found.told(now).ends_with("age not told"));
        assert!(found.platforms[1].runs_on("linux", "arm") && !found.platforms[1].runs_on("linux", "amd64"));
    }
}
