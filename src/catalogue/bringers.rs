//! Which component usually brings the kinds of an API group.

use std::sync::LazyLock;

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

#[derive(Deserialize)]
struct List {
    bringer: Vec<Bringer>,
}

/// The list; a test holds it to be readable.
static BRINGERS: LazyLock<Vec<Bringer>> = LazyLock::new(|| {
    toml::from_str::<List>(include_str!("bringers.toml")).map(|list| list.bringer).unwrap_or_default()
});

/// The component that usually brings the kinds of a group.
#[must_use]
pub fn bringer(group: &str) -> Option<&'static Bringer> {
    let is_of = |known: &String| {
        group == known || group.strip_suffix(known.as_str()).is_some_and(|before| before.ends_with('.'))
    };
    BRINGERS.iter().find(|bringer| bringer.groups.iter().any(is_of))
}

#[cfg(test)]
mod tests {
    use super::{List, bringer};

    #[test]
    fn the_list_can_be_read_and_a_group_is_there_once() {
        let list: List = toml::from_str(include_str!("bringers.toml")).unwrap();
        for one in &list.bringer {
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
