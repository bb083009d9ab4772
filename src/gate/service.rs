//! Asks a Service through the API server's proxy, and reads what it says.

use std::time::Duration;

use serde_json::Value;

use super::GateAnswer;
use crate::{
    cluster::{Failure, FailureKind, Reader, ServiceAddress, ServiceAnswer},
    diff::Problem,
    object::Object,
    plan::{Scheme, ServiceRequest},
};

/// How long one request may take, from connecting to the last byte.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// Asks once. `subject` is how the gate is named.
pub(super) async fn ask(
    reader: &Reader,
    namespace: &str,
    request: &ServiceRequest,
    subject: &str,
) -> GateAnswer {
    ask_within(TIME_LIMIT, reader, namespace, request, subject).await
}

pub(super) async fn ask_within(
    limit: Duration,
    reader: &Reader,
    namespace: &str,
    request: &ServiceRequest,
    subject: &str,
) -> GateAnswer {
    let address = ServiceAddress {
        namespace,
        service: &request.service,
        tls: request.scheme == Scheme::Https,
        port: &request.port,
        path: &request.path,
    };
    match reader.ask_service(&address, limit).await {
        Ok(answer) => judged(request, &answer),
        Err(failure) => refused(&failure, subject),
    }
}

/// Where pods are simulated nobody answers: that the Service has the port is all that can be seen.
pub(super) fn unasked(request: &ServiceRequest, service: &Object) -> GateAnswer {
    let ports = service.at(&["spec", "ports"]).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let is_meant = |port: &&Value| {
        port.get("name").and_then(Value::as_str) == Some(request.port.as_str())
            || port.get("port").and_then(Value::as_u64).map(|number| number.to_string()).as_ref()
                == Some(&request.port)
    };
    if ports.iter().any(|port| is_meant(&port)) {
        let detail = format!(
            "not asked: pods are simulated here and cannot answer; Service/{} has port {}",
            request.service, request.port
        );
        return GateAnswer::Passed { detail, simulated: true };
    }
    let known: Vec<String> = ports
        .iter()
        .map(|port| {
            let name = port.get("name").and_then(Value::as_str).unwrap_or_default();
            format!("{} {name}", port.get("port").unwrap_or(&Value::Null)).trim().to_owned()
        })
        .collect();
    GateAnswer::not_yet(format!(
        "Service/{} has no port {}; it has {}",
        request.service,
        request.port,
        known.join(", ")
    ))
}

fn judged(request: &ServiceRequest, answer: &ServiceAnswer) -> GateAnswer {
    let got = answer.status;
    let who = format!("Service/{}{}", request.service, request.path);
    if got != request.status {
        let place = answer.location.as_ref();
        let place = place.map(|place| format!(" (it leads to {place}; redirects are not followed)"));
        return GateAnswer::not_yet(format!(
            "{who} answers {got}, wanted {}{}",
            request.status,
            place.unwrap_or_default()
        ));
    }
    let body = match &answer.body {
        Ok(body) => body,
        Err(reason) => return GateAnswer::not_yet(format!("{who} answers {got}, but {reason}")),
    };
    let mut seen = vec![format!("answers {got}")];
    if let Some(text) = &request.contains {
        if !String::from_utf8_lossy(body).contains(text) {
            return GateAnswer::not_yet(format!("{who} answers {got}, but does not contain {text:?}"));
        }
        seen.push(format!("contains {text:?}"));
    }
    if !request.json.is_empty() {
        let json: Value = match serde_json::from_slice(body) {
            Ok(json) => json,
            Err(error) => {
                let place = format!("line {}, column {}", error.line(), error.column());
                return GateAnswer::not_yet(format!("{who} answers {got}, but with no JSON ({place})"));
            }
        };
        for expectation in &request.json {
            match expectation.check(&json) {
                Ok(count) => {
                    let all = if count > 1 { format!(" ({count} of {count})") } else { String::new() };
                    seen.push(format!("{} is {}{all}", expectation.path, expectation.wanted));
                }
                Err(reason) => return GateAnswer::not_yet(format!("{who}: {reason}")),
            }
        }
    }
    GateAnswer::Passed { detail: seen.join(", "), simulated: false }
}

/// What the API server says instead. A Service that is not there, or has nobody behind it, may come.
fn refused(failure: &Failure, subject: &str) -> GateAnswer {
    let remedy = match failure.kind {
        FailureKind::Forbidden => {
            "ask for the right to get services/proxy in that namespace, or ask the Service by other means and skip the step with what you saw"
        }
        FailureKind::Unauthorized => failure.kind.remedy(),
        FailureKind::Invalid if failure.code == Some(400) => "mend the gate in the plan",
        _ => return GateAnswer::not_yet(failure.message.clone()),
    };
    GateAnswer::Failed { problem: Problem::new(subject, failure.message.clone(), remedy) }
}

#[cfg(test)]
#[path = "service_tests.rs"]
mod tests;
