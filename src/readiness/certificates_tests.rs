use serde_json::{Value, json};

use super::{acme, certificate, issuer, request};
use crate::{
    object::Object,
    readiness::{Readiness, Related, assess},
};

/// An object as cert-manager writes it, owned by the object of that uid.
fn object(kind: &str, name: &str, owner: &str, parts: Value) -> Object {
    let group =
        if ["Order", "Challenge"].contains(&kind) { "acme.cert-manager.io" } else { "cert-manager.io" };
    let mut object = json!({"apiVersion": format!("{group}/v1"), "kind": kind,
        "metadata": {"name": name, "namespace": "shop", "uid": name, "ownerReferences": [{"uid": owner}]}});
    let Value::Object(parts) = parts else { panic!("an object's parts") };
    object.as_object_mut().unwrap().extend(parts);
    Object(object)
}

fn condition(kind: &str, status: &str, reason: &str, message: &str) -> Value {
    json!({"type": kind, "status": status, "reason": reason, "message": message})
}

fn web(conditions: &[Value]) -> Object {
    object(
        "Certificate",
        "web-tls",
        "",
        json!({"spec": {"secretName": "web-tls", "dnsNames": ["app.example.com"],
        "issuerRef": {"kind": "ClusterIssuer", "name": "letsencrypt"}}, "status": {"conditions": conditions}}),
    )
}

fn waiting() -> Object {
    let words = "Issuing certificate as Secret does not exist";
    web(&[
        condition("Ready", "False", "DoesNotExist", words),
        condition("Issuing", "True", "DoesNotExist", words),
    ])
}

/// What cert-manager makes below a certificate that hangs in its challenge.
fn hanging() -> Vec<Object> {
    let pending = condition(
        "Ready",
        "False",
        "Pending",
        "Waiting on certificate issuance from order shop/web-tls-1-77: \"pending\"",
    );
    vec![
        object(
            "ClusterIssuer",
            "letsencrypt",
            "",
            json!({"status": {"conditions": [condition("Ready", "True", "ACMEAccountRegistered", "")]}}),
        ),
        object(
            "CertificateRequest",
            "web-tls-1",
            "web-tls",
            json!({"status": {"conditions": [
            condition("Approved", "True", "cert-manager.io", ""), pending]}}),
        ),
        object("Order", "web-tls-1-77", "web-tls-1", json!({"status": {"state": "pending"}})),
        object(
            "Challenge",
            "web-tls-1-77-4",
            "web-tls-1-77",
            json!({"spec": {"type": "HTTP-01", "dnsName": "app.example.com"},
            "status": {"state": "pending", "presented": true, "processing": true,
                "reason": "Waiting for HTTP-01 challenge propagation: wrong status code '404', expected '200'"}}),
        ),
    ]
}

fn judged(certificate: &Object, issuance: &[Object]) -> Readiness {
    assess(certificate, &Related { issuance, ..Related::default() })
}

#[test]
fn a_certificate_that_hangs_says_what_its_challenge_waits_for() {
    let Readiness::Progressing { reason } = judged(&waiting(), &hanging()) else { panic!("it waits") };
    assert_eq!(
        reason,
        "HTTP-01 challenge for app.example.com (for Order/web-tls-1-77, CertificateRequest/web-tls-1): \
         pending: Waiting for HTTP-01 challenge propagation: wrong status code '404', expected '200'"
    );
}

#[test]
fn without_deeper_rungs_the_next_one_up_is_told() {
    let rungs = hanging();
    let order = judged(&waiting(), &rungs[..3]);
    assert!(
        order.reason().unwrap().starts_with("Order/web-tls-1-77 (for CertificateRequest/web-tls-1): pending"),
        "{order}"
    );
    let request = judged(&waiting(), &rungs[..2]);
    assert!(
        request.reason().unwrap().starts_with("CertificateRequest/web-tls-1: Pending: Waiting on"),
        "{request}"
    );
    let alone = judged(&waiting(), &[]);
    assert_eq!(alone.reason(), Some("DoesNotExist: Issuing certificate as Secret does not exist"));
}

