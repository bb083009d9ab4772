//! Is what is live still what was shown, or already what it should become?

use serde_json::Value;

use crate::object::{Object, identity_free, meaning};

/// Do replicas belong to an object's meaning?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Replicas {
    /// Like any other field.
    Count,
    /// An autoscaler may move them at any time.
    Float,
}

impl Replicas {
    /// They count where they are sent.
    pub(crate) fn of(applied: Option<&Object>) -> Self {
        if applied.is_none_or(|applied| applied.at(&["spec", "replicas"]).is_some()) {
            Self::Count
        } else {
            Self::Float
        }
    }
}

/// Do both mean the same?
pub(crate) fn same_meaning(one: &Object, other: &Object, replicas: Replicas) -> bool {
    without_floating(meaning(one), replicas) == without_floating(meaning(other), replicas)
}

/// Does the live object hold all that was applied: as the dry run expected it, or at least each value?
pub(crate) fn holds(live: &Object, applied: &Object, expected: Option<&Object>) -> bool {
    let replicas = Replicas::of(Some(applied));
    expected.is_some_and(|expected| {
        without_floating(identity_free(live), replicas) == without_floating(identity_free(expected), replicas)
    }) || includes(&live.0, &applied.0)
}

fn without_floating(mut object: Object, replicas: Replicas) -> Object {
    if replicas == Replicas::Float
        && let Some(Value::Object(spec)) = object.0.get_mut("spec")
    {
        spec.remove("replicas");
    }
    object
}

/// Every field of `part` is in `whole`; of a list of maps each item is in some item.
fn includes(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(name, value)| whole.get(name).is_some_and(|there| includes(there, value)))
        }
        (Value::Array(whole), Value::Array(part)) if part.iter().all(Value::is_object) => {
            part.iter().all(|item| whole.iter().any(|there| includes(there, item)))
        }
        (whole, part) => whole == part,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Replicas, holds, same_meaning};
    use crate::object::Object;

    #[test]
    fn replicas_count_only_where_they_are_sent() {
        let one = Object(json!({"spec": {"replicas": 2, "paused": false}}));
        let two = Object(json!({"spec": {"replicas": 9, "paused": false}}));
        let left_out = Object(json!({"spec": {"paused": false}}));
        assert!(same_meaning(&one, &two, Replicas::of(Some(&left_out))));
        assert!(!same_meaning(&one, &two, Replicas::of(Some(&one))));
        assert!(holds(&two, &left_out, Some(&one)));
    }

    #[test]
    fn defaults_in_the_live_object_do_not_hide_what_was_applied() {
        let live = Object(json!({"spec": {"ports": [{"port": 80, "protocol": "TCP"}, {"port": 81}]}}));
        assert!(holds(&live, &Object(json!({"spec": {"ports": [{"port": 80}]}})), None));
        assert!(!holds(&live, &Object(json!({"spec": {"ports": [{"port": 82}]}})), None));
    }
}
