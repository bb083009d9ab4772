//! cert-manager's kinds, each decoded into what the ladder needs. What they hold beside that stays out: signing
//! requests, certificates, and a Challenge's token and key.

use std::borrow::Cow;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::core::NamespaceResourceScope;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use super::kinds::{Watched, watched};
use crate::{
    object::Object,
    observed::{Name, Observation},
};

const REVISION: &str = "cert-manager.io/certificate-revision";

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_name: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dns_names: Vec<String>,
    #[serde(skip_serializing_if = "Value::is_null")]
    issuer_ref: Value,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dns_name: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    #[serde(skip_serializing_if = "Value::is_null")]
    conditions: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_after: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    renewal_time: Option<String>,
}

/// The whole of `metadata` but what is large.
fn slim<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ObjectMeta, D::Error> {
    let mut metadata = ObjectMeta::deserialize(deserializer)?;
    metadata.managed_fields = None;
    if let Some(annotations) = &mut metadata.annotations {
        annotations.retain(|name, _| name == REVISION);
    }
    Ok(metadata)
}

macro_rules! issuance {
    ($name:ident, $group:literal, $kind:literal, $plural:literal) => {
        watched!($name, $group, "v1", $kind, $plural, Spec, Status);

        impl Watched for $name {
            const KIND: &'static str = $kind;

            fn seen(self, name: Name) -> Observation {
                let object = Object(json!({
                    "apiVersion": concat!($group, "/v1"),
                    "kind": $kind,
                    "metadata": self.metadata,
                    "spec": self.spec,
                    "status": self.status,
                }));
                Observation::Issuance($kind, name, Some(object))
            }

            fn gone(name: Name) -> Observation {
                Observation::Issuance($kind, name, None)
            }
        }
    };
}

issuance!(Certificate, "cert-manager.io", "Certificate", "certificates");
issuance!(CertificateRequest, "cert-manager.io", "CertificateRequest", "certificaterequests");
issuance!(Order, "acme.cert-manager.io", "Order", "orders");
issuance!(Challenge, "acme.cert-manager.io", "Challenge", "challenges");

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Challenge, Watched};
    use crate::observed::{Name, Observation};

    #[test]
    fn a_challenges_key_is_not_kept() {
        let challenge: Challenge = serde_json::from_value(json!({"metadata": {"name": "a", "uid": "1",
                "annotations": {"other": "CANARY"}, "managedFields": [{"manager": "CANARY"}]},
            "spec": {"type": "HTTP-01", "dnsName": "app.example.com", "token": "CANARY", "key": "CANARY"},
            "status": {"state": "pending", "reason": "404", "presented": true}}))
        .unwrap();
        let name = Name { namespace: "shop".into(), name: "a".into() };
        let Observation::Issuance("Challenge", _, Some(object)) = challenge.seen(name) else {
            panic!("a challenge")
        };
        assert!(!object.0.to_string().contains("CANARY"), "{}", object.0);
        assert_eq!(object.text(&["spec", "type"]), Some("HTTP-01"));
        assert_eq!(object.text(&["status", "state"]), Some("pending"));
    }
}
