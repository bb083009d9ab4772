//! Why an image is not to be had, in words.

use std::fmt;

use oci_client::errors::{OciDistributionError as Error, OciErrorCode as Code};
use serde::Serialize;

use crate::words::in_full;

/// Why an image is not to be had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// Which sort.
    pub sort: RefusalSort,
    /// In a sentence.
    pub reason: String,
    /// What to do.
    pub remedy: String,
}

/// Sorts of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalSort {
    /// There is no such tag, or no such repository.
    Absent,
    /// It is not for whoever asked, or they are not known.
    NotAllowed,
    /// Too many questions.
    RateLimited,
    /// Nobody answers there.
    Unreachable,
    /// Its certificate is not trusted.
    Tls,
    /// It took too long.
    TimedOut,
    /// It is no image's name.
    NoName,
    /// Anything else.
    Strange,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl Refusal {
    pub(super) fn new(sort: RefusalSort, reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { sort, reason: reason.into(), remedy: remedy.into() }
    }

    /// What a registry's answer comes to; `who`: as whom it was asked.
    pub(super) fn of(error: &Error, registry: &str, who: &str) -> Self {
        let login = format!("docker login {registry}");
        match sort(error) {
            RefusalSort::Absent => Self::new(
                RefusalSort::Absent,
                format!("{registry} has no such tag, or no such repository"),
                "push it, or correct the image's name or tag in the overlay",
            ),
            RefusalSort::NotAllowed => Self::new(
                RefusalSort::NotAllowed,
                format!("{registry} does not give it to whoever asked ({who}), or has no such repository"),
                format!("log in with a user who may read it: {login}"),
            ),
            RefusalSort::RateLimited => Self::new(
                RefusalSort::RateLimited,
                format!("{registry} has been asked too often and answers no more for now"),
                format!("wait a while; who has logged in may ask more often: {login}"),
            ),
            RefusalSort::Tls => Self::new(
                RefusalSort::Tls,
                format!("no connection to {registry} that is safe: {}", innermost(error)),
                "name the authority's certificate in SSL_CERT_FILE, or add it to the system's; only a registry on \
                 this machine is spoken to without TLS",
            ),
            RefusalSort::TimedOut => Self::timed_out(registry),
            RefusalSort::Unreachable => Self::new(
                RefusalSort::Unreachable,
                format!("{registry} cannot be reached: {}", innermost(error)),
                "check the network, the VPN and the registry's name, then ask again",
            ),
            sort => Self::new(
                sort,
                format!("{registry} has not answered as a registry does: {}", in_full(error)),
                "see what answers under that name; then ask again",
            ),
        }
    }

    pub(super) fn timed_out(registry: &str) -> Self {
        Self::new(
            RefusalSort::TimedOut,
            format!("{registry} has not answered in time"),
            "check the network, then ask again",
        )
    }
}

fn sort(error: &Error) -> RefusalSort {
    match error {
        Error::ImageManifestNotFoundError(_) => RefusalSort::Absent,
        Error::AuthenticationFailure(said) if said.to_uppercase().contains("TOOMANYREQUESTS") => {
            RefusalSort::RateLimited
        }
        Error::AuthenticationFailure(_) | Error::UnauthorizedError { .. } => RefusalSort::NotAllowed,
        Error::RegistryError { envelope, .. } => {
            let codes = || envelope.errors.iter().map(|one| &one.code);
            if codes().any(|code| *code == Code::Toomanyrequests) {
                RefusalSort::RateLimited
            } else if codes().any(|code| matches!(code, Code::Unauthorized | Code::Denied)) {
                RefusalSort::NotAllowed
            } else if codes().any(is_absent) {
                RefusalSort::Absent
            } else {
                RefusalSort::Strange
            }
        }
        Error::ServerError { code, .. } => match code {
            401 | 403 => RefusalSort::NotAllowed,
            404 => RefusalSort::Absent,
            429 => RefusalSort::RateLimited,
            _ => RefusalSort::Strange,
        },
        Error::RequestError(error) if error.is_timeout() => RefusalSort::TimedOut,
        Error::RequestError(error) if error.is_connect() || error.is_request() => {
            if is_about_tls(error) {
                RefusalSort::Tls
            } else {
                RefusalSort::Unreachable
            }
        }
        _ => RefusalSort::Strange,
    }
}

fn is_absent(code: &Code) -> bool {
    matches!(code, Code::ManifestUnknown | Code::NameUnknown | Code::NotFound | Code::NameInvalid)
}

/// Is a certificate, or what was agreed on, the cause?
fn is_about_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    causes(error).any(|cause| {
        let wrapped = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        cause.downcast_ref::<rustls::Error>().is_some() || wrapped.is_some_and(|inner| is_about_tls(inner))
    })
}

fn causes<'e>(
    error: &'e (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'e (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

/// The first cause of all: what is around it names the URL once more.
fn innermost(error: &Error) -> String {
    causes(error).last().map_or_else(String::new, ToString::to_string)
}
