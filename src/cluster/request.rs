//! One request, with a time limit, its warnings and its failure.

use std::time::Duration;

use http_body_util::BodyExt;
use kube::{Client, client::Body};

use super::{Answer, Failure, FailureKind, with_causes};
use crate::object::Object;

/// How long one call may take. An apply through slow admission webhooks may take ten seconds each.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Tries of a call that the API server was too busy for; it did nothing then.
const TRIES: u32 = 4;

/// A raw answer.
pub(super) struct Raw {
    pub(super) code: u16,
    pub(super) body: Vec<u8>,
    pub(super) warnings: Vec<String>,
}

impl Raw {
    /// The object in it.
    pub(super) fn answer(self) -> Result<Answer, Failure> {
        let object = serde_json::from_slice(&self.body).map_err(|error| {
            Failure::without_answer(
                FailureKind::Other,
                format!("the answer is no JSON: {}", error_place(&error)),
            )
        })?;
        Ok(Answer { object: Object(object), created: self.code == 201, warnings: self.warnings })
    }
}

/// Where a JSON error is, without the text that it quotes.
fn error_place(error: &serde_json::Error) -> String {
    format!("line {}, column {}", error.line(), error.column())
}

/// Sends a request, again with growing pauses while the API server is too busy to take it.
pub(super) async fn send(
    client: &Client,
    request: http::Request<Vec<u8>>,
    about_secret: bool,
) -> Result<Raw, Failure> {
    let mut pause = Duration::from_millis(200);
    for _ in 1..TRIES {
        match send_once(client, request.clone(), about_secret).await {
            Err(failure) if failure.is_retryable() => {
                tracing::warn!(code = ?failure.code, "the API server is busy; trying again in {pause:?}");
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            other => return other,
        }
    }
    send_once(client, request, about_secret).await
}

async fn send_once(
    client: &Client,
    request: http::Request<Vec<u8>>,
    about_secret: bool,
) -> Result<Raw, Failure> {
    let exchange = async {
        let response = client.send(request.map(Body::from)).await.map_err(|error| no_answer(&error))?;
        let code = response.status().as_u16();
        let warnings = response
            .headers()
            .get_all("warning")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .map(warning_text)
            .collect();
        let body = response.into_body().collect().await.map_err(|error| no_answer(&error))?.to_bytes();
        Ok(Raw { code, body: body.to_vec(), warnings })
    };
    let raw = tokio::time::timeout(TIME_LIMIT, exchange).await.unwrap_or_else(|_| {
        Err(Failure::without_answer(
            FailureKind::TimedOut,
            format!("the API server gave no answer in {} s", TIME_LIMIT.as_secs()),
        ))
    })?;
    if (200..300).contains(&raw.code) {
        Ok(raw)
    } else {
        Err(Failure::from_answer(raw.code, &raw.body, about_secret))
    }
}

fn no_answer(error: &dyn std::error::Error) -> Failure {
    let message = format!("no answer from the API server: {}", with_causes(error));
    Failure::without_answer(FailureKind::Unreachable, message)
}

/// The text within `299 - "…"` (RFC 7234, section 5.5).
fn warning_text(header: &str) -> String {
    header
        .split_once('"')
        .and_then(|(_, rest)| rest.rsplit_once('"'))
        .map_or(header, |(text, _)| text)
        .replace("\\\"", "\"")
}

#[cfg(test)]
mod tests {
    use super::warning_text;

    #[test]
    fn the_text_of_a_warning_is_unwrapped() {
        assert_eq!(warning_text(r#"299 - "v1 Endpoints is deprecated""#), "v1 Endpoints is deprecated");
    }
}
