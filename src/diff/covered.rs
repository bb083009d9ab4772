//! Is what stands now covered by what was confirmed?

use std::collections::BTreeMap;

use super::{Change, Proposal, Row};
use crate::object::Key;

/// What of a proposal was not confirmed with an earlier one of the same step, in sentences; none when all of
/// it was. Writing less than was confirmed is covered, and so is a risk less.
#[must_use]
pub fn uncovered(confirmed: &Proposal, now: &Proposal) -> Vec<String> {
    let shown: BTreeMap<&Key, &Row> = confirmed.rows.iter().map(|row| (&row.key, row)).collect();
    let rows: BTreeMap<&Key, &Row> = now.rows.iter().map(|row| (&row.key, row)).collect();
    let mut unlike: Vec<String> =
        now.rows.iter().filter_map(|row| of_row(shown.get(&row.key).copied(), row)).collect();
    let gone = confirmed.rows.iter().filter(|row| !rows.contains_key(&row.key));
    unlike.extend(gone.map(|row| format!("{} is not rendered any more", row.key)));
    let more = now.risks.iter().filter(|risk| !confirmed.risks.contains(risk));
    unlike.extend(more.map(|risk| match &risk.key {
        Some(key) => format!("{key}: {}", risk.message),
        None => risk.message.clone(),
    }));
    unlike
}

fn of_row(shown: Option<&Row>, row: &Row) -> Option<String> {
    if row.change == Change::Same {
        return None;
    }
    let key = &row.key;
    let Some(shown) = shown else { return Some(format!("{key} was not shown")) };
    if shown.change != row.change {
        let is = |change: Change| match change {
            Change::Create => "not there",
            Change::Same => "as it should be",
            Change::Adopt => "there already, and others own fields of it",
            Change::Replace => "there already, and cannot be changed in place",
            Change::Delete => "to be deleted",
            Change::Change | Change::Revert | Change::Recreate => "there already, and differs",
        };
        return Some(format!(
            "{key} is {} now, and was {} when it was shown",
            is(row.change),
            is(shown.change)
        ));
    }
    if shown.digest != row.digest {
        return Some(format!(
            "{key} is rendered otherwise, or differs otherwise from what is live, than was shown"
        ));
    }
    let is_more = shown.adoptions != row.adoptions || shown.cannot_undo != row.cannot_undo;
    is_more.then(|| format!("{key} takes over other fields, or can be undone less, than was shown"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::uncovered;
    use crate::{
        diff::{Change, ClusterIdentity, IdentitySource, Kind, Proposal, Risk, RiskKind, Row, Wave},
        object::{Digest, Key},
        plan::EnvironmentName,
    };

    fn row(name: &str, change: Change, digest: &str) -> Row {
        let key = Key { group: String::new(), kind: "ConfigMap".into(), namespace: None, name: name.into() };
        Row { digest: Digest(digest.into()), ..Row::new(key, "v1", change, Wave::Configuration) }
    }

    fn proposal(rows: Vec<Row>) -> Proposal {
        Proposal {
            step: "week-1/app".parse().unwrap(),
            kind: Kind::Apply,
            environment: EnvironmentName("staging".into()),
            namespace: "staging".into(),
            context: String::new(),
            cluster: ClusterIdentity {
                uid: "3f2a9c".into(),
                source: IdentitySource::KubeSystem,
                server: "https://127.0.0.1:1/".into(),
                certificate_authority: None,
            },
            rows,
            problems: Vec::new(),
            risks: Vec::new(),
            leaves: Vec::new(),
            requires: Vec::new(),
            renderer: None,
            validated: true,
            release: None,
            file: None,
            digest: Digest("d".into()),
        }
    }

    #[test]
    fn the_same_creations_are_covered_and_so_is_what_is_there_as_it_should_be() {
        let shown = proposal(vec![row("a", Change::Create, "1"), row("b", Change::Create, "2")]);
        let mut first = row("a", Change::Create, "1");
        first.known_after = None;
        first.fields =
            serde_json::from_value(json!([{"path": "data", "before": null, "after": "x"}])).unwrap();
        let now = proposal(vec![first, row("b", Change::Same, "3")]);
        assert_eq!(uncovered(&shown, &now), Vec::<String>::new());
    }

    #[test]
    fn whatever_else_shows_is_named() {
        let shown = proposal(vec![
            row("a", Change::Create, "1"),
            row("b", Change::Create, "2"),
            row("c", Change::Create, "3"),
        ]);
        let mut now = proposal(vec![
            row("a", Change::Adopt, "1"),
            row("b", Change::Create, "other"),
            row("d", Change::Create, "4"),
        ]);
        now.risks.push(Risk { kind: RiskKind::Warning, key: None, message: "a new one".into() });
        let told = uncovered(&shown, &now);
        let parts = [
            "a is there already, and others",
            "b is rendered otherwise",
            "d was not shown",
            "c is not rendered",
            "a new one",
        ];
        assert_eq!(told.len(), parts.len(), "{told:?}");
        for (told, part) in told.iter().zip(parts) {
            assert!(told.contains(part), "{told}");
        }
        now.risks.clear();
        let same = uncovered(&now, &now);
        assert_eq!(same, Vec::<String>::new());
    }
}
