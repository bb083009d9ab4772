//! Hooks: objects that helm creates around those of a release, at moments that they name.

use crate::object::Object;

/// An object that helm creates before or after others.
#[derive(Clone, Debug, PartialEq)]
pub struct Hook {
    /// The object.
    pub object: Object,
    /// As in `pre-install`.
    pub events: Vec<String>,
    /// Lower ones come first.
    pub weight: i64,
    /// Helm removes it once it has succeeded.
    pub goes: bool,
}

impl Hook {
    /// An object that names when it is created.
    #[must_use]
    pub fn of(object: Object) -> Self {
        let weight = annotation(&object, "helm.sh/hook-weight").and_then(|text| text.trim().parse().ok());
        let goes = annotation(&object, "helm.sh/hook-delete-policy")
            .is_some_and(|policy| policy.contains("hook-succeeded"));
        Self { events: events(&object), weight: weight.unwrap_or(0), goes, object }
    }

    /// Does it run before or after this: `install`, `upgrade`, `rollback`, `delete`?
    #[must_use]
    pub fn runs_at(&self, what: &str) -> bool {
        let runs =
            |event: &String| event.strip_prefix("pre-").or_else(|| event.strip_prefix("post-")) == Some(what);
        self.events.iter().any(runs)
    }

    /// Does an upgrade pass over it, although an install runs it?
    #[must_use]
    pub fn is_of_install_only(&self) -> bool {
        self.runs_at("install") && !self.runs_at("upgrade")
    }
}

/// In the order that helm runs them in.
pub(super) fn in_order(hooks: impl Iterator<Item = Hook>) -> Vec<Hook> {
    let mut hooks: Vec<Hook> = hooks.collect();
    hooks.sort_by(|one, other| (one.weight, one.object.name()).cmp(&(other.weight, other.object.name())));
    hooks
}

/// When helm creates it, for a hook; none for an object of the release.
pub(super) fn events(object: &Object) -> Vec<String> {
    let events = annotation(object, "helm.sh/hook").unwrap_or_default();
    let events = events.split(',').map(str::trim).filter(|event| !event.is_empty());
    events.map(str::to_owned).collect()
}

fn annotation<'a>(object: &'a Object, name: &str) -> Option<&'a str> {
    object.text(&["metadata", "annotations", name])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Hook;
    use crate::object::Object;

    #[test]
    fn a_hook_names_its_moments() {
        let hook = |events: &str| {
            Hook::of(Object(json!({"metadata": {"name": "a", "annotations": {"helm.sh/hook": events}}})))
        };
        assert!(
            hook("post-install").is_of_install_only() && hook("post-install, pre-delete").runs_at("delete")
        );
        assert!(!hook("pre-install,pre-upgrade").is_of_install_only() && !hook("test").is_of_install_only());
    }
}
