//! Asks whether a certificate is issued, for the right hosts, and for long enough.

use jiff::Timestamp;

use super::GateAnswer;
use crate::{
    cluster::{Reader, watch::around},
    diff::Problem,
    object::Object,
    plan::CertificateWanted,
    readiness::{ISSUE_AGAIN, Readiness, Validity, assess, day, uncovered, unnamed},
};

/// Why there is no Certificate to look at.
pub(super) async fn absent(reader: &Reader, name: &str) -> GateAnswer {
    match reader.resource("cert-manager.io/v1", "Certificate").await {
        Ok(None) => GateAnswer::not_yet("cert-manager is not installed: the cluster serves no Certificates"),
        _ => GateAnswer::not_yet(format!(
            "Certificate/{name} is not there; cert-manager makes it for an Ingress that has the annotation \
             cert-manager.io/cluster-issuer (or issuer) and names its Secret under tls"
        )),
    }
}

/// Why it is not the certificate that is wanted, however well issued it is.
pub(super) fn another(certificate: &Object, wanted: &CertificateWanted, subject: &str) -> Option<Problem> {
    let missing = unnamed(certificate, &wanted.hosts);
    let issuer = issuer_of(certificate);
    let remedy =
        "see who has made it: delete it and apply the step that makes the wanted one, or correct the plan";
    if !missing.is_empty() {
        let reason = format!(
            "Certificate/{} is for {}, not for {}",
            wanted.name,
            names_of(certificate).join(", "),
            missing.join(", ")
        );
        return Some(Problem::new(subject, reason, remedy));
    }
    let other = wanted.issuer.as_ref().filter(|wanted| issuer.as_ref() != Some(wanted))?;
    let by = issuer.unwrap_or_else(|| "no issuer".to_owned());
    let reason = format!("Certificate/{} is issued by {by}, not by {other}", wanted.name);
    Some(Problem::new(subject, reason, remedy))
}

/// What a Certificate says, with what was found below it and the Ingresses that use its Secret.
pub(super) async fn ask(
    reader: &Reader,
    certificate: &Object,
    subject: &str,
    simulated: bool,
    now: Timestamp,
) -> GateAnswer {
    let around = around(reader, certificate).await;
    let ingresses = reader
        .list("networking.k8s.io/v1", "Ingress", certificate.namespace(), None)
        .await
        .unwrap_or_default();
    judged(certificate, &assess(certificate, &around.related()), &ingresses, subject, simulated, now)
}

fn judged(
    certificate: &Object,
    readiness: &Readiness,
    ingresses: &[Object],
    subject: &str,
    simulated: bool,
    now: Timestamp,
) -> GateAnswer {
    // Names that are missing will not come by waiting, and an issuance more would be spent on them.
    for ingress in ingresses {
        let missing = uncovered(certificate, ingress);
        if !missing.is_empty() {
            return GateAnswer::Failed {
                problem: Problem::new(
                    subject,
                    format!(
                        "Ingress/{} wants it for {}, which it does not name",
                        ingress.name(),
                        missing.join(", ")
                    ),
                    "add the host to the Certificate's dnsNames, or name another Secret in the Ingress",
                ),
            };
        }
    }
    let warning = match readiness {
        Readiness::Failed { reason } => {
            return GateAnswer::Failed { problem: Problem::new(subject, reason.clone(), ISSUE_AGAIN) };
        }
        Readiness::Progressing { .. } | Readiness::Gone => {
            return GateAnswer::not_yet(readiness.reason().unwrap_or_default());
        }
        Readiness::ReadyWithWarning { warning } => Some(warning.clone()),
        Readiness::Ready => None,
    };
    let validity = Validity::of(certificate);
    if let Some(over) = validity.filter(|validity| validity.is_over(now)) {
        return GateAnswer::not_yet(over.warning(now).unwrap_or_default());
    }
    let mut detail = vec![said(certificate, validity)];
    detail.extend(warning);
    detail.extend(validity.and_then(|validity| validity.warning(now)));
    GateAnswer::Passed { detail: detail.join("; "), simulated }
}

/// As in `app.example.com until 2027-02-01, renewed from 2027-01-02, by ClusterIssuer/letsencrypt`.
fn said(certificate: &Object, validity: Option<Validity>) -> String {
    let mut said = names_of(certificate).join(", ");
    if let Some(validity) = validity {
        said = format!("{said} until {}", day(validity.not_after));
        if let Some(renewal) = validity.renewal {
            said = format!("{said}, renewed from {}", day(renewal));
        }
    }
    match issuer_of(certificate) {
        Some(issuer) => format!("{said}, by {issuer}"),
        None => said,
    }
}

