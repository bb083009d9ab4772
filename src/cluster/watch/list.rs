//! Lists a kind, page by page.

use std::time::Duration;

use kube::{Api, Client, api::ListParams, core::ObjectList};

use super::kinds::{Watched, name_of};
use crate::observed::{Name, Observation};

/// Objects a page. Pages are compressed on the wire, which a streamed list never is.
const PAGE: u32 = 500;

/// How long one page may take.
const TIME_LIMIT: Duration = Duration::from_secs(20);

/// A whole list, as news.
pub(super) struct Listing {
    /// The rows, then `Listed` with all their names.
    pub(super) news: Vec<Observation>,
    /// Where a watch goes on from.
    pub(super) resource_version: String,
}

/// Why a kind could not be listed or watched.
#[derive(Debug)]
pub(super) enum Refusal {
    /// 403, in the API server's words.
    Forbidden(String),
    /// The cluster does not serve the kind.
    Absent,
    /// 410: the page's or the watch's place in history is gone.
    Expired,
    /// Anything else, in words.
    Other(String),
}

/// Lists all objects of a kind in a namespace.
pub(super) async fn list<K: Watched>(client: &Client, namespace: &str) -> Result<Listing, Refusal> {
    let api: Api<K> = Api::namespaced(client.clone(), namespace);
    let mut names: Vec<Name> = Vec::new();
    let mut news = Vec::new();
    let mut parameters = ListParams::default().limit(PAGE);
    loop {
        let page: ObjectList<K> = match tokio::time::timeout(TIME_LIMIT, api.list(&parameters)).await {
            Ok(answer) => answer.map_err(|error| refusal(&error))?,
            Err(_) => return Err(Refusal::Other(format!("no answer in {} s", TIME_LIMIT.as_secs()))),
        };
        for object in page.items {
            let name = name_of(object.meta());
            names.push(name.clone());
            news.push(object.seen(name));
        }
        match page.metadata.continue_ {
            Some(token) if !token.is_empty() => parameters.continue_token = Some(token),
            _ => {
                news.push(Observation::Listed { kind: K::KIND, names });
                let resource_version = page.metadata.resource_version.unwrap_or_default();
                return Ok(Listing { news, resource_version });
            }
        }
    }
}

/// Sorts a client's error.
pub(super) fn refusal(error: &kube::Error) -> Refusal {
    match error {
        kube::Error::Api(status) => sorted(status.code, &status.reason, &status.message),
        // The whole body of what could not be decoded is in this error's text: it stays out.
        kube::Error::SerdeError(error) => Refusal::Other(format!(
            "an answer could not be read (line {}, column {})",
            error.line(),
            error.column()
        )),
        other => Refusal::Other(innermost(other)),
    }
}

/// Sorts the status of an answer or of an `ERROR` event.
pub(super) fn sorted(code: u16, reason: &str, message: &str) -> Refusal {
    match code {
        403 => Refusal::Forbidden(message.to_owned()),
        404 => Refusal::Absent,
        410 => Refusal::Expired,
        401 => Refusal::Other("the credentials were refused or have expired (401)".to_owned()),
        _ if message.is_empty() => Refusal::Other(format!("{reason} ({code})")),
        _ => Refusal::Other(format!("{message} ({code})")),
    }
}

/// The innermost cause says it best: the outer ones only say that a service or client failed.
pub(super) fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let text = cause.to_string();
    if text.len() < 4 { error.to_string() } else { text }
}
