//! Names that Kubernetes accepts, made of those that compose accepts.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::{
    compose::{Origin, Project},
    diff::Problem,
};

/// A StatefulSet's pods carry its name with ten characters more in a label of 63.
const LONGEST: usize = 52;

/// The name of each service's objects.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    /// One for each service, or every two that would get the same.
    pub(super) fn assign(project: &Project) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut names = BTreeMap::new();
        let mut taken: BTreeMap<String, (&str, &Origin)> = BTreeMap::new();
        for service in project.services.values() {
            let name = fit(&service.name);
            if let Some((other, at)) = taken.insert(name.clone(), (&service.name, &service.origin)) {
                problems.push(Problem::new(
                    service.origin.to_string(),
                    format!("the services {other} ({at}) and {} would both be called {name}", service.name),
                    "Rename one of them; a name in Kubernetes has lower-case letters, digits and dashes only",
                ));
            }
            names.insert(service.name.clone(), name);
        }
        let files = [("config", &project.configs), ("secret", &project.secrets)];
        for (sort, objects) in files {
            let mut taken: BTreeMap<String, (&str, &Origin)> = BTreeMap::new();
            for (key, object) in objects {
                if let Some((other, at)) = taken.insert(fit(key), (key, &object.origin)) {
                    problems.push(Problem::new(
                        object.origin.to_string(),
                        format!("the {sort}s {other} ({at}) and {key} would both be called {}", fit(key)),
                        "Rename one of them; a name in Kubernetes has lower-case letters, digits and dashes only",
                    ));
                }
            }
        }
        let mut taken: BTreeMap<String, &str> = BTreeMap::new();
        for key in project.volumes.keys() {
            if let Some(other) = taken.insert(fit(key), key) {
                let place = project.volumes.get(key).and_then(|volume| volume.origin.as_ref());
                let before = project.volumes.get(other).and_then(|volume| volume.origin.as_ref());
                let told = |origin: Option<&Origin>| origin.map(ToString::to_string).unwrap_or_default();
                problems.push(Problem::new(
                    told(place),
                    format!(
                        "the volumes {other} ({}) and {key} would both be called {}",
                        told(before),
                        fit(key)
                    ),
                    "Rename one of them; a name in Kubernetes has lower-case letters, digits and dashes only",
                ));
            }
        }
        if problems.is_empty() { Ok(Self(names)) } else { Err(problems) }
    }

    /// Of a service of the project.
    pub(super) fn of(&self, service: &str) -> &str {
        self.0.get(service).map_or("", String::as_str)
    }
}

/// As an RFC 1035 label of at most 52 characters: a name that is changed beyond its case and its separators gets a few
/// characters of its digest.
pub(super) fn fit(name: &str) -> String {
    let plain: String =
        name.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let mut plain = plain.trim_matches('-').to_owned();
    let is_losing =
        plain.is_empty() || name.chars().any(|c| !(c.is_ascii_alphanumeric() || "-_. /".contains(c)));
    if !plain.starts_with(|c: char| c.is_ascii_lowercase()) {
        plain = format!("n{}{plain}", if plain.is_empty() { "" } else { "-" });
    }
    if plain.len() <= LONGEST && !is_losing {
        return plain;
    }
    let digest = hex::encode(Sha256::digest(name.as_bytes()));
    let short: String = plain.chars().take(LONGEST - 7).collect();
    let mark: String = digest.chars().take(6).collect();
    format!("{}-{mark}", short.trim_end_matches('-'))
}

/// A name that carries a few characters of the digest of what it is for.
pub(super) fn marked(name: &str, of: &str) -> String {
    let digest = hex::encode(Sha256::digest(of.as_bytes()));
    let short: String = fit(name).chars().take(LONGEST - 7).collect();
    format!("{}-{}", short.trim_end_matches('-'), digest.chars().take(6).collect::<String>())
}

/// As a key of a ConfigMap or Secret, and as a file's name.
pub(super) fn fit_key(name: &str) -> String {
    let key: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' })
        .take(120)
        .collect();
    if key.chars().all(|c| c == '.') { "file".to_owned() } else { key }
}

/// Is it a key of a ConfigMap or Secret as it stands?
pub(super) fn is_key(name: &str) -> bool {
    name.len() <= 253 && !name.is_empty() && fit_key(name) == name
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{LONGEST, fit, fit_key};

    #[test]
    fn a_name_is_made_fit() {
        assert_eq!(fit("My_App.web"), "my-app-web");
        assert_eq!(fit("web-"), "web");
        assert_eq!(fit("3proxy"), "n-3proxy");
        assert_ne!(fit("bücher"), fit("bächer"));
        assert_eq!(fit(&"x".repeat(63)).len(), LONGEST);
        assert_eq!(fit_key("../../etc/passwd"), "..-..-etc-passwd");
        assert_eq!(fit_key(".."), "file");
    }

    proptest! {
        #[test]
        fn every_name_becomes_a_label(name in "(?s).{0,80}") {
            let fit = fit(&name);
            prop_assert!(!fit.is_empty() && fit.len() <= LONGEST, "{fit}");
            prop_assert!(fit.starts_with(|c: char| c.is_ascii_lowercase()) && !fit.ends_with('-'), "{fit}");
            prop_assert!(fit.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{fit}");
        }
    }
}
