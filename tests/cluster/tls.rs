//! What gets in the way of a certificate: each is told, with its reason, and can be taken back.

use libtest_mimic::Trial;
use migrate_tui::rehearsal::Rehearsal;
use serde_json::{Value, json};

use crate::services::{Place, own_cluster};
use crate::support::{Cluster, Migration, Told, trial};

pub fn trials() -> Vec<Trial> {
    vec![trial("tls::what_keeps_a_certificate_back_is_told_and_taken_back", what_keeps_a_certificate_back)]
}

async fn what_keeps_a_certificate_back(cluster: &Cluster) {
    let (rehearsal, _runs) = own_cluster(cluster).await;
    Place::new(&rehearsal).bring_kinds().await;
    tokio::join!(
        unanswered(&rehearsal),
        rejected(&rehearsal),
        refused(&rehearsal),
        unreachable(&rehearsal),
        wrong_host(&rehearsal),
    );
    rehearsal.shut_down().await;
}

/// A migration of one step with these objects, in a namespace of its own.
struct Trying<'a> {
    migration: Migration,
    place: Place<'a>,
    namespace: String,
}

impl<'a> Trying<'a> {
    async fn new(rehearsal: &'a Rehearsal, name: &str, more: &str, objects: &[Value]) -> Self {
        let place = Place::new(rehearsal);
        place.apply(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})).await;
        let migration = Migration::of(rehearsal.kubeconfig_path(), name, &[("web", more)]);
        migration.write("web", objects);
        Self { migration, place, namespace: name.to_owned() }
    }

    /// Applies it, which does not come through, and takes it back, which leaves nothing of it.
    async fn stops(&self) -> Told {
        let stopped = self.migration.apply("week-1/web").await.expect(6);
        self.migration.rollback("week-1/web").await.expect(0);
        let all = "ingresses,certificates,certificaterequests,orders,challenges,issuers";
        crate::support::wait_until("everything of it is gone", || async {
            let left = self.place.kubectl(&["get", all, "-n", &self.namespace, "-o", "name"]).await;
            let left = left.expect_success();
            if left.is_empty() { Ok(()) } else { Err(left) }
        })
        .await;
        stopped
    }
}

fn ingress(host: &str, fail: &str, issuer: Option<&str>) -> Value {
    let service = json!({"service": {"name": "web", "port": {"number": 80}}});
    let paths = json!([{"path": "/", "pathType": "Prefix", "backend": service}]);
    let annotations = issuer.map(|name| json!({"cert-manager.io/cluster-issuer": name}));
    json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
        "metadata": {
            "name": "web", "annotations": annotations.unwrap_or(json!({})),
            "labels": {"rehearsal.migrate-tui/fail": fail},
        },
        "spec": {
            "ingressClassName": "nginx", "tls": [{"hosts": [host], "secretName": "web-tls"}],
            "rules": [{"host": host, "http": {"paths": paths}}],
        },
    })
}

fn certificate(host: &str, issuer: &Value) -> Value {
    json!({
        "apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": {"name": "web-tls"},
        "spec": {"secretName": "web-tls", "dnsNames": [host], "issuerRef": issuer},
    })
}

fn acme() -> Value {
    json!({"kind": "ClusterIssuer", "name": "acme"})
}

/// The host is not reached: it hangs until the deadline, and every rung of the ladder is named.
async fn unanswered(rehearsal: &Rehearsal) {
    let objects = [ingress("hangs.example.test", "challenge-unanswered", Some("acme"))];
    let gate = "deadline: 15s\ngates:\n  - certificate: web-tls";
    let trying = Trying::new(rehearsal, "tls-hangs", gate, &objects).await;
    let problems = trying.stops().await.problems();
    for words in [
        "it did not hold within 15 s",
        "HTTP-01 challenge for hangs.example.test",
        "Order/web-tls-1-",
        "CertificateRequest/web-tls-1",
        "wrong status code '404'",
    ] {
        assert!(problems.contains(words), "no {words:?}: {problems}");
    }
}

/// The server has looked and found another answer: that is for good, and not waited for.
async fn rejected(rehearsal: &Rehearsal) {
    let objects = [ingress("rejects.example.test", "challenge-rejected", Some("acme"))];
    let gate = "deadline: 3m\ngates:\n  - certificate: web-tls";
    let trying = Trying::new(rehearsal, "tls-rejects", gate, &objects).await;
    let problems = trying.stops().await.problems();
    assert!(!problems.contains("did not hold within"), "it is not waited for: {problems}");
    for words in ["rejects.example.test", "invalid", "Order/web-tls-1-", "limits"] {
        assert!(problems.contains(words), "no {words:?}: {problems}");
    }
}

/// The server refuses the order: a name with a character that no certificate may have.
async fn refused(rehearsal: &Rehearsal) {
    let objects = [certificate("under_score.example.test", &acme())];
    let trying = Trying::new(rehearsal, "tls-refuses", "deadline: 3m", &objects).await;
    let problems = trying.stops().await.problems();
    assert!(!problems.contains("not ready within"), "it is not waited for: {problems}");
    for words in ["Certificate/web-tls", "Order/web-tls-1-", "illegal character", "errored"] {
        assert!(problems.contains(words), "no {words:?}: {problems}");
    }
}

/// Nobody answers at the server's address.
async fn unreachable(rehearsal: &Rehearsal) {
    let issuer = json!({
        "apiVersion": "cert-manager.io/v1", "kind": "Issuer", "metadata": {"name": "nobody"},
        "spec": {"acme": {
            "server": "https://127.0.0.1:1/directory", "privateKeySecretRef": {"name": "nobody-account"},
            "solvers": [{"http01": {"ingress": {"ingressClassName": "nginx"}}}],
        }},
    });
    let trying = Trying::new(rehearsal, "tls-nobody", "deadline: 10s", &[issuer]).await;
    let problems = trying.stops().await.problems();
    for words in ["Issuer/nobody", "not ready within 10 s", "connection refused"] {
        assert!(problems.contains(words), "no {words:?}: {problems}");
    }
}

/// It is issued, and not for the host that the Ingress serves with it.
async fn wrong_host(rehearsal: &Rehearsal) {
    let objects = [certificate("other.example.test", &acme()), ingress("app.example.test", "", None)];
    let gate = "deadline: 3m\ngates:\n  - certificate: web-tls";
    let trying = Trying::new(rehearsal, "tls-wrong", gate, &objects).await;
    let stopped = trying.stops().await;
    let problems = stopped.problems();
    for words in ["Ingress/web wants it for app.example.test", "dnsNames"] {
        assert!(problems.contains(words), "no {words:?}: {problems}");
    }
    assert!(stopped.output.stderr.contains("all ready"), "it was issued: {}", stopped.output.stderr);
}
