//! Reads what the rules need out of an object: counts, conditions.

use serde_json::Value;

use crate::object::Object;

/// A non-negative number at a path of field names.
pub(super) fn count(object: &Object, path: &[&str]) -> Option<u64> {
    object.at(path).and_then(Value::as_u64)
}

/// The items of a list at a path of field names; empty when it is not there.
pub(super) fn list<'a>(object: &'a Object, path: &[&str]) -> &'a [Value] {
    object.at(path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The text of a field of a value; empty when it is not there.
pub(super) fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// One of an object's conditions (API conventions, "Typical status properties").
#[derive(Clone, Copy, Debug)]
pub(super) struct Condition<'a>(&'a Value);

impl<'a> Condition<'a> {
    /// The condition of that type.
    pub(super) fn of(object: &'a Object, kind: &str) -> Option<Self> {
        list(object, &["status", "conditions"]).iter().find(|value| text(value, "type") == kind).map(Self)
    }

    /// `True`, `False` or `Unknown`.
    pub(super) fn status(self) -> &'a str {
        text(self.0, "status")
    }

    pub(super) fn is_true(self) -> bool {
        self.status() == "True"
    }

    pub(super) fn is_false(self) -> bool {
        self.status() == "False"
    }

    pub(super) fn reason(self) -> &'a str {
        text(self.0, "reason")
    }

    /// The generation that it is about, where the controller notes it.
    pub(super) fn generation(self) -> Option<u64> {
        self.0.get("observedGeneration").and_then(Value::as_u64)
    }

    /// Reason and message, whichever there are.
    pub(super) fn words(self) -> String {
        words(self.reason(), text(self.0, "message"))
    }
}

/// `Reason: message`, or whichever of the two there is; messages are cut so that they fit a dialogue.
pub(super) fn words(reason: &str, message: &str) -> String {
    match (reason, short(message).as_str()) {
        ("", "") => "no reason given".to_owned(),
        ("", message) => message.to_owned(),
        (reason, "") => reason.to_owned(),
        (reason, message) => format!("{reason}: {message}"),
    }
}

/// The longest message that is repeated, in characters.
const LONGEST: usize = 240;

/// One line of at most [`LONGEST`] characters.
pub(super) fn short(message: &str) -> String {
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST {
        return line;
    }
    line.chars().take(LONGEST).chain(['…']).collect()
}
