//! What is known of actions.

use std::sync::LazyLock;

use serde::Deserialize;

/// The whole list; a test holds it to be readable.
pub(super) static FACTS: LazyLock<Facts> =
    LazyLock::new(|| toml::from_str(include_str!("actions.toml")).unwrap_or_default());

/// What is known.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Facts {
    pub(super) node: Node,
    action: Vec<Action>,
}

/// The Node that the runners have no more.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Node {
    pub(super) gone: u32,
    pub(super) since: String,
    pub(super) source: String,
}

/// One action.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Action {
    pub(super) name: String,
    /// The first major version that is made for a newer Node.
    pub(super) oldest: u32,
    /// The major version to write.
    pub(super) write: u32,
    pub(super) checked: String,
}

impl Facts {
    /// Of this action, whatever the case of its name.
    pub(super) fn of(&self, name: &str) -> Option<&Action> {
        self.action.iter().find(|action| action.name.eq_ignore_ascii_case(name))
    }
}

/// An action with the version to write, as in `actions/checkout@v6`.
pub(super) fn to_write(name: &str) -> String {
    FACTS.of(name).map_or_else(|| name.to_owned(), |action| format!("{}@v{}", action.name, action.write))
}

#[cfg(test)]
mod tests {
    use super::{FACTS, Facts, to_write};

    #[test]
    fn the_list_can_be_read_and_is_dated() {
        let facts: Facts = toml::from_str(include_str!("actions.toml")).unwrap();
        assert!(facts.node.source.starts_with("https://") && facts.node.since.starts_with("20"));
        for action in &facts.action {
            assert!(action.write >= action.oldest, "{}", action.name);
            assert!(action.checked.parse::<jiff::civil::Date>().is_ok(), "{}", action.name);
            assert!(crate::catalogue::of_action(&to_write(&action.name)).is_none(), "{}", action.name);
        }
        assert_eq!(FACTS.of("Actions/Checkout").unwrap().name, "actions/checkout");
    }
}
