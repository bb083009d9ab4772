//! Which key asks for what. Footer, help and palette are generated from it.

use std::collections::BTreeMap;

use super::{Action, KeyPress, Screen};

/// Keys by action, in the order written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keymap {
    keys: BTreeMap<Action, Vec<KeyPress>>,
}

impl Keymap {
    /// From the `[keys]` table of a file.
    #[must_use]
    pub fn new(keys: BTreeMap<Action, Vec<KeyPress>>) -> Self {
        Self { keys }
    }

    /// What the press asks for on a screen.
    #[must_use]
    pub fn resolve(&self, press: KeyPress, on: Screen) -> Option<Action> {
        let here = self.keys.iter().filter(|(action, _)| on.has(**action));
        here.into_iter().find(|(_, keys)| keys.contains(&press)).map(|(action, _)| *action)
    }

    /// The keys of an action; none when it has been unbound.
    #[must_use]
    pub fn keys_for(&self, action: Action) -> &[KeyPress] {
        self.keys.get(&action).map_or(&[], Vec::as_slice)
    }

    /// The first key of an action, for the footer; empty when it has none.
    #[must_use]
    pub fn hint(&self, action: Action) -> String {
        self.keys_for(action).first().map(KeyPress::to_string).unwrap_or_default()
    }

    /// Replaces the keys of those actions that `other` names.
    pub(super) fn overlay(&mut self, other: Self) {
        self.keys.extend(other.keys);
    }

    /// A key that two actions of one screen share, if there is one.
    pub(super) fn clash(&self) -> Option<(KeyPress, Action, Action)> {
        let is_on_one = |one: Action, two: Action| {
            [Screen::Cockpit, Screen::Init].iter().any(|on| on.has(one) && on.has(two))
        };
        let mut seen: Vec<(KeyPress, Action)> = Vec::new();
        for (action, keys) in &self.keys {
            for key in keys {
                let clash = seen.iter().find(|(other, first)| other == key && is_on_one(*first, *action));
                if let Some((_, first)) = clash {
                    return Some((*key, *first, *action));
                }
                seen.push((*key, *action));
            }
        }
        None
    }
}
