//! The gates of a step, checked.

use super::{
    CertificateWanted, Environment, Gate, Target, check_cutover, check_service,
    check_text::{PathTarget, templated, templated_that},
    check_workflow,
    cursor::Cursor,
    diagnostic::Findings,
    node::Node,
    reference::ReferenceSort,
    shape::{CERTIFICATE, CONDITION, GATE, HTTP, ROLLOUT},
    words::{label_error, name_error},
};

/// Kinds that have a rollout.
const ROLLOUT_KINDS: [(&str, &str); 3] =
    [("Deployment", "Deployment"), ("StatefulSet", "StatefulSet"), ("DaemonSet", "DaemonSet")];

/// Reads one gate: a mapping with one key, which names its kind.
pub(super) fn gate(
    cursor: &Cursor<'_>,
    findings: &mut Findings<'_>,
    target: &mut PathTarget<'_>,
) -> Option<Gate> {
    let here = target.here;
    let fields = cursor.fields_with_unknown(findings, &GATE)?;
    for name in &fields.unknown {
        fields.report_unknown(findings, name, &format!("unknown kind of gate `{name}`"), &GATE.names());
    }
    let present: Vec<&str> =
        GATE.optional.iter().copied().filter(|name| fields.get(name).is_some()).collect();
    match present.as_slice() {
        [] => {
            if fields.unknown.is_empty() {
                cursor.report(
                    findings,
                    "this gate is empty",
                    format!("add one of {}", GATE.names().join(", ")),
                );
            }
            None
        }
        [name] => {
            let field = fields.get(name)?;
            match *name {
                "rollout" => rollout(&field, findings, here),
                "autoscaler" => Some(Gate::Autoscaler { name: object_name(&field, findings, here)? }),
                "ingress_address" => {
                    Some(Gate::IngressAddress { name: object_name(&field, findings, here)? })
                }
                "certificate" => certificate(&field, findings, here),
                "condition" => condition(&field, findings, here),
                "images" => {
                    let references = &mut *target.references;
                    let mut target = PathTarget { sort: ReferenceSort::Manifests, references, ..*target };
                    Some(Gate::Images { path: target.path(&field, findings)? })
                }
                "parity" => check_cutover::parity(&field, findings, target),
                "dns" => check_cutover::dns(&field, findings, here),
                "workflow" => check_workflow::gate(&field, findings, here),
                "service_http" => check_service::service_http(&field, findings, here),
                _ => http(&field, findings, here),
            }
        }
        [_, second, ..] => {
            let message = format!("a gate is of one kind, and this one is {}", present.join(" and "));
            fields.report_key(findings, second, &message, "make two gates of it");
            None
        }
    }
}

/// `Deployment/gateway`, or a mapping with kind, name and namespace.
fn rollout(cursor: &Cursor<'_>, findings: &mut Findings<'_>, here: &[Environment]) -> Option<Gate> {
    let (kind, name, namespace) = if let Node::Text(text) = cursor.node() {
        let Some((kind, name)) = text.split_once('/') else {
            cursor.report(findings, format!("`{text}` is not KIND/NAME"), "as in Deployment/gateway");
            return None;
        };
        templated_that(cursor, findings, here, |filled| {
            let name = filled.split_once('/').map_or(filled, |(_, name)| name);
            name_error(name).map(|why| format!("`{name}` cannot be an object's name: {why}"))
        });
        if !ROLLOUT_KINDS.iter().any(|(known, _)| *known == kind) {
            let known: Vec<&str> = ROLLOUT_KINDS.iter().map(|(known, _)| *known).collect();
            let hint = super::diagnostic::suggestion(kind, &known);
            cursor.report(findings, format!("`{kind}` has no rollout"), hint);
        }
        (kind.to_owned(), name.to_owned(), None)
    } else {
        let fields = cursor.fields(findings, &ROLLOUT)?;
        let kind = fields.get("kind").and_then(|field| field.choice(findings, &ROLLOUT_KINDS));
        let name = fields.get("name").and_then(|field| object_name(&field, findings, here));
        let namespace = fields.get("namespace").and_then(|field| namespace(&field, findings, here));
        (kind?.to_owned(), name?, namespace)
    };
    Some(Gate::Rollout(Target { api_version: "apps/v1".to_owned(), kind, name, namespace }))
}

