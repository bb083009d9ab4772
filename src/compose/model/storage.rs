//! What is mounted: volumes, paths of the host, configs and secrets.

use std::{collections::BTreeMap, fmt, path::PathBuf};

use super::{Origin, Placed};
use crate::compose::found::Found;

/// Something mounted into a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Where in the container.
    pub target: String,
    /// What.
    pub source: MountSource,
    /// Read only?
    pub is_read_only: bool,
    /// `volume.subpath`.
    pub subpath: Option<String>,
}

/// What is mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MountSource {
    /// A named volume.
    Volume(String),
    /// A volume without a name.
    Anonymous,
    /// A path of the host.
    Bind(BindSource),
    /// Memory, with its size in bytes.
    Tmpfs {
        /// In bytes.
        size: Option<u64>,
        /// Octal, as in `0o1777`.
        mode: Option<u32>,
    },
    /// `npipe`, `cluster`, `image`: its type, and its source.
    Other(String, Option<String>),
}

/// A path of the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindSource {
    /// As written.
    pub written: String,
    /// Relative to the project's folder where it is below it.
    pub inside: Option<PathBuf>,
    /// What is there now, where it is inside.
    pub found: Found,
}

/// A config or secret that is mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileMount {
    /// Its key at the top level.
    pub source: String,
    /// The path in the container.
    pub target: Option<String>,
    /// The mode, as in `0o440`.
    pub mode: Option<u32>,
    /// The owner's id, as written.
    pub uid: Option<String>,
    /// The group's id, as written.
    pub gid: Option<String>,
}

/// A config or secret of the top level.
#[derive(Clone, Debug)]
pub struct FileObject {
    /// Where its key stands.
    pub origin: Origin,
    /// What it holds.
    pub content: FileContent,
    /// `name`.
    pub name: Option<Placed<String>>,
}

/// What a config or secret holds.
#[derive(Clone, PartialEq, Eq)]
pub enum FileContent {
    /// `file`.
    File(BindSource),
    /// `environment`: the variable's name.
    Environment(String),
    /// `content`, inline; none for a secret, whose content is never kept.
    Inline(Option<String>),
    /// `external`.
    External,
}

/// Without an inline content.
impl fmt::Debug for FileContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(source) => write!(f, "File({source:?})"),
            Self::Environment(name) => write!(f, "Environment({name})"),
            Self::Inline(_) => f.write_str("Inline"),
            Self::External => f.write_str("External"),
        }
    }
}

/// A named volume.
#[derive(Clone, Debug, Default)]
pub struct NamedVolume {
    /// Where its key stands.
    pub origin: Option<Origin>,
    /// `external`.
    pub is_external: bool,
    /// `driver`.
    pub driver: Option<Placed<String>>,
    /// `driver_opts`, by name.
    pub driver_opts: BTreeMap<String, Placed<String>>,
    /// `name`.
    pub name: Option<Placed<String>>,
}
