//! Sets of field paths, as `metadata.managedFields` holds them (the format `FieldsV1`).

use std::{collections::BTreeMap, fmt};

use serde_json::{Map, Value};

/// A place in an object, step by step, each as in `FieldsV1`: `f:NAME` a field, `k:{…}` the item of a
/// list with these keys, `v:…` the item of a set, `i:N` a position.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldPath(pub Vec<String>);

/// A set of field paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldSet {
    member: bool,
    children: BTreeMap<String, FieldSet>,
}

impl FieldPath {
    /// A path of plain fields.
    #[must_use]
    pub fn of_fields(fields: &[&str]) -> Self {
        Self(fields.iter().map(|field| format!("f:{field}")).collect())
    }

    /// One step further.
    #[must_use]
    pub fn join(&self, step: impl Into<String>) -> Self {
        let mut steps = self.0.clone();
        steps.push(step.into());
        Self(steps)
    }

    /// Is the other one this one, or somewhere within it?
    #[must_use]
    pub fn holds(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }
}

/// As people write it: `spec.template.spec.containers[nginx].image`.
impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            match step.split_once(':') {
                Some(("f", name)) if name.contains(['.', '/']) => write!(f, "[{name}]")?,
                Some(("f", name)) if index == 0 => f.write_str(name)?,
                Some(("f", name)) => write!(f, ".{name}")?,
                Some(("k", keys)) => write!(f, "[{}]", key_values(keys).join(","))?,
                Some((_, value)) => write!(f, "[{}]", value.trim_matches('"'))?,
                None => f.write_str(step)?,
            }
        }
        Ok(())
    }
}

fn key_values(keys: &str) -> Vec<String> {
    match serde_json::from_str(keys) {
        Ok(Value::Object(map)) => map
            .values()
            .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            .collect(),
        _ => vec![keys.to_owned()],
    }
}

impl FieldSet {
    /// From `fieldsV1`.
    #[must_use]
    pub fn from_value(value: &Value) -> Self {
        let mut set = Self::default();
        let Value::Object(map) = value else { return set };
        for (step, child) in map {
            if step == "." {
                set.member = true;
                continue;
            }
            let mut below = Self::from_value(child);
            below.member |= below.children.is_empty();
            set.children.insert(canonical(step), below);
        }
        set
    }

