//! What is wrong with rendered objects although each is well-formed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{
    diff::Problem,
    object::{Key, Object},
    plan::StepPath,
};

/// Which objects a step holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepKeys {
    /// The step.
    pub step: StepPath,
    /// Its inventory set.
    pub inventory: String,
    /// Its objects; a missing namespace is the environment's.
    pub keys: Vec<Key>,
}

/// Objects that steps of different inventory sets hold.
///
/// Both would apply them under one field manager, so the second removes what the first has set.
#[must_use]
pub fn overlaps(steps: &[StepKeys]) -> Vec<Problem> {
    let mut first_holders: BTreeMap<&Key, &StepKeys> = BTreeMap::new();
    let mut problems = Vec::new();
    for step in steps {
        for key in step.keys.iter().collect::<BTreeSet<_>>() {
            let holder = first_holders.entry(key).or_insert(step);
            if holder.inventory != step.inventory {
                problems.push(Problem::new(
                    key.to_string(),
                    format!(
                        "the steps {} and {} both hold it, and the second would undo the first",
                        holder.step, step.step
                    ),
                    "keep it in one of them, or give both the same `inventory`",
                ));
            }
        }
    }
    problems
}

/// Environment variables that a container has twice: the API server answers an apply of such an object with
/// an internal error that names neither.
pub(super) fn repeated_variables(object: &Object, origin: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    walk(&object.0, &mut |container| {
        let mut seen = BTreeSet::new();
        let variables = container.get("env").and_then(Value::as_array);
        for name in variables.into_iter().flatten().filter_map(|variable| variable.get("name")?.as_str()) {
            if !seen.insert(name) {
                let container = container.get("name").and_then(Value::as_str).unwrap_or("?");
                problems.push(Problem::new(
                    format!("{origin}, {}", object.key()),
                    format!("container {container} has the environment variable {name} twice"),
                    "keep one of them",
                ));
            }
        }
    });
    problems
}

/// Calls back for each container, wherever a pod's template is.
fn walk<'v>(value: &'v Value, found: &mut impl FnMut(&'v Value)) {
    match value {
        Value::Object(map) => {
            for field in ["initContainers", "containers", "ephemeralContainers"] {
                map.get(field).and_then(Value::as_array).into_iter().flatten().for_each(&mut *found);
            }
            for field in ["spec", "template", "jobTemplate"] {
                if let Some(below) = map.get(field) {
                    walk(below, found);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{StepKeys, overlaps, repeated_variables};
    use crate::object::{Key, Object};

    fn step(step: &str, inventory: &str) -> StepKeys {
        let key = Key { group: String::new(), kind: "Service".into(), namespace: None, name: "a".into() };
        StepKeys { step: step.parse().unwrap(), inventory: inventory.into(), keys: vec![key] }
    }

    #[test]
    fn an_object_in_two_sets_is_a_problem_and_in_one_it_is_not() {
        let problems = overlaps(&[step("w/a", "one"), step("w/b", "two")]);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].reason.contains("w/a") && problems[0].reason.contains("w/b"), "{problems:?}");
        assert_eq!(overlaps(&[step("w/a", "one"), step("w/b", "one")]), []);
    }

    #[test]
    fn a_repeated_variable_is_found_in_every_sort_of_pod_template() {
        let pod = json!({"initContainers": [{"name": "i", "env": [{"name": "A"}, {"name": "B"}]}],
            "containers": [{"name": "c", "env": [{"name": "A"}, {"name": "A"}]}]});
        for spec in [
            pod.clone(),
            json!({"template": {"spec": pod}}),
            json!({"jobTemplate": {"spec": {"template": {"spec": pod}}}}),
        ] {
            let object = Object(json!({"kind": "X", "metadata": {"name": "x"}, "spec": spec}));
            let problems = repeated_variables(&object, "x.yml");
            assert_eq!(problems.len(), 1, "{problems:?}");
            assert!(problems[0].reason.contains("container c has the environment variable A twice"));
        }
    }
}
