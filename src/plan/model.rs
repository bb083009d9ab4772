//! The checked plan: plan → environments and stages → steps → gates.

use std::{collections::BTreeMap, fmt, path::PathBuf, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

use super::{Gate, WorkflowAt};

/// A plan without errors. Paths in it are relative to [`Plan::folder`] and stay inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Short name, a DNS label: names the run's folder and the objects kept in the cluster.
    pub name: String,
    /// One line for the header.
    pub title: String,
    /// Absolute folder of the plan file.
    pub folder: PathBuf,
    /// SHA-256 of the plan file's text, hexadecimal.
    pub digest: String,
    /// Where it can be run, in the order written.
    pub environments: Vec<Environment>,
    /// The checklist, in order.
    pub stages: Vec<Stage>,
    /// Remote bases and outside folders that the plan's author allows by name.
    pub allowed_sources: Vec<String>,
    /// The pipeline's workflow, as far as the plan names it.
    pub workflow: Option<WorkflowAt>,
}

/// One place that the plan is run in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// A DNS label, as in `staging`.
    pub name: EnvironmentName,
    /// The namespace that the plan's objects live in.
    pub namespace: String,
    /// kubeconfig context to use unless one is given; `None` takes the current one.
    pub context: Option<String>,
    /// How a change is confirmed here.
    pub confirmation: Confirmation,
    /// Replaces `${name}` in the steps' texts and paths.
    pub variables: BTreeMap<String, String>,
}

/// An environment's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EnvironmentName(pub String);

impl fmt::Display for EnvironmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the operator must do to confirm a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// Choose the button; Cancel is the default.
    Button,
    /// Type the environment's name as well.
    TypeName,
}

/// One week of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// A DNS label, unique in the plan.
    pub id: StageId,
    /// One line for the checklist.
    pub title: String,
    /// What the stage achieves; may be empty.
    pub summary: String,
    /// In order.
    pub steps: Vec<Step>,
}

/// A stage's id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StageId(pub String);

impl fmt::Display for StageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Names one step of a plan: `week-1/overlay`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepPath {
    /// The stage it belongs to.
    pub stage: StageId,
    /// Its own id, unique within the stage.
    pub step: String,
}

impl fmt::Display for StepPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.stage, self.step)
    }
}

impl FromStr for StepPath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('/') {
            Some((stage, step)) if !stage.is_empty() && !step.is_empty() => {
                Ok(Self { stage: StageId(stage.to_owned()), step: step.to_owned() })
            }
            _ => Err(format!("{text:?} is not STAGE/STEP, as in week-1/overlay")),
        }
    }
}

impl Serialize for StepPath {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for StepPath {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// One item of the checklist. Texts and paths already have the environment's variables filled in when
/// they come from [`Plan::steps_in`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Stage and id.
    pub path: StepPath,
    /// One line for the checklist.
    pub title: String,
    /// Why and what to look at; may be empty.
    pub description: String,
    /// What it does.
    pub action: Action,
    /// What must hold before it may be applied.
    pub requires: Vec<Gate>,
    /// What must hold before it counts as done.
    pub gates: Vec<Gate>,
    /// How long its objects may take to become ready.
    pub deadline: Duration,
    /// The inventory set that its objects belong to; steps that share objects name the same set.
    pub inventory: String,
    /// Delete-and-create is allowed where a field cannot be changed in place.
    pub allow_replace: bool,
    /// Ended components that it uses all the same, each with the reason.
    pub acknowledged: Vec<Acknowledgement>,
    /// `None`: in every environment.
    pub only_in: Option<Vec<EnvironmentName>>,
    /// For a manual step that a later version will do by itself: what will do it.
    pub later: Option<String>,
}

/// An ended component that a step is meant to use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Acknowledgement {
    /// Its name in the [`crate::catalogue`].
    pub component: String,
    /// Why, and until when.
    pub reason: String,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// A person does it and says so.
    Manual(Manual),
    /// YAML files, or folders of them, applied as they are.
    Manifests {
        /// Relative to the plan's folder.
        paths: Vec<PathBuf>,
    },
    /// An overlay, rendered by the run's pinned kustomize.
    Kustomize {
        /// Folder with a kustomization file, relative to the plan's folder.
        path: PathBuf,
    },
    /// A release of a chart, installed and upgraded by helm.
    Helm(HelmChart),
    /// The images of an overlay get the digests that their tags name now: a file changes, and nothing in the
    /// cluster.
    Pin {
        /// Folder with the kustomization file that is edited, relative to the plan's folder.
        path: PathBuf,
    },
}

/// A chart, and the release that it is installed as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelmChart {
    /// Where the chart is.
    pub chart: ChartSource,
    /// Its exact version; `None` only where the chart is a folder.
    pub version: Option<String>,
    /// The release's name, a DNS label of at most 53 characters.
    pub release: String,
    /// The release's namespace, when not the environment's.
    pub namespace: Option<String>,
    /// Files of values, relative to the plan's folder; later ones win.
    pub values: Vec<PathBuf>,
    /// Values merged last: a mapping, or null.
    pub set: serde_json::Value,
}

/// Where a chart comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChartSource {
    /// A folder with a `Chart.yaml`, relative to the plan's folder.
    Folder(PathBuf),
    /// `oci://…`, without a tag.
    Registry(String),
    /// A name in a repository that is served over HTTP.
    Repository {
        /// `https://…`.
        url: String,
        /// The chart's name there.
        name: String,
    },
}

impl ChartSource {
    /// As the catalogue of ended components looks it up.
    #[must_use]
    pub fn address(&self) -> String {
        match self {
            Self::Folder(path) => path.display().to_string(),
            Self::Registry(address) => address.clone(),
            Self::Repository { url, name } => format!("{}/{name}", url.trim_end_matches('/')),
        }
    }
}

impl fmt::Display for ChartSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::Registry(address) => f.write_str(address),
            Self::Repository { url, name } => write!(f, "{name} of {url}"),
        }
    }
}

/// A checklist item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manual {
    /// What to do, in order; at least one line.
    pub instructions: Vec<String>,
    /// Must a note say how it was done?
    pub evidence: Evidence,
}

impl Manual {
    /// Is an object of that kind and name among what it asks to create?
    #[must_use]
    pub fn asks_for(&self, kind: &str, name: &str) -> bool {
        self.instructions.iter().any(|instruction| {
            let is_between = |character: char| character.is_whitespace() || "`\"',;()".contains(character);
            let words: Vec<&str> = instruction.split(is_between).collect();
            let has = |word: &str| words.iter().any(|one| one.eq_ignore_ascii_case(word));
            has("create") && has(kind) && words.contains(&name)
        })
    }
}

/// Whether a manual step needs a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// It cannot be ticked without one.
    Required,
    /// A note is welcome.
    Optional,
}

impl Plan {
    /// The environment of that name.
    #[must_use]
    pub fn environment(&self, name: &str) -> Option<&Environment> {
        self.environments.iter().find(|environment| environment.name.0 == name)
    }
}
