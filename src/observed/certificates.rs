//! Certificates with their ladder, and what they mean for an Ingress.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{IngressRow, Name, Observed};
use crate::{
    object::Object,
    readiness::{Readiness, Related, Validity, assess, day},
};

/// A cert-manager Certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CertificateRow {
    /// The Secret that it is kept in.
    pub secret: String,
    /// The hosts that it names.
    pub hosts: Vec<String>,
    /// Its end, once issued.
    pub not_after: Option<Timestamp>,
    /// When cert-manager renews it.
    pub renewal: Option<Timestamp>,
    /// Where it stands; the reason is the deepest that was found below it.
    pub readiness: Readiness,
}

impl CertificateRow {
    /// What a person should know now, when it is not (quite) well.
    #[must_use]
    pub fn problem(&self, now: Timestamp) -> Option<String> {
        let validity = self.not_after.map(|not_after| Validity { not_after, renewal: self.renewal });
        let late = validity.and_then(|validity| validity.warning(now));
        self.readiness.reason().map(str::to_owned).or(late)
    }

    /// As in `TLS until 2027-02-01`, or `TLS: HTTP-01 challenge for …`; and whether that is well.
    #[must_use]
    pub fn words(&self, now: Timestamp) -> (bool, String) {
        match (self.problem(now), self.not_after) {
            (Some(problem), _) => (false, format!("TLS: {problem}")),
            (None, Some(not_after)) => (true, format!("TLS until {}", day(not_after))),
            (None, None) => (true, "TLS".to_owned()),
        }
    }
}

impl Observed {
    pub(super) fn issuance_seen(&mut self, kind: &'static str, name: Name, object: Option<Object>) {
        match object {
            Some(object) => self.issuance.insert((kind, name), object),
            None => self.issuance.remove(&(kind, name)),
        };
        self.judge_certificates();
    }

    /// A rung that has come or gone changes what the certificate above it says.
    pub(super) fn judge_certificates(&mut self) {
        let issuance: Vec<Object> = self.issuance.values().cloned().collect();
        let related = Related { issuance: &issuance, ..Related::default() };
        self.certificates.rows = self
            .issuance
            .iter()
            .filter(|((kind, _), _)| *kind == "Certificate")
            .map(|((_, name), object)| (name.clone(), row(object, &related)))
            .collect();
    }

    /// The certificate that an Ingress uses: the one that is kept in a Secret that it names. Of several, the
    /// first that is not well.
    #[must_use]
    pub fn certificate_of(
        &self,
        name: &Name,
        ingress: &IngressRow,
        now: Timestamp,
    ) -> Option<&CertificateRow> {
        let used = self.certificates.rows.iter().filter(|(certificate, row)| {
            certificate.namespace == name.namespace && ingress.tls_secrets.contains(&row.secret)
        });
        used.map(|(_, row)| row).min_by_key(|row| row.problem(now).is_none())
    }
}

fn row(certificate: &Object, related: &Related<'_>) -> CertificateRow {
    let validity = Validity::of(certificate);
    let hosts = certificate.at(&["spec", "dnsNames"]).and_then(serde_json::Value::as_array);
    CertificateRow {
        secret: certificate.text(&["spec", "secretName"]).unwrap_or_default().to_owned(),
        hosts: hosts.into_iter().flatten().filter_map(|host| host.as_str().map(str::to_owned)).collect(),
        not_after: validity.map(|validity| validity.not_after),
        renewal: validity.and_then(|validity| validity.renewal),
        readiness: assess(certificate, related),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::{
        object::Object,
        observed::{IngressRow, Name, Observation, Observed},
    };

    fn name(name: &str) -> Name {
        Name { namespace: "shop".into(), name: name.into() }
    }

    fn certificate(ready: &str) -> Observation {
        let status: Value = json!({"conditions": [{"type": "Ready", "status": ready, "reason": "Pending"}],
            "notAfter": "2027-02-01T10:00:00Z", "renewalTime": "2027-01-02T10:00:00Z"});
        let object = Object(json!({"apiVersion": "cert-manager.io/v1", "kind": "Certificate",
            "metadata": {"name": "web-tls", "uid": "c"},
            "spec": {"secretName": "web-tls", "dnsNames": ["app.example.com"]}, "status": status}));
        Observation::Issuance("Certificate", name("web-tls"), Some(object))
    }

    fn rung(kind: &'static str, group: &str, owner: &str, parts: &Value) -> Observation {
        let object = Object(json!({"apiVersion": format!("{group}/v1"), "kind": kind,
            "metadata": {"name": kind, "uid": kind, "ownerReferences": [{"uid": owner}]},
            "spec": parts, "status": parts}));
        Observation::Issuance(kind, name(kind), Some(object))
    }

    #[test]
    fn an_ingress_knows_what_its_certificate_waits_for_and_until_when_it_holds() {
        let ingress = IngressRow {
            hosts: vec!["app.example.com".into()],
            class: None,
            addresses: Vec::new(),
            tls_hosts: vec!["app.example.com".into()],
            tls_secrets: vec!["web-tls".into()],
        };
        let now = "2026-12-01T00:00:00Z".parse().unwrap();
        let mut observed = Observed::default();
        let words = |observed: &Observed| {
            observed.certificate_of(&name("web"), &ingress, now).map(|row| row.words(now))
        };
        assert_eq!(words(&observed), None);
        observed.fold_all([
            rung("Challenge", "acme.cert-manager.io", "Order", &json!({"state": "pending", "reason": "404", "type": "HTTP-01", "dnsName": "app.example.com"})),
            rung("Order", "acme.cert-manager.io", "CertificateRequest", &json!({"state": "pending"})),
            rung("CertificateRequest", "cert-manager.io", "c", &json!({})),
            certificate("False"),
        ]);
        let (is_well, said) = words(&observed).unwrap();
        assert!(
            !is_well
                && said.starts_with("TLS: HTTP-01 challenge for app.example.com")
                && said.ends_with("pending: 404"),
            "{said}"
        );
        observed.fold(Observation::Listed { kind: "Challenge", names: Vec::new() });
        assert!(words(&observed).unwrap().1.starts_with("TLS: Order/Order"), "{:?}", words(&observed));
        observed.fold(certificate("True"));
        assert_eq!(words(&observed), Some((true, "TLS until 2027-02-01".to_owned())));
        let late = "2027-01-20T00:00:00Z".parse().unwrap();
        let row = observed.certificate_of(&name("web"), &ingress, late).unwrap();
        assert!(row.words(late).1.contains("should have been renewed"));
        observed.fold(Observation::Issuance("Certificate", name("web-tls"), None));
        assert_eq!(words(&observed), None);
    }
}
