//! Why a call to the API server did not come through.

use std::fmt;

use serde_json::Value;
use thiserror::Error;

use crate::{diff::Problem, object::Key};

/// A call that failed. Its message is the API server's own, except about Secrets, whose values the API
/// server quotes: there it is reason and field only.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Failure {
    /// What sort.
    pub kind: FailureKind,
    /// HTTP status code; `None` when there was no answer.
    pub code: Option<u16>,
    /// In words.
    pub message: String,
    /// Field by field, where the API server says so.
    pub causes: Vec<Cause>,
}

/// One cause within a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// As in `FieldManagerConflict`, `FieldValueInvalid`.
    pub reason: String,
    /// As in `.spec.replicas`.
    pub field: String,
    /// In words; for a conflict `conflict with "NAME"…`.
    pub message: String,
}

impl Cause {
    /// Whose field it is, in a conflict.
    #[must_use]
    pub fn manager(&self) -> Option<&str> {
        self.message.split('"').nth(1)
    }

    /// The field without the dot before it.
    #[must_use]
    pub fn path(&self) -> &str {
        self.field.trim_start_matches('.')
    }
}

/// Sorts of failure that are dealt with differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// 404 about the object, its namespace or its kind.
    NotFound,
    /// 404 about the namespace that the object is in.
    NamespaceNotFound,
    /// The cluster does not serve the kind.
    KindNotServed,
    /// 409: another version of the object is live, or another uid.
    Conflict,
    /// 409: other field managers own fields of it.
    FieldConflict,
    /// 409 or 403: the namespace is being deleted.
    NamespaceTerminating,
    /// 401.
    Unauthorized,
    /// 403.
    Forbidden,
    /// 422, 400, and the 500 that server-side apply answers to a schema error: ours to mend.
    Invalid,
    /// 429, 503, 504: try again later. Nothing was done.
    Overloaded,
    /// No answer: a refused or dropped connection, TLS, DNS. A write may or may not have been done.
    Unreachable,
    /// No answer in time. A write may or may not have been done.
    TimedOut,
    /// Anything else.
    Other,
}

impl Failure {
    /// A failure without an answer.
    #[must_use]
    pub fn without_answer(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, code: None, message: message.into(), causes: Vec::new() }
    }

    /// From the status code and the `Status` object of an answer.
    #[must_use]
    pub(super) fn from_answer(code: u16, body: &[u8], about_secret: bool) -> Self {
        let status: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |path: &str| status.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut message = text("/message");
        let reason = text("/reason");
        if message.is_empty() {
            message = String::from_utf8_lossy(body).chars().take(300).collect();
        }
        let mut causes: Vec<Cause> = status
            .pointer("/details/causes")
            .and_then(Value::as_array)
            .map(|causes| causes.iter().map(cause).collect())
            .unwrap_or_default();
        let kind = classify(code, &reason, &message, &text("/details/kind"), &causes);
        if about_secret && !matches!(kind, FailureKind::Forbidden | FailureKind::NotFound) {
            let fields: Vec<&str> = causes.iter().map(|cause| cause.field.as_str()).collect();
            let place = if fields.is_empty() { String::new() } else { format!(" ({})", fields.join(", ")) };
            let reason = if reason.is_empty() { "refused" } else { &reason };
            message = format!(
                "{reason}, status {code}{place}; the API server's words are withheld: they may quote values"
            );
            if kind != FailureKind::FieldConflict {
                for cause in &mut causes {
                    "withheld".clone_into(&mut cause.message);
                }
            }
        }
        Self { kind, code: Some(code), message, causes }
    }

    /// May the same call be made again at once, because nothing can have been done?
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.kind == FailureKind::Overloaded
    }

    /// Is it unknown whether a write was done?
    #[must_use]
    pub fn leaves_outcome_unknown(&self) -> bool {
        matches!(self.kind, FailureKind::Unreachable | FailureKind::TimedOut)
            || matches!(self.code, Some(code) if code >= 500) && self.kind == FailureKind::Other
    }

    /// As a problem with an object, with what to do about it.
    #[must_use]
    pub fn problem(&self, key: &Key) -> Problem {
        let fields: Vec<String> = self
            .causes
            .iter()
            .filter(|cause| !cause.field.is_empty())
            .map(|cause| cause.field.clone())
            .collect();
        let subject =
            if fields.is_empty() { key.to_string() } else { format!("{key} {}", fields.join(", ")) };
        Problem::new(subject, self.message.clone(), self.remedy())
    }

    /// What to do next: not every 403 is about a right.
    fn remedy(&self) -> &'static str {
        match self.kind {
            FailureKind::Forbidden if self.message.contains("exceeded quota") => {
                "raise the quota, or ask for less: fewer objects, lower requests and limits"
            }
            FailureKind::Forbidden if !self.message.contains(" cannot ") => {
                "a rule of the cluster refuses it as it is: change what it names, or have the rule changed"
            }
            kind => kind.remedy(),
        }
    }
}

