//! A release as helm knows it: its history, and what a revision of it holds.

use std::{ffi::OsStr, fmt};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Hook, Workplace,
    hook::in_order,
    words::{reason, remedy},
    workplace::Reach,
};
use crate::{diff::Problem, object::Object, render::parse};

/// One revision of a release, as `helm history` tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// From 1.
    pub revision: u32,
    /// When, as helm writes it.
    #[serde(default)]
    pub updated: String,
    /// What became of it.
    pub status: Status,
    /// Name and version of the chart, as in `loki-6.1.0`.
    #[serde(default)]
    pub chart: String,
    /// The version of what it installs.
    #[serde(default)]
    pub app_version: String,
    /// What helm, or who called it, says of it.
    #[serde(default)]
    pub description: String,
}

/// What became of a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It stands.
    Deployed,
    /// A later one stands.
    Superseded,
    /// It did not come through.
    Failed,
    /// A first install is at work, or was cut off.
    PendingInstall,
    /// An upgrade is at work, or was cut off.
    PendingUpgrade,
    /// A rollback is at work, or was cut off.
    PendingRollback,
    /// It was uninstalled, and its history kept.
    Uninstalled,
    /// An uninstall is at work, or was cut off.
    Uninstalling,
    /// Anything else.
    #[serde(other)]
    Unknown,
}

impl Status {
    /// Is helm at work on it, or was it cut off?
    #[must_use]
    pub fn is_pending(self) -> bool {
        matches!(self, Self::PendingInstall | Self::PendingUpgrade | Self::PendingRollback)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deployed => "deployed",
            Self::Superseded => "superseded",
            Self::Failed => "failed",
            Self::PendingInstall => "pending-install",
            Self::PendingUpgrade => "pending-upgrade",
            Self::PendingRollback => "pending-rollback",
            Self::Uninstalled => "uninstalled",
            Self::Uninstalling => "uninstalling",
            Self::Unknown => "unknown",
        })
    }
}

/// How helm wrote a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// By server-side apply: fields of others stop it.
    ByServer,
    /// By a merge of its own: fields of others are written over.
    ByClient,
}

/// What a revision holds. Never shown as it is: it may hold what Secrets hold.
#[derive(Clone)]
pub struct Release {
    /// Its number.
    pub revision: u32,
    /// What became of it.
    pub status: Status,
    /// Its objects, as rendered.
    pub objects: Vec<Object>,
    /// The values that it was given.
    pub values: Value,
    /// How it was written.
    pub applied: Applied,
    /// What helm runs around them.
    pub hooks: Vec<Hook>,
    /// Kind and name of the hooks that have failed.
    pub failed_hooks: Vec<(String, String)>,
}

impl Workplace {
    /// The history of a release, oldest first; empty when there is none.
    ///
    /// # Errors
    /// [`Problem`] with helm's own words.
    pub async fn history(&self, name: &str, namespace: &str) -> Result<Vec<Revision>, Problem> {
        let arguments = ["history", name, "--namespace", namespace, "--max", "256", "--output", "json"];
        let output = self.ask(&arguments.map(OsStr::new), Reach::Cluster).await?;
        if !output.status.success() {
            let reason = reason(&output.stderr);
            if reason.ends_with("release: not found") {
                return Ok(Vec::new());
            }
            let remedy = remedy(&reason);
            return Err(Problem::new(format!("release {name}"), reason, remedy));
        }
        let mut history: Vec<Revision> = serde_json::from_slice(&output.stdout)
            .map_err(|error| self.unreadable(name, &error.to_string()))?;
        history.sort_by_key(|revision| revision.revision);
        Ok(history)
    }

    /// What a revision holds.
    ///
    /// # Errors
    /// [`Problem`] with helm's own words; one that the history no longer has says so.
    pub async fn release(&self, name: &str, namespace: &str, revision: u32) -> Result<Release, Problem> {
        let number = revision.to_string();
        let arguments = ["status", name, "--namespace", namespace, "--revision", &number, "--output", "json"];
        let output = self.ask(&arguments.map(OsStr::new), Reach::Cluster).await?;
        if !output.status.success() {
            let reason = reason(&output.stderr);
            let remedy = remedy(&reason);
            return Err(Problem::new(format!("revision {revision} of release {name}"), reason, remedy));
        }
        let found: Value = serde_json::from_slice(&output.stdout)
            .map_err(|error| self.unreadable(name, &error.to_string()))?;
        let manifest = found.get("manifest").and_then(Value::as_str).unwrap_or_default();
        let objects =
            parse(manifest, &format!("revision {revision} of release {name}")).map_err(|problems| {
                self.unreadable(name, &problems.first().map(ToString::to_string).unwrap_or_default())
            })?;
        let status = found.pointer("/info/status").cloned().unwrap_or_default();
        let is_by_server = found.get("apply_method").and_then(Value::as_str) == Some("ssa");
        Ok(Release {
            revision,
            status: serde_json::from_value(status).unwrap_or(Status::Unknown),
            objects,
            values: found.get("config").cloned().unwrap_or(Value::Null),
            hooks: hooks(&found),
            failed_hooks: failed_hooks(&found),
            applied: if is_by_server { Applied::ByServer } else { Applied::ByClient },
        })
    }

    fn unreadable(&self, name: &str, why: &str) -> Problem {
        Problem::new(
            format!("release {name}"),
            format!("{} answered what cannot be read: {why}", self.helm),
            "see what `helm status` and `helm history` say of it",
        )
    }
}

/// The hooks that a revision holds, in helm's order; one whose text cannot be read is left out.
fn hooks(release: &Value) -> Vec<Hook> {
    let texts = release.get("hooks").and_then(Value::as_array).into_iter().flatten();
    let texts = texts.filter_map(|hook| hook.get("manifest")?.as_str());
    in_order(texts.flat_map(|text| parse(text, "a hook of the release").unwrap_or_default()).map(Hook::of))
}

fn failed_hooks(release: &Value) -> Vec<(String, String)> {
    let hooks = release.get("hooks").and_then(Value::as_array).into_iter().flatten();
    let failed =
        hooks.filter(|hook| hook.pointer("/last_run/phase").and_then(Value::as_str) == Some("Failed"));
    let text =
        |hook: &Value, name: &str| hook.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    failed.map(|hook| (text(hook, "kind"), text(hook, "name"))).collect()
}
