//! The gate that asks a Service, checked.

use serde_json::Value;

use super::{
    Environment, Expectation, Gate, JsonPath, Scheme, ServiceRequest, Wanted,
    check_gate::{http_status, namespace, object_name},
    check_text::{templated, templated_that},
    cursor::Cursor,
    diagnostic::Findings,
    node::Node,
    shape::{EXPECTATION, SERVICE_HTTP},
};

const SCHEMES: [(&str, Scheme); 2] = [("http", Scheme::Http), ("https", Scheme::Https)];

pub(super) fn service_http(
    cursor: &Cursor<'_>,
    findings: &mut Findings<'_>,
    here: &[Environment],
) -> Option<Gate> {
    let fields = cursor.fields(findings, &SERVICE_HTTP)?;
    let service = fields.get("service").and_then(|field| object_name(&field, findings, here));
    let namespace = fields.get("namespace").and_then(|field| namespace(&field, findings, here));
    let scheme = match fields.get("scheme") {
        Some(field) => field.choice(findings, &SCHEMES),
        None => Some(Scheme::Http),
    };
    let port = fields.get("port").and_then(|field| port(&field, findings));
    let path = match fields.get("path") {
        Some(field) => templated_that(&field, findings, here, |filled| {
            path_error(filled).map(|why| format!("`{filled}` cannot be asked for: {why}"))
        }),
        None => Some("/".to_owned()),
    };
    let status = match fields.get("status") {
        Some(field) => http_status(&field, findings),
        None => Some(200),
    };
    let contains = fields.get("contains").and_then(|field| templated(&field, findings, here));
    let json = fields.get("json").map(|field| field.list(findings, "expectation")).unwrap_or_default();
    let json = json.iter().filter_map(|one| expectation(one, findings, here)).collect();
    Some(Gate::Service(ServiceRequest {
        service: service?,
        namespace,
        scheme: scheme?,
        port: port?,
        path: path?,
        status: status?,
        contains,
        json,
    }))
}

/// A number, or the name of a port.
fn port(cursor: &Cursor<'_>, findings: &mut Findings<'_>) -> Option<String> {
    let port = match cursor.node() {
        Node::Number(number) => {
            number.as_u64().filter(|port| (1..=65_535).contains(port)).map(|port| port.to_string())
        }
        Node::Text(text) => Some(text.clone()).filter(|name| is_port_name(name)),
        _ => None,
    };
    if port.is_none() {
        cursor.report(
            findings,
            "a port is a number from 1 to 65535, or the name of one of the Service's ports",
            "as in 9090, or http-web",
        );
    }
    port
}

/// An IANA service name, as a Service's ports have it.
fn is_port_name(name: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=63).contains(&name.len())
        && name.chars().all(inner)
        && name.contains(|c: char| c.is_ascii_lowercase())
        && !name.starts_with('-')
        && !name.ends_with('-')
}

/// Why a path cannot be asked for, when it cannot. A path that leads upwards would leave the Service and
/// ask the API server something else.
pub(super) fn path_error(path: &str) -> Option<&'static str> {
    let before_query = path.split('?').next().unwrap_or_default();
    let is_upwards = |segment: &str| {
        let plain = segment.to_lowercase().replace("%2e", ".");
        plain == ".." || plain == "."
    };
    if !path.starts_with('/') {
        Some("it does not begin with /")
    } else if path.contains('#') {
        Some("what follows a # is never sent")
    } else if path.chars().any(char::is_control) {
        Some("it has a control character in it")
    } else if before_query.to_lowercase().replace("%2f", "/").split(['/', '\\']).any(is_upwards) {
        Some("it has a segment of dots only, which leads elsewhere")
    } else {
        None
    }
}

fn expectation(
    cursor: &Cursor<'_>,
    findings: &mut Findings<'_>,
    here: &[Environment],
) -> Option<Expectation> {
    const HINT: &str = "as in {path: database, equals: ok} or {path: data.activeTargets, at_least: 3}";
    let fields = cursor.fields(findings, &EXPECTATION)?;
    let path = fields.get("path").and_then(|field| {
        let text = field.text(findings)?;
        JsonPath::parse(text)
            .map_err(|why| {
                field.report(
                    findings,
                    format!("`{text}` is no path: {why}"),
                    "as in data.activeTargets[*].health",
                );
            })
            .ok()
    });
    let wanted = match (fields.get("equals"), fields.get("at_least")) {
        (Some(field), None) => equals(&field, findings, here),
        (None, Some(field)) => {
            let Node::Number(number) = field.node() else {
                field.report(findings, format!("a number is expected here, not {}", field.node().sort()), "");
                return None;
            };
            Some(Wanted::AtLeast(number.clone()))
        }
        (None, None) => {
            cursor.report(findings, "this expectation does not say what it wants", HINT);
            None
        }
        (Some(_), Some(_)) => {
            fields.report_key(findings, "at_least", "an expectation wants one thing, and this one two", HINT);
            None
        }
    };
    Some(Expectation { path: path?, wanted: wanted? })
}

fn equals(cursor: &Cursor<'_>, findings: &mut Findings<'_>, here: &[Environment]) -> Option<Wanted> {
    let value = match cursor.node() {
        Node::Number(number) => Value::Number(number.clone()),
        Node::Boolean(value) => Value::Bool(*value),
        Node::Text(_) => Value::String(templated(cursor, findings, here)?),
        other => {
            let sort = other.sort();
            cursor.report(
                findings,
                format!("a text, a number or a boolean is expected here, not {sort}"),
                "",
            );
            return None;
        }
    };
    Some(Wanted::Equals(value))
}

#[cfg(test)]
mod tests {
    use super::{is_port_name, path_error};

    #[test]
    fn a_path_stays_below_the_service() {
        for fine in ["/", "/ready", "/api/v1/query?query=count(up{job=\"a/../b\"} == 1)", "/a.b/...c"] {
            assert_eq!(path_error(fine), None, "{fine}");
        }
        for bad in
            ["", "ready", "/../secrets", "/a/%2E%2e/b", "/a/.", "/a%2f..%2fb", "/a#b", "/a\nb", "/a\\..\\b"]
        {
            assert!(path_error(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn a_port_has_a_name_with_a_letter() {
        assert!(is_port_name("http-web") && is_port_name("web1"));
        for bad in ["", "9090", "-a", "a-", "Web", "a_b"] {
            assert!(!is_port_name(bad), "{bad}");
        }
    }
}