impl FailureKind {
    /// What to do next.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::NotFound => "check that it still exists, then look at the changes again",
            Self::NamespaceNotFound => "apply the step that creates the namespace first",
            Self::KindNotServed => "install what brings this kind (its CRD) first",
            Self::Conflict => "someone changed it in the meantime: look at the changes again",
            Self::FieldConflict => {
                "another field manager owns these fields: look at the changes again to adopt them, or leave them out"
            }
            Self::NamespaceTerminating => {
                "wait until the namespace is gone, then look at the changes again (kubectl get namespace shows what holds it)"
            }
            Self::Unauthorized => {
                "log in again: the credentials in the kubeconfig were refused or have expired"
            }
            Self::Forbidden => "ask for this right, or use an identity that has it (--context, --as)",
            Self::Invalid => "mend the manifest and look at the changes again",
            Self::Overloaded => "the API server is busy: try again in a moment",
            Self::Unreachable | Self::TimedOut => {
                "check the network and VPN, then try again; a step that this stopped is resumed, and compared with the cluster first"
            }
            Self::Other => "read the API server's words above; the log has the details",
        }
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

fn cause(value: &Value) -> Cause {
    let text = |field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    Cause { reason: text("reason"), field: text("field"), message: text("message") }
}

fn classify(code: u16, reason: &str, message: &str, details_kind: &str, causes: &[Cause]) -> FailureKind {
    let being_terminated = causes.iter().any(|cause| cause.reason == "NamespaceTerminating")
        || message.contains("because it is being terminated");
    match code {
        401 => FailureKind::Unauthorized,
        403 | 409 if being_terminated => FailureKind::NamespaceTerminating,
        403 => FailureKind::Forbidden,
        404 if details_kind == "namespaces" => FailureKind::NamespaceNotFound,
        404 if reason.is_empty() || message.contains("could not find the requested resource") => {
            FailureKind::KindNotServed
        }
        404 => FailureKind::NotFound,
        409 if causes.iter().any(|cause| cause.reason == "FieldManagerConflict") => {
            FailureKind::FieldConflict
        }
        409 => FailureKind::Conflict,
        400 | 413 | 422 => FailureKind::Invalid,
        // Server-side apply answers a schema error with 500 and no reason (seen on 1.36.3).
        500 if reason.is_empty() => FailureKind::Invalid,
        429 | 503 | 504 => FailureKind::Overloaded,
        _ => FailureKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::{Failure, FailureKind};

    fn failure(code: u16, body: &str, about_secret: bool) -> Failure {
        Failure::from_answer(code, body.as_bytes(), about_secret)
    }

    #[test]
    fn a_schema_error_of_an_apply_is_the_operators() {
        let body = r#"{"message":"failed to create typed patch object (…): .spec.bogus: field not declared in schema","code":500}"#;
        assert_eq!(failure(500, body, false).kind, FailureKind::Invalid);
    }

    #[test]
    fn a_field_conflict_names_field_and_manager() {
        let body = r#"{"reason":"Conflict","message":"Apply failed with 1 conflict","details":{"causes":[
            {"reason":"FieldManagerConflict","field":".spec.replicas","message":"conflict with \"hpa\""}]}}"#;
        let failure = failure(409, body, false);
        assert_eq!(failure.kind, FailureKind::FieldConflict);
        assert_eq!(failure.causes.first().map(|cause| cause.field.as_str()), Some(".spec.replicas"));
    }

    #[test]
    fn words_about_a_secret_are_withheld() {
        let body = r#"{"message":".data.p: expected string, got {\"x\":\"CANARY\"}","code":500}"#;
        let failure = failure(500, body, true);
        assert!(!failure.message.contains("CANARY"), "{}", failure.message);
    }

    #[test]
    fn a_terminating_namespace_is_told_from_a_missing_right() {
        let body = r#"{"reason":"Forbidden","message":"unable to create new content in namespace a because it is being terminated",
            "details":{"causes":[{"reason":"NamespaceTerminating","field":"metadata.namespace","message":"…"}]}}"#;
        assert_eq!(failure(403, body, false).kind, FailureKind::NamespaceTerminating);
        assert_eq!(
            failure(403, r#"{"reason":"Forbidden","message":"no"}"#, false).kind,
            FailureKind::Forbidden
        );
    }
}
