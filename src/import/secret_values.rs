//! Values that are secret somewhere and must not be written anywhere: found in a text in one walk over it, however many
//! there are.

use std::collections::{BTreeSet, HashMap};

/// Values shorter than this many bytes are not looked for: they would be found everywhere.
const HEAD: usize = 6;

/// The values, by their first bytes.
#[derive(Clone, Default)]
pub(super) struct SecretValues {
    heads: HashMap<[u8; HEAD], Vec<String>>,
}

impl SecretValues {
    pub(super) fn new(values: BTreeSet<String>) -> Self {
        let mut heads: HashMap<[u8; HEAD], Vec<String>> = HashMap::new();
        for value in values {
            if let Some(head) = value.as_bytes().first_chunk::<HEAD>() {
                heads.entry(*head).or_default().push(value);
            }
        }
        Self { heads }
    }

    /// Those that stand in a text, in the order of the text; one may be told twice.
    pub(super) fn found_in<'a>(&'a self, text: &'a str) -> impl Iterator<Item = &'a str> {
        let bytes = text.as_bytes();
        let windows = if self.heads.is_empty() { 0 } else { bytes.len() };
        (0..windows).filter_map(|at| bytes.get(at..)).flat_map(|rest| {
            let with_head = rest.first_chunk::<HEAD>().and_then(|head| self.heads.get(head));
            let values = with_head.into_iter().flatten().map(String::as_str);
            values.filter(move |value| rest.starts_with(value.as_bytes()))
        })
    }

    pub(super) fn are_in(&self, text: &str) -> bool {
        self.found_in(text).next().is_some()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::SecretValues;

    #[test]
    fn values_are_found_where_they_stand() {
        let values = ["hunter2-a", "hunter2-ab", "pässwörter"].map(str::to_owned).into();
        let values = SecretValues::new(values);
        let found: Vec<&str> = values.found_in("x hunter2-abc pässwörter").collect();
        assert_eq!(found, ["hunter2-a", "hunter2-ab", "pässwörter"]);
        assert!(!values.are_in("hunter2") && !SecretValues::default().are_in("hunter2-a"));
    }

    proptest! {
        #[test]
        fn it_finds_what_a_plain_search_finds(values in prop::collection::btree_set("[abä]{6,8}", 0..6), text in "[abä]{0,40}") {
            let plain = values.iter().any(|value| text.contains(value.as_str()));
            let values: BTreeSet<String> = values;
            prop_assert_eq!(SecretValues::new(values).are_in(&text), plain);
        }
    }
}
