//! Asks a URL, the way a browser's first request would: no credentials, no redirects, no proxy.

use std::{net::IpAddr, time::Duration};

use bytes::Bytes;
use http::{Method, Request, Uri};
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

use super::GateAnswer;
use crate::{cluster::with_causes, diff::Problem};

/// How long one request may take, from connecting to the last byte.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// The most of a body that is read.
const BODY_LIMIT: usize = 1024 * 1024;

/// Asks a URL once: the status must be the wanted one, and the body (up to 1 MiB of it) must contain
/// the text. TLS is verified with the system's roots.
pub async fn ask(url: &str, status: u16, contains: Option<&str>) -> GateAnswer {
    ask_within(TIME_LIMIT, url, status, contains).await
}

/// In a rehearsal nothing outside takes part: what answers there is not what has been rehearsed. A server on
/// this machine is asked all the same.
pub(crate) fn is_outside(url: &str) -> bool {
    let host = url.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned)).unwrap_or_default();
    host != "localhost" && !host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

async fn ask_within(limit: Duration, url: &str, status: u16, contains: Option<&str>) -> GateAnswer {
    match tokio::time::timeout(limit, exchange(url, status, contains)).await {
        Ok(answer) => answer,
        Err(_) => GateAnswer::not_yet(format!("no answer from {url} in {} s", limit.as_secs())),
    }
}

async fn exchange(url: &str, status: u16, contains: Option<&str>) -> GateAnswer {
    let hopeless =
        |reason: String, remedy: &str| GateAnswer::Failed { problem: Problem::new(url, reason, remedy) };
    let uri = match url.parse::<Uri>() {
        Ok(uri) if matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some() => uri,
        _ => return hopeless("it is no http:// or https:// URL".into(), "mend the gate's url in the plan"),
    };
    let request = Request::builder()
        .method(Method::GET)
        .uri(&uri)
        .header("user-agent", concat!("migrate-tui/", env!("CARGO_PKG_VERSION")))
        .header("accept", "*/*")
        .body(Empty::<Bytes>::new());
    let Ok(request) = request else {
        return hopeless("no request can be made of it".into(), "mend the gate's url in the plan");
    };
    let executor = TokioExecutor::new();
    let sent = if uri.scheme_str() == Some("https") {
        let connector = match tls() {
            Ok(connector) => connector,
            Err(error) => {
                let remedy =
                    "install the system's CA certificates (package ca-certificates), or set SSL_CERT_FILE";
                return hopeless(format!("no root certificates to verify it with: {error}"), remedy);
            }
        };
        Client::builder(executor).build(connector).request(request).await
    } else {
        Client::builder(executor).build(HttpConnector::new()).request(request).await
    };
    let response = match sent {
        Ok(response) => response,
        Err(error) => return GateAnswer::not_yet(format!("{url}: {}", with_causes(&error))),
    };
    let got = response.status().as_u16();
    if got != status {
        let place = response.headers().get("location").and_then(|place| place.to_str().ok());
        let place = place.map(|place| format!(" (it leads to {place}; redirects are not followed)"));
        return GateAnswer::not_yet(format!(
            "{url} answers {got}, wanted {status}{}",
            place.unwrap_or_default()
        ));
    }
    let Some(text) = contains else {
        return GateAnswer::Passed { detail: format!("{url} answers {got}"), simulated: false };
    };
    let body = match Limited::new(response.into_body(), BODY_LIMIT).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.downcast_ref::<LengthLimitError>().is_some() => {
            return GateAnswer::not_yet(format!(
                "{url} answers {got} with more than 1 MiB, which is not searched"
            ));
        }
        Err(error) => {
            return GateAnswer::not_yet(format!("{url} answers {got}, then: {}", with_causes(&*error)));
        }
    };
    if String::from_utf8_lossy(&body).contains(text) {
        return GateAnswer::Passed {
            detail: format!("{url} answers {got} and contains {text:?}"),
            simulated: false,
        };
    }
    GateAnswer::not_yet(format!("{url} answers {got}, but does not contain {text:?}"))
}

fn tls() -> std::io::Result<HttpsConnector<HttpConnector>> {
    Ok(HttpsConnectorBuilder::new().with_native_roots()?.https_only().enable_http1().build())
}

#[cfg(test)]
#[path = "http_tests.rs"]
mod tests;
