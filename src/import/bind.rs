//! Paths of the host that are mounted: what each of them is taken for.

use super::{names, secrecy, shape};
use crate::compose::{BindSource, Found, Listing, Mount, Service};

/// What a mounted path of the host is taken for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    /// A text that a ConfigMap can hold.
    Config(String),
    /// A file with secrets, or one that cannot be written out: made by hand.
    ByHand { is_secret: bool },
    /// Text files, by their path in the folder.
    Folder(Vec<FolderFile>),
    /// Data that is written, or too much for a ConfigMap: a claim of this name.
    Data(String),
    /// The sources, for developing.
    Sources,
    /// Nothing stands for it; what to do.
    Advice(&'static str),
    /// Nothing stands for it until a person says.
    Question(String),
}

/// One file of a mounted folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FolderFile {
    /// In the folder, with `/`.
    pub(super) path: String,
    /// None where it is not to be written: a Secret has it.
    pub(super) text: Option<String>,
}

/// Paths of the host that a pod must not have, and what to do instead.
const HOST: &[(&str, &str)] = &[
    (
        "/var/run/docker.sock",
        "a container that steers containers must be rewritten against the Kubernetes API, with a ServiceAccount and a Role; what only reads metadata (a proxy, a log shipper, an updater) has a replacement made for Kubernetes",
    ),
    (
        "/run/docker.sock",
        "a container that steers containers must be rewritten against the Kubernetes API, with a ServiceAccount and a Role",
    ),
    (
        "/run/podman/podman.sock",
        "a container that steers containers must be rewritten against the Kubernetes API, with a ServiceAccount and a Role",
    ),
    ("/var/lib/docker", "the nodes have no docker; logs and figures of containers come from week 3's charts"),
    ("/proc", "figures of the host are what the node exporter of week 3 (kube-prometheus-stack) is for"),
    ("/sys", "figures of the host are what the node exporter of week 3 (kube-prometheus-stack) is for"),
    ("/var/log", "logs of the node are what the log shipper of week 3 is for"),
    ("/dev", "a device needs a device plugin on the node; ask whoever runs the cluster"),
    ("/etc/localtime", "set the variable TZ instead, or take the zone into the image"),
    ("/etc/timezone", "set the variable TZ instead, or take the zone into the image"),
    ("/lib/modules", "modules of the kernel are loaded by the node; ask whoever runs the cluster"),
];

/// What a mounted path is taken for.
pub(super) fn classify(service: &Service, mount: &Mount, source: &BindSource) -> Bound {
    let written = source.written.trim_end_matches('/');
    let is_below =
        |root: &str| written == root || written.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'));
    if written.is_empty() || written == "/" {
        return Bound::Advice(
            "a pod does not get the whole of a node; figures and logs of the host come from week 3's charts",
        );
    }
    if let Some((_, advice)) = HOST.iter().find(|(root, _)| is_below(root)) {
        return Bound::Advice(advice);
    }
    if let Some(name) = data_name(service, mount, source) {
        return Bound::Data(name);
    }
    let file_name = source.inside.as_ref().and_then(|path| path.file_name()).and_then(|name| name.to_str());
    match &source.found {
        Found::Text(text) if secrecy::is_secret_file(file_name.unwrap_or_default(), text) => {
            Bound::ByHand { is_secret: true }
        }
        Found::Text(text) => Bound::Config(text.to_string()),
        Found::Bytes(_) => Bound::ByHand { is_secret: true },
        Found::Folder(listing) => match folder(service, mount, source, listing) {
            Folder::Config => Bound::Folder(files(listing)),
            Folder::Sources => Bound::Sources,
            Folder::Data | Folder::Unclear => Bound::Question(format!(
                "which files of the folder {written} does it need at {}? List them under configMapGenerator in kubernetes/base/kustomization.yml, or take them into the image",
                mount.target
            )),
        },
        Found::Nothing => Bound::Question(format!(
            "what is {written}? There is nothing at that path now, and it is mounted at {}",
            mount.target
        )),
        Found::Outside => Bound::Question(format!(
            "what is in {written} of the host, and how does it come to {} in the pod? A ConfigMap or Secret for a few files, a claim for data",
            mount.target
        )),
    }
}

