//! What a chart makes anew at each rendering: random passwords, certificates of its own.

use serde_json::Value;

/// JSON pointers of what differs between two renderings of one object.
#[must_use]
pub fn differing(one: &Value, other: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare(one, other, String::new(), &mut found);
    found
}

fn compare(one: &Value, other: &Value, place: String, found: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) if one.len() == other.len() => {
            for (name, value) in one {
                let below = format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"));
                match other.get(name) {
                    Some(other) => compare(value, other, below, found),
                    None => return found.push(place),
                }
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (index, (value, other)) in one.iter().zip(other).enumerate() {
                compare(value, other, format!("{place}/{index}"), found);
            }
        }
        (one, other) if one == other => {}
        _ => found.push(place),
    }
}

/// The value with nothing at these places.
#[must_use]
pub fn blanked(value: &Value, places: &[String]) -> Value {
    let mut copy = value.clone();
    for place in places {
        if let Some(found) = copy.pointer_mut(place) {
            *found = Value::Null;
        }
    }
    copy
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{blanked, differing};

    #[test]
    fn what_differs_is_named_and_blanked() {
        let one = json!({"data": {"a/b": "x", "same": 1}, "list": [{"v": 1}, {"v": 2}]});
        let other = json!({"data": {"a/b": "y", "same": 1}, "list": [{"v": 1}, {"v": 3}]});
        let places = differing(&one, &other);
        assert_eq!(places, ["/data/a~1b", "/list/1/v"]);
        assert_eq!(blanked(&one, &places), blanked(&other, &places));
        assert_eq!(differing(&json!({"a": 1}), &json!({"b": 1})), [""]);
    }
}
