//! Asks a Service through the API server's proxy.

use std::{fmt::Write as _, time::Duration};

use http::header::{ACCEPT, LOCATION};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use kube::client::Body;
use serde_json::Value;

use super::{Failure, FailureKind, Reader, with_causes};

/// The most of a body that is read.
pub const SERVICE_BODY_LIMIT: usize = 4 * 1024 * 1024;

/// Where a Service is asked.
#[derive(Clone, Copy, Debug)]
pub struct ServiceAddress<'a> {
    /// Its namespace.
    pub namespace: &'a str,
    /// Its name.
    pub service: &'a str,
    /// Whether it is spoken to with TLS. The API server does not verify its certificate.
    pub tls: bool,
    /// A number, or a port's name.
    pub port: &'a str,
    /// Begins with `/`; what a URL cannot hold is percent-encoded here.
    pub path: &'a str,
}

/// What a Service answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAnswer {
    /// Status code.
    pub status: u16,
    /// Where a redirect leads; it is not followed.
    pub location: Option<String>,
    /// The body, or why it could not be read to its end.
    pub body: Result<Vec<u8>, String>,
}

impl Reader {
    /// Asks a Service once with GET, within a time limit from the first byte to the last.
    ///
    /// # Errors
    /// [`Failure`] when it was not the Service that answered but the API server (no such Service, no
    /// pods behind it, no right to ask), or nobody.
    pub async fn ask_service(
        &self,
        address: &ServiceAddress<'_>,
        limit: Duration,
    ) -> Result<ServiceAnswer, Failure> {
        let request = http::Request::get(url(address)).header(ACCEPT, "*/*").body(Body::empty());
        let request = request.map_err(|error| super::reader::unbuilt(&error))?;
        let client = self.connection().client();
        let exchange = async {
            let response = client.send(request).await.map_err(|error| {
                Failure::without_answer(
                    FailureKind::Unreachable,
                    format!("no answer from the API server: {}", with_causes(&error)),
                )
            })?;
            let status = response.status().as_u16();
            let location = response.headers().get(LOCATION).and_then(|place| place.to_str().ok());
            let location = location.map(str::to_owned);
            let body = match Limited::new(response.into_body(), SERVICE_BODY_LIMIT).collect().await {
                Ok(body) => Ok(body.to_bytes().to_vec()),
                Err(error) if error.downcast_ref::<LengthLimitError>().is_some() => {
                    Err(format!("its body has more than {} MiB, which is not read", SERVICE_BODY_LIMIT >> 20))
                }
                Err(error) => Err(format!("its body broke off: {}", with_causes(&*error))),
            };
            match &body {
                Ok(body) if is_api_servers(status, body) => Err(Failure::from_answer(status, body, false)),
                _ => Ok(ServiceAnswer { status, location, body }),
            }
        };
        tokio::time::timeout(limit, exchange).await.unwrap_or_else(|_| {
            Err(Failure::without_answer(
                FailureKind::TimedOut,
                format!("no whole answer in {} s", limit.as_secs_f32()),
            ))
        })
    }
}

/// Is this the API server's own word, and not the Service's?
fn is_api_servers(status: u16, body: &[u8]) -> bool {
    if status < 400 {
        return false;
    }
    let Ok(said) = serde_json::from_slice::<Value>(body) else { return false };
    said.get("kind").is_some_and(|kind| kind == "Status")
        && said.get("apiVersion").is_some_and(|version| version == "v1")
}

fn url(address: &ServiceAddress<'_>) -> String {
    let ServiceAddress { namespace, service, tls, port, path } = address;
    let scheme = if *tls { "https:" } else { "" };
    format!("/api/v1/namespaces/{namespace}/services/{scheme}{service}:{port}/proxy{}", encoded(path))
}

/// What cannot stand in a URL, percent-encoded; what may stand there is left, so `%`, `&`, `+` and `=` mean
/// what they mean in one.
fn encoded(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{ServiceAddress, is_api_servers, url};

    #[test]
    fn a_query_is_encoded_where_it_must_be() {
        let path = "/api/v1/query?query=count(up{job=\"a b\"}==1)%2B1";
        let address =
            ServiceAddress { namespace: "monitoring", service: "p", tls: true, port: "http-web", path };
        let expected = "/api/v1/namespaces/monitoring/services/https:p:http-web/proxy\
                        /api/v1/query?query=count(up%7Bjob=%22a%20b%22%7D==1)%2B1";
        assert_eq!(url(&address), expected);
        assert!(url(&address).parse::<http::Uri>().is_ok());
    }

    #[test]
    fn only_a_refusal_in_the_api_servers_form_is_its_own() {
        let said = br#"{"kind":"Status","apiVersion":"v1","status":"Failure","code":503}"#;
        assert!(is_api_servers(503, said));
        assert!(!is_api_servers(200, said));
        assert!(!is_api_servers(503, br#"{"status":"error"}"#));
        assert!(!is_api_servers(503, b"Ingester not ready"));
    }
}
