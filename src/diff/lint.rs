//! What is wrong with a manifest by itself.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Problem;
use crate::object::Object;

/// Duplicate environment variables: server-side apply answers them with 500 (seen on 1.36.3).
#[must_use]
pub fn lint(object: &Object) -> Vec<Problem> {
    let pods =
        [&["spec", "template", "spec"][..], &["spec", "jobTemplate", "spec", "template", "spec"], &["spec"]];
    let Some(pod) =
        pods.iter().find_map(|path| object.at(path).filter(|pod| pod.get("containers").is_some()))
    else {
        return Vec::new();
    };
    let mut problems = Vec::new();
    for list in ["initContainers", "containers"] {
        for container in pod.get(list).and_then(Value::as_array).into_iter().flatten() {
            let name = container.get("name").and_then(Value::as_str).unwrap_or_default();
            let mut seen = BTreeSet::new();
            for entry in container.get("env").and_then(Value::as_array).into_iter().flatten() {
                let Some(variable) = entry.get("name").and_then(Value::as_str) else { continue };
                if !seen.insert(variable) {
                    problems.push(Problem::new(
                        format!("{} {list}[{name}].env[{variable}]", object.key()),
                        "the variable is there twice; the API server cannot apply that",
                        "keep one of the two",
                    ));
                }
            }
        }
    }
    problems
}
