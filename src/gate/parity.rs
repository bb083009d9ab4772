//! Asks the old gateway and the new entry the same, and compares their answers.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::{
    client::legacy::{
        Client,
        connect::{HttpConnector, dns::Name},
    },
    rt::TokioExecutor,
};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};
use sha2::{Digest as _, Sha256};

use super::GateAnswer;
use crate::{
    cluster::with_causes,
    diff::Problem,
    plan::{BodyCheck, Parity, Scheme},
};

/// How long one request may take, from connecting to the last byte.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// The most of a body that is compared.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// Differences and latencies that are told one by one.
const SHOWN: usize = 5;

/// Both sides' addresses.
pub(super) struct Sides {
    pub(super) old: Vec<SocketAddr>,
    pub(super) new: Vec<SocketAddr>,
}

/// One side's answer.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: HeaderMap,
    length: usize,
    digest: String,
    took: Duration,
}

/// Asks both sides for every host and path, once. `ca`: the text of the plan's CA file.
pub(super) async fn ask(parity: &Parity, sides: &Sides, ca: Option<&str>, subject: &str) -> GateAnswer {
    let tls = match tls(ca) {
        Ok(tls) => tls,
        Err(reason) => {
            let remedy =
                "name a PEM file with the CA's certificates, or install the system's (ca-certificates)";
            return GateAnswer::Failed { problem: Problem::new(subject, reason, remedy) };
        }
    };
    let (old, new) = (Side::at(&sides.old, &tls), Side::at(&sides.new, &tls));
    let (mut differences, mut times) = (Vec::new(), Vec::new());
    let mut asked = 0;
    for host in &parity.hosts {
        for path in &parity.paths {
            asked += 1;
            let url = format!("{}://{host}{path}", parity.scheme);
            let (one, other) = tokio::join!(old.get(&url, parity.scheme), new.get(&url, parity.scheme));
            match (one, other) {
                (Ok(one), Ok(other)) => {
                    differences.extend(compared(parity, &one, &other).map(|what| format!("{url}: {what}")));
                    times.push(format!("{path} {}/{} ms", one.took.as_millis(), other.took.as_millis()));
                }
                (one, other) => {
                    let silent = [("old", one.err()), ("new", other.err())].into_iter();
                    differences.extend(
                        silent.filter_map(|(side, error)| Some(format!("{url}: {side}: {}", error?))),
                    );
                }
            }
        }
    }
    if differences.is_empty() {
        times.truncate(SHOWN);
        let detail = format!("{asked} answers agree (old/new: {})", times.join(", "));
        return GateAnswer::Passed { detail, simulated: false };
    }
    let more = differences.len().saturating_sub(SHOWN);
    differences.truncate(SHOWN);
    let more = if more > 0 { format!("; {more} more differences") } else { String::new() };
    GateAnswer::not_yet(format!("{}{more}", differences.join("; ")))
}

/// What differs between two answers, most telling first; `None` when they agree.
fn compared(parity: &Parity, old: &Answer, new: &Answer) -> Option<String> {
    let mut found = Vec::new();
    if old.status != new.status {
        found.push(format!("status {} (old), {} (new)", old.status, new.status));
    }
    for name in &parity.headers {
        let (one, other) = (values(&old.headers, name), values(&new.headers, name));
        if one != other {
            let said =
                |values: &[String]| if values.is_empty() { "none".to_owned() } else { values.join(", ") };
            found.push(format!("{name} {} (old), {} (new)", said(&one), said(&other)));
        }
    }
    match parity.body {
        BodyCheck::Same if old.digest != new.digest && old.length == new.length => {
            found.push(format!("bodies of {} bytes that differ", old.length));
        }
        BodyCheck::Same | BodyCheck::Length if old.length != new.length => {
            found.push(format!("body of {} bytes (old), {} (new)", old.length, new.length));
        }
        _ => {}
    }
    (!found.is_empty()).then(|| found.join(", "))
}

/// A header's values, sorted; of cookies the names, since each answer makes its own values.
fn values(headers: &HeaderMap, name: &str) -> Vec<String> {
    let mut values: Vec<String> = headers
        .get_all(name)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .map(|value| match name {
            "set-cookie" => value.split('=').next().unwrap_or_default().to_owned(),
            _ => value,
        })
        .collect();
    values.sort();
    values
}

/// The system's roots, or the plan's.
fn tls(ca: Option<&str>) -> Result<ClientConfig, String> {
    use hyper_rustls::ConfigBuilderExt;
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let Some(ca) = ca else {
        let builder =
            builder.with_native_roots().map_err(|error| format!("no root certificates: {error}"))?;
        return Ok(builder.with_no_client_auth());
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(ca.as_bytes()) {
        let certificate = certificate.map_err(|error| format!("the CA file cannot be read: {error}"))?;
        roots.add(certificate).map_err(|error| format!("the CA file cannot be used: {error}"))?;
    }
    if roots.is_empty() {
        return Err("the CA file holds no certificate".to_owned());
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// One side: its addresses stand for every host.
struct Side {
    plain: HttpConnector<Fixed>,
    tls: ClientConfig,
}

#[derive(Clone)]
struct Fixed(Arc<Vec<SocketAddr>>);

impl tower::Service<Name> for Fixed {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = std::io::Error;
    type Future = std::future::Ready<Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Self::Error>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Name) -> Self::Future {
        std::future::ready(Ok(self.0.as_ref().clone().into_iter()))
    }
}

impl Side {
    fn at(addresses: &[SocketAddr], tls: &ClientConfig) -> Self {
        let mut plain = HttpConnector::new_with_resolver(Fixed(Arc::new(addresses.to_vec())));
        plain.enforce_http(false);
        Self { plain, tls: tls.clone() }
    }

    async fn get(&self, url: &str, scheme: Scheme) -> Result<Answer, String> {
        let limit = tokio::time::timeout(TIME_LIMIT, self.exchange(url, scheme));
        limit.await.unwrap_or_else(|_| Err(format!("no whole answer in {} s", TIME_LIMIT.as_secs())))
    }

    async fn exchange(&self, url: &str, scheme: Scheme) -> Result<Answer, String> {
        let request = Request::get(url)
            .header("user-agent", concat!("migrate-tui/", env!("CARGO_PKG_VERSION")))
            .header("accept", "*/*")
            .body(Empty::<Bytes>::new())
            .map_err(|error| error.to_string())?;
        let began = Instant::now();
        let executor = TokioExecutor::new();
        let sent = match scheme {
            Scheme::Http => Client::builder(executor).build(self.plain.clone()).request(request).await,
            Scheme::Https => {
                let connector = HttpsConnectorBuilder::new().with_tls_config(self.tls.clone()).https_only();
                let connector = connector.enable_http1().wrap_connector(self.plain.clone());
                Client::builder(executor).build(connector).request(request).await
            }
        };
        let response = sent.map_err(|error| with_causes(&error))?;
        let (head, body) = response.into_parts();
        let body =
            Limited::new(body, BODY_LIMIT).collect().await.map_err(|error| with_causes(&*error))?.to_bytes();
        Ok(Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            length: body.len(),
            digest: hex::encode(Sha256::digest(&body)),
            took: began.elapsed(),
        })
    }
}

#[cfg(test)]
#[path = "parity_tests.rs"]
mod tests;