/// A name, or a mapping with the hosts that it must be for and its issuer.
fn certificate(cursor: &Cursor<'_>, findings: &mut Findings<'_>, here: &[Environment]) -> Option<Gate> {
    if matches!(cursor.node(), Node::Text(_)) {
        let name = object_name(cursor, findings, here)?;
        return Some(Gate::Certificate(CertificateWanted { name, ..CertificateWanted::default() }));
    }
    let fields = cursor.fields(findings, &CERTIFICATE)?;
    let name = fields.get("name").and_then(|field| object_name(&field, findings, here));
    let hosts = fields.get("hosts").map(|field| field.list(findings, "host")).unwrap_or_default();
    let hosts: Vec<String> = hosts.iter().filter_map(|host| templated(host, findings, here)).collect();
    let issuer = fields.get("issuer").and_then(|field| {
        templated_that(&field, findings, here, |filled| {
            let of_kind =
                |kind: &str| filled.strip_prefix(kind).is_some_and(|name| name_error(name).is_none());
            (!of_kind("ClusterIssuer/") && !of_kind("Issuer/"))
                .then(|| format!("`{filled}` is no issuer: write it as in ClusterIssuer/letsencrypt"))
        })
    });
    Some(Gate::Certificate(CertificateWanted { name: name?, hosts, issuer }))
}

fn condition(cursor: &Cursor<'_>, findings: &mut Findings<'_>, here: &[Environment]) -> Option<Gate> {
    const STATUSES: [(&str, &str); 3] = [("True", "True"), ("False", "False"), ("Unknown", "Unknown")];
    let fields = cursor.fields(findings, &CONDITION)?;
    let text = |name: &str, findings: &mut Findings<'_>| {
        fields.get(name).and_then(|field| field.text(findings).map(str::to_owned))
    };
    let api_version = text("api_version", findings);
    let kind = text("kind", findings);
    let condition = text("condition", findings);
    let name = fields.get("name").and_then(|field| object_name(&field, findings, here));
    let namespace = fields.get("namespace").and_then(|field| namespace(&field, findings, here));
    let status = match fields.get("status") {
        Some(field) => field.choice(findings, &STATUSES),
        None => Some("True"),
    };
    Some(Gate::Condition {
        target: Target { api_version: api_version?, kind: kind?, name: name?, namespace },
        condition: condition?,
        status: status?.to_owned(),
    })
}

fn http(cursor: &Cursor<'_>, findings: &mut Findings<'_>, here: &[Environment]) -> Option<Gate> {
    let fields = cursor.fields(findings, &HTTP)?;
    let url = fields.get("url").and_then(|field| {
        templated_that(&field, findings, here, |filled| {
            url_error(filled).map(|why| format!("`{filled}` cannot be probed: {why}"))
        })
    });
    let contains = fields.get("contains").and_then(|field| templated(&field, findings, here));
    let status = match fields.get("status") {
        Some(field) => http_status(&field, findings),
        None => Some(200),
    };
    Some(Gate::Http { url: url?, status: status?, contains })
}

fn url_error(url: &str) -> Option<&'static str> {
    let Some(rest) = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")) else {
        return Some("it does not begin with https:// or http://");
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.is_empty() {
        Some("it has no host")
    } else if host.contains('@') {
        Some("a password has no place in a plan")
    } else if url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        Some("it has a space in it")
    } else {
        None
    }
}

pub(super) fn http_status(cursor: &Cursor<'_>, findings: &mut Findings<'_>) -> Option<u16> {
    let status = match cursor.node() {
        Node::Number(number) => number.as_u64().and_then(|number| u16::try_from(number).ok()),
        _ => None,
    };
    let status = status.filter(|status| (100..=599).contains(status));
    if status.is_none() {
        cursor.report(findings, "an HTTP status is a number from 100 to 599", "as in 200");
    }
    status
}

pub(super) fn object_name(
    cursor: &Cursor<'_>,
    findings: &mut Findings<'_>,
    here: &[Environment],
) -> Option<String> {
    templated_that(cursor, findings, here, |filled| {
        name_error(filled).map(|why| format!("`{filled}` cannot be an object's name: {why}"))
    })
}

pub(super) fn namespace(
    cursor: &Cursor<'_>,
    findings: &mut Findings<'_>,
    here: &[Environment],
) -> Option<String> {
    templated_that(cursor, findings, here, |filled| {
        label_error(filled).map(|why| format!("`{filled}` cannot be a namespace: {why}"))
    })
}
