//! What is kept beside the rehearsal cluster's binary: programs that go by their own name.

use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::build::BINARY;

/// The name by which the binary is helm.
pub(super) const HELM: &str = "helm";
const PROGRAMS: &str = "bin";

pub(super) fn programs_path(binary: &Path) -> PathBuf {
    binary.with_file_name(PROGRAMS)
}

/// Puts into `folder` what belongs beside the binary.
pub(super) fn write(folder: &Path) -> io::Result<()> {
    let programs = folder.join(PROGRAMS);
    std::fs::create_dir_all(&programs)?;
    match symlink(Path::new("..").join(BINARY), programs.join(HELM)) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kit_can_be_put_there_again() {
        let cache = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            write(cache.path()).unwrap();
            let programs = programs_path(&cache.path().join(BINARY));
            assert_eq!(programs.join(HELM).read_link().unwrap(), Path::new("..").join(BINARY));
        }
    }
}
