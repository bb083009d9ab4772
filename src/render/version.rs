//! Which kubectl or kustomize this is, and whether it is new enough.

use serde::Deserialize;

/// kubectl 1.27 is the first to bring kustomize 5.
pub(super) const OLDEST_KUBECTL: (u64, u64) = (1, 27);
/// Overlays here are written for kustomize 5: patches with several targets, `labels` with templates.
pub(super) const OLDEST_KUSTOMIZE: (u64, u64) = (5, 0);

/// What `kubectl version --client -o json` says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct KubectlVersion {
    client_version: ClientVersion,
    kustomize_version: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientVersion {
    git_version: String,
}

/// The versions of kubectl and of the kustomize in it.
pub(super) fn of_kubectl(output: &[u8]) -> Option<(String, Option<String>)> {
    let version: KubectlVersion = serde_json::from_slice(output).ok()?;
    parts(&version.client_version.git_version)?;
    Some((version.client_version.git_version, version.kustomize_version))
}

/// The version that `kustomize version` prints.
pub(super) fn of_kustomize(output: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(output).ok()?;
    // Up to 4.x it is a struct in Go's notation: `{Version:kustomize/v4.5.7 GitCommit:…}`.
    text.split(|c: char| c.is_whitespace() || matches!(c, '{' | '}' | ':' | '/'))
        .find(|word| word.starts_with('v') && parts(word).is_some())
        .map(str::to_owned)
}

/// Is the version at least this one? One that cannot be read is not.
pub(super) fn is_at_least(version: &str, oldest: (u64, u64)) -> bool {
    parts(version).is_some_and(|parts| parts >= oldest)
}

/// Major and minor of `v1.32.4-something`.
fn parts(version: &str) -> Option<(u64, u64)> {
    let mut numbers = version.strip_prefix('v').unwrap_or(version).split('.');
    let major = numbers.next()?.parse().ok()?;
    let minor = numbers.next()?;
    let digits = minor.split(|c: char| !c.is_ascii_digit()).next()?;
    Some((major, digits.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{OLDEST_KUBECTL, OLDEST_KUSTOMIZE, is_at_least, of_kubectl, of_kustomize};

    #[test]
    fn kubectls_answer_is_read() {
        let output = br#"{"clientVersion": {"gitVersion": "v1.32.4-dispatcher", "minor": "32+"}, "kustomizeVersion": "v5.5.0"}"#;
        assert_eq!(of_kubectl(output), Some(("v1.32.4-dispatcher".into(), Some("v5.5.0".into()))));
        assert_eq!(of_kubectl(b"usage: kubectl"), None);
    }

    #[test]
    fn kustomizes_answer_is_read_in_both_forms() {
        assert_eq!(of_kustomize(b"v5.5.0\n"), Some("v5.5.0".into()));
        assert_eq!(
            of_kustomize(b"{Version:kustomize/v4.5.7 GitCommit:56d82a BuildDate:2022}"),
            Some("v4.5.7".into())
        );
        assert_eq!(of_kustomize(b"(devel)"), None);
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(is_at_least("v1.32.4-dispatcher", OLDEST_KUBECTL) && is_at_least("v1.27+", OLDEST_KUBECTL));
        assert!(!is_at_least("v1.9.0", OLDEST_KUBECTL) && !is_at_least("nonsense", OLDEST_KUBECTL));
        assert!(is_at_least("v5.0.0", OLDEST_KUSTOMIZE) && !is_at_least("v4.5.7", OLDEST_KUSTOMIZE));
    }
}
