//! What is kept beside the rehearsal cluster's binary: programs that go by their own name, and the kinds
//! that a chart brings.

use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::build::BINARY;

/// The name by which the binary is helm.
pub(super) const HELM: &str = "helm";
const PROGRAMS: &str = "bin";
const KINDS: &str = "cert-manager-kinds.yaml";
/// Where cert-manager's module has its kinds.
const KINDS_IN_MODULE: &str = "deploy/crds";

pub(super) fn programs_path(binary: &Path) -> PathBuf {
    binary.with_file_name(PROGRAMS)
}

pub(super) fn kinds_path(binary: &Path) -> PathBuf {
    binary.with_file_name(KINDS)
}

/// Puts into `folder` what belongs beside the binary; `cert_manager` is the folder of that module.
pub(super) fn write(folder: &Path, cert_manager: &Path) -> io::Result<()> {
    std::fs::write(folder.join(KINDS), kinds(&cert_manager.join(KINDS_IN_MODULE))?)?;
    let programs = folder.join(PROGRAMS);
    std::fs::create_dir_all(&programs)?;
    match symlink(Path::new("..").join(BINARY), programs.join(HELM)) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// All YAML files of a folder as one, in the order of their names.
fn kinds(folder: &Path) -> io::Result<String> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    paths.sort();
    let mut all = String::new();
    for path in paths {
        let text = std::fs::read_to_string(path)?;
        if !text.starts_with("---") {
            all.push_str("---\n");
        }
        all.push_str(&text);
        if !text.ends_with('\n') {
            all.push('\n');
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kit_can_be_put_there_again() {
        let (module, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let folder = module.path().join(KINDS_IN_MODULE);
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in [("b.yaml", "b: 1"), ("a.yaml", "---\na: 1\n"), ("README.md", "not a kind")] {
            std::fs::write(folder.join(name), text).unwrap();
        }
        for _ in 0..2 {
            write(cache.path(), module.path()).unwrap();
            let binary = cache.path().join(BINARY);
            assert_eq!(std::fs::read_to_string(kinds_path(&binary)).unwrap(), "---\na: 1\n---\nb: 1\n");
            assert_eq!(programs_path(&binary).join(HELM).read_link().unwrap(), Path::new("..").join(BINARY));
        }
    }
}
