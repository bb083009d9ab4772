//! For which hosts, and until when, a certificate holds.

use jiff::Timestamp;
use serde_json::Value;

use super::fields::list;
use crate::object::Object;

/// How near its end a certificate without a time of renewal is when that is told.
const NEAR: jiff::SignedDuration = jiff::SignedDuration::from_hours(14 * 24);

/// How late its renewal may be before that is told.
const LATE: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);

/// Until when a certificate holds (cert-manager.io/v1, status).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// Its end.
    pub not_after: Timestamp,
    /// When cert-manager renews it.
    pub renewal: Option<Timestamp>,
}

impl Validity {
    /// Of an issued Certificate.
    #[must_use]
    pub fn of(certificate: &Object) -> Option<Self> {
        let at = |field| certificate.text(&["status", field])?.parse().ok();
        Some(Self { not_after: at("notAfter")?, renewal: at("renewalTime") })
    }

    /// Is it over?
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.not_after <= now
    }

    /// What a person should know: that it is over, that its renewal is late, or that its end is near where
    /// nobody renews it.
    #[must_use]
    pub fn warning(&self, now: Timestamp) -> Option<String> {
        let end = day(self.not_after);
        if self.is_over(now) {
            return Some(format!("it ended on {end}"));
        }
        match self.renewal {
            Some(renewal) if now.duration_since(renewal) > LATE => {
                Some(format!("it ends on {end} and should have been renewed on {}", day(renewal)))
            }
            Some(_) => None,
            None => (self.not_after.duration_since(now) < NEAR).then(|| format!("it ends on {end}")),
        }
    }
}

/// The day, as in `2027-02-01` (UTC).
#[must_use]
pub fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// The hosts that an Ingress wants TLS for with a certificate's Secret, and that the certificate does not
/// name. None when the Ingress uses another Secret.
#[must_use]
pub fn uncovered(certificate: &Object, ingress: &Object) -> Vec<String> {
    let secret = certificate.text(&["spec", "secretName"]).unwrap_or_default();
    let hosts = list(ingress, &["spec", "tls"])
        .iter()
        .filter(|tls| !secret.is_empty() && tls.get("secretName").and_then(Value::as_str) == Some(secret))
        .flat_map(|tls| tls.get("hosts").and_then(Value::as_array).into_iter().flatten())
        .filter_map(Value::as_str);
    let mut missing = unnamed(certificate, hosts);
    missing.dedup();
    missing
}

/// Which of the hosts a certificate does not name.
pub fn unnamed(certificate: &Object, hosts: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<String> {
    let names: Vec<&str> =
        list(certificate, &["spec", "dnsNames"]).iter().filter_map(Value::as_str).collect();
    let hosts = hosts.into_iter().filter(|host| !names.iter().any(|name| covers(name, host.as_ref())));
    hosts.map(|host| host.as_ref().to_owned()).collect()
}

/// RFC 6125, 6.4.3: a wildcard stands for one whole label, the first.
fn covers(name: &str, host: &str) -> bool {
    let (name, host) = (name.to_lowercase(), host.to_lowercase());
    match name.strip_prefix("*.") {
        Some(parent) => host.split_once('.').is_some_and(|(first, rest)| !first.is_empty() && rest == parent),
        None => name == host,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::{Validity, covers, uncovered};
    use crate::object::Object;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_certificate_warns_when_its_renewal_is_late_and_not_before() {
        let object = Object(
            json!({"status": {"notAfter": "2027-02-01T10:00:00Z", "renewalTime": "2027-01-02T10:00:00Z"}}),
        );
        let validity = Validity::of(&object).unwrap();
        assert_eq!(validity.warning(at("2026-12-31T00:00:00Z")), None);
        assert_eq!(validity.warning(at("2027-01-02T10:30:00Z")), None);
        let late = validity.warning(at("2027-01-03T00:00:00Z")).unwrap();
        assert_eq!(late, "it ends on 2027-02-01 and should have been renewed on 2027-01-02");
        assert_eq!(validity.warning(at("2027-02-01T10:00:00Z")).as_deref(), Some("it ended on 2027-02-01"));
        let unrenewed = Validity { renewal: None, ..validity };
        assert_eq!(unrenewed.warning(at("2027-01-17T00:00:00Z")), None);
        assert_eq!(unrenewed.warning(at("2027-01-19T00:00:00Z")).as_deref(), Some("it ends on 2027-02-01"));
        assert_eq!(Validity::of(&Object(json!({"status": {}}))), None);
    }

    #[test]
    fn hosts_that_no_name_of_the_certificate_covers_are_found() {
        let certificate = Object(
            json!({"spec": {"secretName": "web-tls", "dnsNames": ["app.example.com", "*.shop.example.com"]}}),
        );
        let ingress = |secret: &str| {
            Object(json!({"spec": {"tls": [{"secretName": secret, "hosts":
            ["App.example.com", "a.shop.example.com", "shop.example.com", "a.b.shop.example.com"]}]}}))
        };
        assert_eq!(
            uncovered(&certificate, &ingress("web-tls")),
            ["shop.example.com", "a.b.shop.example.com"]
        );
        assert!(uncovered(&certificate, &ingress("other-tls")).is_empty());
        assert!(covers("*.example.com", "a.example.com") && !covers("*.example.com", ".example.com"));
    }
}