fn names_of(certificate: &Object) -> Vec<&str> {
    let names = certificate.at(&["spec", "dnsNames"]).and_then(serde_json::Value::as_array);
    names.into_iter().flatten().filter_map(serde_json::Value::as_str).collect()
}

/// As in `ClusterIssuer/letsencrypt`.
fn issuer_of(certificate: &Object) -> Option<String> {
    let issuer = |field| certificate.text(&["spec", "issuerRef", field]);
    Some(format!("{}/{}", issuer("kind").unwrap_or("Issuer"), issuer("name")?))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::{Value, json};

    use super::{another, judged};
    use crate::{
        gate::{GateAnswer, test_server::not_yet},
        object::Object,
        plan::CertificateWanted,
        readiness::Readiness,
    };

    fn certificate() -> Object {
        Object(
            json!({"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": {"name": "web-tls"},
            "spec": {"secretName": "web-tls", "dnsNames": ["app.example.com"],
                "issuerRef": {"kind": "ClusterIssuer", "name": "letsencrypt"}},
            "status": {"notAfter": "2027-02-01T10:00:00Z", "renewalTime": "2027-01-02T10:00:00Z"}}),
        )
    }

    fn ingress(host: &str) -> Object {
        let tls: Value = json!([{"secretName": "web-tls", "hosts": [host]}]);
        Object(json!({"metadata": {"name": "web"}, "spec": {"tls": tls}}))
    }

    fn ask(readiness: &Readiness, host: &str, now: &str) -> GateAnswer {
        let now: Timestamp = now.parse().unwrap();
        judged(&certificate(), readiness, &[ingress(host)], "the gate", false, now)
    }

    #[test]
    fn an_issued_certificate_says_for_whom_and_until_when() {
        let passed = ask(&Readiness::Ready, "app.example.com", "2026-12-01T00:00:00Z");
        let GateAnswer::Passed { detail, .. } = passed else { panic!("{passed:?}") };
        assert_eq!(
            detail,
            "app.example.com until 2027-02-01, renewed from 2027-01-02, by ClusterIssuer/letsencrypt"
        );
        let late = ask(&Readiness::Ready, "app.example.com", "2027-01-10T00:00:00Z");
        assert!(
            matches!(&late, GateAnswer::Passed { detail, .. } if detail.contains("should have been renewed")),
            "{late:?}"
        );
        let over = ask(&Readiness::Ready, "app.example.com", "2027-03-01T00:00:00Z");
        assert_eq!(not_yet(&over), "it ended on 2027-02-01");
    }

    #[test]
    fn a_host_that_it_does_not_name_is_no_pass_however_ready_it_is() {
        let wrong = ask(&Readiness::Ready, "www.example.com", "2026-12-01T00:00:00Z");
        let GateAnswer::Failed { problem } = wrong else { panic!("{wrong:?}") };
        assert!(problem.reason.contains("Ingress/web wants it for www.example.com"), "{problem}");
    }

    #[test]
    fn another_certificate_under_the_name_is_not_the_one_that_is_wanted() {
        let wanted = |host: &str, issuer: &str| CertificateWanted {
            name: "web-tls".into(),
            hosts: vec![host.into()],
            issuer: Some(issuer.into()),
        };
        let asked = |host, issuer| another(&certificate(), &wanted(host, issuer), "the gate");
        assert_eq!(asked("app.example.com", "ClusterIssuer/letsencrypt"), None);
        let host = asked("www.example.com", "ClusterIssuer/letsencrypt").unwrap();
        assert!(host.reason.contains("is for app.example.com, not for www.example.com"), "{host}");
        let issuer = asked("app.example.com", "ClusterIssuer/staging").unwrap();
        assert!(
            issuer.reason.contains("by ClusterIssuer/letsencrypt, not by ClusterIssuer/staging"),
            "{issuer}"
        );
        assert_eq!(another(&certificate(), &CertificateWanted::default(), "the gate"), None);
    }

    #[test]
    fn what_hangs_is_told_and_what_failed_stops() {
        let hangs =
            Readiness::Progressing { reason: "HTTP-01 challenge for app.example.com: 404".to_owned() };
        assert!(not_yet(&ask(&hangs, "app.example.com", "2026-12-01T00:00:00Z")).contains("404"));
        let failed = Readiness::Failed { reason: "Order/a: invalid".to_owned() };
        let answer = ask(&failed, "app.example.com", "2026-12-01T00:00:00Z");
        assert!(
            matches!(&answer, GateAnswer::Failed { problem } if problem.remedy.contains("limits")),
            "{answer:?}"
        );
    }
}