    /// To `fieldsV1`.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut map = Map::new();
        if self.member && !self.children.is_empty() {
            map.insert(".".to_owned(), Value::Object(Map::new()));
        }
        for (step, child) in &self.children {
            map.insert(step.clone(), child.to_value());
        }
        Value::Object(map)
    }

    /// Is there nothing in it?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.member && self.children.is_empty()
    }

    /// Is the node at the root of this (sub)set a member itself?
    #[must_use]
    pub fn is_member(&self) -> bool {
        self.member
    }

    /// The subsets one step below.
    pub fn children(&self) -> impl Iterator<Item = (&str, &Self)> {
        self.children.iter().map(|(step, child)| (step.as_str(), child))
    }

    /// The subset at a path.
    #[must_use]
    pub fn at(&self, path: &FieldPath) -> Option<&Self> {
        path.0.iter().try_fold(self, |set, step| set.children.get(step))
    }

    /// Is that very path a member?
    #[must_use]
    pub fn contains(&self, path: &FieldPath) -> bool {
        self.at(path).is_some_and(|set| set.member)
    }

    /// Adds a path.
    pub fn insert(&mut self, path: &FieldPath) {
        let mut set = self;
        for step in &path.0 {
            set = set.children.entry(step.clone()).or_default();
        }
        set.member = true;
    }

    /// Every member, in order.
    #[must_use]
    pub fn paths(&self) -> Vec<FieldPath> {
        let mut paths = Vec::new();
        self.collect(&FieldPath::default(), &mut paths);
        paths
    }

    /// Members that hold no other member.
    #[must_use]
    pub fn leaves(&self) -> Vec<FieldPath> {
        let mut leaves = self.paths();
        leaves.retain(|path| self.at(path).is_some_and(|set| set.children.is_empty()));
        leaves
    }

    fn collect(&self, here: &FieldPath, paths: &mut Vec<FieldPath>) {
        if self.member {
            paths.push(here.clone());
        }
        for (step, child) in &self.children {
            child.collect(&here.join(step.clone()), paths);
        }
    }

    /// Members of either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut union = self.clone();
        union.member |= other.member;
        for (step, child) in &other.children {
            let mine = union.children.entry(step.clone()).or_default();
            *mine = mine.union(child);
        }
        union
    }

    /// Members of this that are no members of the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.filter(Some(other), &|mine, theirs| mine && !theirs)
    }

    /// Members of both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.filter(Some(other), &|mine, theirs| mine && theirs)
    }

    fn filter(&self, other: Option<&Self>, keep: &impl Fn(bool, bool) -> bool) -> Self {
        let children = self
            .children
            .iter()
            .map(|(step, child)| {
                (step.clone(), child.filter(other.and_then(|other| other.children.get(step)), keep))
            })
            .filter(|(_, child)| !child.is_empty())
            .collect();
        Self { member: keep(self.member, other.is_some_and(|other| other.member)), children }
    }

    /// Without a path and everything within it.
    #[must_use]
    pub fn without(&self, path: &FieldPath) -> Self {
        fn cut(set: &FieldSet, steps: &[String]) -> FieldSet {
            let Some((first, rest)) = steps.split_first() else { return FieldSet::default() };
            let mut copy = set.clone();
            if let Some(child) = set.children.get(first) {
                let left = cut(child, rest);
                if left.is_empty() {
                    copy.children.remove(first);
                } else {
                    copy.children.insert(first.clone(), left);
                }
            }
            copy
        }
        cut(self, &path.0)
    }
}

/// Keys and values as one spelling: the API server and we may order and space them differently.
fn canonical(step: &str) -> String {
    match step.split_once(':') {
        Some((sort @ ("k" | "v"), text)) => serde_json::from_str::<Value>(text)
            .map_or_else(|_| step.to_owned(), |value| format!("{sort}:{value}")),
        _ => step.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{FieldPath, FieldSet};

    #[test]
    fn goes_from_json_and_back() {
        let fields = json!({"f:metadata": {"f:labels": {".": {}, "f:app": {}}},
            "f:spec": {"f:ports": {"k:{\"port\":80,\"protocol\":\"TCP\"}": {".": {}, "f:port": {}}}}});
        assert_eq!(FieldSet::from_value(&fields).to_value(), fields);
    }

    #[test]
    fn sets_are_combined_member_by_member() {
        let one = FieldSet::from_value(&json!({"f:a": {".": {}, "f:b": {}}, "f:c": {}}));
        let two = FieldSet::from_value(&json!({"f:a": {"f:b": {}}, "f:d": {}}));
        assert_eq!(one.difference(&two).to_value(), json!({"f:a": {}, "f:c": {}}));
        assert_eq!(one.intersection(&two).to_value(), json!({"f:a": {"f:b": {}}}));
        assert_eq!(one.union(&two).to_value(), json!({"f:a": {".": {}, "f:b": {}}, "f:c": {}, "f:d": {}}));
        assert_eq!(one.without(&FieldPath::of_fields(&["a"])).to_value(), json!({"f:c": {}}));
    }

    #[test]
    fn is_shown_as_people_write_it() {
        let path = FieldPath::of_fields(&["spec", "containers"]).join("k:{\"name\":\"web\"}").join("f:image");
        assert_eq!(path.to_string(), "spec.containers[web].image");
        let label = FieldPath::of_fields(&["metadata", "labels", "app.kubernetes.io/name"]);
        assert_eq!(label.to_string(), "metadata.labels[app.kubernetes.io/name]");
    }
}
