//! The gates of a cut-over, checked.

use super::{
    BodyCheck, Entry, Environment, Gate, Parity, Scheme,
    check_service::path_error,
    check_text::{PathTarget, templated_that},
    cursor::{Cursor, Fields},
    diagnostic::Findings,
    shape::{DNS, PARITY},
    words::name_error,
};

/// Headers that are compared unless the plan names others.
const HEADERS: [&str; 3] = ["content-type", "location", "set-cookie"];

pub(super) fn parity(
    cursor: &Cursor<'_>,
    findings: &mut Findings<'_>,
    target: &mut PathTarget<'_>,
) -> Option<Gate> {
    const BODIES: [(&str, BodyCheck); 3] =
        [("same", BodyCheck::Same), ("length", BodyCheck::Length), ("ignored", BodyCheck::Ignored)];
    const SCHEMES: [(&str, Scheme); 2] = [("https", Scheme::Https), ("http", Scheme::Http)];
    let here = target.here;
    let fields = cursor.fields(findings, &PARITY)?;
    let list = |name: &str, findings: &mut Findings<'_>, error: fn(&str) -> Option<String>| {
        let items = fields.get(name).map(|field| field.list(findings, name.trim_end_matches('s')));
        items
            .unwrap_or_default()
            .iter()
            .filter_map(|one| templated_that(one, findings, here, error))
            .collect::<Vec<_>>()
    };
    let hosts = list("hosts", findings, |host| {
        name_error(host).map(|why| format!("`{host}` cannot be a host: {why}"))
    });
    let paths = list("paths", findings, |path| {
        path_error(path).map(|why| format!("`{path}` cannot be asked for: {why}"))
    });
    let headers = match fields.get("headers") {
        Some(_) => list("headers", findings, |name| {
            let is_token = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
            (!is_token).then(|| format!("`{name}` is no header's name in lower case"))
        }),
        None => HEADERS.map(str::to_owned).to_vec(),
    };
    let old = entry(&fields, "old", findings, here);
    let new = entry(&fields, "new", findings, here);
    let body = match fields.get("body") {
        Some(field) => field.choice(findings, &BODIES),
        None => Some(BodyCheck::Same),
    };
    let scheme = match fields.get("scheme") {
        Some(field) => field.choice(findings, &SCHEMES),
        None => Some(Scheme::Https),
    };
    let ca = fields.get("ca").and_then(|field| target.path(&field, findings));
    Some(Gate::Parity(Parity {
        hosts,
        paths,
        scheme: scheme?,
        old: old?,
        new: new?,
        headers,
        body: body?,
        ca,
    }))
}

pub(super) fn dns(cursor: &Cursor<'_>, findings: &mut Findings<'_>, here: &[Environment]) -> Option<Gate> {
    let fields = cursor.fields(findings, &DNS)?;
    let host = fields.get("host").and_then(|field| {
        templated_that(&field, findings, here, |host| {
            name_error(host).map(|why| format!("`{host}` cannot be a host: {why}"))
        })
    });
    let to = entry(&fields, "to", findings, here);
    Some(Gate::Dns { host: host?, to: to? })
}

/// Checked with its variables filled in; the text itself is filled in later.
fn entry(
    fields: &Fields<'_>,
    name: &str,
    findings: &mut Findings<'_>,
    here: &[Environment],
) -> Option<Entry> {
    let field = fields.get(name)?;
    let text = templated_that(&field, findings, here, |filled| {
        let error = Entry::parse(filled).err()?;
        Some(format!(
            "`{filled}` is no entry: {error}; as in 192.0.2.10, gateway.example.com:8443 or ingress/web"
        ))
    })?;
    Some(match text.strip_prefix("ingress/") {
        Some(name) => Entry::Ingress(name.to_owned()),
        None => Entry::Address(text),
    })
}
