//! One request to a forge's API, and its answer: a time limit, a bounded body, and the token for nobody else.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::sync::OnceCell;

use super::{error::ForgeError, surroundings::Token};
use crate::{cluster::with_causes, diff::Problem, words::clean};

/// How long one request may take, from connecting to the last byte.
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// The most of a body that is read.
const BODY_LIMIT: usize = 8 * 1024 * 1024;
/// A repository that was renamed leads to its new place once.
const MOST_REDIRECTS: usize = 3;
/// The most of a forge's own words that is told.
const WORDS: usize = 200;

/// What is asked.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) method: Method,
    /// After the API's address; begins with `/`.
    pub(super) path: String,
    pub(super) accept: &'static str,
    /// Of the answer that is known already.
    pub(super) etag: Option<HeaderValue>,
    pub(super) body: Bytes,
}

impl Call {
    pub(super) fn get(path: impl Into<String>) -> Self {
        let accept = "application/vnd.github+json";
        Self { method: Method::GET, path: path.into(), accept, etag: None, body: Bytes::new() }
    }
}

/// An answer, whatever its status.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Reply {
    /// A header that is a number.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.headers.get(name)?.to_str().ok()?.trim().parse().ok()
    }

    /// The forge's own words for what is wrong, neutralised and short.
    pub(super) fn words(&self) -> String {
        #[derive(serde::Deserialize)]
        struct Told {
            message: String,
        }
        let told = serde_json::from_slice::<Told>(&self.body).map(|told| told.message);
        let words: String = told.unwrap_or_default().chars().take(WORDS).collect();
        if words.is_empty() {
            format!("it answers {}", self.status.as_u16())
        } else {
            clean(&words).into_owned()
        }
    }
}

/// Speaks with one API.
pub(super) struct Http {
    /// Without a `/` at its end.
    base: String,
    token: Option<Token>,
    time_limit: Duration,
    secure: OnceCell<Client<HttpsConnector<HttpConnector>, Full<Bytes>>>,
    plain: Client<HttpConnector, Full<Bytes>>,
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Http").field("base", &self.base).field("token", &self.token).finish_non_exhaustive()
    }
}

impl Http {
    /// Of an address: `https://`, or `http://` on this machine, where nobody can listen.
    pub(super) fn new(base: &str, token: Option<Token>) -> Result<Self, Problem> {
        let base = base.trim_end_matches('/').to_owned();
        let is_usable = base.parse::<Uri>().is_ok_and(|uri| match (uri.scheme_str(), uri.host()) {
            (Some("https"), Some(_)) => !base.contains('@'),
            (Some("http"), Some(_)) => !crate::gate::is_outside(&base) && !base.contains('@'),
            _ => false,
        });
        if !is_usable {
            let reason = "it is no https:// address";
            return Err(Problem::new(
                format!("GitHub's API at {base}"),
                reason,
                "name it as https://HOST/api/v3",
            ));
        }
        let plain = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
        Ok(Self { base, token, time_limit: TIME_LIMIT, secure: OnceCell::new(), plain })
    }

    /// Is a token sent?
    pub(super) fn is_signed(&self) -> bool {
        self.token.is_some()
    }

    #[cfg(test)]
    pub(super) fn within(self, time_limit: Duration) -> Self {
        Self { time_limit, ..self }
    }

    /// Asks. Follows where a read leads to as long as that is the same server.
    pub(super) async fn ask(&self, call: &Call) -> Result<Reply, ForgeError> {
        let within = self.time_limit;
        let asking = async {
            let mut uri = format!("{}{}", self.base, call.path);
            for _ in 0..MOST_REDIRECTS {
                let reply = self.exchange(call, &uri).await?;
                let is_led = matches!(reply.status.as_u16(), 301 | 302 | 307 | 308);
                if !is_led || call.method != Method::GET {
                    return Ok(reply);
                }
                let place = reply.headers.get(header::LOCATION).and_then(|place| place.to_str().ok());
                uri = place.and_then(|place| self.inside(place)).ok_or_else(|| {
                    let place = clean(place.unwrap_or("nowhere")).chars().take(WORDS).collect::<String>();
                    ForgeError::Odd(format!("it leads to {place}, which is not asked"))
                })?;
            }
            Err(ForgeError::Odd("it leads in a circle".to_owned()))
        };
        let given_up = |_| ForgeError::Unreachable(format!("no answer in {} s", within.as_secs()));
        tokio::time::timeout(within, asking).await.map_err(given_up)?
    }

    /// A place that it leads to, when that is on the same server.
    fn inside(&self, place: &str) -> Option<String> {
        let origin = |address: &str| {
            let uri = address.parse::<Uri>().ok()?;
            Some((uri.scheme_str()?.to_owned(), uri.authority()?.as_str().to_lowercase()))
        };
        let own = origin(&self.base)?;
        if place.starts_with('/') && !place.starts_with("//") {
            return Some(format!("{}://{}{place}", own.0, own.1));
        }
        (origin(place)? == own).then(|| place.to_owned())
    }

    async fn exchange(&self, call: &Call, uri: &str) -> Result<Reply, ForgeError> {
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(uri)
            .header(header::USER_AGENT, concat!("migrate-tui/", env!("CARGO_PKG_VERSION")))
            .header(header::ACCEPT, call.accept)
            .header("x-github-api-version", "2022-11-28");
        if let Some(token) = &self.token {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", token.secret()))
                .map_err(|_| ForgeError::BadToken)?;
            value.set_sensitive(true);
            request = request.header(header::AUTHORIZATION, value);
        }
        if let Some(etag) = &call.etag {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        if !call.body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request = request
            .body(Full::new(call.body.clone()))
            .map_err(|error| ForgeError::Odd(format!("no request can be made of it: {error}")))?;
        let is_secure = request.uri().scheme_str() == Some("https");
        let sent = if is_secure {
            self.secure().await?.request(request).await
        } else {
            self.plain.request(request).await
        };
        let response = sent.map_err(|error| ForgeError::Unreachable(no_connection(&error)))?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, BODY_LIMIT).collect().await.map_err(|error| {
            if error.downcast_ref::<LengthLimitError>().is_some() {
                ForgeError::Odd("it is larger than 8 MiB".to_owned())
            } else {
                ForgeError::Unreachable(with_causes(&*error))
            }
        })?;
        let body = body.to_bytes();
        // Whoever sends the token back would have it shown.
        let is_echo =
            |token: &Token| body.windows(token.secret().len()).any(|part| part == token.secret().as_bytes());
        if self.token.as_ref().is_some_and(is_echo) {
            return Err(ForgeError::Odd("it holds what it was asked with".to_owned()));
        }
        Ok(Reply { status: head.status, headers: head.headers, body })
    }

    async fn secure(&self) -> Result<&Client<HttpsConnector<HttpConnector>, Full<Bytes>>, ForgeError> {
        self.secure
            .get_or_try_init(async || {
                let tls = HttpsConnectorBuilder::new().with_native_roots().map_err(|error| {
                    ForgeError::Unreachable(format!("no root certificates to verify it with: {error}"))
                })?;
                Ok(Client::builder(TokioExecutor::new()).build(tls.https_only().enable_http1().build()))
            })
            .await
    }
}

/// Where it is a connection that did not come, its last cause says why.
fn no_connection(error: &hyper_util::client::legacy::Error) -> String {
    if !error.is_connect() {
        return with_causes(error);
    }
    let first: &dyn std::error::Error = error;
    let last = std::iter::successors(Some(first), |error| error.source()).last();
    format!("no connection: {}", last.unwrap_or(first))
}
