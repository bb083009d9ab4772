//! What a careful person wants to know before confirming.

use serde_json::Value;

use super::{Change, Risk, RiskKind, Row, steered_by};
use crate::object::{Key, Object};

/// A row with what is behind it.
pub struct RiskInput<'a> {
    /// The row.
    pub row: &'a Row,
    /// What is sent.
    pub applied: Option<&'a Object>,
    /// What is live.
    pub live: Option<&'a Object>,
}

/// The risks of a set of rows; `budgets` are the PodDisruptionBudgets that are live.
#[must_use]
pub fn risks(rows: &[RiskInput<'_>], budgets: &[Object]) -> Vec<Risk> {
    let budgets: Vec<&Object> = rows
        .iter()
        .filter_map(|input| input.applied)
        .filter(|object| object.kind() == "PodDisruptionBudget")
        .chain(budgets)
        .collect();
    rows.iter()
        .filter(|input| input.row.change != Change::Same)
        .flat_map(|input| of_row(input, &budgets))
        .collect()
}

fn of_row(input: &RiskInput<'_>, budgets: &[&Object]) -> Vec<Risk> {
    let row = input.row;
    let mut found = of_change(row);
    let mut add = |kind, message: String| found.push(Risk { kind, key: Some(row.key.clone()), message });
    // That helm steers what it is told to write is no news.
    let is_news = |tool: &String| !(row.carried && tool.starts_with("Helm"));
    if let Some(tool) = input.live.and_then(steered_by).filter(is_news) {
        add(
            RiskKind::Warning,
            format!(
                "{tool} steers it as well and may put it back: suspend it there, or leave the object to it"
            ),
        );
    }
    // Pod security is a problem, not a risk: it is told there.
    for warning in row.warnings.iter().filter(|warning| !warning.contains("would violate PodSecurity")) {
        let retired = warning.contains("deprecated") || warning.contains("unavailable in");
        add(if retired { RiskKind::Retired } else { RiskKind::Warning }, warning.clone());
    }
    let Some(applied) = input.applied else { return found };
    if matches!(applied.kind(), "Deployment" | "StatefulSet") {
        let replicas = applied.at(&["spec", "replicas"]).and_then(Value::as_u64).unwrap_or(1);
        let scaled = row.replicas_left_to.is_some();
        if !scaled && replicas == 1 {
            add(RiskKind::SingleReplica, "one replica only: it is away while it is replaced".to_owned());
        }
        if (scaled || replicas > 1) && !budgets.iter().any(|budget| covers(budget, applied)) {
            add(
                RiskKind::NoDisruptionBudget,
                "no PodDisruptionBudget covers it: a drained node may take every replica at once".to_owned(),
            );
        }
    }
    found
}

fn of_change(row: &Row) -> Vec<Risk> {
    let mut found = Vec::new();
    let mut add = |kind, message: String| found.push(Risk { kind, key: Some(row.key.clone()), message });
    match row.change {
        Change::Replace => add(
            RiskKind::Replace,
            "a field of it cannot be changed in place: it is deleted and created again".to_owned(),
        ),
        Change::Delete => return [vec![deletion(&row.key, Vec::new())], cannot_undo(row)].concat(),
        Change::Adopt => {
            let managers: Vec<&str> =
                row.adoptions.iter().map(|adoption| adoption.manager.as_str()).collect();
            add(RiskKind::Adoption, format!("fields of it are taken over from {}", managers.join(", ")));
        }
        _ => {}
    }
    found.extend(cannot_undo(row));
    found
}

fn cannot_undo(row: &Row) -> Vec<Risk> {
    let risk = |reason: &String| Risk {
        kind: RiskKind::CannotUndo,
        key: Some(row.key.clone()),
        message: format!("it cannot be undone: {reason}"),
    };
    row.cannot_undo.iter().map(risk).collect()
}

/// That an object is deleted, and what goes with it besides: `more`, as in `what jo has changed in it`.
#[must_use]
pub fn deletion(key: &Key, more: Vec<String>) -> Risk {
    let own = match (key.group.as_str(), key.kind.as_str()) {
        ("", "PersistentVolumeClaim") => Some("with the data in it"),
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet") => Some("with its pods"),
        ("networking.k8s.io", "Ingress") => Some("and nothing comes in through it any more"),
        _ => None,
    };
    let with: Vec<String> = own.map(str::to_owned).into_iter().chain(more).collect();
    let message = if with.is_empty() {
        "it is deleted".to_owned()
    } else {
        format!("it is deleted, {}", with.join(" and "))
    };
    Risk { kind: RiskKind::Deletion, key: Some(key.clone()), message }
}

/// Does the budget's selector match the workload's pods?
fn covers(budget: &Object, workload: &Object) -> bool {
    let labels = workload.at(&["spec", "template", "metadata", "labels"]);
    match budget.at(&["spec", "selector", "matchLabels"]) {
        Some(Value::Object(wanted)) => {
            wanted.iter().all(|(name, value)| labels.and_then(|labels| labels.get(name)) == Some(value))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::deletion;
    use crate::{diff::grouped, object::Key};

    #[test]
    fn whatever_is_deleted_is_named_with_what_goes_with_it() {
        let key = |group: &str, kind: &str, name: &str| Key {
            group: group.into(),
            kind: kind.into(),
            namespace: None,
            name: name.into(),
        };
        let risks = [
            deletion(&key("", "Service", "a"), Vec::new()),
            deletion(&key("", "Namespace", "shop"), Vec::new()),
            deletion(&key("apps", "Deployment", "a"), Vec::new()),
            deletion(&key("apps", "Deployment", "b"), Vec::new()),
            deletion(
                &key("", "PersistentVolumeClaim", "d"),
                vec!["with what jo has changed in it".to_owned()],
            ),
        ];
        let told: Vec<String> = grouped(&risks).iter().map(crate::diff::RiskGroup::told).collect();
        assert_eq!(
            told,
            [
                "2 objects, each: it is deleted (Service/a, Namespace/shop)",
                "2 objects, each: it is deleted, with its pods (2× Deployment as a)",
                "PersistentVolumeClaim/d: it is deleted, with the data in it and with what jo has changed in it",
            ]
        );
    }
}
