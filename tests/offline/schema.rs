//! A JSON schema validator that knows as much as the plan's schema uses, and panics at anything else.

use serde_json::Value;

/// What of the value does not agree with the schema.
pub(crate) fn errors(root: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    validate(root, root, value, "$", &mut found);
    found
}

fn is_of(kind: &Value, value: &Value) -> bool {
    match kind.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64(),
        "number" => value.is_number(),
        other => panic!("type {other}"),
    }
}

fn validate(root: &Value, schema: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
    for (keyword, wanted) in schema.as_object().unwrap() {
        let holds = match keyword.as_str() {
            "$schema" | "title" | "description" | "default" | "$defs" => true,
            "$ref" => {
                let name = wanted.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                validate(root, &root["$defs"][name], value, path, found);
                true
            }
            "type" => match wanted {
                Value::Array(any) => any.iter().any(|one| is_of(one, value)),
                one => is_of(one, value),
            },
            "enum" => wanted.as_array().unwrap().contains(value),
            "minLength" => value.as_str().is_none_or(|text| text.len() as u64 >= wanted.as_u64().unwrap()),
            "minItems" => value.as_array().is_none_or(|items| items.len() as u64 >= wanted.as_u64().unwrap()),
            "minProperties" => {
                value.as_object().is_none_or(|map| map.len() as u64 >= wanted.as_u64().unwrap())
            }
            "maxProperties" => {
                value.as_object().is_none_or(|map| map.len() as u64 <= wanted.as_u64().unwrap())
            }
            "minimum" => value.as_i64().is_none_or(|number| number >= wanted.as_i64().unwrap()),
            "maximum" => value.as_i64().is_none_or(|number| number <= wanted.as_i64().unwrap()),
            "pattern" => value.as_str().is_none_or(|text| matches(wanted.as_str().unwrap(), text)),
            "required" => value.as_object().is_none_or(|map| {
                wanted.as_array().unwrap().iter().all(|name| map.contains_key(name.as_str().unwrap()))
            }),
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    validate(root, wanted, item, &format!("{path}[{index}]"), found);
                }
                true
            }
            "properties" => {
                for (name, below) in wanted.as_object().unwrap() {
                    if let Some(item) = value.get(name) {
                        validate(root, below, item, &format!("{path}.{name}"), found);
                    }
                }
                true
            }
            "additionalProperties" => {
                let known = schema.get("properties");
                for (name, item) in value.as_object().into_iter().flatten() {
                    if known.and_then(|known| known.get(name)).is_some() {
                        continue;
                    }
                    match wanted {
                        Value::Bool(false) => found.push(format!("{path}: unknown {name}")),
                        below => validate(root, below, item, &format!("{path}.{name}"), found),
                    }
                }
                true
            }
            "propertyNames" => {
                for name in value.as_object().into_iter().flatten().map(|(name, _)| name) {
                    validate(root, wanted, &Value::from(name.as_str()), path, found);
                }
                true
            }
            "oneOf" => {
                let agrees = |one: &&Value| {
                    let mut inner = Vec::new();
                    validate(root, one, value, path, &mut inner);
                    inner.is_empty()
                };
                wanted.as_array().unwrap().iter().filter(agrees).count() == 1
            }
            other => panic!("the schema uses {other}, which this validator does not know"),
        };
        if !holds {
            found.push(format!("{path}: {keyword}"));
        }
    }
}

/// The four patterns that the schema has, without a regular expression engine.
fn matches(pattern: &str, text: &str) -> bool {
    let lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    match pattern {
        "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$" => {
            text.len() <= 63
                && text.starts_with(lower)
                && text.ends_with(lower)
                && text.chars().all(|c| lower(c) || c == '-')
        }
        "^[a-z][a-z0-9_]*$" => {
            text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(|c| lower(c) || c == '_')
        }
        "^([0-9]+[smh])+$" => {
            text.ends_with(['s', 'm', 'h'])
                && text
                    .split_inclusive(['s', 'm', 'h'])
                    .all(|part| part.len() > 1 && part[..part.len() - 1].bytes().all(|b| b.is_ascii_digit()))
        }
        "^(Deployment|StatefulSet|DaemonSet)/.+$" => text.split_once('/').is_some_and(|(kind, name)| {
            ["Deployment", "StatefulSet", "DaemonSet"].contains(&kind) && !name.is_empty()
        }),
        other => panic!("the schema has a pattern that this validator does not know: {other}"),
    }
}