#[test]
fn rungs_of_another_certificate_or_an_earlier_revision_do_not_count() {
    let mut rungs = hanging();
    for rung in &mut rungs[1..2] {
        rung.0["metadata"]["ownerReferences"] = json!([{"uid": "other-tls"}]);
    }
    assert_eq!(
        judged(&waiting(), &rungs).reason(),
        Some("DoesNotExist: Issuing certificate as Secret does not exist")
    );
    let mut rungs = hanging();
    let mut newer = object(
        "CertificateRequest",
        "web-tls-2",
        "web-tls",
        json!({"status": {"conditions": [
        condition("Ready", "False", "Pending", "newer")]}}),
    );
    newer.0["metadata"]["annotations"] = json!({"cert-manager.io/certificate-revision": "10"});
    rungs[1].0["metadata"]["annotations"] = json!({"cert-manager.io/certificate-revision": "9"});
    rungs.push(newer);
    assert_eq!(judged(&waiting(), &rungs).reason(), Some("CertificateRequest/web-tls-2: Pending: newer"));
}

#[test]
fn an_issuer_that_is_not_ready_is_the_cause() {
    let mut rungs = hanging();
    rungs.truncate(2);
    rungs[0].0["status"]["conditions"][0] =
        condition("Ready", "False", "ErrRegisterACMEAccount", "Failed to register ACME account: 403");
    let readiness = judged(&waiting(), &rungs);
    let reason = readiness.reason().unwrap();
    assert!(
        reason.starts_with(
            "ClusterIssuer/letsencrypt (for CertificateRequest/web-tls-1): ErrRegisterACMEAccount"
        ),
        "{reason}"
    );
}

#[test]
fn an_order_that_is_invalid_will_not_be_valid_by_waiting() {
    let mut rungs = hanging();
    rungs[2].0["status"] = json!({"state": "invalid", "reason": "one or more challenges failed"});
    rungs[3].0["status"] = json!({"state": "invalid", "reason": "Error accepting authorization: 403 urn:ietf:params:acme:error:unauthorized"});
    let Readiness::Failed { reason } = judged(&waiting(), &rungs) else { panic!("for good") };
    assert!(reason.contains("unauthorized") && reason.contains("cmctl renew"), "{reason}");
    let failed = web(&[
        condition("Ready", "False", "DoesNotExist", ""),
        condition("Issuing", "False", "Failed", "the request failed"),
    ]);
    assert!(
        matches!(judged(&failed, &[]), Readiness::Failed { reason } if reason.contains("the request failed"))
    );
}

#[test]
fn a_valid_certificate_is_ready_and_warns_of_a_renewal_that_does_not_come() {
    let ready = condition("Ready", "True", "Ready", "Certificate is up to date and has not expired");
    assert_eq!(judged(&web(std::slice::from_ref(&ready)), &[]), Readiness::Ready);
    let failed = web(&[ready.clone(), condition("Issuing", "False", "Failed", "rate limited")]);
    assert!(
        matches!(judged(&failed, &[]), Readiness::ReadyWithWarning { warning } if warning.contains("rate limited"))
    );
    let renewing = web(&[ready, condition("Issuing", "True", "Renewing", "")]);
    assert!(
        matches!(judged(&renewing, &hanging()), Readiness::ReadyWithWarning { warning } if warning.contains("404"))
    );
}

#[test]
fn what_cert_manager_has_not_seen_is_not_ready() {
    assert!(!certificate(&web(&[]), &Related::default()).is_ready());
    let mut changed = web(&[json!({"type": "Ready", "status": "True", "observedGeneration": 1})]);
    changed.0["metadata"]["generation"] = json!(2);
    assert!(judged(&changed, &[]).reason().is_some_and(|reason| reason.contains("generation 2")));
    let issuer_of =
        |conditions: Value| object("Issuer", "ca", "", json!({"status": {"conditions": conditions}}));
    assert!(!issuer(&issuer_of(json!([]))).is_ready());
    assert_eq!(
        issuer(&issuer_of(json!([condition("Ready", "True", "KeyPairVerified", "")]))),
        Readiness::Ready
    );
}

#[test]
fn requests_orders_and_challenges_tell_for_good_from_not_yet() {
    let request_of =
        |one: Value| object("CertificateRequest", "a", "", json!({"status": {"conditions": [one]}}));
    assert_eq!(request(&request_of(condition("Ready", "True", "Issued", ""))), Readiness::Ready);
    for refused in [
        condition("Denied", "True", "policy", "no"),
        condition("InvalidRequest", "True", "bad", "no"),
        condition("Ready", "False", "Failed", "no"),
    ] {
        assert!(matches!(request(&request_of(refused)), Readiness::Failed { .. }));
    }
    for (state, wanted) in [
        ("", "progressing: not begun yet"),
        ("pending", "progressing: pending"),
        ("valid", "ready"),
        ("expired", "failed: expired"),
    ] {
        assert_eq!(acme(&object("Order", "a", "", json!({"status": {"state": state}}))).to_string(), wanted);
    }
}