/// The claim's name where a mounted folder is data that is written: the data folder of an image that is known to keep
/// some, or a folder that is written by an image that this project does not build.
pub(super) fn data_name(service: &Service, mount: &Mount, source: &BindSource) -> Option<String> {
    let last = source.written.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let named = || names::fit(&format!("{}-host", if last == "." { "data" } else { last }));
    if let Found::Folder(listing) = &source.found
        && folder(service, mount, source, listing) == Folder::Data
    {
        return Some(named());
    }
    let is_folder = match &source.found {
        Found::Folder(_) | Found::Nothing => true,
        Found::Outside => !HOST.iter().any(|(root, _)| source.written.starts_with(root)),
        Found::Text(_) | Found::Bytes(_) => false,
    };
    if mount.is_read_only || !is_folder || source.written.trim_end_matches('/').is_empty() {
        return None;
    }
    let is_file = last.trim_start_matches('.').contains('.');
    let is_data = keeps_data(service, mount)
        || (!is_file && !is_set_up(mount) && mount.target.starts_with("/var/lib/"))
        || (!is_file && !is_set_up(mount) && sounds_like_data(mount, source));
    is_data.then(named)
}

fn keeps_data(service: &Service, mount: &Mount) -> bool {
    shape::known_of(service).is_some_and(|known| known.is_store && mount.target.starts_with(known.data))
}

fn sounds_like_data(mount: &Mount, source: &BindSource) -> bool {
    let sounds = ["data", "storage", "uploads", "media", "backups", "db", "database"];
    sounds.iter().any(|word| {
        let of = |path: &str| path.trim_end_matches('/').rsplit('/').next() == Some(word);
        of(&source.written) || of(&mount.target)
    })
}

/// Is it where programs look for what sets them up?
fn is_set_up(mount: &Mount) -> bool {
    mount.target.contains("initdb.d") || mount.target.starts_with("/etc/")
}

/// What a folder is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Folder {
    Config,
    Sources,
    Data,
    Unclear,
}

/// A ConfigMap holds no more; some of it is left for its own description.
pub(super) const MOST: usize = 900 * 1024;

fn folder(service: &Service, mount: &Mount, source: &BindSource, listing: &Listing) -> Folder {
    let is_project = source.inside.as_ref().is_none_or(|path| path.as_os_str().is_empty());
    let is_writable = !mount.is_read_only;
    if is_writable && (keeps_data(service, mount) || (!is_set_up(mount) && sounds_like_data(mount, source))) {
        return Folder::Data;
    }
    if is_writable && service.build.is_some() {
        return Folder::Sources;
    }
    if is_project || (listing.is_whole && listing.files.is_empty() && !is_writable) {
        return Folder::Unclear;
    }
    let size: Option<usize> = listing
        .files
        .iter()
        .map(|(path, found)| match found {
            Found::Text(text) => Some(text.len()),
            Found::Bytes(size) if secrecy::is_secret_file(path, "") => usize::try_from(*size).ok(),
            _ => None,
        })
        .sum();
    let fits = listing.is_whole && !listing.files.is_empty() && size.is_some_and(|size| size <= MOST);
    let reads = ["/etc/", "/usr/share/", "/usr/local/", "/usr/lib/", "/opt/"];
    let is_read = is_set_up(mount)
        || reads.iter().any(|start| mount.target.starts_with(start))
        || ["conf.d", "provisioning", "templates", "entrypoint"]
            .iter()
            .any(|word| mount.target.contains(word));
    if fits && (is_read || !is_writable) { Folder::Config } else { Folder::Data }
}

fn files(listing: &Listing) -> Vec<FolderFile> {
    let file = |(path, found): (&String, &Found)| FolderFile {
        path: path.clone(),
        text: match found {
            Found::Text(text) if !secrecy::is_secret_file(path, text) => Some(text.to_string()),
            _ => None,
        },
    };
    listing.files.iter().map(file).collect()
}
