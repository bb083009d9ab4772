//! The values of a chart: files in the plan's folder, merged as helm merges them, and what the plan sets.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{
    folder::{Folder, read_text},
    manifests::path_problem,
    objects::yaml_value,
};
use crate::{
    diff::Problem,
    plan::{HelmChart, Plan},
};

/// Merges a chart's values: later files win over earlier ones, `set` wins over all. A null stays: helm
/// takes it for the wish to drop the chart's own default.
///
/// # Errors
/// A file that is not there, leads out of the plan's folder or is no mapping.
pub fn values(plan: &Plan, helm: &HelmChart) -> Result<Value, Vec<Problem>> {
    let folder = Folder::of(plan)
        .map_err(|error| vec![problem(&plan.folder.to_string_lossy(), &error.to_string())])?;
    let mut merged = Value::Object(serde_json::Map::new());
    for path in &helm.values {
        let name = path.to_string_lossy();
        let found =
            folder.resolve(folder.root(), &name).map_err(|error| vec![path_problem(&name, &error)])?;
        let text = read_text(&found).map_err(|error| vec![problem(&name, &error)])?;
        let value = yaml_value(&text).map_err(|error| {
            vec![problem(&format!("{name}:{}:{}", error.place.line, error.place.column), &error.message)]
        })?;
        match value {
            Value::Null => {}
            Value::Object(_) => merge(&mut merged, value),
            _ => return Err(vec![problem(&name, "it is no mapping of values")]),
        }
    }
    if helm.set.is_object() {
        merge(&mut merged, helm.set.clone());
    }
    Ok(merged)
}

/// The folder of a chart that is kept with the plan, links resolved.
///
/// # Errors
/// It is not there, or leads out of the plan's folder.
pub fn chart_folder(plan: &Plan, path: &Path) -> Result<PathBuf, Problem> {
    let name = path.to_string_lossy();
    let folder =
        Folder::of(plan).map_err(|error| problem(&plan.folder.to_string_lossy(), &error.to_string()))?;
    folder.resolve(folder.root(), &name).map_err(|error| path_problem(&name, &error))
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

fn problem(subject: &str, reason: &str) -> Problem {
    Problem::new(subject, reason, "correct the file of values; nothing was changed")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::merge;

    #[test]
    fn mappings_are_merged_and_all_else_is_replaced() {
        let mut values = json!({"a": {"b": 1, "list": [1, 2]}, "c": {"d": 1}});
        merge(&mut values, json!({"a": {"list": [3], "new": null}, "c": 5}));
        assert_eq!(values, json!({"a": {"b": 1, "list": [3], "new": null}, "c": 5}));
    }
}
