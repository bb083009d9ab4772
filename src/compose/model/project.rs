//! The project as a whole: where things were written, and its keys.

use std::{collections::BTreeMap, fmt, sync::Arc};

use serde::{Serialize, Serializer};

use super::{FileObject, NamedVolume, Network, Service};

/// Where something was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Origin {
    /// The file, as the operator named it or relative to the project's folder.
    #[serde(serialize_with = "as_text")]
    pub file: Arc<str>,
    /// From 1; 0 when it is about the file as a whole.
    pub line: u64,
    /// In characters, from 1; 0 when it is about the file as a whole.
    pub column: u64,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 { f.write_str(&self.file) } else { write!(f, "{}:{}", self.file, self.line) }
    }
}

fn as_text<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

/// A value, where it was written, and under which path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where its key (of a list's item: the item) was written: after a merge, in the file that won.
    pub origin: Origin,
    /// As in `services.web.ports[0]`; it names its entry in [`Project::keys`].
    pub path: String,
}

/// One key of the input: what a report on the input has a line for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputKey {
    /// As in `services.web.deploy.resources.limits.cpus`.
    pub path: String,
    /// Where it was written.
    pub origin: Origin,
    /// Its value on one line, shortened; none where it may be secret (an environment value, an inline content).
    pub shown: Option<String>,
    /// Does the Compose Specification know it? `x-` extensions and unknown keys are not.
    pub sort: KeySort,
}

/// What sort of key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySort {
    /// The Compose Specification has it.
    Known,
    /// `x-…`: ignored by compose itself, or used through an anchor.
    Extension,
    /// Nothing knows it.
    Unknown,
    /// It was used up in reading: `extends`, `include`, `profiles`, `name`, `version`, anchors' fragments; with
    /// what became of it.
    Consumed(&'static str),
}

/// The whole of what was read.
#[derive(Clone, Debug)]
pub struct Project {
    /// `name:` of the last file that has one, else the project folder's name, made fit.
    pub name: String,
    /// Of the active profiles, in the order of their names.
    pub services: BTreeMap<String, Service>,
    /// Named networks; `default` is there when a service uses it.
    pub networks: BTreeMap<String, Network>,
    /// Named volumes.
    pub volumes: BTreeMap<String, NamedVolume>,
    /// `secrets:` of the top level.
    pub secrets: BTreeMap<String, FileObject>,
    /// `configs:` of the top level.
    pub configs: BTreeMap<String, FileObject>,
    /// Services that no active profile has, with their profiles.
    pub inactive: Vec<Placed<String>>,
    /// Variables that the files name (`${TAG:-latest}`), by name.
    pub variables: BTreeMap<String, Variable>,
    /// Every key of every file that counts, in the order of files and lines: deepest mapping keys, and list items
    /// of ports, volumes, environment and the like. What was overridden by a later file is here as consumed.
    pub keys: Vec<InputKey>,
}

/// A variable that was put into the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Where it is used, in order.
    pub uses: Vec<Placed<()>>,
    /// Where its value came from.
    pub source: VariableSource,
}

/// Where a variable's value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VariableSource {
    /// The environment of the process.
    Process,
    /// An env file, as in `.env`.
    File(Origin),
    /// The default in the text.
    Default,
    /// Nowhere: it became empty, as compose does with a warning.
    Unset,
}
