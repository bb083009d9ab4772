//! cert-manager's kinds, and why a certificate hangs: the ladder Certificate → CertificateRequest → Order →
//! Challenge, the deepest cause first.

use super::{
    Readiness, Related,
    fields::{Condition, count, short, text},
};
use crate::object::Object;

/// Order and Challenge states that are for good (acme.cert-manager.io/v1).
const OVER: [&str; 3] = ["invalid", "expired", "errored"];

/// A Certificate goes by Ready. One that is valid and whose renewal failed stays ready with a warning;
/// one that is not is explained by what was found below it.
pub(super) fn certificate(object: &Object, related: &Related<'_>) -> Readiness {
    let Some(ready) = Condition::of(object, "Ready") else {
        return Readiness::progressing("cert-manager has not looked at it yet");
    };
    if let Some(unseen) = unseen(object, ready) {
        return unseen;
    }
    let issuing = Condition::of(object, "Issuing");
    let has_failed = issuing.is_some_and(|issuing| issuing.is_false() && issuing.reason() == "Failed");
    let is_issuing = issuing.is_some_and(Condition::is_true);
    let below = ladder(object, related);
    match (ready.is_true(), below) {
        (true, _) if has_failed => {
            let words = issuing.map(Condition::words).unwrap_or_default();
            Readiness::warning(format!("it is valid, but renewing it failed: {words}"))
        }
        (true, Some(below)) if is_issuing => {
            Readiness::warning(format!("it is valid; its renewal waits: {}", below.text))
        }
        (true, _) => Readiness::Ready,
        (false, Some(below)) if below.is_over || has_failed => Readiness::failed(again(&below.text)),
        (false, Some(below)) => Readiness::progressing(below.text),
        (false, None) if has_failed => {
            Readiness::failed(again(&issuing.map(Condition::words).unwrap_or_default()))
        }
        (false, None) => Readiness::progressing(ready.words()),
    }
}

/// cert-manager waits an hour after a failure, and longer after each further one.
fn again(reason: &str) -> String {
    format!(
        "{reason}; cert-manager tries again in an hour at the soonest, `cmctl renew` makes it try at once"
    )
}

/// A CertificateRequest: denied, refused or failed is for good.
pub(super) fn request(object: &Object) -> Readiness {
    for refusal in ["Denied", "InvalidRequest"] {
        if let Some(found) = Condition::of(object, refusal).filter(|found| found.is_true()) {
            return Readiness::failed(found.words());
        }
    }
    match Condition::of(object, "Ready") {
        Some(ready) if ready.is_true() => Readiness::Ready,
        Some(ready) if ["Failed", "Denied"].contains(&ready.reason()) => Readiness::failed(ready.words()),
        Some(ready) => Readiness::progressing(ready.words()),
        None => Readiness::progressing("its issuer has not looked at it yet"),
    }
}

/// An Order or a Challenge goes by its state.
pub(super) fn acme(object: &Object) -> Readiness {
    let state = object.text(&["status", "state"]).unwrap_or_default();
    let reason = short(object.text(&["status", "reason"]).unwrap_or_default());
    let said = match (state, reason.as_str()) {
        ("", "") => "not begun yet".to_owned(),
        ("", reason) => reason.to_owned(),
        (state, "") => state.to_owned(),
        (state, reason) => format!("{state}: {reason}"),
    };
    match state {
        "valid" => Readiness::Ready,
        state if OVER.contains(&state) => Readiness::failed(said),
        _ => Readiness::progressing(said),
    }
}

/// An Issuer or ClusterIssuer goes by Ready, which it always gets.
pub(super) fn issuer(object: &Object) -> Readiness {
    match Condition::of(object, "Ready") {
        Some(ready) => match unseen(object, ready) {
            Some(unseen) => unseen,
            None if ready.is_true() => Readiness::Ready,
            None => Readiness::progressing(ready.words()),
        },
        None => Readiness::progressing("cert-manager has not looked at it yet"),
    }
}

/// cert-manager notes the generation in each condition.
fn unseen(object: &Object, condition: Condition<'_>) -> Option<Readiness> {
    let wanted = count(object, &["metadata", "generation"])?;
    (condition.generation()? < wanted)
        .then(|| Readiness::progressing(format!("cert-manager has not seen generation {wanted} yet")))
}

struct Below {
    text: String,
    is_over: bool,
}

/// What the deepest rung below a certificate that is not well says, with the rungs above it.
fn ladder(certificate: &Object, related: &Related<'_>) -> Option<Below> {
    let of_kind = |kind: &'static str| related.issuance.iter().filter(move |object| object.kind() == kind);
    let request = of_kind("CertificateRequest")
        .filter(|request| is_owned(request, certificate))
        .max_by_key(|request| (revision(request), request.text(&["metadata", "creationTimestamp"])));
    let order = request.and_then(|request| of_kind("Order").find(|order| is_owned(order, request)));
    let challenges = of_kind("Challenge").filter(|one| order.is_some_and(|order| is_owned(one, order)));
    let challenge = challenges
        .map(|challenge| (challenge, acme(challenge)))
        .filter(|(_, readiness)| !readiness.is_ready())
        .max_by_key(|(_, readiness)| matches!(readiness, Readiness::Failed { .. }));
    let issuer = related.issuance.iter().find(|object| is_issuer_of(object, certificate));
    let rungs = [
        challenge.map(|(challenge, readiness)| (challenge_name(challenge), readiness)),
        order.map(|order| (name(order), acme(order))),
        issuer.map(|issuer| (name(issuer), self::issuer(issuer))),
        request.map(|request| (name(request), self::request(request))),
    ];
    let mut wrong = rungs.into_iter().flatten().filter(|(_, readiness)| !readiness.is_ready());
    let (subject, deepest) = wrong.next()?;
    let above: Vec<(String, Readiness)> = wrong.collect();
    let is_over = std::iter::once(&deepest)
        .chain(above.iter().map(|(_, one)| one))
        .any(|one| matches!(one, Readiness::Failed { .. }));
    let names: Vec<String> = above.into_iter().map(|(name, _)| name).collect();
    let by = if names.is_empty() { String::new() } else { format!(" (for {})", names.join(", ")) };
    let reason = deepest.reason().unwrap_or_default();
    Some(Below { text: format!("{subject}{by}: {reason}"), is_over })
}

fn name(object: &Object) -> String {
    format!("{}/{}", object.kind(), object.name())
}

/// A Challenge's own name is a hash: what it is about says more.
fn challenge_name(challenge: &Object) -> String {
    let kind = challenge.text(&["spec", "type"]).unwrap_or("ACME");
    format!("{kind} challenge for {}", challenge.text(&["spec", "dnsName"]).unwrap_or("?"))
}

fn revision(request: &Object) -> u64 {
    request
        .text(&["metadata", "annotations", "cert-manager.io/certificate-revision"])
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}

/// Does it belong to the owner? By uid, which a restored backup of both keeps in step.
fn is_owned(object: &Object, owner: &Object) -> bool {
    let owners = object.at(&["metadata", "ownerReferences"]).and_then(serde_json::Value::as_array);
    owners.into_iter().flatten().any(|one| owner.uid().is_some_and(|uid| text(one, "uid") == uid))
}

fn is_issuer_of(object: &Object, certificate: &Object) -> bool {
    let reference = |field| certificate.text(&["spec", "issuerRef", field]);
    object.group() == "cert-manager.io"
        && reference("kind").unwrap_or("Issuer") == object.kind()
        && reference("name") == Some(object.name())
}

#[cfg(test)]
#[path = "certificates_tests.rs"]
mod tests;
