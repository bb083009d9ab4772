//! Update strategies: a union whose default member belongs to nobody.
//!
//! The API server fills in `rollingUpdate` and refuses it beside another type. Nobody owns what it
//! filled in, so no server-side apply can take it away (tried: not by `null` either): such a change
//! needs the field to become ours first, to be dropped by the apply that follows.

use serde_json::Value;

use super::{FieldPath, FieldSet, Object};

const DEFAULT: &str = "RollingUpdate";
const MEMBER: &str = "rollingUpdate";

/// The fields of `live` that the strategy in `applied` rules out and that an apply alone would leave.
#[must_use]
pub fn superseded(live: &Object, applied: &Object) -> FieldSet {
    let mut fields = FieldSet::default();
    let Some(field) = strategy_field(applied) else { return fields };
    let other = applied.text(&["spec", field, "type"]).is_some_and(|wanted| wanted != DEFAULT);
    if other && applied.at(&["spec", field, MEMBER]).is_none_or(Value::is_null) {
        let member = FieldPath::of_fields(&["spec", field, MEMBER]);
        if let Some(Value::Object(filled_in)) = live.at(&["spec", field, MEMBER]) {
            fields.insert(&member);
            for name in filled_in.keys() {
                fields.insert(&member.join(format!("f:{name}")));
            }
        }
    }
    fields
}

/// What a dry run takes in place of `applied`: the same with the live object's strategy.
#[must_use]
pub fn with_strategy_of(live: &Object, applied: &Object) -> Object {
    copied(live, applied)
}

/// The dry run's answer with the strategy that was meant.
#[must_use]
pub fn with_strategy_meant(answer: &Object, applied: &Object) -> Object {
    copied(applied, answer)
}

fn copied(from: &Object, to: &Object) -> Object {
    let mut copy = to.clone();
    if let Some(field) = strategy_field(to)
        && let (Some(wanted), Some(Value::Object(strategy))) =
            (from.text(&["spec", field, "type"]), copy.0.pointer_mut(&format!("/spec/{field}")))
    {
        strategy.insert("type".to_owned(), wanted.into());
    }
    copy
}

fn strategy_field(object: &Object) -> Option<&'static str> {
    match (object.group(), object.kind()) {
        ("apps", "Deployment") => Some("strategy"),
        ("apps", "StatefulSet" | "DaemonSet") => Some("updateStrategy"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{superseded, with_strategy_meant, with_strategy_of};
    use crate::object::Object;

    fn deployment(strategy: Value) -> Object {
        let mut object =
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {}});
        object["spec"]["strategy"] = strategy;
        Object(object)
    }

    #[test]
    fn only_another_strategy_rules_out_what_was_filled_in() {
        let live = deployment(
            json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}}),
        );
        let recreate = deployment(json!({"type": "Recreate"}));
        let shown: Vec<String> =
            superseded(&live, &recreate).leaves().iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            ["spec.strategy.rollingUpdate.maxSurge", "spec.strategy.rollingUpdate.maxUnavailable"]
        );
        assert!(superseded(&live, &deployment(json!({"type": "RollingUpdate"}))).is_empty());
        assert!(superseded(&live, &deployment(json!({}))).is_empty());
        assert!(superseded(&recreate, &recreate).is_empty());
    }

    #[test]
    fn a_dry_run_is_made_with_the_live_strategy_and_read_with_the_meant_one() {
        let live = deployment(json!({"type": "RollingUpdate", "rollingUpdate": {}}));
        let recreate = deployment(json!({"type": "Recreate"}));
        let sent = with_strategy_of(&live, &recreate);
        assert_eq!(sent, deployment(json!({"type": "RollingUpdate"})));
        assert_eq!(with_strategy_meant(&sent, &recreate), recreate);
    }
}
