use serde_json::{Value, json};

use super::{
    Evidence, account_evidence, claim_evidence, controller, issued_evidence, issued_secret, may_leave, uses,
};
use crate::object::{Key, Object};

const EARLIER: &str = "2026-11-25T08:00:00Z";
const THEN: &str = "2026-11-25T09:00:00Z";

fn set() -> Object {
    Object(json!({"apiVersion": "apps/v1", "kind": "StatefulSet",
        "metadata": {"name": "loki", "namespace": "monitoring", "creationTimestamp": THEN},
        "spec": {"selector": {"matchLabels": {"app": "loki"}}, "volumeClaimTemplates": [
            {"metadata": {"name": "storage"}}]}}))
}

fn claim(name: &str, change: impl FnOnce(&mut Value)) -> Object {
    let mut claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {"name": name, "namespace": "monitoring", "creationTimestamp": THEN, "labels": {"app": "loki"},
            "managedFields": [{"manager": "kube-controller-manager", "operation": "Update", "apiVersion": "v1",
                "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {"f:accessModes": {}}}}]}});
    change(&mut claim);
    Object(claim)
}

#[test]
fn a_claim_is_traced_by_name_labels_maker_and_time() {
    let evidence = |name: &str, change: fn(&mut Value)| claim_evidence(&claim(name, change), &set(), &set());
    assert_eq!(evidence("storage-loki-0", |_| {}), Some(Evidence::Holds));
    assert_eq!(evidence("storage-loki-12", |_| {}), Some(Evidence::Holds));
    for other in ["storage-loki", "storage-loki-", "storage-loki-0a", "data-loki-0", "storage-loki-gateway-0"]
    {
        assert_eq!(evidence(other, |_| {}), None, "{other}");
    }
    let lacks = |change| match evidence("storage-loki-0", change) {
        Some(Evidence::Lacks(what)) => what,
        other => panic!("{other:?}"),
    };
    assert!(lacks(|claim| claim["metadata"]["labels"]["app"] = json!("other")).contains("labels"));
    let by_hand =
        |claim: &mut Value| claim["metadata"]["managedFields"][0]["manager"] = json!("kubectl-create");
    assert!(lacks(by_hand).contains("by hand"));
    assert!(lacks(|claim| claim["metadata"]["creationTimestamp"] = json!(EARLIER)).contains("before"));
    assert!(lacks(|claim| claim["metadata"]["managedFields"] = json!([])).contains("by hand"));
    let owned = |claim: &mut Value| claim["metadata"]["ownerReferences"] = json!([{"uid": "u"}]);
    assert_eq!(evidence("storage-loki-0", owned), None, "it goes with its owner");
}

#[test]
fn a_secret_is_traced_by_what_cert_manager_writes_on_it() {
    let secret =
        |metadata: Value| Object(json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata}));
    let issuer = Object(json!({"apiVersion": "cert-manager.io/v1", "kind": "ClusterIssuer",
        "metadata": {"name": "acme", "creationTimestamp": THEN},
        "spec": {"acme": {"privateKeySecretRef": {"name": "account"}}}}));
    let made_by = |who: &str, when: &str| {
        secret(
            json!({"name": "account", "creationTimestamp": when, "labels": {"app.kubernetes.io/managed-by": who}}),
        )
    };
    assert_eq!(account_evidence(&made_by("cert-manager", THEN), &issuer), Evidence::Holds);
    assert_ne!(account_evidence(&made_by("cert-manager", EARLIER), &issuer), Evidence::Holds);
    assert_ne!(account_evidence(&made_by("Helm", THEN), &issuer), Evidence::Holds);

    let certificate = Object(json!({"apiVersion": "cert-manager.io/v1", "kind": "Certificate",
        "metadata": {"name": "web", "creationTimestamp": THEN}, "spec": {"secretName": "web-tls"}}));
    assert_eq!(issued_secret(&certificate), Some("web-tls"));
    let issued_for = |name: &str, fao: &str| {
        secret(
            json!({"name": "web-tls", "creationTimestamp": THEN, "labels": {"controller.cert-manager.io/fao": fao},
            "annotations": {"cert-manager.io/certificate-name": name}}),
        )
    };
    let evidence = |secret: &Object| issued_evidence(secret, &certificate, &certificate);
    assert_eq!(evidence(&issued_for("web", "true")), Evidence::Holds);
    assert_ne!(evidence(&issued_for("other", "true")), Evidence::Holds);
    assert_ne!(evidence(&issued_for("web", "")), Evidence::Holds);
}

fn key(group: &str, kind: &str, name: &str) -> Key {
    Key { group: group.into(), kind: kind.into(), namespace: Some("monitoring".into()), name: name.into() }
}

#[test]
fn who_would_miss_it_is_found_by_name() {
    let claim = key("", "PersistentVolumeClaim", "storage-loki-0");
    let pod = |namespace: &str| {
        Object(json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": namespace},
            "spec": {"volumes": [{"emptyDir": {}}, {"persistentVolumeClaim": {"claimName": "storage-loki-0"}}]}}))
    };
    assert!(uses(&pod("monitoring"), &claim) && uses(&set(), &claim));
    assert!(!uses(&pod("elsewhere"), &claim));
    let secret = key("", "Secret", "web-tls");
    let ingress = Object(json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
        "metadata": {"name": "i", "namespace": "monitoring"}, "spec": {"tls": [{"secretName": "web-tls"}]}}));
    assert!(uses(&ingress, &secret) && !uses(&ingress, &key("", "Secret", "other")));
    let from = json!([{"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "web-tls", "key": "tls.key"}}}]);
    let asleep = Object(json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "d", "namespace": "monitoring"},
        "spec": {"replicas": 0, "template": {"spec": {"containers": [{"name": "main", "env": from}]}}}}));
    assert!(uses(&asleep, &secret) && !uses(&asleep, &key("", "Secret", "KEY")));
}

#[test]
fn the_owner_is_the_one_that_controls() {
    let object = Object(json!({"metadata": {"ownerReferences": [
        {"apiVersion": "v1", "kind": "A", "name": "a", "uid": "1"},
        {"apiVersion": "v1", "kind": "B", "name": "b", "uid": "2", "controller": true}]}}));
    assert_eq!(controller(&object), Some(("v1", "B", "b", "2")));
}

#[test]
fn only_some_kinds_lead_to_more() {
    assert!(may_leave(&key("apps", "StatefulSet", "a")) && may_leave(&key("cert-manager.io", "Issuer", "a")));
    assert!(
        may_leave(&key("helm.sh", "Release", "a")) && may_leave(&key("networking.k8s.io", "Ingress", "a"))
    );
    assert!(
        !may_leave(&key("apps", "Deployment", "a"))
            && !may_leave(&key("networking.k8s.io", "NetworkPolicy", "a"))
    );
}
