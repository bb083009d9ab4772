//! What others have made because of a step, and how that is known: by what the makers have written on it.
//! What cannot be traced is nobody's leftover.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::object::{FieldPath, Key, Object, managers};

const CERT_MANAGER: &str = "cert-manager.io";

/// Something that others have made because of an object of a step.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Leftover {
    /// The object.
    pub key: Key,
    /// As in `v1`.
    pub api_version: String,
    /// Its uid: another one of that name is another's.
    pub uid: String,
    /// What it was made for.
    pub cause: Key,
}

/// Was something made because of an object that it looks like it belongs to?
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// All says so.
    Holds,
    /// It may as well be someone's own: why.
    Lacks(&'static str),
}

impl Evidence {
    fn of(demands: &[(bool, &'static str)]) -> Self {
        demands.iter().find(|(holds, _)| !holds).map_or(Self::Holds, |(_, lacks)| Self::Lacks(lacks))
    }
}

/// May others make something because of an object of this kind that stays when the object goes?
#[must_use]
pub fn may_leave(key: &Key) -> bool {
    let is_custom = key.group.contains('.') && !key.group.ends_with(".k8s.io");
    is_custom
        || key.group == "gateway.networking.k8s.io"
        || key.is("apps", "StatefulSet")
        || key.is("networking.k8s.io", "Ingress")
}

/// Does a rollback with leftovers delete an object of this kind that helm leaves? Of others nobody knows who
/// would miss them.
#[must_use]
pub fn can_be_left(key: &Key) -> bool {
    key.is("apiextensions.k8s.io", "CustomResourceDefinition")
        || key.is("", "PersistentVolumeClaim")
        || key.is("", "Secret")
}

/// The owner that an object has its existence from: `apiVersion`, kind, name and uid.
#[must_use]
pub fn controller(object: &Object) -> Option<(&str, &str, &str, &str)> {
    let owners = object.at(&["metadata", "ownerReferences"])?.as_array()?;
    let owner = owners.iter().find(|owner| owner.get("controller") == Some(&Value::Bool(true)))?;
    let text = |field: &str| owner.get(field).and_then(Value::as_str);
    Some((text("apiVersion")?, text("kind")?, text("name")?, text("uid")?))
}

/// Was the one there before the other? Both times are the API server's, to the second.
#[must_use]
pub fn is_older(one: &Object, other: &Object) -> bool {
    let made = |object: &Object| object.text(&["metadata", "creationTimestamp"]).map(str::to_owned);
    made(one) < made(other)
}

/// Is the claim one that a StatefulSet's controller has made? `root` is the object of the step that the set
/// stands for, itself or what an operator made it from. `None` when it is not even called so.
#[must_use]
pub fn claim_evidence(claim: &Object, set: &Object, root: &Object) -> Option<Evidence> {
    if claim.namespace() != set.namespace() || !is_called_after(claim.name(), set) || is_owned(claim) {
        return None;
    }
    let selector = set.at(&["spec", "selector", "matchLabels"]).and_then(Value::as_object);
    let labels = claim.at(&["metadata", "labels"]);
    let is_labelled = selector.is_some_and(|wanted| {
        !wanted.is_empty()
            && wanted.iter().all(|(name, value)| labels.and_then(|labels| labels.get(name)) == Some(value))
    });
    let modes = FieldPath::of_fields(&["spec", "accessModes"]);
    let writers = managers(claim);
    let mut makers = writers
        .iter()
        .filter(|entry| entry.subresource.is_none() && entry.fields.contains(&modes))
        .peekable();
    let is_made = makers.peek().is_some() && makers.all(|entry| entry.name == "kube-controller-manager");
    Some(Evidence::of(&[
        (is_labelled, "it has not the labels of the StatefulSet"),
        (is_made, "someone made it by hand"),
        (!is_older(claim, root), "it was there before"),
    ]))
}

/// How large a claim is: what it has, or what it asks for.
#[must_use]
pub fn claim_size(claim: &Object) -> Option<&str> {
    let size = claim.text(&["status", "capacity", "storage"]);
    size.or_else(|| claim.text(&["spec", "resources", "requests", "storage"]))
}

/// `<template>-<set>-<ordinal>`
fn is_called_after(name: &str, set: &Object) -> bool {
    let templates = set.at(&["spec", "volumeClaimTemplates"]).and_then(Value::as_array);
    templates.into_iter().flatten().any(|template| {
        let template = template.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        let ordinal = name
            .strip_prefix(template)
            .and_then(|rest| rest.strip_prefix('-')?.strip_prefix(set.name())?.strip_prefix('-'));
        ordinal.is_some_and(|text| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit()))
    })
}

fn is_owned(object: &Object) -> bool {
    let owners = object.at(&["metadata", "ownerReferences"]).and_then(Value::as_array);
    owners.is_some_and(|owners| !owners.is_empty())
}

/// The Secret in which an ACME issuer keeps its account's key.
#[must_use]
pub fn account_secret(issuer: &Object) -> Option<&str> {
    let is_issuer = issuer.group() == CERT_MANAGER && matches!(issuer.kind(), "Issuer" | "ClusterIssuer");
    issuer.text(&["spec", "acme", "privateKeySecretRef", "name"]).filter(|_| is_issuer)
}

/// Has cert-manager made the Secret for the issuer? Its metadata will do.
#[must_use]
pub fn account_evidence(secret: &Object, issuer: &Object) -> Evidence {
    let maker = secret.text(&["metadata", "labels", "app.kubernetes.io/managed-by"]);
    Evidence::of(&[
        (maker == Some("cert-manager"), "nothing says that cert-manager made it"),
        (!is_older(secret, issuer), "it was there before"),
        (!is_owned(secret), "it goes with what owns it"),
    ])
}

/// The Secret that a Certificate is issued into.
#[must_use]
pub fn issued_secret(certificate: &Object) -> Option<&str> {
    let is_certificate = certificate.group() == CERT_MANAGER && certificate.kind() == "Certificate";
    certificate.text(&["spec", "secretName"]).filter(|_| is_certificate)
}

/// Has cert-manager made the Secret for the Certificate? Its metadata will do; `root` as in
/// [`claim_evidence`].
#[must_use]
pub fn issued_evidence(secret: &Object, certificate: &Object, root: &Object) -> Evidence {
    let label = secret.text(&["metadata", "labels", "controller.cert-manager.io/fao"]);
    let name = secret.text(&["metadata", "annotations", "cert-manager.io/certificate-name"]);
    Evidence::of(&[
        (label == Some("true") && name == Some(certificate.name()), "nothing says that cert-manager made it"),
        (!is_older(secret, root), "it was there before"),
        (!is_owned(secret), "it goes with what owns it"),
    ])
}

/// Is the claim, or the Secret, one that is made for it, and would be made again if it were gone?
#[must_use]
pub fn is_made_for(key: &Key, user: &Object) -> bool {
    let is_near = user.namespace() == key.namespace.as_deref();
    match (key.kind.as_str(), user.kind()) {
        ("PersistentVolumeClaim", "StatefulSet") => is_near && is_called_after(&key.name, user),
        ("Secret", "Certificate") => is_near && issued_secret(user) == Some(&key.name),
        ("Secret", "Issuer") => is_near && account_secret(user) == Some(&key.name),
        ("Secret", "ClusterIssuer") => account_secret(user) == Some(&key.name),
        _ => false,
    }
}

/// Would it miss a claim or a Secret?
#[must_use]
pub fn uses(user: &Object, key: &Key) -> bool {
    let name = key.name.as_str();
    let is_near = user.namespace() == key.namespace.as_deref();
    let is_served_from = || {
        let tls = user.at(&["spec", "tls"]).and_then(Value::as_array);
        tls.into_iter().flatten().any(|tls| tls.get("secretName").and_then(Value::as_str) == Some(name))
    };
    match (key.kind.as_str(), user.kind()) {
        _ if is_made_for(key, user) => true,
        ("Secret", "Ingress") => is_near && is_served_from(),
        (kind, "Pod" | "Deployment" | "StatefulSet" | "DaemonSet" | "CronJob") => {
            is_near && user.at(&["spec"]).is_some_and(|spec| refers(spec, kind, name))
        }
        _ => false,
    }
}

/// Does a pod, or the template of one, name a claim or a Secret anywhere in it?
fn refers(value: &Value, kind: &str, name: &str) -> bool {
    let is_name = |value: Option<&Value>| value.and_then(Value::as_str) == Some(name);
    match value {
        Value::Object(map) => map.iter().any(|(field, inner)| {
            let is_named = match (kind, field.as_str()) {
                ("PersistentVolumeClaim", "claimName") | ("Secret", "secretName") => is_name(Some(inner)),
                ("Secret", "secretKeyRef" | "secretRef" | "secret") => is_name(inner.get("name")),
                ("Secret", "imagePullSecrets") => {
                    inner.as_array().into_iter().flatten().any(|one| is_name(one.get("name")))
                }
                _ => false,
            };
            is_named || refers(inner, kind, name)
        }),
        Value::Array(list) => list.iter().any(|inner| refers(inner, kind, name)),
        _ => false,
    }
}

#[cfg(test)]
#[path = "leftover_tests.rs"]
mod tests;
