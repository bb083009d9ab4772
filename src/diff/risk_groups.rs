//! Risks as a person reads them: the gravest first, equal ones of several objects together.

use super::{Risk, RiskKind};
use crate::object::Key;

/// Characters of a name in a list of several.
const LONGEST_NAME: usize = 28;

/// Equal risks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RiskGroup<'a> {
    /// Which sort.
    pub kind: RiskKind,
    /// One sentence, of each of the objects.
    pub message: &'a str,
    /// The objects, in the order given; none when it is about no object.
    pub keys: Vec<&'a Key>,
}

/// Puts equal risks together, and the gravest first.
#[must_use]
pub fn grouped<'a>(risks: impl IntoIterator<Item = &'a Risk>) -> Vec<RiskGroup<'a>> {
    let mut groups: Vec<RiskGroup<'a>> = Vec::new();
    for risk in risks {
        let is_same = |group: &&mut RiskGroup<'_>| group.kind == risk.kind && group.message == risk.message;
        match groups.iter_mut().find(is_same) {
            Some(group) => group.keys.extend(&risk.key),
            None => groups.push(RiskGroup {
                kind: risk.kind,
                message: &risk.message,
                keys: risk.key.iter().collect(),
            }),
        }
    }
    groups.sort_by_key(|group| group.kind.rank());
    groups
}

impl RiskKind {
    /// Lower comes first: what users notice at once, what is lost for good, then what others lose, then what may go wrong.
    #[must_use]
    pub fn rank(self) -> u8 {
        match self {
            Self::Traffic => 0,
            Self::Deletion => 1,
            Self::Replace => 2,
            Self::CannotUndo => 3,
            Self::Conflict => 4,
            Self::Adoption => 5,
            Self::Retired => 6,
            Self::Stays => 7,
            Self::Warning => 8,
            Self::NoDisruptionBudget => 9,
            Self::SingleReplica => 10,
        }
    }
}

impl RiskGroup<'_> {
    /// One line: what it is about, and what. Of several objects how many, and the first of each kind.
    #[must_use]
    pub fn told(&self) -> String {
        match self.keys.as_slice() {
            [] => self.message.to_owned(),
            [only] => format!("{only}: {}", self.message),
            several => format!("{} objects, each: {} ({})", several.len(), self.message, self.named()),
        }
    }

    /// As in `3× Deployment as a, Secret/b`.
    fn named(&self) -> String {
        let mut kinds: Vec<(&Key, usize)> = Vec::new();
        for key in &self.keys {
            match kinds.iter_mut().find(|(first, _)| first.is(&key.group, &key.kind)) {
                Some((_, count)) => *count += 1,
                None => kinds.push((key, 1)),
            }
        }
        let named = kinds.iter().map(|(first, count)| match count - 1 {
            0 => format!("{}/{}", first.kind, shortened(&first.name)),
            more => format!("{}× {} as {}", more + 1, first.kind, shortened(&first.name)),
        });
        named.collect::<Vec<_>>().join(", ")
    }
}

/// As much of a name as tells which it is: it is there in full below.
fn shortened(name: &str) -> String {
    match name.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or(name)),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::grouped;
    use crate::{
        diff::{Risk, RiskKind},
        object::Key,
    };

    fn risk(kind: RiskKind, object: Option<(&str, &str)>, message: &str) -> Risk {
        let key = object.map(|(kind, name)| Key {
            group: String::new(),
            kind: kind.into(),
            namespace: None,
            name: name.into(),
        });
        Risk { kind, key, message: message.into() }
    }

    #[test]
    fn equal_risks_are_one_line_and_the_gravest_comes_first() {
        let risks = [
            risk(RiskKind::SingleReplica, Some(("Deployment", "a")), "one replica"),
            risk(RiskKind::Warning, None, "a stand-in"),
            risk(RiskKind::CannotUndo, Some(("Claim", "c")), "it stays"),
            risk(
                RiskKind::SingleReplica,
                Some(("StatefulSet", "a-name-that-is-longer-than-a-line")),
                "one replica",
            ),
            risk(RiskKind::CannotUndo, Some(("Kind", "x")), "it stays"),
            risk(RiskKind::CannotUndo, Some(("Kind", "y")), "it stays"),
            risk(RiskKind::CannotUndo, Some(("Job", "z")), "it has run"),
        ];
        let told: Vec<String> = grouped(&risks).iter().map(super::RiskGroup::told).collect();
        assert_eq!(
            told,
            [
                "3 objects, each: it stays (Claim/c, 2× Kind as x)",
                "Job/z: it has run",
                "a stand-in",
                "2 objects, each: one replica (Deployment/a, StatefulSet/a-name-that-is-longer-than-a…)",
            ]
        );
    }
}
