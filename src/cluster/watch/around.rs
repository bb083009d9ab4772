//! An object's pods, their events and the end of their logs: why it is not ready.

use std::time::Duration;

use kube::{
    api::{ListParams, LogParams},
    core::Request,
};
use serde_json::Value;

use crate::{
    cluster::{Failure, Reader, reader::url_path, request, watch::issuance::issuance},
    object::Object,
    readiness::Related,
};

/// Most events that are read at once.
const EVENTS: u32 = 300;

/// How long a log may take: it is a courtesy, not a check.
const LOG_LIMIT: Duration = Duration::from_secs(5);

/// What stands around an object.
#[derive(Clone, Debug, Default)]
pub struct Around {
    /// Its pods.
    pub pods: Vec<Object>,
    /// Warnings about it or its pods.
    pub events: Vec<Object>,
    /// What cert-manager made for it.
    pub issuance: Vec<Object>,
}

impl Around {
    /// As readiness rules take it.
    #[must_use]
    pub fn related(&self) -> Related<'_> {
        Related { pods: &self.pods, events: &self.events, issuance: &self.issuance }
    }
}

/// An object's pods and events, and what cert-manager made for a Certificate. Best effort: what may not be read is left out.
pub async fn around(reader: &Reader, object: &Object) -> Around {
    let Some(namespace) = object.namespace() else {
        return Around::default();
    };
    let pods = match (object.kind(), selector(object)) {
        ("Pod", _) => vec![object.clone()],
        (_, Some(selector)) => {
            reader.list("v1", "Pod", Some(namespace), Some(&selector)).await.unwrap_or_default()
        }
        _ => Vec::new(),
    };
    let issuance = match (object.group(), object.kind()) {
        ("cert-manager.io", "Certificate") => issuance(reader, object).await,
        _ => Vec::new(),
    };
    let own = format!("involvedObject.kind={},involvedObject.name={}", object.kind(), object.name());
    let mut events = warnings(reader, namespace, &own).await.unwrap_or_default();
    if !pods.is_empty() {
        let of_pods = "involvedObject.kind=Pod,type=Warning";
        events.extend(warnings(reader, namespace, of_pods).await.unwrap_or_default());
    }
    Around { pods, events, issuance }
}

/// The last lines of a container's log, or of its run before that. Best effort, and never a line that
/// may hold a credential.
pub async fn log_tail(reader: &Reader, pod: &Object, container: &str, previous: bool) -> Vec<String> {
    let Some(namespace) = pod.namespace() else {
        return Vec::new();
    };
    let parameters = LogParams {
        container: Some(container.to_owned()),
        tail_lines: Some(10),
        limit_bytes: Some(8 * 1024),
        previous,
        ..LogParams::default()
    };
    let Ok(Some(resource)) = reader.resource("v1", "Pod").await else {
        return Vec::new();
    };
    let path = url_path(&resource, Some(namespace));
    let Ok(request) = Request::new(path).logs(pod.name(), &parameters) else {
        return Vec::new();
    };
    let client = reader.connection().client();
    let answer = tokio::time::timeout(LOG_LIMIT, request::send(&client, request, false)).await;
    let Ok(Ok(raw)) = answer else {
        return Vec::new();
    };
    String::from_utf8_lossy(&raw.body).lines().map(shown).filter(|line| !line.is_empty()).collect()
}

/// A line of a log as it may be shown: short, without control characters, hidden when it may hold a
/// credential.
fn shown(line: &str) -> String {
    const TELLING: [&str; 9] = [
        "password",
        "passwd",
        "secret",
        "token",
        "authorization",
        "bearer",
        "apikey",
        "api_key",
        "private key",
    ];
    const LONGEST_WORD: usize = 32;
    let lower = line.to_lowercase();
    let is_long_word = |word: &str| {
        word.len() > LONGEST_WORD
            && word.chars().all(|letter| letter.is_alphanumeric() || "+/=-_".contains(letter))
    };
    // `://user:password@host`, as in a database's URL.
    let has_userinfo = line
        .split("://")
        .skip(1)
        .any(|rest| rest.split(['/', ' ', '"']).next().is_some_and(|authority| authority.contains('@')));
    let is_telling = TELLING.iter().any(|word| lower.contains(word));
    if is_telling || has_userinfo || line.split([' ', '"', ':', ',']).any(is_long_word) {
        return "(a line that may hold a credential is hidden)".to_owned();
    }
    line.chars().filter(|letter| !letter.is_control()).take(160).collect::<String>().trim().to_owned()
}

async fn warnings(reader: &Reader, namespace: &str, fields: &str) -> Result<Vec<Object>, Failure> {
    let Some(resource) = reader.resource("v1", "Event").await? else {
        return Ok(Vec::new());
    };
    let parameters = ListParams::default().fields(fields).limit(EVENTS);
    let request = Request::new(url_path(&resource, Some(namespace)))
        .list(&parameters)
        .map_err(|error| crate::cluster::reader::unbuilt(&error))?;
    let raw = request::send(&reader.connection().client(), request, false).await?;
    let mut page = raw.answer()?.object.0;
    Ok(match page.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => items.into_iter().map(Object).collect(),
        _ => Vec::new(),
    })
}

/// The label selector of a workload, as a list request takes it.
fn selector(object: &Object) -> Option<String> {
    let selector = object.at(&["spec", "selector"])?;
    let labels = selector.get("matchLabels").and_then(Value::as_object).into_iter().flatten();
    let mut terms: Vec<String> =
        labels.filter_map(|(key, value)| Some(format!("{key}={}", value.as_str()?))).collect();
    for expression in selector.get("matchExpressions").and_then(Value::as_array).into_iter().flatten() {
        let key = expression.get("key").and_then(Value::as_str)?;
        let values: Vec<&str> = expression
            .get("values")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        terms.push(match expression.get("operator").and_then(Value::as_str)? {
            "In" => format!("{key} in ({})", values.join(",")),
            "NotIn" => format!("{key} notin ({})", values.join(",")),
            "Exists" => key.to_owned(),
            _ => format!("!{key}"),
        });
    }
    (!terms.is_empty()).then(|| terms.join(","))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{selector, shown};
    use crate::object::Object;

    #[test]
    fn a_selector_is_written_as_a_list_request_takes_it() {
        let object = Object(
            json!({"spec": {"selector": {"matchLabels": {"app": "gateway"}, "matchExpressions": [
            {"key": "tier", "operator": "In", "values": ["a", "b"]}, {"key": "old", "operator": "DoesNotExist"}]}}}),
        );
        assert_eq!(selector(&object).as_deref(), Some("app=gateway,tier in (a,b),!old"));
        // A Service's selector is plain labels: no pods are its own.
        assert_eq!(selector(&Object(json!({"spec": {"selector": {"app": "gateway"}}}))), None);
    }

    #[test]
    fn lines_that_may_hold_a_credential_are_hidden() {
        let plain = "ERROR cannot open /etc/app.yml: no such file";
        assert_eq!(shown(plain), plain);
        for line in [
            "password=hunter2",
            "connecting to postgres://app:hunter2@db/app",
            "got eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9abcdef",
            "Authorization: Basic YTpi",
        ] {
            assert!(shown(line).contains("hidden"), "{line}");
        }
    }
}
