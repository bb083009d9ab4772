//! The Go module that the rehearsal cluster is built from, carried inside this program so that an
//! installed one can build it too.

use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};

/// The version of Kubernetes that the module pins.
pub(super) const KUBERNETES: &str = "v1.36.3";
/// The version of helm that the module pins.
pub(super) const HELM: &str = "v4.2.4";
/// The module whose kinds are not in its packages.
pub(super) const CERT_MANAGER: &str = "github.com/cert-manager/cert-manager";

const FILES: [(&str, &str); 10] = [
    ("go.mod", include_str!("../../rehearsal/go.mod")),
    ("go.sum", include_str!("../../rehearsal/go.sum")),
    ("certmanager.go", include_str!("../../rehearsal/certmanager.go")),
    ("helm.go", include_str!("../../rehearsal/helm.go")),
    ("kinds.go", include_str!("../../rehearsal/kinds.go")),
    ("main.go", include_str!("../../rehearsal/main.go")),
    ("manifests.go", include_str!("../../rehearsal/manifests.go")),
    ("pebble.go", include_str!("../../rehearsal/pebble.go")),
    ("registry.go", include_str!("../../rehearsal/registry.go")),
    ("responder.go", include_str!("../../rehearsal/responder.go")),
];

/// The arguments of `go` that build the module in its folder, all but the output's name.
///
/// The version is set in both packages that carry one: `component-base` is what the parts report,
/// `client-go` what they call themselves. Helm has its own.
pub(super) fn build_arguments() -> Vec<String> {
    let mut linker = vec!["-s -w".to_owned(), format!("-X helm.sh/helm/v4/internal/version.version={HELM}")];
    for package in ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"] {
        for (name, value) in [("gitVersion", KUBERNETES), ("gitMajor", "1"), ("gitMinor", "36")] {
            linker.push(format!("-X {package}.{name}={value}"));
        }
    }
    ["build", "-v", "-trimpath", "-ldflags"]
        .map(str::to_owned)
        .into_iter()
        .chain([linker.join(" ")])
        .collect()
}

/// The name of what is built: the same for the same sources and flags, and for those only.
pub(super) fn hash() -> String {
    let mut hasher = Sha256::new();
    let arguments = build_arguments().join("\0");
    for (name, content) in FILES.into_iter().chain([("", arguments.as_str())]) {
        for part in [name, content] {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
    }
    let mut name = hex::encode(hasher.finalize());
    // Half of it is enough to tell one build from another.
    name.truncate(32);
    name
}

/// Writes the module's files into `folder`.
pub(super) fn write(folder: &Path) -> io::Result<()> {
    FILES.iter().try_for_each(|(name, content)| std::fs::write(folder.join(name), content))
}

/// The version of Go that the module asks for.
pub(super) fn required_go() -> &'static str {
    let module = FILES.first().map_or("", |(_, content)| content);
    module.lines().find_map(|line| line.strip_prefix("go ")).unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_go_file_of_the_module_is_carried() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rehearsal");
        let mut names: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "manifests")
            .collect();
        names.sort();
        let mut carried = FILES.map(|(name, _)| name);
        carried.sort_unstable();
        assert_eq!(names, carried);
    }

    #[test]
    fn the_pinned_versions_agree() {
        let module = FILES[0].1;
        assert!(module.contains(&format!("k8s.io/kubernetes {KUBERNETES}\n")));
        assert!(module.contains(&format!("helm.sh/helm/v4 {HELM}\n")));
        assert!(module.contains(&format!("{CERT_MANAGER} v")));
        assert!(required_go().starts_with("1."));
    }
}
