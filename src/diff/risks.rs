//! What a careful person wants to know before confirming.

use serde_json::Value;

use super::{Change, Risk, RiskKind, Row};
use crate::object::Object;

/// The risks of a set of rows, each with what is sent.
#[must_use]
pub fn risks(rows: &[(&Row, Option<&Object>)]) -> Vec<Risk> {
    let budgets: Vec<&Object> = rows
        .iter()
        .filter_map(|(_, applied)| *applied)
        .filter(|object| object.kind() == "PodDisruptionBudget")
        .collect();
    rows.iter().flat_map(|(row, applied)| of_row(row, *applied, &budgets)).collect()
}

fn of_row(row: &Row, applied: Option<&Object>, budgets: &[&Object]) -> Vec<Risk> {
    let mut found = Vec::new();
    let mut add = |kind, message: String| found.push(Risk { kind, key: Some(row.key.clone()), message });
    match row.change {
        Change::Replace => add(RiskKind::Replace, "it is deleted and created again".to_owned()),
        Change::Delete => add(RiskKind::Deletion, "it is deleted".to_owned()),
        Change::Adopt => {
            let managers: Vec<&str> =
                row.adoptions.iter().map(|adoption| adoption.manager.as_str()).collect();
            add(RiskKind::Adoption, format!("fields of it are taken over from {}", managers.join(", ")));
        }
        _ => {}
    }
    if let Some(reason) = row.cannot_undo.as_ref().filter(|_| row.change != Change::Same) {
        add(RiskKind::CannotUndo, format!("it cannot be undone: {reason}"));
    }
    if row.change != Change::Same
        && let Some(applied) = applied.filter(|object| matches!(object.kind(), "Deployment" | "StatefulSet"))
    {
        let replicas = applied.at(&["spec", "replicas"]).and_then(Value::as_u64);
        let scaled = row.replicas_left_to.is_some();
        if !scaled && replicas.unwrap_or(1) == 1 {
            add(RiskKind::SingleReplica, "one replica only: it is away while it is replaced".to_owned());
        }
        if (scaled || replicas.unwrap_or(1) > 1) && !budgets.iter().any(|budget| covers(budget, applied)) {
            add(RiskKind::NoDisruptionBudget, "no PodDisruptionBudget here covers it".to_owned());
        }
    }
    found
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
