//! What helm says when it fails, and what to do about it.

/// Helm's own words for why it failed: the error without the warnings around it.
pub(super) fn reason(said: &str) -> String {
    let start = said.find("Error: ").map_or(0, |place| place + "Error: ".len());
    let text = said.get(start..).unwrap_or(said);
    let lines: Vec<&str> = text.lines().filter(|line| !is_noise(line)).map(str::trim_end).collect();
    let joined = lines.join("\n").trim().to_owned();
    if joined.is_empty() { "it gave no reason".to_owned() } else { joined }
}

/// Warnings that helm, or the library below it, mixes in.
fn is_noise(line: &str) -> bool {
    line.starts_with("level=") || line.starts_with("time=") || line.starts_with("WARNING: ")
}

/// What to do about a failure, by helm's own words.
pub(super) fn remedy(reason: &str) -> &'static str {
    const KNOWN: [(&[&str], &str); 14] = [
        (
            &["another operation (install/upgrade/rollback) is in progress"],
            "see who is at work with helm; if nobody is, look at the changes again, which offers a way out",
        ),
        (
            &["cannot be imported into the current release"],
            "it belongs to someone else: delete it, or give the release another name, or label it as helm asks",
        ),
        (
            &["conflict occurred while applying", "Apply failed with"],
            "settle with that manager whose field it is: take it out of the values, or have it given up there",
        ),
        (
            &["values don't meet the specifications of the schema"],
            "correct the values: the chart's own schema refuses them",
        ),
        (&["exceeded quota"], "raise the quota, or ask for less in the values"),
        (
            &["failed to query with labels", "secrets is forbidden"],
            "helm keeps its releases in Secrets of their namespace: ask for the right to list, get, create, update and \
             delete Secrets there, or use an identity that has it (--context, --as)",
        ),
        (
            &[
                "pre-install",
                "post-install",
                "pre-upgrade",
                "post-upgrade",
                "pre-rollback",
                "post-rollback",
                "hook",
            ],
            "see what the chart's hook waits for or failed at (kubectl get jobs,pods and their logs), mend it, then look \
             at the changes again; or roll back",
        ),
        (
            &["unauthorized", "denied", "401", "403 Forbidden"],
            "log in to the registry with `helm registry login`, and see that you may read the chart",
        ),
        (
            &["connection refused", "no such host", "i/o timeout", "deadline exceeded", "TLS handshake"],
            "see that the registry can be reached from here (VPN, proxy, its address), then look again",
        ),
        (
            &["not found in", "no chart version found", "MANIFEST_UNKNOWN", "NAME_UNKNOWN", ": not found"],
            "see that the chart's address and version are right: `helm show chart` with the same ones",
        ),
        (&["no matches for kind"], "install the CRDs that the chart needs first"),
        (&["immutable"], "delete the object first, or take the change out of the values"),
        (&["template:", "parse error", "execution error at"], "correct the values, or the chart"),
        (&["YAML parse error", "error converting YAML"], "correct the values, or the chart"),
    ];
    let lower = reason.to_lowercase();
    let known = KNOWN.iter().find(|(words, _)| words.iter().any(|word| lower.contains(&word.to_lowercase())));
    known.map_or("correct what helm names, then look at the changes again", |(_, remedy)| remedy)
}

#[cfg(test)]
mod tests {
    use super::{reason, remedy};

    #[test]
    fn helms_error_is_found_among_its_warnings() {
        let said = "level=WARN msg=\"upgrade failed\" name=r1\nError: UPGRADE FAILED: first\nsecond";
        assert_eq!(reason(said), "UPGRADE FAILED: first\nsecond");
        assert_eq!(reason(""), "it gave no reason");
        assert!(remedy("failed pre-install: 1 error occurred: context deadline exceeded").contains("hook"));
        assert!(remedy("query: failed to query with labels: secrets is forbidden").contains("list, get"));
        assert!(remedy("Get \"https://r.example\": dial tcp: connection refused").contains("VPN"));
    }
}
