//! Which component usually brings the kinds of an API group.

use serde::Deserialize;

/// A component that brings kinds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bringer {
    /// As it is called in a sentence.
    pub name: String,
    /// API groups; each stands for those below it as well.
    pub groups: Vec<String>,
    /// What to do first.
    pub first: String,
}

/// The component that usually brings the kinds of a group.
#[must_use]
pub fn bringer(group: &str) -> Option<&'static Bringer> {
    let is_of = |known: &String| {
        group == known || group.strip_suffix(known.as_str()).is_some_and(|before| before.ends_with('.'))
    };
    super::LIST.bringer.iter().find(|bringer| bringer.groups.iter().any(is_of))
}

#[cfg(test)]
mod tests {
    use super::bringer;
    use crate::catalogue::LIST;

    #[test]
    fn each_says_what_to_do_first_and_a_group_is_there_once() {
        for one in &LIST.bringer {
            assert!(!one.groups.is_empty() && !one.first.is_empty(), "{}", one.name);
            for group in &one.groups {
                assert_eq!(bringer(group).unwrap().name, one.name, "{group}");
            }
        }
    }

    #[test]
    fn a_group_stands_for_those_below_it() {
        let name = |group: &str| bringer(group).map(|one| one.name.as_str());
        assert_eq!(name("acme.cert-manager.io"), Some("cert-manager"));
        assert_eq!(name("monitoring.coreos.com"), Some("the Prometheus operator"));
        for unknown in ["", "apps", "notcert-manager.io", "example.com"] {
            assert_eq!(name(unknown), None, "{unknown}");
        }
    }
}
